//! The endpoints of models: in the dialect that the client speaks, errors included.

mod listing;
pub(crate) mod standing;
mod toolbox;
mod trace;

pub(crate) use inspection::path::Path;

use crate::Shared;
use crate::answer::json;
use crate::body;
use crate::keys::Visitor;
use crate::rate;
use axum::body::Body as Out;
use axum::response::Response;
use base::rare::Rare;
use base::{Code, Error, Result};
use bytes::Bytes;
use entrances::{Models, Waiting};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body::{Body as HttpBody, Frame};
use hyper::body::Incoming;
use llm::{Answer, Asked, Body, Booking, Caller, CameTo, Endpoint, Gateway, Listed, failure};
use prompts::library::Came;
use prompts::{Library, Made};
use rounds::{Client, Rounds, Wanted};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use telemetry::names;
use telemetry::snapshot::Snapshot;
use telemetry::trace::Parent;
use tokio_util::sync::WaitForCancellationFutureOwned;
use toolbox::ViewTools;
use trace::Trace;

/// The header in which a client names the run that a request is part of: what it costs is told by run too.
static RUN: HeaderName = HeaderName::from_static("x-tutti-run");
/// The header in which a client says with which version of a prompt a request was made: what it comes to is booked to the arm
/// of an experiment.
static PROMPT: HeaderName = HeaderName::from_static("x-tutti-prompt");
/// The header that tells a reverse proxy whether to gather what comes.
static BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// The longest name of a run, in bytes.
const LONGEST_RUN: usize = 128;
/// The longest that a client is to wait before it asks again by itself, in seconds.
const LONGEST_WAIT: u64 = 60;

/// Answers a request for a model, or for the list of them.
pub(crate) async fn serve(
    (shared, prompts): (&Shared, Option<&Library>),
    visitor: &Arc<Visitor>,
    path: Path,
    request: Request<Incoming>,
) -> Response {
    let path = path.of_client(|dialect| listing::of_client(dialect, request.headers()));
    let listed = is_listed(&path, request.uri().query());
    let (head, body) = request.into_parts();
    let (trace, parent) = Trace::begin(shared, visitor, &path, &head).unzip();
    let (answer, course) = match caller(visitor, prompts, &head.headers, parent) {
        Ok(caller) => answer(shared, (visitor, &caller), &path, (&head, body)).await,
        Err(error) => (Err(error), HeaderMap::new()),
    };
    let mut response = match answer {
        Ok(answer) => response(answer, visitor, listed),
        Err(error) => {
            shared.hub.telemetry().error(error.code());
            refusal(&path, &error)
        }
    };
    if let Some(trace) = trace {
        trace.end(&response, &course);
    }
    response.headers_mut().extend(course);
    response
}

/// Whether a stream of Gemini is to come as a list: it does unless `alt=sse` is asked for.
fn is_listed(path: &Path, query: Option<&str>) -> Option<Listed> {
    let events = query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
    let streams = matches!(path, Path::Model(Endpoint::StreamGenerateContent, _));
    (streams && !events).then(Listed::default)
}

/// Tells how requests for models ended.
pub(crate) fn tell(models: &Gateway, snapshot: &mut Snapshot) {
    for (provider, tally) in models.tallies() {
        for (result, count) in tally.read() {
            snapshot.count(&names::MODEL_REQUESTS, &[&provider, result], count);
        }
    }
    for (route, tally) in models.cache_tallies() {
        for (result, count) in tally.read() {
            snapshot.count(&names::MODEL_CACHE_REQUESTS, &[&route, result], count);
        }
        for (result, count) in tally.read_checks() {
            snapshot.count(&names::MODEL_CACHE_CHECKS, &[&route, result], count);
        }
    }
    let held = models.cache_held();
    snapshot.count(&names::MODEL_CACHE_ENTRIES, &[], held.entries as u64);
    snapshot.count(&names::MODEL_CACHE_BYTES, &[], held.bytes as u64);
    snapshot.count(&names::MODEL_CACHE_EVICTIONS, &[], held.evicted);
}

/// An error as clients of this path read errors.
pub(crate) fn refusal(path: &Path, error: &Error) -> Response {
    let status = StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, failure::body(path.dialect(), error), error.code());
    let headers = response.headers_mut();
    headers.insert("x-tutti-code", HeaderValue::from_static(error.code().id()));
    match (error.limit(), error.retry_after()) {
        (Some(limit), _) => rate::tell_refused(headers, &limit),
        (None, Some(wait)) => {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
        (None, None) => {}
    }
    // The libraries of providers wait as long as they are told, and say nothing meanwhile.
    let wait = headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
    if wait.is_some_and(|seconds| seconds > LONGEST_WAIT) {
        headers.insert("x-should-retry", HeaderValue::from_static("false"));
    }
    response
}

async fn answer(
    shared: &Shared,
    (visitor, caller): (&Arc<Visitor>, &Caller),
    path: &Path,
    (head, body): (&http::request::Parts, Incoming),
) -> (Result<Served>, HeaderMap) {
    let mut taken = None;
    let asked = match path {
        Path::List(kind) if head.method == http::Method::GET => {
            let list = listing::answer(*kind, &shared.models, &names(shared, visitor));
            return (Ok(Served::Answer(list)), HeaderMap::new());
        }
        Path::One(kind, name) if head.method == http::Method::GET && Models::is_named(name) => {
            let found = workflows(shared).and_then(|workflows| workflows.check(name, visitor.caller()));
            return (found.map(|()| Served::Answer(listing::one(*kind, &shared.models, name))), HeaderMap::new());
        }
        Path::One(kind, name) if head.method == http::Method::GET => {
            // That it means something is all that is known without asking its provider.
            let found = shared.models.standing(name, visitor.caller());
            return (found.map(|_| Served::Answer(listing::one(*kind, &shared.models, name))), HeaderMap::new());
        }
        Path::Model(endpoint, model) if head.method == http::Method::POST => {
            taken = shared.rates.take(visitor, || None);
            match taken.as_ref().filter(|taken| !taken.passes()) {
                Some(taken) => Err(taken.error()),
                None => read(shared, visitor, (*endpoint, model.as_deref()), head, body).await,
            }
        }
        path => Err(llm::unserved(path, head)),
    };
    let (served, mut course) = match asked {
        Ok(asked) if Models::is_named(&asked.model) => match workflows(shared) {
            Ok(workflows) => {
                let (served, course) = Box::pin(workflows.ask(&asked, caller, &head.headers)).await;
                (served.map(Served::of_workflow), course)
            }
            Err(error) => (Err(error), HeaderMap::new()),
        },
        Ok(asked) => of_model(shared, (visitor, caller), head, &asked).await,
        Err(error) => (Err(error), HeaderMap::new()),
    };
    // A refusal by another limit says how that stands.
    if let Some(taken) = taken.filter(|_| served.as_ref().err().is_none_or(|error| error.limit().is_none())) {
        shared.rates.by_now(taken).tell(&mut course);
    }
    (served, course)
}

/// The workflows that can be asked as models.
fn workflows(shared: &Shared) -> Result<&Models> {
    shared.workflows.get().ok_or_else(|| {
        Error::new(Code::ModelUnknown, "this hub carries no workflows out", "ask one that was started with `tutti up`")
    })
}

/// Asks a model, with tools of the hub where the client wants them.
async fn of_model(
    shared: &Shared,
    (visitor, caller): (&Arc<Visitor>, &Caller),
    head: &http::request::Parts,
    asked: &Asked,
) -> (Result<Served>, HeaderMap) {
    let renamed = shared.past.renamed(&caller.principal, asked);
    let asked = renamed.as_ref().unwrap_or(asked);
    match Wanted::of(asked, &head.headers) {
        Ok(None) => {
            let (answer, course) = shared.models.ask(asked, caller, &head.headers).await;
            (answer.map(Served::Answer), course)
        }
        Ok(Some(wanted)) => match ViewTools::of(shared, visitor, &wanted) {
            Ok(tools) => {
                let (tools, past) = (Arc::new(tools), Arc::clone(&shared.past));
                let client =
                    Client { given: head.headers.clone(), tools, caller: caller.clone(), past, shortening: None };
                let served = Box::pin(rounds::ask(&shared.models, asked, &wanted, client));
                // A stream ends by itself when the key is taken back.
                tokio::select! {
                    (served, course) = served => (served.map(Served::of_rounds), course),
                    () = visitor.revoked.cancelled() => (Err(taken_back()), HeaderMap::new()),
                }
            }
            Err(error) => (Err(error), HeaderMap::new()),
        },
        Err(error) => (Err(error), HeaderMap::new()),
    }
}

async fn read(
    shared: &Shared,
    visitor: &Visitor,
    (endpoint, model): (Endpoint, Option<&str>),
    head: &http::request::Parts,
    body: Incoming,
) -> Result<Asked> {
    let form = form(endpoint, &head.headers)?;
    let bytes = Bytes::from(body::read(body, &shared.limits).await?);
    let asked = match form {
        Some(kind) => Asked::read_form(endpoint, kind, bytes)?,
        None => Asked::read(endpoint, model, bytes)?,
    };
    if visitor.caller().models.is_some() && asked.names_others() {
        let message =
            format!("the body names more models, of which the key `{}` is not known to have any", visitor.principal);
        let next = "leave `fallbacks` out, or write names of the hub as a list `models`; routes of the hub do the same";
        return Err(Error::new(Code::ModelRequest, message, next));
    }
    Ok(asked)
}

/// The run that a request is part of, as its headers name it.
fn run(headers: &HeaderMap) -> Option<&str> {
    headers.get(&RUN).and_then(|value| value.to_str().ok()).filter(|name| name.len() <= LONGEST_RUN)
}

/// How the body is announced where it is a form; nothing where it is JSON.
///
/// # Errors
/// [`Code::UnsupportedMediaType`] where it is neither.
fn form(endpoint: Endpoint, headers: &HeaderMap) -> Result<Option<&HeaderValue>> {
    if !endpoint.takes_form() || !body::is_of_type(headers, "multipart/form-data") {
        return body::check_type(headers).map(|()| None);
    }
    body::check_encoding(headers)?;
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let (kind, None) = (kinds.next(), kinds.next()) else {
        let message = "the type of the body is said twice";
        return Err(Error::new(Code::UnsupportedMediaType, message, "say it once, with one boundary"));
    };
    Ok(kind)
}

/// For whom a request asks, as part of a span where traces are sent.
///
/// # Errors
/// [`Code::ModelRequest`] where it says in no way that can be read with which prompt it was made.
fn caller(visitor: &Visitor, prompts: Option<&Library>, headers: &HeaderMap, trace: Option<Parent>) -> Result<Caller> {
    let made = headers.get(&PROMPT).map(|value| Made::read(value.to_str().unwrap_or_default())).transpose()?;
    let booking = prompts.zip(made).map(|(prompts, made)| Arc::new(booking(prompts.clone(), made)));
    Ok(Caller { run: run(headers).map(Arc::from), trace, booking, ..visitor.caller().clone() })
}

/// Books what a request comes to, to the arm with whose prompt it was made.
fn booking(prompts: Library, made: Made) -> Booking {
    Booking::new(move |CameTo { cost, lasted, failed, cached }| {
        let latency = lasted.map(|lasted| u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX));
        prompts.book(made, Came { cost, latency, failed, cached });
    })
}

/// The names under which this client can ask.
fn names(shared: &Shared, visitor: &Visitor) -> Vec<String> {
    let mut names = shared.models.names();
    names.extend(shared.workflows.get().map(Models::names).unwrap_or_default());
    names.retain(|name| visitor.caller().may_ask(name));
    names
}

fn response(served: Served, visitor: &Visitor, listed: Option<Listed>) -> Response {
    let (status, mut headers, source) = match served {
        Served::Answer(Answer { status, headers, body: Body::Whole(bytes), .. }) => {
            let mut response = Response::new(Out::from(bytes));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            return response;
        }
        Served::Answer(Answer { status, headers, body, .. }) => (status, headers, Source::One(body)),
        Served::Stream(headers, source) => (StatusCode::OK, headers, source),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // Some reverse proxies gather a stream until it ends unless they are told not to.
    headers.insert(&BUFFERING, HeaderValue::from_static("no"));
    let revoked = Rare::new(visitor.revoked.clone().cancelled_owned());
    if listed.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let mut response = Response::new(Out::new(Pieces { source, listed, revoked }));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn taken_back() -> Error {
    Error::new(Code::KeyWrong, "the key was taken back in the middle of the answer", "use another")
}

/// What a client gets.
enum Served {
    /// What a model answered, or what was made of it.
    Answer(Answer),
    /// What the hub puts together itself, with the headers of the answer.
    Stream(HeaderMap, Source),
}

impl Served {
    fn of_rounds(served: rounds::Served) -> Self {
        match served {
            rounds::Served::Answer(answer) => Self::Answer(answer),
            rounds::Served::Rounds(headers, rounds) => Self::Stream(headers, Source::Rounds(rounds)),
        }
    }

    fn of_workflow(served: entrances::Served) -> Self {
        match served {
            entrances::Served::Answer(answer) => Self::Answer(answer),
            entrances::Served::Waiting(headers, waiting) => Self::Stream(headers, Source::Workflow(waiting)),
        }
    }
}

/// What comes piece by piece.
enum Source {
    /// A model's stream, or one that is kept.
    One(Body),
    /// Those of several rounds.
    Rounds(Box<Rounds>),
    /// What a run gives at its end.
    Workflow(Box<Waiting>),
}

/// A stream as a body. It ends when its reader may not come in any more.
struct Pieces {
    source: Source,
    /// What makes it a list, where the client wants no events.
    listed: Option<Listed>,
    /// Polled only when it has something to say, and not for each piece.
    revoked: Rare<WaitForCancellationFutureOwned>,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.revoked.poll(context).is_ready() {
            let error = taken_back();
            match &mut self.source {
                Source::One(body) => body.break_off(error),
                Source::Rounds(rounds) => rounds.break_off(&error),
                Source::Workflow(waiting) => waiting.break_off(&error),
            }
        }
        loop {
            let piece = match &mut self.source {
                Source::One(body) => body.poll_next(context),
                Source::Rounds(rounds) => rounds.poll_next(context),
                Source::Workflow(waiting) => waiting.poll_next(context),
            };
            let Poll::Ready(piece) = piece else { return Poll::Pending };
            // What is no stream of events can only end without its end.
            if let (None, Source::One(body)) = (&piece, &self.source)
                && body.is_cut()
            {
                return Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into())));
            }
            let piece = match (&mut self.listed, piece) {
                (Some(listed), Some(piece)) => Some(listed.feed(&piece)).filter(|piece| !piece.is_empty()),
                (Some(listed), None) => return Poll::Ready(listed.finish().map(|end| Ok(Frame::data(end)))),
                (None, piece) => return Poll::Ready(piece.map(|piece| Ok(Frame::data(piece)))),
            };
            // What is no whole event yet is nothing of a list.
            if let Some(piece) = piece {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
        }
    }
}
