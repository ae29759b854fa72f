//! Spans that have ended, and the queue in which they wait to be sent.

use crate::context::SpanContext;
use crate::instrument::Counter;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The most spans that wait.
pub(crate) const WAITING: usize = 2048;

/// What a request is to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It came in.
    Server,
    /// It goes out.
    Client,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// A text.
    Text(Cow<'static, str>),
    /// A whole number.
    Number(i64),
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// Itself.
    pub(crate) context: SpanContext,
    /// The span that it is part of.
    pub(crate) parent: Option<[u8; 8]>,
    /// Spans that it has to do with, but is not part of.
    pub(crate) links: Vec<SpanContext>,
    /// What vendors say of the trace.
    pub(crate) state: String,
    /// What it is called.
    pub(crate) name: String,
    /// What it is to the process.
    pub(crate) role: Role,
    /// When it began, since 1970.
    pub(crate) start: Duration,
    /// How long it took.
    pub(crate) duration: Duration,
    /// What is known of it.
    pub(crate) attributes: Vec<(&'static str, Attribute)>,
    /// Why it failed, if it did.
    pub(crate) failure: Option<Cow<'static, str>>,
}

/// What became of what was to be sent.
pub(crate) struct Counts {
    pub(crate) sent: Arc<Counter>,
    pub(crate) failed: Arc<Counter>,
    pub(crate) dropped: Arc<Counter>,
}

/// The spans that wait.
pub(crate) struct Queue {
    records: mpsc::Sender<Record>,
    counts: Arc<Counts>,
}

impl Queue {
    /// An empty queue, and the end that takes out of it.
    pub(crate) fn new(counts: Arc<Counts>) -> (Arc<Self>, mpsc::Receiver<Record>) {
        let (records, waiting) = mpsc::channel(WAITING);
        (Arc::new(Self { records, counts }), waiting)
    }

    /// Takes a record, or drops it where too many wait.
    pub(crate) fn push(&self, record: Record) {
        if self.records.try_send(record).is_err() {
            self.counts.dropped.increment();
        }
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> (Arc<Self>, mpsc::Receiver<Record>) {
        Self::new(Arc::new(Counts { sent: Arc::default(), failed: Arc::default(), dropped: Arc::default() }))
    }
}
