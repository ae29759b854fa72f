//! What a model's process answers over HTTP.

use crate::chat::{Usual, failed, refused, wanted};
use crate::embeddings;
use crate::reply::{Begun, Events};
use crate::runner::{Refused, Runner};
use bytes::Bytes;
use conversation::{Failure, FailureKind, Reply};
use engine::Model;
use futures_util::stream::unfold;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use openai::chat::{read_request, write_failure};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;

/// The most bytes of a request.
const LARGEST: usize = 16 << 20;

/// The body of an answer.
type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A model that is served.
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) model: Arc<Model>,
    pub(crate) runner: Runner,
    /// The digest of the header that requests must have.
    pub(crate) authorization: [u8; 32],
    /// How it chooses where nothing is said.
    pub(crate) temperature: f32,
}

impl Service {
    /// Answers a request.
    pub(crate) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        Ok(self.route(request).await.unwrap_or_else(|failure| {
            let status = StatusCode::from_u16(failure.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response(status, "application/json", whole(write_failure(&failure)))
        }))
    }

    async fn route(&self, request: Request<Incoming>) -> Result<Response<Body>, Failure> {
        let shown = request.headers().get(header::AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
        // Digests differ in another place than what they are of, so that the time says nothing.
        if base::random::sha256(shown) != self.authorization {
            return Err(Failure::new(FailureKind::Authentication, "this process answers its hub only"));
        }
        let path = request.uri().path().to_owned();
        match (request.method(), path.as_str()) {
            (&Method::POST, "/v1/chat/completions") => self.chat(&read(request).await?).await,
            (&Method::POST, "/v1/embeddings") => self.embeddings(&read(request).await?).await,
            (&Method::GET, "/v1/models") => Ok(self.models()),
            _ => Err(Failure::new(FailureKind::NotFound, "there is nothing at this path")),
        }
    }

    async fn chat(&self, body: &str) -> Result<Response<Body>, Failure> {
        let request = Arc::new(read_request(body).map_err(|fault| refused(&fault.to_string()))?);
        let stream = request.stream;
        let id = base::random::hex::<12>().map_err(|error| internal(error.message()))?;
        let seed = u64::from_le_bytes(base::random::bytes().map_err(|error| internal(error.message()))?);
        let usual = Usual { temperature: self.temperature, seed };
        let (model, asked) = (Arc::clone(&self.model), Arc::clone(&request));
        // A template is a program of the model's, and a prompt may be long.
        let wanted = base::task::blocking(move || wanted(&asked, &model, usual)).await;
        let wanted = wanted.map_err(|error| internal(error.message()))??;
        let steps = self.runner.answer(wanted).map_err(refusal)?;
        let reply = Reply { id, created: base::clock::wall().as_secs(), request };
        let begun = Begun::wait(reply, steps).await?;
        if stream {
            return Ok(response(StatusCode::OK, "text/event-stream", streamed(begun.events())));
        }
        Ok(response(StatusCode::OK, "application/json", whole(begun.whole().await?)))
    }

    async fn embeddings(&self, body: &str) -> Result<Response<Body>, Failure> {
        let texts = embeddings::texts(body, &self.model)?;
        let tokens = texts.iter().map(Vec::len).sum();
        let vectors = self.runner.vectors(texts).await.map_err(refusal)?.map_err(|failure| failed(&failure))?;
        let answer = embeddings::answer(&self.name, &vectors, tokens);
        Ok(response(StatusCode::OK, "application/json", whole(answer)))
    }

    fn models(&self) -> Response<Body> {
        let placement = self.model.placement();
        let model = json!({
            "id": self.name, "object": "model", "created": 0, "owned_by": "builtin", "max_model_len": self.model.context(),
            "device": placement.card.as_deref().unwrap_or("cpu"), "gpu_layers": placement.layers,
        });
        let list = json!({"object": "list", "data": [model]});
        response(StatusCode::OK, "application/json", whole(list.to_string()))
    }
}

async fn read(request: Request<Incoming>) -> Result<String, Failure> {
    let body = Limited::new(request.into_body(), LARGEST).collect().await;
    let body = body.map_err(|_| Failure::new(FailureKind::TooLarge, "the request is too large or not whole"))?;
    String::from_utf8(body.to_bytes().into()).map_err(|_| refused("the body is no UTF-8"))
}

fn refusal(refused: Refused) -> Failure {
    match refused {
        Refused::Full => Failure::new(FailureKind::Overloaded, "too many requests wait for the model"),
        Refused::Gone => internal("the model does not work any more"),
    }
}

fn internal(why: &str) -> Failure {
    Failure::new(FailureKind::Internal, why)
}

fn response(status: StatusCode, media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn whole(text: String) -> Body {
    Full::from(text).boxed_unsync()
}

/// Events as a body. With it the steps are dropped when a client leaves, and so the answer is given up.
fn streamed(events: Events) -> Body {
    let frames = unfold(events, |mut events| async move {
        let text = events.next().await?;
        Some((Ok(Frame::data(Bytes::from(text))), events))
    });
    StreamBody::new(frames).boxed_unsync()
}
