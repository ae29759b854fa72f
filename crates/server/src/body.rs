//! Bodies: reading one with limits, and streams of events.

use crate::Limits;
use base::{Code, Error, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// How often a quiet stream says that it is still there: well within the minute after which proxies give up.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Whether a request with these headers has a body of JSON as it is.
pub(crate) fn check_type(headers: &HeaderMap) -> Result<()> {
    if !is_of_type(headers, "application/json") {
        return Err(Error::new(Code::UnsupportedMediaType, "the body is not application/json", "send JSON and say so"));
    }
    check_encoding(headers)
}

/// Whether these headers say that the body is of this type.
pub(crate) fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let content = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let content = content.split(|byte| *byte == b';').next().unwrap_or_default();
    content.trim_ascii().eq_ignore_ascii_case(expected.as_bytes())
}

/// Whether a request with these headers has a body as it is.
pub(crate) fn check_encoding(headers: &HeaderMap) -> Result<()> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err(Error::new(Code::UnsupportedMediaType, "the body is compressed", "send it as it is"));
    }
    Ok(())
}

/// Reads a body whole. Its size is checked while it arrives, so that nothing beyond the limit is kept.
pub(crate) async fn read<B>(mut body: B, limits: &Limits) -> Result<Vec<u8>>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let limit = limits.body;
    let too_large = || {
        Error::new(
            Code::BodyTooLarge,
            format!("the body is larger than {limit} bytes"),
            "send less at once, or raise `limits: { body: 16MiB }` in the configuration",
        )
    };
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let reading = async {
        let mut bytes = Vec::with_capacity(usize::try_from(body.size_hint().lower()).unwrap_or(0));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                Error::new(Code::InvalidRequest, format!("the body broke off: {error}"), "send the request again")
            })?;
            if let Ok(data) = frame.into_data() {
                if bytes.len() + data.len() > limit {
                    return Err(too_large());
                }
                bytes.extend_from_slice(&data);
            }
        }
        Ok(bytes)
    };
    let mut reading = pin!(reading);
    // Most bodies come with their head, and need no timer.
    if let Poll::Ready(read) = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        return read;
    }
    tokio::time::timeout(limits.arrival, reading).await.unwrap_or_else(|_| {
        let message = format!("the body did not arrive within {:?}", limits.arrival);
        Err(Error::new(Code::BodyTooSlow, message, "send it faster, or in smaller requests"))
    })
}

/// What becomes an event.
pub(crate) trait Encode {
    /// The whole event, once it goes out.
    fn encode(self) -> Bytes;
}

/// A message, raw JSON.
impl Encode for String {
    fn encode(self) -> Bytes {
        Bytes::from(::mcp::sse::encode(&self))
    }
}

/// An event that is whole already.
impl Encode for Bytes {
    fn encode(self) -> Bytes {
        self
    }
}

/// A stream of events: messages as they come through a channel, and a comment when it is quiet. It ends when the
/// channel does.
pub(crate) struct Events<Message = String> {
    first: Option<Bytes>,
    messages: mpsc::Receiver<Message>,
    quiet: Interval,
}

impl<Message> Events<Message> {
    pub(crate) fn new(messages: mpsc::Receiver<Message>) -> Self {
        Self::alive_every(KEEP_ALIVE, messages)
    }

    fn alive_every(period: Duration, messages: mpsc::Receiver<Message>) -> Self {
        let mut quiet = tokio::time::interval_at(Instant::now() + period, period);
        quiet.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { first: None, messages, quiet }
    }

    /// Sends `event`, a whole one, before all messages.
    pub(crate) fn beginning_with(mut self, event: String) -> Self {
        self.first = Some(Bytes::from(event));
        self
    }
}

impl<Message: Encode> Body for Events<Message> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match self.messages.poll_recv(context) {
            Poll::Ready(Some(message)) => {
                self.quiet.reset();
                Poll::Ready(Some(Ok(Frame::data(message.encode()))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let comment = || Some(Ok(Frame::data(Bytes::from_static(::mcp::sse::KEEP_ALIVE.as_bytes()))));
                self.quiet.poll_tick(context).map(|_| comment())
            }
        }
    }
}

/// A body that ends early once something is cancelled.
pub(crate) struct Until {
    body: axum::body::Body,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Until {
    pub(crate) fn new(body: axum::body::Body, end: CancellationToken) -> Self {
        Self { body, end: Box::pin(end.cancelled_owned()) }
    }
}

impl Body for Until {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(context)
    }
}

#[cfg(test)]
mod tests;
