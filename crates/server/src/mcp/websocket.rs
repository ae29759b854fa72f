//! The endpoint over WebSockets: one message in each text frame, both eras on one connection.

use super::peer::{Out, Peer};
use crate::Shared;
use crate::answer::refusal;
use crate::keys::Visitor;
use axum::body::Body;
use axum::response::Response;
use base::{Code, Error, Result, task};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use mcp::websocket::{self, Arrived, End, Ended, Gone, Receiver, Sender, close};
use resilience::places::Place;
use std::sync::Arc;
use std::time::Duration;
use telemetry::session::Carrier;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

/// How often the client is asked for a sign of life.
const ALIVE: Duration = Duration::from_secs(15);

/// How often it may be asked in vain.
const MISSED: u32 = 3;

/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);

type Frames = TokioIo<Upgraded>;

/// Answers a request to `/ws` or `/ws/<view>`. All that decides about it is checked before the frames begin.
/// The place of the connection goes over to them.
pub(crate) fn serve(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    view: &str,
    mut request: Request<Incoming>,
    place: Option<Arc<Place>>,
) -> Response {
    let agreed = super::view(shared, visitor, view).and_then(|_| agree(request.method(), request.headers()));
    let mut response = match agreed {
        Ok(response) => response,
        Err(error) => return refused(&error),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let (shared, visitor, view) = (Arc::clone(shared), Arc::clone(visitor), view.to_owned());
    let talking = Arc::clone(&shared);
    task::spawn(
        "websocket",
        talking.conversations.track_future(async move {
            if let Ok(upgraded) = upgrade.await {
                converse(&shared, visitor, &view, TokioIo::new(upgraded)).await;
            }
            drop(place);
        }),
    );
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response
}

/// The answer that begins the frames (RFC 6455, section 4.2), or why there is none.
fn agree(method: &Method, headers: &HeaderMap) -> Result<Response> {
    let one = |name: header::HeaderName| {
        let mut values = headers.get_all(name).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        first.filter(|_| values.next().is_none())
    };
    let wrong = |why: &str| Err(Error::new(Code::WebSocketNeeded, why, "connect with a WebSocket client, version 13"));
    if method != Method::GET || !websocket::is_upgrade(headers) {
        return wrong("this path takes WebSockets, and the request asks for none");
    }
    if one(header::SEC_WEBSOCKET_VERSION) != Some(websocket::VERSION) {
        return wrong("the request is for another version of WebSockets");
    }
    // Sixteen bytes as base64.
    let Some(key) = one(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24 && key.ends_with("==")) else {
        return wrong("the request has no right Sec-WebSocket-Key");
    };
    let protocol = websocket::offers_protocol(headers);
    if protocol == Some(false) {
        return wrong("the client offers subprotocols, but not `mcp`");
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let proof = HeaderValue::from_str(&websocket::accept(key)).map_err(|_| Error::internal("a proof is no header"))?;
    response.headers_mut().insert(header::SEC_WEBSOCKET_ACCEPT, proof);
    if protocol.is_some() {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(websocket::PROTOCOL));
    }
    Ok(response)
}

fn refused(error: &Error) -> Response {
    let mut response = refusal(error);
    if error.code() == Code::WebSocketNeeded {
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(websocket::VERSION));
    }
    response
}

/// Why a conversation ends.
enum Over {
    /// The client is gone, or does not read.
    Gone,
    /// The hub stops.
    Stopping,
    /// The client did what it may not.
    Fault(u16),
}

async fn converse(shared: &Arc<Shared>, visitor: Arc<Visitor>, view: &str, frames: Frames) {
    let (sender, mut receiver) = websocket::open(frames, Bytes::new(), End::Server, shared.limits.body).await;
    let (out, messages) = Out::new(false);
    let gone = out.gone.clone();
    let revoked = visitor.revoked.clone();
    let Ok(mut peer) = Peer::new(Arc::clone(shared), visitor, view, true, (out, Carrier::WEBSOCKET)) else { return };
    let (farewell, told) = oneshot::channel();
    let stopped = gone.clone();
    let writer = task::spawn("websocket output", async move {
        tokio::select! {
            _ = write(sender, messages, told) => stopped.cancel(),
            () = stopped.cancelled() => {}
        }
    });
    let over = tokio::select! {
        over = read(&mut receiver, &mut peer) => over,
        () = gone.cancelled() => Over::Gone,
        () = revoked.cancelled() => Over::Fault(close::POLICY),
        () = shared.shutdown.cancelled() => Over::Stopping,
    };
    let code = match over {
        Over::Gone => return,
        Over::Fault(code) => code,
        Over::Stopping => {
            // What is under way is still answered, unless the client goes before that.
            tokio::select! {
                () = peer.settle() => {}
                () = gone.cancelled() => return,
            }
            close::AWAY
        }
    };
    let _ = farewell.send(code);
    let _ = writer.await;
}

async fn read(receiver: &mut Receiver<Frames>, peer: &mut Peer) -> Over {
    loop {
        match tokio::time::timeout(ALIVE * MISSED, receiver.next()).await {
            Ok(Ok(Arrived::Text(text))) => peer.take(text.into_bytes()).await,
            Ok(Ok(Arrived::Alive)) => {}
            Ok(Err(Ended::TooLarge)) => {
                peer.too_large(None).await;
                return Over::Fault(close::TOO_LARGE);
            }
            Ok(Err(Ended::Binary)) => return Over::Fault(close::UNSUPPORTED),
            Ok(Err(Ended::Closed(_) | Ended::Broken(_))) | Err(_) => return Over::Gone,
        }
    }
}

/// Sends messages, then goodbye.
async fn write(
    mut sender: Sender<Frames>,
    mut messages: mpsc::Receiver<String>,
    mut told: oneshot::Receiver<u16>,
) -> Result<(), Gone> {
    let mut alive = tokio::time::interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            message = messages.recv() => match message {
                Some(text) => sender.send(text).await?,
                None => return Ok(()),
            },
            code = &mut told => {
                let goodbye = sender.close(code.unwrap_or(close::NORMAL), "");
                return tokio::time::timeout(FAREWELL, goodbye).await.unwrap_or(Err(Gone));
            }
            _ = alive.tick() => sender.ping().await?,
        }
    }
}
