//! One request at an address, from its sender's side: its stages, and the events of its answer.

use super::desk::Inbox;
use super::retry_after::{asked, told};
use super::{DETACHED, Link, is_events};
use crate::client::questions::answer_to_server;
use crate::client::wire::Wire;
use crate::client::{Inbound, Request, inbound};
use crate::{Era, Message, Method, header, message::Kind, raw, sse};
use base::Result;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;
use hyper::body::Incoming;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// A request at an address. Dropping it before the answer closes its connection, which tells a modern server that the
/// answer is not wanted. Waiting for it may be given up and taken up again.
pub struct Call {
    link: Arc<Link>,
    stage: Stage,
    /// The id of the request; none on a stream that answers nothing.
    id: Option<u64>,
    /// Whether a legacy server must be told when the request is given up.
    cancellable: bool,
    /// Whether somebody can answer what the server asks.
    answers: bool,
    /// The last event that came on a stream which has ended since.
    last: Option<String>,
    /// How long the server wants to be left alone after the end of its stream.
    rest: Option<Duration>,
    /// How often in a row the stream was taken up again without a message coming.
    resumed: u32,
    /// What the server says of this call elsewhere; none where nobody can answer, and for modern servers.
    inbox: Option<Inbox>,
}

/// So often in a row a stream that brings nothing is taken up again. Servers that let their clients poll end a stream
/// many times, but send something in between.
const RESUMED: u32 = 60;

/// How long to wait before a stream is taken up again, unless the server says so.
const REST: Duration = Duration::from_secs(1);

/// A server may not be asked more often than this, nor put its client off for longer.
const RESTS: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(300);

enum Stage {
    /// To be sent, when the call is polled for the first time.
    Fresh(Sending),
    /// Being sent, or its answer being read.
    Sending(Sending),
    /// Events arrive.
    Events(Box<(Wire, Incoming, sse::Decoder)>),
    /// Nothing more to come.
    Done,
}

type Sending = Pin<Box<dyn Future<Output = Result<Head>> + Send>>;

/// How an answer begins.
enum Head {
    /// It is there, as JSON.
    Answer(Message),
    /// Events follow.
    Events(Box<(Wire, Incoming)>),
}

impl Call {
    pub(super) fn new(
        link: Arc<Link>,
        post: http::Request<Full<Bytes>>,
        request: &Request<'_>,
        initialize: bool,
    ) -> Self {
        let sending = Box::pin(send(Arc::clone(&link), post, request.id, initialize));
        // The specification forbids to cancel the first request; modern servers see the connection close.
        let cancellable = request.era == Era::Legacy && !initialize;
        let inbox = request.client.filter(|_| cancellable).map(|client| link.desk.enter(request.id, client));
        Self {
            link,
            stage: Stage::Fresh(sending),
            id: Some(request.id),
            cancellable,
            answers: request.client.is_some(),
            last: None,
            rest: None,
            resumed: 0,
            inbox,
        }
    }

    /// A call that is never answered: what comes names no call.
    pub(super) fn listening(link: Arc<Link>, wire: Wire, body: Incoming) -> Self {
        let decoder = sse::Decoder::new(link.limit);
        Self {
            link,
            stage: Stage::Events(Box::new((wire, body, decoder))),
            id: None,
            cancellable: false,
            answers: false,
            last: None,
            rest: None,
            resumed: 0,
            inbox: None,
        }
    }

    /// See [`crate::client::Call::next`].
    pub async fn next(&mut self) -> Result<Inbound> {
        let inbound = self.step().await;
        if matches!(inbound, Ok(Inbound::Answer(_)) | Err(_)) {
            self.cancellable = false;
            self.leave();
        }
        inbound
    }

    async fn step(&mut self) -> Result<Inbound> {
        if let Stage::Fresh(..) = self.stage
            && let Stage::Fresh(sending) = std::mem::replace(&mut self.stage, Stage::Done)
        {
            self.stage = Stage::Sending(sending);
        }
        loop {
            if let Stage::Sending(sending) = &mut self.stage {
                let head = tokio::select! {
                    biased;
                    head = sending.as_mut() => head,
                    message = elsewhere(&mut self.inbox) => return Ok(inbound(message)),
                };
                self.stage = Stage::Done;
                match head? {
                    Head::Answer(message) => return Ok(Inbound::Answer(message)),
                    Head::Events(events) => {
                        let (wire, body) = *events;
                        let decoder = sse::Decoder::new(self.link.limit);
                        self.stage = Stage::Events(Box::new((wire, body, decoder)));
                    }
                }
            }
            let Stage::Events(events) = &mut self.stage else {
                return Err(self.link.protocol("was asked for more than one answer"));
            };
            let (wire, body, decoder) = &mut **events;
            match decoder.next_event().map_err(|_| self.link.too_large())? {
                Some(event) => {
                    if let Some(inbound) = self.take(event)? {
                        return Ok(inbound);
                    }
                }
                None => match tokio::select! {
                    biased;
                    piece = wire.piece(body) => piece,
                    message = elsewhere(&mut self.inbox) => return Ok(inbound(message)),
                } {
                    Ok(Some(piece)) => decoder.feed(&piece),
                    Ok(None) => self.resume(self.link.protocol("ended the stream of a call before its answer"))?,
                    Err(error) => self.resume(self.link.broken(&error))?,
                },
            }
        }
    }

    /// How long the server wants to be left alone after the end of its stream, if it has said so.
    pub fn rest(&self) -> Option<Duration> {
        self.rest
    }

    /// Takes up a stream that ended before the answer where it ended, as legacy servers want it that number their
    /// events (specification 2025-11-25, transports, resumability); one that answers nothing has no other end. `ended` is
    /// the error where that cannot be.
    fn resume(&mut self, ended: base::Error) -> Result<()> {
        let Stage::Events(events) = std::mem::replace(&mut self.stage, Stage::Done) else { return Err(ended) };
        let (_, _, decoder) = *events;
        self.last = decoder.last_id().map(str::to_owned).or(self.last.take());
        self.rest = decoder.retry().map(|rest| rest.clamp(*RESTS.start(), *RESTS.end())).or(self.rest);
        let wanted = self.cancellable || self.id.is_none();
        let last = self.last.as_deref().filter(|_| wanted && self.resumed < RESUMED);
        let Some(get) = last.and_then(|last| self.link.get(Some(last)).ok()) else { return Err(ended) };
        self.resumed += 1;
        let rest = self.rest.unwrap_or(REST);
        let link = Arc::clone(&self.link);
        self.stage = Stage::Sending(Box::pin(async move {
            tokio::time::sleep(rest).await;
            match link.stream(get).await? {
                Some(events) => Ok(Head::Events(Box::new(events))),
                None => Err(ended),
            }
        }));
        Ok(())
    }

    /// Whether `message` answers this call. A server that could not read the request names no id.
    fn is_answer(&self, message: &Message) -> bool {
        answers(message, self.id)
    }

    /// Takes an event: a message for the caller, or one that is answered here.
    fn take(&mut self, event: sse::Event) -> Result<Option<Inbound>> {
        // Events of other names are not the protocol's; servers keep connections open with them.
        if event.data.is_empty() || !matches!(event.name.as_str(), "" | "message") {
            return Ok(None);
        }
        let message = Message::parse(event.data)
            .map_err(|why| self.link.protocol(&format!("sent an event that is no message: {why}")))?;
        self.resumed = 0;
        match message.kind() {
            Kind::Result | Kind::Error if !self.is_answer(&message) => Ok(None),
            Kind::Result | Kind::Error => {
                // A stream that was taken up again may go on after the answer, and its connection with it.
                if let Stage::Events(events) = std::mem::replace(&mut self.stage, Stage::Done)
                    && self.last.is_none()
                {
                    let (wire, body, _) = *events;
                    self.link.pool.put(wire, Some(body));
                }
                Ok(Some(Inbound::Answer(message)))
            }
            // On a stream that answers nothing.
            Kind::Notification(_) if self.id.is_none() => Ok(self.link.take_note(message).map(Inbound::Note)),
            Kind::Request(_) if self.id.is_none() => {
                self.link.take_question(message);
                Ok(None)
            }
            Kind::Notification(_) => Ok(Some(Inbound::Note(message))),
            Kind::Request(method) if self.answers && method != &Method::Ping => Ok(Some(Inbound::Ask(message))),
            Kind::Request(method) => {
                self.send(answer_to_server(message.id().unwrap_or("null"), method));
                Ok(None)
            }
        }
    }

    /// Sends the server the answer to its request with this raw JSON id, without waiting for it to be taken.
    pub fn reply(&self, id: &str, answer: String) {
        self.link.desk.answered(id);
        self.send(answer);
    }

    /// Sends the server a whole message that is no request, without waiting for it to be taken.
    pub fn send(&self, message: String) {
        self.link.send(message);
    }

    /// Takes the call out of those that the server may mean.
    fn leave(&mut self) {
        if let (Some(_), Some(id)) = (self.inbox.take(), self.id) {
            self.link.desk.leave(id);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.leave();
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        let under_way = matches!(stage, Stage::Sending(_) | Stage::Events(_));
        if let (Some(id), true, true) = (self.id, self.cancellable, under_way) {
            let link = Arc::clone(&self.link);
            let params = format!(r#"{{"requestId":{id},"reason":"the client does not want the answer any more"}}"#);
            base::task::spawn("cancellation", async move {
                let told = Link::notify(&link, Method::Cancelled.name(), Some(&params), Era::Legacy);
                let _ = tokio::time::timeout(DETACHED, told).await;
                // A legacy server must not take a closed stream for a cancellation, so the stream closes after it.
                drop(stage);
            });
        }
    }
}

/// The next message that came on another stream and is for this call.
async fn elsewhere(inbox: &mut Option<Inbox>) -> Message {
    match inbox {
        // The desk keeps the other end until the call has left.
        Some(inbox) => match inbox.recv().await {
            Some(message) => message,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

fn answers(message: &Message, id: Option<u64>) -> bool {
    let nameless = message.kind() == &Kind::Error && matches!(message.id(), None | Some("null"));
    nameless || (id.is_some() && message.number_id() == id)
}

/// Sends a request, and reads its answer unless that is a stream of events.
async fn send(link: Arc<Link>, request: http::Request<Full<Bytes>>, id: u64, initialize: bool) -> Result<Head> {
    let in_session = request.headers().contains_key(header::SESSION);
    let (mut wire, response) = link.exchange(request).await?;
    let status = response.status();
    let asked = asked(status, response.headers(), base::clock::wall());
    if initialize {
        let mut session = link.session.write().unwrap_or_else(PoisonError::into_inner);
        session.id = response.headers().get(header::SESSION).cloned();
    }
    if status.is_success() && is_events(&response) {
        return Ok(Head::Events(Box::new((wire, response.into_body()))));
    }
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(piece) = wire.piece(&mut body).await.map_err(|error| link.broken(&error))? {
        if bytes.len() + piece.len() > link.limit {
            return Err(link.too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    link.pool.put(wire, None);
    let text = String::from_utf8(bytes).map_err(|_| link.protocol("answered with bytes that are not UTF-8"))?;
    let message = match Message::parse(text) {
        Ok(message) if matches!(message.kind(), Kind::Result | Kind::Error) => message,
        _ if status.is_success() => {
            return Err(link.protocol("answered with something that is no JSON-RPC message"));
        }
        _ => return Err(told(link.refused(status, ""), asked)),
    };
    if message.kind() == &Kind::Error && (asked.is_some() || is_about_the_way(status, in_session, &message)) {
        let status = if status == StatusCode::BAD_REQUEST { StatusCode::NOT_FOUND } else { status };
        return Err(told(link.refused(status, error_text(&message)), asked));
    }
    if !answers(&message, Some(id)) {
        return Err(link.protocol("answered with the id of another request"));
    }
    // Also an error status carries a JSON-RPC error that says more than the status.
    Ok(Head::Answer(message))
}

/// Whether an error is not the answer to the request but says that requests like this are not taken: a credential is
/// missing, there were too many requests, or the session is not known. Some servers say the latter with status 400.
fn is_about_the_way(status: StatusCode, in_session: bool, error: &Message) -> bool {
    match status.as_u16() {
        401 | 403 | 429 => true,
        404 => in_session,
        400 => in_session && error_text(error).to_ascii_lowercase().contains("session"),
        _ => false,
    }
}

fn error_text(message: &Message) -> &str {
    message.body().and_then(|body| raw::get(body, "message")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
