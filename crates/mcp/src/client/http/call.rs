//! One request at an address, from its sender's side: its stages, and the events of its answer.

use super::{Link, is_events};
use crate::client::Inbound;
use crate::client::stdio::answer_to_server;
use crate::client::wire::Wire;
use crate::{Era, Message, Method, header, message::Kind, raw, sse};
use base::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use std::sync::{Arc, PoisonError};

/// A request at an address. Dropping it before the answer closes its connection, which tells a modern server that the
/// answer is not wanted.
pub struct Call {
    link: Arc<Link>,
    stage: Stage,
    /// The id of a request that a legacy server must be told about when it is given up.
    cancel: Option<u64>,
}

#[expect(clippy::large_enum_variant, reason = "calls are boxed, and nearly all are in the large variant")]
enum Stage {
    /// To be sent.
    Fresh(http::Request<Full<Bytes>>, bool),
    /// Events arrive.
    Events(Box<(Wire, Incoming, sse::Decoder)>),
    /// Nothing more to come.
    Done,
}

impl Call {
    pub(super) fn new(
        link: Arc<Link>,
        request: http::Request<Full<Bytes>>,
        initialize: bool,
        cancel: Option<u64>,
    ) -> Self {
        Self { link, stage: Stage::Fresh(request, initialize), cancel }
    }

    /// A call on which only notifications come.
    pub(super) fn listening(link: Arc<Link>, wire: Wire, body: Incoming) -> Self {
        let decoder = sse::Decoder::new(link.limit);
        Self { link, stage: Stage::Events(Box::new((wire, body, decoder))), cancel: None }
    }

    /// See [`super::Call::next`].
    pub async fn next(&mut self) -> Result<Inbound> {
        let inbound = self.step().await;
        if !matches!(inbound, Ok(Inbound::Note(_))) {
            self.cancel = None;
        }
        inbound
    }

    async fn step(&mut self) -> Result<Inbound> {
        if let Stage::Fresh(..) = self.stage
            && let Stage::Fresh(request, initialize) = std::mem::replace(&mut self.stage, Stage::Done)
            && let Some(answer) = self.send(request, initialize).await?
        {
            return Ok(Inbound::Answer(answer));
        }
        loop {
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
                None => match wire.piece(body).await.map_err(|error| self.link.broken(&error))? {
                    Some(piece) => decoder.feed(&piece),
                    None => return Err(self.link.protocol("ended the stream of a call before its answer")),
                },
            }
        }
    }

    /// Sends the request. Answers with the message when it came as JSON, with nothing when events follow.
    async fn send(&mut self, request: http::Request<Full<Bytes>>, initialize: bool) -> Result<Option<Message>> {
        let link = Arc::clone(&self.link);
        let (mut wire, response) = link.exchange(request).await?;
        let status = response.status();
        if initialize {
            let mut session = link.session.write().unwrap_or_else(PoisonError::into_inner);
            session.id = response.headers().get(header::SESSION).cloned();
        }
        if status.is_success() && is_events(&response) {
            let decoder = sse::Decoder::new(link.limit);
            self.stage = Stage::Events(Box::new((wire, response.into_body(), decoder)));
            return Ok(None);
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
        match Message::parse(text) {
            // Also an error status carries a JSON-RPC error that says more than the status.
            Ok(message) if matches!(message.kind(), Kind::Result | Kind::Error) => {
                let lost = matches!(status.as_u16(), 401 | 403 | 404) && message.kind() == &Kind::Error;
                if lost { Err(link.refused(status, error_text(&message))) } else { Ok(Some(message)) }
            }
            _ if status.is_success() => Err(link.protocol("answered with something that is no JSON-RPC message")),
            _ => Err(link.refused(status, "")),
        }
    }

    /// Takes an event: a message for the caller, or one that is answered here.
    fn take(&mut self, event: sse::Event) -> Result<Option<Inbound>> {
        if event.data.is_empty() {
            return Ok(None);
        }
        let message = Message::parse(event.data)
            .map_err(|why| self.link.protocol(&format!("sent an event that is no message: {why}")))?;
        match message.kind() {
            Kind::Result | Kind::Error => {
                if let Stage::Events(events) = std::mem::replace(&mut self.stage, Stage::Done) {
                    let (wire, body, _) = *events;
                    self.link.pool.put(wire, Some(body));
                }
                Ok(Some(Inbound::Answer(message)))
            }
            Kind::Notification(_) => Ok(Some(Inbound::Note(message))),
            Kind::Request(method) => {
                let answer = answer_to_server(message.id().unwrap_or("null"), method);
                let link = Arc::clone(&self.link);
                base::task::spawn("answer to a server", async move {
                    if let Ok(post) = link.post(answer, Era::Legacy, "", None) {
                        let _ = link.exchange(post).await;
                    }
                });
                Ok(None)
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        let sent = !matches!(stage, Stage::Fresh(..));
        if let (Some(id), true) = (self.cancel, sent) {
            let link = Arc::clone(&self.link);
            let params = format!(r#"{{"requestId":{id},"reason":"the client does not want the answer any more"}}"#);
            base::task::spawn("cancellation", async move {
                let _ = Link::notify(&link, Method::Cancelled.name(), Some(&params), Era::Legacy).await;
                // A legacy server must not take a closed stream for a cancellation, so the stream closes after it.
                drop(stage);
            });
        }
    }
}

fn error_text(message: &Message) -> &str {
    message.body().and_then(|body| raw::get(body, "message")).unwrap_or_default()
}
