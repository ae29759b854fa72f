//! Streamable HTTP: POST carries a message, GET a stream for a legacy session, DELETE ends one.

use super::client::Client;
use super::dialogue::{self, Reply};
use super::head::{accepts, check_types, check_version, session};
use super::operation::Operation;
use super::outlet::Weight;
use super::pending::{Input, Next, Pending};
use super::resume::{self, Last};
use super::rounds;
use super::{lifecycle, modern, session as sessions};
use crate::Shared;
use crate::answer::{empty, events, json, plain_json, refusal, status};
use crate::body::{self, Events, KEEP_ALIVE};
use crate::keys::Visitor;
use crate::rate;
use axum::response::Response;
use base::{Code, Error, Limit, Result};
use http::{HeaderMap, HeaderValue, Method as Verb, Request, StatusCode};
use hyper::body::Incoming;
use mcp::message::Kind;
use mcp::parameter::Headers;
use mcp::{Era, Message, Method, header as names, version, write};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tools::View;

/// Answers a request to `/mcp` or `/mcp/<view>`. `hangup` closes the connection that it came on.
pub(crate) async fn serve(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    view: &str,
    request: Request<Incoming>,
    hangup: &CancellationToken,
) -> Response {
    let view = match super::view(shared, visitor, view) {
        Ok(view) => view,
        Err(error) => return refusal(&error),
    };
    let (parts, body) = request.into_parts();
    let way = Way { visitor, headers: &parts.headers, hangup };
    match parts.method {
        Verb::POST => match body::read(body, &shared.limits).await {
            Ok(bytes) => rated(shared, view, way, bytes).await,
            Err(error) => refusal(&error),
        },
        Verb::GET => stream(shared, &view, way).await.unwrap_or_else(|error| refusal(&error)),
        Verb::DELETE => end(shared, &view, way).await.unwrap_or_else(|error| refusal(&error)),
        _ => refusal(&Error::new(Code::MethodNotAllowed, "the endpoint takes POST, GET and DELETE", "POST a message")),
    }
}

/// How a message came.
#[derive(Clone, Copy)]
struct Way<'a> {
    /// Who sends it.
    visitor: &'a Arc<Visitor>,
    headers: &'a HeaderMap,
    /// What closes its connection.
    hangup: &'a CancellationToken,
}

/// When the answer to a client that can take it up again becomes a stream.
const EARLY: Duration = Duration::from_secs(1);

/// Answers a message of a client that may send one more.
async fn rated(shared: &Arc<Shared>, view: Arc<View>, way: Way<'_>, bytes: Vec<u8>) -> Response {
    let Some(taken) = shared.rates.take(way.visitor, || number_of_session(shared, way)) else {
        return post(shared, view, way, bytes).await;
    };
    if !taken.passes() {
        return taken.refusal(bytes);
    }
    let mut response = post(shared, view, way, bytes).await;
    taken.tell(response.headers_mut());
    response
}

/// The number of the session that a request belongs to, for its rate. One that is not known tells nobody apart: it could
/// be another each time.
fn number_of_session(shared: &Shared, way: Way<'_>) -> Option<u64> {
    let id = way.headers.get(names::SESSION).and_then(|id| id.to_str().ok())?;
    shared.sessions.number_of(id, &way.visitor.principal)
}

async fn post(shared: &Arc<Shared>, view: Arc<View>, way: Way<'_>, bytes: Vec<u8>) -> Response {
    let headers = way.headers;
    if let Err(error) = check_types(headers) {
        return refusal(&error);
    }
    let message = match Message::from_bytes(bytes) {
        Ok(message) => message,
        Err(malformed) => return refusal(&malformed.to_error()),
    };
    let mut operation = Operation::begin(shared, &message, Some(headers));
    let id = message.id().unwrap_or("null").to_owned();
    let prepared = prepare(shared, view, way, &message).await;
    let client = match prepared {
        Ok(Ok(client)) => client,
        Ok(Err(response)) => {
            match response.status() {
                StatusCode::OK => operation.answered(size_of(&response)),
                _ => operation.refused_for(Code::UnsupportedVersion),
            }
            return response;
        }
        Err(error) => {
            operation.refused(&error);
            let era = if modern::is_modern(headers, &message) { Era::Modern } else { Era::Legacy };
            return json(status(&error), write::error_in(&id, &error, era), error.code());
        }
    };
    client.introduce(&mut operation);
    match dialogue::answer(shared, &client, &message) {
        Reply::Nothing => {
            operation.answered(0);
            empty(StatusCode::ACCEPTED)
        }
        Reply::Now(text) => {
            operation.answered(text.len());
            plain_json(text)
        }
        Reply::Later(mut pending) => {
            pending.observe(operation);
            let call = Call { shared: Arc::clone(shared), client, message, hangup: way.hangup.clone() };
            later(call, *pending, accepts(headers, "text/event-stream")).await
        }
        Reply::Soon(text) => {
            operation.answered(0);
            plain_json(text.await)
        }
        Reply::Stream(messages) => {
            operation.answered(0);
            events(Events::new(messages))
        }
        Reply::Refused(error) => {
            operation.refused(&error);
            let code = if is_outcome(&error, client.era) { StatusCode::OK } else { status(&error) };
            json(code, write::error_in(&id, &error, client.era), error.code())
        }
    }
}

/// Whether an error is the outcome of a well-formed request, which has status 200, and not of the way it came.
fn is_outcome(error: &Error, era: Era) -> bool {
    match error.code() {
        Code::MethodNotFound | Code::TaskNeeded => era == Era::Legacy,
        Code::DuplicateRequestId => false,
        _ => true,
    }
}

/// Finds out who asks. Legacy clients are known by their session; `initialize` opens one and is answered here.
async fn prepare(
    shared: &Arc<Shared>,
    view: Arc<View>,
    way: Way<'_>,
    message: &Message,
) -> Result<Result<Client, Response>> {
    let (headers, visitor) = (way.headers, Arc::clone(way.visitor));
    if modern::is_modern(headers, message) {
        let mut others = Headers::default();
        if let Kind::Request(method) = message.kind() {
            modern::check(headers, message, method)?;
            if let Some(asked) = modern::check_meta(message)? {
                let text = lifecycle::unsupported(message.id().unwrap_or("null"), &asked);
                return Ok(Err(json(StatusCode::BAD_REQUEST, text, Code::UnsupportedVersion)));
            }
            others = modern::check_parameters(headers, &view, message, method)?;
        }
        return Ok(Ok(Client { era: Era::Modern, view, session: None, visitor, headers: others }));
    }
    if message.kind() == &Kind::Request(Method::Initialize) {
        let params = message.body().unwrap_or("{}");
        let version = lifecycle::agreed(params)?;
        let session = shared.sessions.open(&visitor.principal, &view.name, version, &lifecycle::asked_of(params))?;
        tracing::info!(principal = &*visitor.principal, view = &*view.name, version, "a session begins");
        let text = write::result(message.id().unwrap_or("null"), &lifecycle::initialized(&view, version));
        let mut response = plain_json(text);
        let id = HeaderValue::from_str(&session.id).map_err(|_| Error::internal("a session id is no header"))?;
        response.headers_mut().insert(names::SESSION, id);
        return Ok(Err(response));
    }
    let session = session(shared, way.visitor, &view, headers).await?;
    check_version(headers, &session)?;
    Ok(Ok(Client { era: Era::Legacy, view, session: Some(session), visitor, headers: Headers::default() }))
}

/// A request whose answer takes a while.
struct Call {
    shared: Arc<Shared>,
    client: Client,
    message: Message,
    hangup: CancellationToken,
}

impl Call {
    /// How long an answer may take before it becomes a stream. One that can be taken up again should be there early: a
    /// client that loses its connection before that has lost the answer.
    fn patience(&self) -> Duration {
        let primed = self.client.session.as_deref().is_some_and(resume::is_primed);
        if primed { EARLY } else { KEEP_ALIVE }
    }

    /// Makes the answer a stream, with what came first.
    fn stream(self, pending: Pending, first: Option<Next>) -> Response {
        if let Some(session) = self.client.session.as_ref().filter(|session| resume::is_resumable(session)) {
            let begun = resume::begin(&self.shared, session, pending, first, &self.hangup);
            return begun.map_or_else(|error| refusal(&error), events);
        }
        let first = match first {
            Some(Next::Note(text) | Next::Ask { text, .. }) => Some(text),
            _ => None,
        };
        events(Events::new(pump(self, pending, first)))
    }

    /// The answer that asks a modern client for input.
    fn ask(&self, pending: Pending, input: Input) -> String {
        let holder = rounds::holder(&self.client.visitor.principal, &self.client.view.name);
        rounds::ask(&self.shared.rounds, &holder, &self.message, pending, input)
    }

    /// Asks the client on its other stream; whether it has one.
    fn ask_elsewhere(&self, text: String) -> bool {
        self.client
            .session
            .as_ref()
            .is_some_and(|session| self.shared.subscribers.tell_session(&session.id, text, Weight::Needed))
    }
}

/// Waits for an upstream's answer. One that comes first of all is plain JSON; as soon as something else comes before it,
/// or nothing for a while, the answer becomes a stream, if the client takes one.
async fn later(call: Call, mut pending: Pending, streams: bool) -> Response {
    if !streams {
        loop {
            match pending.next().await {
                Next::Note(_) => {}
                Next::Ask { text, key } => {
                    if !call.ask_elsewhere(text) {
                        pending.refuse(key);
                    }
                }
                Next::Input(input) => return plain_json(call.ask(pending, input)),
                Next::Last(text) => return outcome(text, call.client.era, pending.limit()),
                Next::Cancelled => return empty(StatusCode::ACCEPTED),
            }
        }
    }
    match pending.next_within(call.patience()).await {
        Some(Next::Last(text)) => outcome(text, call.client.era, pending.limit()),
        Some(Next::Input(input)) => plain_json(call.ask(pending, input)),
        Some(Next::Cancelled) => empty(StatusCode::ACCEPTED),
        first => call.stream(pending, first),
    }
}

/// An answer that came before anything else. Modern clients get some errors with a status of their own, whoever made
/// them (specification 2026-07-28, transports, server errors).
///
/// Whoever is refused by a rate is told when to come again. A legacy client gets that with the status of a call that was
/// answered: some give up the whole session for another one.
fn outcome(text: String, era: Era, limit: Option<Limit>) -> Response {
    let status = match (era, limit) {
        (Era::Modern, Some(_)) => StatusCode::TOO_MANY_REQUESTS,
        (Era::Modern, None) => modern::status_of(&text),
        (Era::Legacy, _) => StatusCode::OK,
    };
    let mut response = plain_json(text);
    *response.status_mut() = status;
    if let Some(limit) = limit {
        rate::tell_refused(response.headers_mut(), &limit);
    }
    response
}

/// Moves the messages of an answer into a channel, until the answer is there or the client is gone.
fn pump(call: Call, mut pending: Pending, first: Option<String>) -> mpsc::Receiver<String> {
    // A client that does not read fills this, and then its upstream's notifications wait or are dropped.
    let (sender, receiver) = mpsc::channel(16);
    base::task::spawn("streamed answer", async move {
        if let Some(first) = first {
            let _ = sender.send(first).await;
        }
        loop {
            let next = tokio::select! {
                next = pending.next() => next,
                () = sender.closed() => return,
            };
            let (text, last) = match next {
                Next::Note(text) | Next::Ask { text, .. } => (text, false),
                Next::Last(text) => (text, true),
                Next::Input(input) => {
                    let _ = sender.send(call.ask(pending, input)).await;
                    return;
                }
                Next::Cancelled => return,
            };
            // A client that has stopped reading must not hold its upstream's place for ever.
            let sent = tokio::time::timeout(KEEP_ALIVE * 2, sender.send(text)).await;
            if last || !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    });
    receiver
}

/// The stream of what no request asked for.
async fn stream(shared: &Arc<Shared>, view: &Arc<View>, way: Way<'_>) -> Result<Response> {
    let Way { headers, hangup, .. } = way;
    let version = headers.get(names::PROTOCOL_VERSION).and_then(|value| value.to_str().ok());
    if version.is_some_and(|version| version >= version::MODERN[0]) {
        let next = "send subscriptions/listen with POST";
        return Err(Error::new(Code::MethodNotAllowed, "GET is not part of this protocol version", next));
    }
    if !accepts(headers, "text/event-stream") {
        let next = "send `Accept: text/event-stream`, or POST a message";
        return Err(Error::new(
            Code::NotAcceptable,
            "GET opens a stream of events, which the client does not accept",
            next,
        ));
    }
    let session = session(shared, way.visitor, view, headers).await?;
    let last = headers.get(names::LAST_EVENT).map(|last| last.to_str().unwrap_or("?")).filter(|last| !last.is_empty());
    let last = last.map(|last| Last::read(shared, &session, last)).transpose()?;
    match last {
        Some(last) if last.is_of_answer() => Ok(events(resume::resume(&session, last, hangup).await?)),
        last if resume::is_resumable(&session) => Ok(events(resume::listen(shared, &session, last)?)),
        _ => Ok(events(Events::new(shared.subscribers.add_legacy(&session)))),
    }
}

async fn end(shared: &Arc<Shared>, view: &Arc<View>, way: Way<'_>) -> Result<Response> {
    let session = session(shared, way.visitor, view, way.headers).await?;
    sessions::end(shared, &session.id).await;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The bytes of an answer whose body is there.
fn size_of(response: &Response) -> usize {
    let exact = http_body::Body::size_hint(response.body()).exact().unwrap_or_default();
    usize::try_from(exact).unwrap_or_default()
}
