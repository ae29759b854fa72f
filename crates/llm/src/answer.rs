//! What a client gets.

use crate::stream::Stream;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// An answer in the client's dialect.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers: the provider's own that a client can use, and what the gateway says of its choice.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// What comes piece by piece.
    Stream(Box<Stream>),
}
