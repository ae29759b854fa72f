//! Durations of requests, with as many series as the budget allows.

use crate::family::Family;
use crate::instrument::{Counter, Histogram};
use crate::names::OTHER;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The most tools of one upstream that have series of their own.
pub const TOOLS: usize = 200;

/// The most kinds of failure of one operation that have series of their own. An upstream chooses the codes of its errors.
pub const FAILURES: usize = 20;

/// The series of one operation: one for success, and one for each kind of failure.
#[derive(Debug)]
pub struct Operation {
    family: Arc<Family<Histogram>>,
    /// Method, upstream, tool.
    values: [Box<str>; 3],
    well: Arc<Histogram>,
    failed: RwLock<HashMap<Box<str>, Arc<Histogram>>>,
}

impl Operation {
    fn new(family: &Arc<Family<Histogram>>, method: &str, upstream: &str, tool: &str) -> Self {
        Self {
            family: Arc::clone(family),
            values: [method.into(), upstream.into(), tool.into()],
            well: family.series(&[method, upstream, tool, ""]),
            failed: RwLock::default(),
        }
    }

    /// Takes how long one operation took and, if it failed, what kind of failure it was.
    pub fn record(&self, duration: Duration, failure: Option<&str>) {
        match failure {
            None => self.well.record(duration),
            Some(kind) => self.failure(kind).record(duration),
        }
    }

    fn failure(&self, kind: &str) -> Arc<Histogram> {
        if let Some(known) = self.failed.read().unwrap_or_else(PoisonError::into_inner).get(kind) {
            return Arc::clone(known);
        }
        let mut failed = self.failed.write().unwrap_or_else(PoisonError::into_inner);
        let kind = if failed.len() < FAILURES || failed.contains_key(kind) { kind } else { OTHER };
        let [method, upstream, tool] = &self.values;
        let make = || self.family.series(&[method, upstream, tool, kind]);
        Arc::clone(failed.entry(kind.into()).or_insert_with(make))
    }
}

/// Both sides of one operation: towards the client, and towards the upstream.
#[derive(Debug)]
pub struct Sides {
    /// As the client saw it.
    pub server: Operation,
    /// As the upstream let it.
    pub client: Operation,
}

/// The operations of one method, by tool.
type Tools = HashMap<Box<str>, Arc<Sides>>;

/// Everything that is counted of one upstream.
#[derive(Debug)]
pub struct Upstream {
    name: Box<str>,
    server: Arc<Family<Histogram>>,
    client: Arc<Family<Histogram>>,
    /// By method, then by tool; the method's own stands under the empty name.
    operations: RwLock<HashMap<Box<str>, Tools>>,
    /// Bytes of params that went there.
    pub sent: Arc<Counter>,
    /// Bytes of answers that came from there.
    pub received: Arc<Counter>,
}

impl Upstream {
    pub(crate) fn new(
        name: &str,
        server: &Arc<Family<Histogram>>,
        client: &Arc<Family<Histogram>>,
        bytes: &Family<Counter>,
    ) -> Self {
        Self {
            name: name.into(),
            server: Arc::clone(server),
            client: Arc::clone(client),
            operations: RwLock::default(),
            sent: bytes.series(&[name, "out"]),
            received: bytes.series(&[name, "in"]),
        }
    }

    /// The name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The series of a method, which must be one of the protocol, or of one tool. Tools beyond the budget share one.
    pub fn operation(&self, method: &str, tool: &str) -> Arc<Sides> {
        let operations = self.operations.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = operations.get(method).and_then(|tools| tools.get(tool).or_else(|| shared(tools))) {
            return Arc::clone(known);
        }
        drop(operations);
        let mut operations = self.operations.write().unwrap_or_else(PoisonError::into_inner);
        let tools = operations.entry(method.into()).or_default();
        let tool = if tools.len() < TOOLS || tools.contains_key(tool) { tool } else { OTHER };
        let make = || {
            Arc::new(Sides {
                server: Operation::new(&self.server, method, &self.name, tool),
                client: Operation::new(&self.client, method, &self.name, tool),
            })
        };
        Arc::clone(tools.entry(tool.into()).or_insert_with(make))
    }

    /// Whether this tool has series of its own for the method.
    pub fn tells_apart(&self, method: &str, tool: &str) -> bool {
        let operations = self.operations.read().unwrap_or_else(PoisonError::into_inner);
        operations.get(method).is_some_and(|tools| tools.contains_key(tool))
    }
}

/// The series that all tools share which have none of their own, once there are such.
fn shared(tools: &Tools) -> Option<&Arc<Sides>> {
    tools.get(OTHER).filter(|_| tools.len() > TOOLS)
}

/// The operations that no upstream has part in, by their methods.
#[derive(Debug)]
pub(crate) struct Own {
    family: Arc<Family<Histogram>>,
    operations: RwLock<HashMap<Box<str>, Arc<Operation>>>,
}

impl Own {
    pub(crate) fn new(family: &Arc<Family<Histogram>>) -> Self {
        Self { family: Arc::clone(family), operations: RwLock::default() }
    }

    pub(crate) fn operation(&self, method: &str) -> Arc<Operation> {
        if let Some(known) = self.operations.read().unwrap_or_else(PoisonError::into_inner).get(method) {
            return Arc::clone(known);
        }
        let mut operations = self.operations.write().unwrap_or_else(PoisonError::into_inner);
        let method = if operations.len() < TOOLS || operations.contains_key(method) { method } else { OTHER };
        let make = || Arc::new(Operation::new(&self.family, method, "", ""));
        Arc::clone(operations.entry(method.into()).or_insert_with(make))
    }
}

#[cfg(test)]
mod tests;
