//! The body of a request: in pieces, so that what is large is not copied to exchange one word in it.

use bytes::Bytes;
use std::borrow::Cow;
use std::io::IoSlice;

/// The pieces of a body, which go out one behind the other.
#[derive(Debug, Clone, Default)]
pub struct Content([Bytes; 3]);

impl Content {
    /// A body in three pieces.
    pub fn of(pieces: [Bytes; 3]) -> Self {
        Self(pieces)
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it as one piece.
    pub fn joined(&self) -> Cow<'_, [u8]> {
        match &self.0 {
            [first, second, third] if second.is_empty() && third.is_empty() => Cow::Borrowed(first),
            pieces => Cow::Owned(pieces.concat()),
        }
    }

    /// What is left of `head` and this body behind it, once so many bytes of both have gone out.
    pub(super) fn left<'a>(&'a self, head: &'a [u8], mut sent: usize) -> [IoSlice<'a>; 4] {
        let [first, second, third] = &self.0;
        [head, first, second, third].map(|piece| {
            let gone = sent.min(piece.len());
            sent -= gone;
            IoSlice::new(piece.get(gone..).unwrap_or_default())
        })
    }
}

impl From<Bytes> for Content {
    fn from(whole: Bytes) -> Self {
        Self([whole, Bytes::new(), Bytes::new()])
    }
}
