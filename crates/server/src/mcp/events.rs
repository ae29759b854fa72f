//! The endpoint of the HTTP transport of version 2024-11-05: GET opens a stream of events, whose first one names the
//! address that takes the client's messages.
//!
//! That address holds the id of the stream, for that is how this transport works. The id tells streams apart and lets
//! nobody in: every message passes the guard with its own credentials. Only the legacy era is spoken here.

use super::head::{accepts, check_types};
use super::peer::{Out, Peer};
use crate::Shared;
use crate::answer::{empty, events, refusal};
use crate::body::{self, Events};
use crate::keys::Visitor;
use axum::response::Response;
use base::{Code, Error, Result, task};
use http::{HeaderMap, Method, Request, StatusCode};
use hyper::body::Incoming;
use mcp::Message;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use telemetry::session::Carrier;
use tokio::sync::mpsc;

/// How many messages of one client wait to be taken.
const WAITING: usize = 64;

/// The streams that are open, by their ids.
#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<String, Stream>>);

/// A stream that is open: whose it is, and where messages for it go.
struct Stream {
    principal: Arc<str>,
    inbox: mpsc::Sender<Message>,
}

impl Streams {
    fn open(&self, principal: &Arc<str>) -> Result<(String, mpsc::Receiver<Message>)> {
        let id = base::random::hex::<32>()?;
        let (inbox, messages) = mpsc::channel(WAITING);
        let stream = Stream { principal: Arc::clone(principal), inbox };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), stream);
        Ok((id, messages))
    }

    /// Where messages for this principal's stream go.
    fn find(&self, id: &str, principal: &str) -> Option<mpsc::Sender<Message>> {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams.get(id).filter(|stream| &*stream.principal == principal).map(|stream| stream.inbox.clone())
    }

    fn close(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// Answers a request to `/sse` or `/sse/<view>`.
pub(crate) fn open(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    view: &str,
    (method, headers): (&Method, &HeaderMap),
) -> Response {
    begin(shared, visitor, view, (method, headers)).unwrap_or_else(|error| refusal(&error))
}

fn begin(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    view: &str,
    (method, headers): (&Method, &HeaderMap),
) -> Result<Response> {
    super::view(shared, visitor, view)?;
    if method != Method::GET {
        let next = "GET it with the older HTTP transport, or POST to /mcp";
        return Err(Error::new(Code::MethodNotAllowed, "this path only opens streams of events", next));
    }
    if !accepts(headers, "text/event-stream") {
        let next = "send `Accept: text/event-stream`";
        return Err(Error::new(Code::NotAcceptable, "the client does not accept the stream that it opens", next));
    }
    let (out, messages) = Out::new(false);
    let mut peer = Peer::new(Arc::clone(shared), Arc::clone(visitor), view, false, (out, Carrier::HTTP))?;
    let (id, mut inbox) = shared.streams.open(&visitor.principal)?;
    let address = format!("event: endpoint\ndata: /messages?session_id={id}\n\n");
    let (talking, revoked) = (Arc::clone(shared), visitor.revoked.clone());
    task::spawn(
        "stream of events",
        shared.conversations.track_future(async move {
            let closed = peer.out().clone();
            tokio::select! {
                () = async { while let Some(message) = inbox.recv().await { peer.take_message(message).await; } } => {}
                () = closed.closed() => {}
                () = revoked.cancelled() => {}
                () = talking.shutdown.cancelled() => {
                    tokio::select! {
                        () = peer.settle() => {}
                        () = closed.closed() => {}
                    }
                }
            }
            talking.streams.close(&id);
        }),
    );
    Ok(events(Events::new(messages).beginning_with(address)))
}

/// Answers a request to `/messages`.
pub(crate) async fn post(shared: &Arc<Shared>, visitor: &Visitor, request: Request<Incoming>) -> Response {
    let (parts, body) = request.into_parts();
    let taken = async {
        if parts.method != Method::POST {
            let next = "POST a message to the address that the stream of events names";
            return Err(Error::new(Code::MethodNotAllowed, "this path only takes messages", next));
        }
        check_types(&parts.headers)?;
        let pairs = parts.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let id = pairs.into_iter().find(|(name, _)| *name == "session_id").map(|(_, id)| id);
        let unknown = || {
            let next = "open the stream of events again, and send messages to the address that it names";
            Error::new(Code::SessionUnknown, "no stream of events is open under this id", next)
        };
        let inbox = id.and_then(|id| shared.streams.find(id, &visitor.principal)).ok_or_else(unknown)?;
        let bytes = body::read(body, &shared.limits).await?;
        let message = Message::from_bytes(bytes).map_err(|malformed| malformed.to_error())?;
        match tokio::time::timeout(shared.limits.arrival, inbox.send(message)).await {
            Ok(Ok(())) => Ok(empty(StatusCode::ACCEPTED)),
            Ok(Err(_)) => Err(unknown()),
            Err(_) => {
                let next = "read the stream of events, where the answers are";
                Err(Error::new(Code::TooBusy, "too many messages of this client wait", next))
            }
        }
    };
    taken.await.unwrap_or_else(|error| refusal(&error))
}
