//! One question to one model, as a request of its own.

use super::super::Gateway;
use crate::answer::{Answer, Body};
use crate::caller::Caller;
use crate::request::Asked;
use base::{Code, Error, Result, clock, random};
use bytes::{Bytes, BytesMut};
use conversation::frame::Framing;
use conversation::{Reply, Request, stream};
use dialects::StreamWriter;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hybrid::Part;
use inspection::dialect::{Dialect, Endpoint};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What comes of a request, and the headers that say how.
pub(super) type Outcome = (Result<Answer>, HeaderMap);

/// Who asks, and what.
pub(super) struct Client<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) asked: &'a Asked,
    pub(super) said: Arc<Request>,
    pub(super) caller: Caller,
    pub(super) given: &'a HeaderMap,
}

/// What came of a part whose answer is looked at.
pub(super) struct Ended {
    pub(super) part: Part,
    /// What it answered, or what the client gets where its failure is that of the whole.
    pub(super) outcome: std::result::Result<conversation::Answer, Outcome>,
}

impl Client<'_> {
    /// The request of a part. What the client said goes on as its own bytes where nothing of it was changed.
    ///
    /// # Errors
    /// What was made is not what the dialect says.
    pub(super) fn asked(&self, part: &Part) -> Result<Asked> {
        let endpoint = match (self.asked.endpoint, part.request.stream) {
            (Endpoint::StreamGenerateContent, false) => Endpoint::GenerateContent,
            (Endpoint::GenerateContent, true) => Endpoint::StreamGenerateContent,
            (endpoint, _) => endpoint,
        };
        let body: Bytes = if part.request == *self.said {
            self.asked.body_for(&part.model)
        } else {
            let request = Request { model: part.model.clone(), ..part.request.clone() };
            dialects::write_request(endpoint.dialect(), &request).body.into()
        };
        let in_path = endpoint.names_model_in_path().then_some(part.model.as_str());
        Ok(Asked::read(endpoint, in_path, body)?.preferring_as(self.asked))
    }

    /// Asks a part whose answer goes to the client as it comes.
    pub(super) async fn forward(&self, asked: &Asked) -> Outcome {
        self.gateway.ask(asked, &self.caller, self.given).await
    }

    /// Asks a part whose answer is looked at, and waits for it until `until`.
    pub(super) async fn whole(&self, part: Part, until: Instant) -> Ended {
        let asked = match self.asked(&part) {
            Ok(asked) => asked,
            Err(error) => return Ended { part, outcome: Err((Err(error), HeaderMap::new())) },
        };
        let asking = self.gateway.ask(&asked, &self.caller, self.given);
        let outcome = match timeout_at(until, asking).await {
            Ok((Ok(answer), headers)) => read(asked.endpoint.dialect(), answer).map_err(|outcome| (*outcome, headers)),
            Ok((Err(error), headers)) => Err((Err(error), headers)),
            Err(_) => Err((Err(late(&part)), HeaderMap::new())),
        };
        Ended { part, outcome }
    }

    /// What the client gets for an answer that was looked at.
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub(super) fn written(&self, answer: &conversation::Answer) -> Result<Answer> {
        let dialect = self.asked.endpoint.dialect();
        let id = random::hex::<12>()?;
        let reply = Reply { id, created: clock::wall().as_secs(), request: Arc::clone(&self.said) };
        let (kind, bytes) = if self.asked.stream {
            let lines = dialect.framing() == Framing::Lines;
            let (mut writer, mut out) = (StreamWriter::new(dialect, reply), BytesMut::new());
            for event in stream::replay(answer).into_iter().flat_map(|event| writer.push(event)) {
                let text = if lines { event.to_line() } else { event.to_sse() };
                out.extend_from_slice(text.as_bytes());
            }
            (if lines { "application/x-ndjson" } else { "text/event-stream" }, out.freeze())
        } else {
            ("application/json", dialects::write_answer(dialect, answer, &reply).body.into())
        };
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Ok(Answer { status: StatusCode::OK, headers, body: Body::Whole(bytes), cached: false })
    }
}

/// The moment until which a helper is waited for: its own time, within that of all.
pub(super) fn until(patience: Duration, all: Instant) -> Instant {
    all.min(Instant::from_std(clock::now()) + patience)
}

/// What a whole answer says. What is none is the client's if nothing else is left.
fn read(dialect: Dialect, answer: Answer) -> std::result::Result<conversation::Answer, Box<Result<Answer>>> {
    if answer.status != StatusCode::OK {
        return Err(Box::new(Ok(answer)));
    }
    let Body::Whole(bytes) = &answer.body else {
        return Err(Box::new(Err(Error::internal("an answer came in pieces that was to come whole"))));
    };
    dialects::read_answer(dialect, std::str::from_utf8(bytes).unwrap_or_default()).map_err(|fault| {
        let message = format!("an answer cannot be read as {}: {fault}", dialect.title());
        let next = "ask again, or look at the `kind` and `url` of the provider";
        Box::new(Err(Error::new(Code::ModelBroken, message, next)))
    })
}

fn late(part: &Part) -> Error {
    let message = format!("{} did not answer in time as the {} of a strategy", part.model, part.role);
    Error::new(Code::ModelTimeout, message, "ask again, or raise `patience` and `time` of the route")
}
