//! An event stream as the body of a response.

use base64::Engine as _;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde_json::Value;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::UnboundedReceiver;

/// Messages as events. Ends after the answer to one request, or never.
pub(crate) struct Events {
    receiver: UnboundedReceiver<Vec<u8>>,
    last: Option<Value>,
    first: Option<Vec<u8>>,
    over: bool,
}

impl Events {
    pub(super) fn until(receiver: UnboundedReceiver<Vec<u8>>, id: Value) -> Self {
        Self { receiver, last: Some(id), first: None, over: false }
    }

    pub(crate) fn endless(receiver: UnboundedReceiver<Vec<u8>>) -> Self {
        Self { receiver, last: None, first: None, over: false }
    }

    /// Sends `message` before all others.
    pub(super) fn after(mut self, message: Vec<u8>) -> Self {
        self.first = Some(message);
        self
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let message = match self.first.take() {
            Some(message) => Some(message),
            None => std::task::ready!(self.receiver.poll_recv(context)),
        };
        // Nothing to say means to hang up.
        let Some(message) = message.filter(|message| !message.is_empty()) else {
            self.receiver.close();
            return Poll::Ready(None);
        };
        self.over = self.last.as_ref().is_some_and(|id| answers(&message, id));
        let event = [b"event: message\ndata: ".as_slice(), &message, b"\n\n"].concat();
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(event)))))
    }
}

/// Whether `message` answers the request `id`.
pub(super) fn answers(message: &[u8], id: &Value) -> bool {
    serde_json::from_slice::<Value>(message)
        .is_ok_and(|message| message.get("method").is_none() && message.get("id") == Some(id))
}

/// The value of a header that may be written as `=?base64?…?=`.
pub(super) fn decode_header(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix("=?base64?") else { return Some(value.to_owned()) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(inner.strip_suffix("?=")?).ok()?;
    String::from_utf8(bytes).ok()
}
