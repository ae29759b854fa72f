//! Messages over a WebSocket: one in each text frame.

use super::address::{Address, Options, WEB_SOCKET};
use super::connection::Connection;
use super::queue::{Queued, queue};
use super::shared::{Link, Parts};
use super::tail::Tail;
use crate::Message;
use crate::websocket::{self, Arrived, End, Ended, Gone, Receiver, Sender, close};
use base::network::Stream;
use base::{Error, Result, task};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often the other end is asked for a sign of life.
const ALIVE: Duration = Duration::from_secs(15);

/// How often it may be asked in vain.
const MISSED: u32 = 3;

/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Opens a connection. `notices` gets the notifications that belong to no call.
pub async fn open(options: &Options, tail: Arc<Tail>, notices: mpsc::Sender<Message>) -> Result<Arc<Link>> {
    let address = Address::parse(options, WEB_SOCKET)?;
    let (stream, read) = shake_hands(&address).await?;
    let halves = websocket::open(stream, read, End::Client, options.message_limit).await;
    Ok(serve(address, halves, tail, notices))
}

/// Reads the address of a server; connects to nothing.
pub fn check(options: &Options) -> Result<()> {
    Address::parse(options, WEB_SOCKET).map(drop)
}

/// Carries messages until the connection ends.
fn serve<S>(
    address: Address,
    (sender, receiver): (Sender<S>, Receiver<S>),
    tail: Arc<Tail>,
    notices: mpsc::Sender<Message>,
) -> Arc<Link>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (outlet, queued) = queue();
    let token = CancellationToken::new();
    let link = Link::new(Parts {
        name: address.name.clone(),
        holder: Arc::new(Connection(token.clone())),
        outlet,
        limit: address.limit,
        tail,
        notices,
    });
    let (farewell, told) = oneshot::channel();
    let stopped = token.clone();
    task::spawn("upstream input", async move {
        tokio::select! {
            () = stopped.cancelled() => {}
            sent = write(sender, queued, told) => if sent.is_err() {
                // Reading finds out why; who waits for an answer must not wait for long if it does not.
                tokio::time::sleep(FAREWELL).await;
                stopped.cancel();
            },
        }
    });
    let reading = Arc::clone(&link);
    task::spawn("upstream output", async move {
        let error = tokio::select! {
            ended = read(receiver, &reading) => {
                let _ = farewell.send(code_for(&ended));
                end(ended, &reading, &address)
            }
            () = token.cancelled() => reading.fault("was closed"),
        };
        reading.close(error);
    });
    link
}

/// What ends the reading of a connection.
enum Reading {
    Ended(Ended),
    Silent,
}

async fn read<S: AsyncRead + AsyncWrite + Unpin>(mut receiver: Receiver<S>, link: &Link) -> Reading {
    loop {
        match tokio::time::timeout(ALIVE * MISSED, receiver.next()).await {
            Ok(Ok(Arrived::Text(text))) => link.take_text(&text),
            Ok(Ok(Arrived::Alive)) => {}
            Ok(Err(ended)) => return Reading::Ended(ended),
            Err(_) => return Reading::Silent,
        }
    }
}

async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    mut sender: Sender<S>,
    mut queued: Queued,
    mut told: oneshot::Receiver<u16>,
) -> Result<(), Gone> {
    let mut alive = tokio::time::interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            // The end of the queue follows on this at once, and would leave the other end without the reason.
            biased;
            code = &mut told => {
                let farewell = sender.close(code.unwrap_or(close::NORMAL), "");
                let _ = tokio::time::timeout(FAREWELL, farewell).await;
                // The other end answers the farewell, and would find the connection broken instead of closed.
                tokio::time::sleep(FAREWELL).await;
                return Ok(());
            }
            message = queued.next() => match message {
                Some(text) => sender.send(text).await,
                None => return sender.close(close::NORMAL, "").await,
            },
            _ = alive.tick() => sender.ping().await,
        };
        sent?;
    }
}

/// The code that tells the other end why the connection is given up.
fn code_for(reading: &Reading) -> u16 {
    match reading {
        Reading::Ended(Ended::TooLarge) => close::TOO_LARGE,
        Reading::Ended(Ended::Binary) => close::UNSUPPORTED,
        _ => close::NORMAL,
    }
}

fn end(reading: Reading, link: &Link, address: &Address) -> Error {
    match reading {
        Reading::Silent => link.fault(&format!("gave no sign of life for {} s", (ALIVE * MISSED).as_secs())),
        Reading::Ended(Ended::TooLarge) => address.too_large(),
        Reading::Ended(Ended::Binary) => link.fault("was given up, because it sent a frame of bytes instead of text"),
        Reading::Ended(Ended::Broken(why)) => link.fault(&format!("broke: {why}")),
        Reading::Ended(Ended::Closed(None)) => link.fault("was closed by the other end"),
        Reading::Ended(Ended::Closed(Some((code, reason)))) => {
            let reason: String = reason.chars().filter(|character| !character.is_control()).collect();
            let colon = if reason.is_empty() { "" } else { ": " };
            link.fault(&format!("was closed by the other end with code {code}{}{colon}{reason}", meaning(code)))
        }
    }
}

/// What a code means (RFC 6455, section 7.4.1, and the registry that it opens).
fn meaning(code: u16) -> &'static str {
    match code {
        1000 => " (done)",
        1001 => " (it stops)",
        1002 => " (a frame was wrong)",
        1003 => " (it does not take such data)",
        1007 => " (a text was no UTF-8)",
        1008 => " (it does not allow that)",
        1009 => " (a message was too large for it)",
        1011 => " (a fault of its own)",
        1012 => " (it is started again)",
        1013 => " (it has too much to do)",
        _ => "",
    }
}

/// Asks the server to change to WebSocket frames; once more, if it refuses the credential and there is a better one.
async fn shake_hands(address: &Address) -> Result<(Stream, Bytes)> {
    let key = websocket::key()?;
    let plain = request(address, &key);
    let response = match address.credential().await? {
        None => ask(address, plain).await?,
        Some(header) => {
            let response = ask(address, address.authorized(plain.clone(), &header)?).await?;
            match address.better(header, response.status(), response.headers()).await? {
                Some(better) => ask(address, address.authorized(plain, &better)?).await?,
                None => response,
            }
        }
    };
    check_answer(&response.status(), response.headers(), &key, address)?;
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| address.broken(&error))?;
    let parts = upgraded
        .downcast::<TokioIo<Stream>>()
        .map_err(|_| Error::internal("a connection came back from its handshake as another"))?;
    Ok((parts.io.into_inner(), parts.read_buf))
}

/// Sends one request over a connection of its own.
async fn ask(address: &Address, request: Request) -> Result<http::Response<Incoming>> {
    let stream = address.connector.connect().await.map_err(|error| address.unreachable(&error))?;
    let broken = |error: hyper::Error| address.broken(&error);
    let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = connection.with_upgrades();
    // It ends with the change, or when the request is given up.
    task::spawn("handshake", async move { drop(connection.await) });
    requests.send_request(request).await.map_err(broken)
}

type Request = http::Request<Empty<Bytes>>;

fn request(address: &Address, key: &str) -> Request {
    let mut request = http::Request::new(Empty::new());
    *request.uri_mut() = address.target.clone();
    let headers = request.headers_mut();
    headers.clone_from(&address.headers);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(websocket::VERSION));
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(websocket::PROTOCOL));
    if let Ok(key) = HeaderValue::from_str(key) {
        headers.insert(header::SEC_WEBSOCKET_KEY, key);
    }
    request
}

/// Checks that the server agreed (RFC 6455, section 4.1). One that names no subprotocol is taken, as some SDKs do; one
/// that names another speaks something else.
fn check_answer(status: &StatusCode, headers: &HeaderMap, key: &str, address: &Address) -> Result<()> {
    if *status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(address.refused(*status, false, "it offers no WebSocket there"));
    }
    let proof = headers.get(header::SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    if !websocket::is_upgrade(headers) || proof != Some(websocket::accept(key).as_bytes()) {
        return Err(address.protocol("agreed to a WebSocket without proof that it knows what that is"));
    }
    let protocol = headers.get(header::SEC_WEBSOCKET_PROTOCOL).map(HeaderValue::as_bytes);
    if protocol.is_some_and(|protocol| protocol != websocket::PROTOCOL.as_bytes()) {
        return Err(address.protocol("speaks another subprotocol than `mcp` over its WebSocket"));
    }
    if headers.contains_key(header::SEC_WEBSOCKET_EXTENSIONS) {
        return Err(address.protocol("uses an extension of WebSockets that nobody asked for"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
