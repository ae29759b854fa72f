//! The stream on which a client is told what no request asked for.
//!
//! Where the client knows that streams can be taken up again, each message has an id and is kept for a while: a client whose
//! connection broke comes back with the id of the last one that it has, and gets the rest (specification 2025-11-25,
//! transports, resumability and redelivery).

use super::replay::Log;
use crate::body::Events;
use bytes::Bytes;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// How many messages wait for a client that does not read.
const WAITING: usize = 64;

/// For how long a client that is away may come back for what it has missed.
const GRACE: Duration = Duration::from_secs(60);

/// What it means when a message does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Of several that are the same, the last one says it all.
    Repeatable,
    /// The client can do without it.
    Passing,
    /// Somebody waits for what the client says to it.
    Needed,
}

/// Where messages for one client go.
pub(crate) enum Outlet {
    /// They go out as they come, and a client that does not read misses some.
    Plain(mpsc::Sender<String>),
    /// They are numbered and kept.
    Numbered(Box<Numbered>),
}

/// A stream that can be taken up again.
pub(crate) struct Numbered {
    log: Log,
    /// Nobody reads at the other end while the client is away.
    reader: mpsc::Sender<Bytes>,
    left_at: Option<Instant>,
    primed: bool,
}

impl Outlet {
    /// An outlet without numbers, and where its messages arrive.
    pub(crate) fn plain() -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self::Plain(sender), receiver)
    }

    /// Passes a message on, if there is room; whether it went to somebody who reads.
    pub(crate) fn send(&mut self, text: String, weight: Weight) -> bool {
        match self {
            Self::Plain(sender) => sender.try_send(text).is_ok(),
            Self::Numbered(stream) => stream.send(&text, weight),
        }
    }

    /// Whether somebody reads.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Plain(sender) => !sender.is_closed(),
            Self::Numbered(stream) => !stream.reader.is_closed(),
        }
    }

    /// Whether nobody will read any more.
    pub(crate) fn is_over(&mut self, now: Instant) -> bool {
        match self {
            Self::Plain(sender) => sender.is_closed(),
            Self::Numbered(stream) => stream.is_over(now),
        }
    }
}

impl Numbered {
    /// A stream that keeps its messages in `log`. With `primed` it begins with an event without data, behind which it can
    /// be taken up.
    pub(crate) fn new(log: Log, primed: bool) -> Self {
        Self { log, reader: nobody(), left_at: None, primed }
    }

    /// Whether it is the stream of this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.log.name() == name
    }

    /// Goes on with another reader: one that begins.
    pub(crate) fn begin(&mut self) -> Events<Bytes> {
        let priming = self.primed.then(|| self.log.priming());
        self.go_out(priming)
    }

    /// Goes on with another reader: one that has all up to the event `after`. Says whether some that it has not are kept no
    /// more.
    pub(crate) fn take_up(&mut self, after: u64) -> (Events<Bytes>, bool) {
        let kept: Vec<Bytes> = self.log.after(after).cloned().collect();
        (self.go_out(kept), self.log.lacks(after))
    }

    /// Gives it a reader in place of the one that it has: a message goes to one only.
    fn go_out(&mut self, first: impl IntoIterator<Item = Bytes>) -> Events<Bytes> {
        let (reader, receiver) = mpsc::channel(WAITING);
        for event in first {
            let _ = reader.try_send(event);
        }
        (self.reader, self.left_at) = (reader, None);
        Events::new(receiver)
    }

    fn send(&mut self, text: &str, weight: Weight) -> bool {
        // Nobody waits for the answer of a client that comes back later.
        if weight == Weight::Needed && self.reader.is_closed() {
            return false;
        }
        if weight == Weight::Repeatable {
            self.log.forget(text);
        }
        let (event, _) = self.log.push(text, weight != Weight::Needed);
        let sent = self.reader.try_send(event);
        if matches!(sent, Err(TrySendError::Full(_))) {
            // The stream ends behind what waits for the client already, and it comes back for the rest.
            self.reader = nobody();
        }
        sent.is_ok()
    }

    fn is_over(&mut self, now: Instant) -> bool {
        if !self.reader.is_closed() {
            return false;
        }
        let left_at = *self.left_at.get_or_insert(now);
        now.saturating_duration_since(left_at) > GRACE
    }
}

/// The way to a client that is away.
fn nobody() -> mpsc::Sender<Bytes> {
    mpsc::channel(1).0
}

#[cfg(test)]
mod tests;
