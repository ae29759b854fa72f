//! What a client gets.

use crate::replay::Replay;
use crate::stream::Stream;
use base::Error;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::task::{Context, Poll};

/// An answer in the client's dialect.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers: the provider's own that a client can use, and what the gateway says of its choice.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
    /// Whether no provider was asked for it: it was kept, or is the answer to another client's request.
    pub cached: bool,
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// What comes piece by piece.
    Stream(Box<Stream>),
    /// A stream that came before, or comes for another client too.
    Replay(Replay),
}

impl Body {
    /// The next piece, nothing at the end. What goes wrong is told in the client's dialect, as the last piece.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self {
            Body::Whole(bytes) => Poll::Ready(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty())),
            Body::Stream(stream) => stream.poll_next(context),
            Body::Replay(replay) => replay.poll_next(context),
        }
    }

    /// Whether it has ended before its end, and nothing in it says so: who sends it on must not end it as if it were whole.
    pub fn is_cut(&self) -> bool {
        matches!(self, Body::Stream(stream) if stream.is_cut())
    }

    /// Ends a stream by `error`, whatever there is still to say.
    pub fn break_off(&mut self, error: Error) {
        match self {
            Body::Whole(_) => {}
            Body::Stream(stream) => stream.break_off(error),
            Body::Replay(replay) => replay.break_off(&error),
        }
    }
}
