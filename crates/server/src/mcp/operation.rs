//! What is measured of one message of a client: how long its answer took, and what it was.

use crate::Shared;
use base::{Code, Error, clock};
use mcp::message::Kind;
use mcp::{Message, Method};
use std::sync::Arc;
use std::time::Instant;
use telemetry::Telemetry;
use telemetry::names::{CANCELLED, OTHER};
use telemetry::operation;
use tools::Outcome;

/// The measuring of one request or notification. Dropped before its end, it counts as cancelled.
pub(crate) struct Operation {
    telemetry: Telemetry,
    /// The method, where it is one of the protocol.
    method: Method,
    started_at: Instant,
    ended: bool,
}

impl Operation {
    /// Begins with a message that has just arrived.
    pub(crate) fn begin(shared: &Shared, message: &Message) -> Self {
        let telemetry = shared.hub.telemetry().clone();
        telemetry.totals().received.add(message.source().len() as u64);
        // An answer to a question that was never asked is counted among what has no name.
        let method = message.method().cloned().unwrap_or(Method::Other(OTHER.into()));
        let ended = matches!(message.kind(), Kind::Result | Kind::Error);
        Self { telemetry, method, started_at: clock::now(), ended }
    }

    /// The hub answered by itself, with so many bytes.
    pub(crate) fn answered(mut self, bytes: usize) {
        self.wrote(bytes);
        self.end(None, None);
    }

    /// The hub refused.
    pub(crate) fn refused(mut self, error: &Error) {
        self.fail(error.code());
    }

    /// The hub refused without having an error of its own at hand.
    pub(crate) fn refused_for(mut self, code: Code) {
        self.fail(code);
    }

    /// Something goes out while the answer is awaited.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.telemetry.totals().sent.add(bytes as u64);
    }

    /// An upstream's answer, or what took its place, goes out.
    pub(crate) fn forwarded(mut self, outcome: Option<&Outcome>, bytes: usize) {
        self.wrote(bytes);
        let Some(outcome) = outcome else { return };
        if let Some(code) = outcome.code {
            self.telemetry.error(code);
            self.count(code);
        }
        self.end(Some(&outcome.sides.server), outcome.failure.as_deref());
    }

    fn fail(&mut self, code: Code) {
        self.telemetry.error(code);
        self.count(code);
        self.end(None, Some(&code.json_rpc().to_string()));
    }

    fn count(&self, code: Code) {
        if code == Code::UnknownTool {
            self.telemetry.totals().unknown_tools.increment();
        }
    }

    fn end(&mut self, of_upstream: Option<&operation::Operation>, failure: Option<&str>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let duration = clock::now().saturating_duration_since(self.started_at);
        match of_upstream {
            Some(operation) => operation.record(duration, failure),
            None => self.own().record(duration, failure),
        }
    }

    fn own(&self) -> Arc<operation::Operation> {
        self.telemetry.own(if matches!(self.method, Method::Other(_)) { OTHER } else { self.method.name() })
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.end(None, Some(CANCELLED));
    }
}
