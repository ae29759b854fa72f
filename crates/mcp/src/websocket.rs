//! WebSockets (RFC 6455) that carry one message of the protocol in each text frame, for both ends.
//!
//! No version of the protocol defines this transport; proposals and the SDKs agree on this shape and on the subprotocol
//! `mcp`. The handshake is an HTTP request, read and written like every other; only the frames are a library's. There is
//! no compression, so nothing grows while it is read.

mod handshake;

pub use handshake::{PROTOCOL, VERSION, accept, is_upgrade, key, offers_protocol};

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as Failure};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message as Frame, Role, WebSocketConfig};

/// How the connection ends, as RFC 6455 section 7.4.1 numbers it.
pub mod close {
    /// All is done.
    pub const NORMAL: u16 = 1000;
    /// The server stops, or the page is left.
    pub const AWAY: u16 = 1001;
    /// A frame of a kind that is not taken.
    pub const UNSUPPORTED: u16 = 1003;
    /// The other end may not do what it does.
    pub const POLICY: u16 = 1008;
    /// A message above the limit.
    pub const TOO_LARGE: u16 = 1009;
}

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The one that opened it.
    Client,
    /// The one that was asked for it.
    Server,
}

/// What arrives.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrived {
    /// A message.
    Text(String),
    /// A sign of life.
    Alive,
}

/// Why nothing more arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The other end closed the connection, with this code and reason if it named one.
    Closed(Option<(u16, String)>),
    /// A message is larger than the limit.
    TooLarge,
    /// A frame holds bytes instead of text.
    Binary,
    /// The connection broke, or what came over it were no frames.
    Broken(String),
}

/// The receiving half.
pub struct Receiver<S>(SplitStream<WebSocketStream<S>>);

/// The sending half.
pub struct Sender<S>(SplitSink<WebSocketStream<S>, Frame>);

/// The bytes that are read at once; messages may be larger.
const BUFFER: usize = 16 << 10;

/// Both halves of a connection whose handshake is done. `read` is what came after the handshake already; `limit` is the
/// most bytes of one message.
pub async fn open<S>(stream: S, read: Bytes, end: End, limit: usize) -> (Sender<S>, Receiver<S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let role = match end {
        End::Client => Role::Client,
        End::Server => Role::Server,
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(limit))
        .max_frame_size(Some(limit));
    let whole = WebSocketStream::from_partially_read(stream, read.into(), role, Some(config)).await;
    let (sender, receiver) = whole.split();
    (Sender(sender), Receiver(receiver))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Receiver<S> {
    /// What arrives next.
    pub async fn next(&mut self) -> Result<Arrived, Ended> {
        match self.0.next().await {
            Some(Ok(Frame::Text(text))) => Ok(Arrived::Text(text.as_str().to_owned())),
            Some(Ok(Frame::Binary(_))) => Err(Ended::Binary),
            Some(Ok(Frame::Close(frame))) => {
                Err(Ended::Closed(frame.map(|frame| (u16::from(frame.code), frame.reason.as_str().to_owned()))))
            }
            Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => Ok(Arrived::Alive),
            Some(Err(Failure::Capacity(CapacityError::MessageTooLong { .. }))) => Err(Ended::TooLarge),
            Some(Err(Failure::ConnectionClosed | Failure::AlreadyClosed)) | None => Err(Ended::Closed(None)),
            Some(Err(other)) => Err(Ended::Broken(other.to_string())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sender<S> {
    /// Sends a message. An error means that the connection is gone.
    pub async fn send(&mut self, text: String) -> Result<(), Gone> {
        self.0.send(Frame::Text(text.into())).await.map_err(|_| Gone)
    }

    /// Asks the other end for a sign of life.
    pub async fn ping(&mut self) -> Result<(), Gone> {
        self.0.send(Frame::Ping(Bytes::new())).await.map_err(|_| Gone)
    }

    /// Says that nothing more is sent, and why. The reason has at most 123 bytes (RFC 6455, section 5.5); more is cut off.
    pub async fn close(&mut self, code: u16, reason: &str) -> Result<(), Gone> {
        let mut end = reason.len().min(123);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason[..end].to_owned().into() };
        self.0.send(Frame::Close(Some(frame))).await.map_err(|_| Gone)
    }
}

/// The connection is gone; what was to be sent did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

#[cfg(test)]
mod tests;
