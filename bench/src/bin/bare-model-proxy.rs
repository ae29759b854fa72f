//! The floor of a gateway that knows what it carries: it reads a request's model and puts another in its place, streams
//! the answer back, reads the usage of one that is not streamed, and keeps a record. No keys, no choice, no failover.

use std::{borrow::Cow, convert::Infallible, sync::Arc};

use anyhow::{Context, Result};
use bench::{llm::MODEL, serve};
use clap::Parser;
use http_body_util::{BodyExt, Either, Full};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

#[derive(Parser)]
struct Args {
    /// Full URL of the endpoint to forward to
    #[arg(long)]
    upstream: Uri,
}

type Body = Either<Incoming, Full<Bytes>>;

/// A request: what is looked at, and all else as it came.
#[derive(Serialize, Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(borrow)]
    messages: &'a RawValue,
    max_tokens: Option<u32>,
    seed: Option<i64>,
}

#[derive(Deserialize)]
struct Answered {
    usage: Usage,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// What is kept of a request.
struct Record {
    model: String,
    tokens: u64,
}

struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    upstream: Uri,
    records: mpsc::Sender<Record>,
}

impl Proxy {
    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let body = request.into_body().collect().await.context("the request broke off")?.to_bytes();
        let mut asked: Asked<'_> = serde_json::from_slice(&body).context("the request is none")?;
        let (model, stream) = (asked.model.to_string(), asked.stream);
        asked.model = Cow::Borrowed(MODEL);
        let mut request = Request::post(self.upstream.clone()).body(Full::from(serde_json::to_vec(&asked)?))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let response = self.client.request(request).await.context("the upstream did not answer")?;
        if stream {
            return Ok(response.map(Either::Left));
        }
        let (mut head, body) = response.into_parts();
        let body = body.collect().await.context("the answer broke off")?.to_bytes();
        let answered: Answered = serde_json::from_slice(&body).context("the answer is none")?;
        let tokens = answered.usage.prompt_tokens + answered.usage.completion_tokens;
        // A record that finds no room is lost: nobody waits for one.
        let _ = self.records.try_send(Record { model, tokens });
        head.headers.remove(CONTENT_LENGTH);
        Ok(Response::from_parts(head, Either::Right(Full::new(body))))
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        Ok(self.forward(request).await.unwrap_or_else(|error| {
            let mut response = Response::new(Either::Right(Full::from(format!("{error:#}"))));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }))
    }
}

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let args = Args::parse();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(4096).build(connector);
    let (records, mut kept) = mpsc::channel::<Record>(4096);
    tokio::spawn(async move {
        let mut tokens = 0u64;
        while let Some(record) = kept.recv().await {
            tokens = tokens.wrapping_add(std::hint::black_box(record.tokens + record.model.len() as u64));
        }
    });
    let proxy = Arc::new(Proxy { client, upstream: args.upstream, records });

    let (listener, url) = serve::bind().await?;
    serve::announce(&url.replace("/mcp", "/v1/chat/completions"))?;
    loop {
        let (stream, _) = listener.accept().await.context("cannot accept connections")?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move {
            let service = service_fn(|request| proxy.answer(request));
            // A client that goes away in the middle of an exchange is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
