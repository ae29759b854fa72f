//! A provider of models that answers at once: `POST /v1/chat/completions`, and `GET /seen` for the last body that came.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context as Task, Poll, ready},
    time::Duration,
};

use anyhow::{Context, Result};
use bench::serve;
use http_body_util::{BodyExt, Either, Full};
use hyper::{
    Method, Request, Response,
    body::{Body, Bytes, Frame, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::time::{Instant, Sleep};

/// An answer of 520 bytes.
const ANSWER: &str = concat!(
    r#"{"id":"chatcmpl-0123456789abcdef0123456789","object":"chat.completion","created":1760000000,"model":"mock-model","#,
    r#""choices":[{"index":0,"message":{"role":"assistant","content":"The sky is blue because air scatters short waves of "#,
    r#"light more than long ones; at sunset the light has come so far through the air that mostly red is left.","#,
    r#""refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":42,"completion_tokens":36,"#,
    r#""total_tokens":78},"service_tier":"default","system_fingerprint":"fp_01234567"}"#,
);

/// What all chunks of a stream begin with, and how they end.
const BEGIN: &str = concat!(
    r#"data: {"id":"chatcmpl-0123456789abcdef0123456789","object":"chat.completion.chunk","created":1760000000,"#,
    r#""model":"mock-model","system_fingerprint":"fp_0123456789","choices":["#,
);
const ROLE: &str = r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;
const END: &str = concat!(
    r#"{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":42,"completion_tokens":20,"#,
    r#""total_tokens":62}}"#,
);

/// The chunks of a stream, made once.
struct Chunks {
    role: Bytes,
    token: Bytes,
    end: Bytes,
    done: Bytes,
}

impl Chunks {
    fn new() -> Self {
        let chunk = |choice: &str| Bytes::from(format!("{BEGIN}{choice}\n\n"));
        let token = chunk(r#"{"index":0,"delta":{"content":" token"},"finish_reason":null}]}"#);
        Self { role: chunk(ROLE), token, end: chunk(END), done: Bytes::from_static(b"data: [DONE]\n\n") }
    }

    fn at(&self, place: usize, tokens: usize) -> Option<Bytes> {
        match place.checked_sub(tokens) {
            None if place == 0 => Some(&self.role),
            None | Some(0) => Some(&self.token),
            Some(1) => Some(&self.end),
            Some(2) => Some(&self.done),
            Some(_) => None,
        }
        .cloned()
    }
}

struct Provider {
    chunks: Chunks,
    seen: Mutex<Bytes>,
}

/// A streamed answer: each chunk once its pause is over.
struct Stream {
    provider: Arc<Provider>,
    place: usize,
    tokens: usize,
    pause: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if let Some((pause, sleep)) = &mut this.pause {
            ready!(sleep.as_mut().poll(task));
            // From the time that was wanted, so that a busy machine does not stretch the stream.
            let next = sleep.deadline() + *pause;
            sleep.as_mut().reset(next);
        }
        let chunk = this.provider.chunks.at(this.place, this.tokens);
        this.place += 1;
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

impl Provider {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> hyper::Result<Response<Either<Full<Bytes>, Stream>>> {
        if request.method() == Method::GET {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
            return Ok(of_type("application/json", Either::Left(Full::new(seen))));
        }
        let body = request.into_body().collect().await?.to_bytes();
        let stream = memmem::find(&body, br#""stream":true"#).or_else(|| memmem::find(&body, br#""stream": true"#));
        let (tokens, pause) = (number(&body, br#""max_tokens":"#), number(&body, br#""seed":"#));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = body;
        if stream.is_none() {
            return Ok(of_type("application/json", Either::Left(Full::new(Bytes::from_static(ANSWER.as_bytes())))));
        }
        let pause = Duration::from_millis(pause as u64);
        let pause = (!pause.is_zero()).then(|| (pause, Box::pin(tokio::time::sleep_until(Instant::now() + pause))));
        Ok(of_type("text/event-stream", Either::Right(Stream { provider: self, place: 0, tokens, pause })))
    }
}

fn of_type<B>(kind: &'static str, body: B) -> Response<B> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The number behind `name`; 0 where there is none.
fn number(body: &[u8], name: &[u8]) -> usize {
    let rest = memmem::find(body, name).map_or(&[][..], |at| body[at + name.len()..].trim_ascii_start());
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: usize, digit| number.saturating_mul(10).saturating_add(usize::from(digit - b'0')))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let provider = Arc::new(Provider { chunks: Chunks::new(), seen: Mutex::default() });
    let (listener, url) = serve::bind().await?;
    serve::announce(&url.replace("/mcp", "/v1/chat/completions"))?;
    loop {
        let (stream, _) = listener.accept().await.context("cannot accept connections")?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let provider = Arc::clone(&provider);
        tokio::spawn(async move {
            let service = service_fn(|request| Arc::clone(&provider).answer(request));
            // A client that goes away in the middle of an exchange is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{ANSWER, Chunks, number};

    #[test]
    fn the_answer_has_520_bytes_of_json() {
        let answer: Value = serde_json::from_str(ANSWER).unwrap();
        assert_eq!(answer["usage"]["total_tokens"], 78);
        assert_eq!(ANSWER.len(), 520);
    }

    #[test]
    fn a_stream_has_three_chunks_beside_its_tokens() {
        let chunks = Chunks::new();
        let all: Vec<_> = (0..).map_while(|place| chunks.at(place, 20)).collect();
        assert_eq!(all.len(), 23);
        let tokens = all.iter().filter(|chunk| memchr::memmem::find(chunk, b" token").is_some());
        assert_eq!(tokens.count(), 20);
        for chunk in &all[..22] {
            let text = std::str::from_utf8(chunk).unwrap();
            let data = text.strip_prefix("data: ").unwrap();
            assert!(serde_json::from_str::<Value>(data.trim()).is_ok(), "{data}");
        }
        assert_eq!(all[22], "data: [DONE]\n\n");
    }

    #[test]
    fn numbers_are_found_with_and_without_a_space() {
        assert_eq!(number(br#"{"max_tokens":20,"seed": 5}"#, br#""max_tokens":"#), 20);
        assert_eq!(number(br#"{"max_tokens":20,"seed": 5}"#, br#""seed":"#), 5);
        assert_eq!(number(b"{}", b"seed"), 0);
    }
}
