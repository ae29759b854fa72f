//! What is measured of one request to an upstream: how long it took, and how it ended.

use super::Step;
use crate::upstream::Upstream;
use base::{Code, Error, clock};
use mcp::{Method, raw};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;
use telemetry::names::{CANCELLED, OTHER, TOOL_ERROR};
use telemetry::operation::Sides;

/// The longest code of an error that is kept as it stands; a whole number of 32 bits has at most eleven characters.
const CODE: usize = 11;

/// How a request ended.
pub struct Outcome {
    /// Where its durations are counted.
    pub sides: Arc<Sides>,
    /// What kind of failure it was for the client, if it was one.
    pub failure: Option<Cow<'static, str>>,
    /// The hub's own code, if the failure was not the upstream's answer.
    pub code: Option<Code>,
}

/// The measuring of one request. Dropped before its end, it counts as cancelled.
pub(crate) struct Observation {
    upstream: Arc<Upstream>,
    method: Method,
    /// When the request went out; nothing while it has not.
    sent_at: Option<Instant>,
    outcome: Option<Outcome>,
}

impl Observation {
    pub(crate) fn new(upstream: &Arc<Upstream>, method: &Method) -> Self {
        Self { upstream: Arc::clone(upstream), method: method.clone(), sent_at: None, outcome: None }
    }

    /// The request went out.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.upstream.series.sent.add(bytes as u64);
        self.sent_at.get_or_insert_with(clock::now);
    }

    /// Something came in.
    pub(crate) fn received(&self, bytes: usize) {
        self.upstream.series.received.add(bytes as u64);
    }

    /// Looks at what comes next; the last of it ends the request. `tool` is what the upstream calls it.
    pub(crate) fn look(&mut self, step: &Result<Step, Error>, tool: &str) {
        let (server, client, code) = match step {
            Ok(Step::Note(_) | Step::Ask(_) | Step::Withdraw(_)) => return,
            Ok(Step::Result(result)) => {
                let failed = self.method == Method::ToolsCall && is_tool_error(result);
                let kind = failed.then_some(Cow::Borrowed(TOOL_ERROR));
                (kind.clone(), kind, None)
            }
            Ok(Step::Error(error)) => (Some(code_of(error)), Some(code_of(error)), None),
            Err(error) => {
                let code = error.code();
                (Some(Cow::Owned(code.json_rpc().to_string())), Some(Cow::Borrowed(code.label())), Some(code))
            }
        };
        let sides = self.sides(tool);
        if let Some(sent_at) = self.sent_at {
            sides.client.record(clock::now().saturating_duration_since(sent_at), client.as_deref());
        }
        self.outcome = Some(Outcome { sides, failure: server, code });
    }

    /// How the request ended, once it has.
    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The series of the request. A name that the upstream does not list is a stranger's.
    pub(crate) fn sides(&self, tool: &str) -> Arc<Sides> {
        let tool = match self.method {
            Method::ToolsCall if tool.is_empty() || !self.upstream.is_known() => OTHER,
            Method::ToolsCall => tool,
            _ => "",
        };
        self.upstream.series.operation(self.method.name(), tool)
    }

    /// The client went away.
    pub(crate) fn abandon(&mut self, tool: &str) {
        if self.outcome.is_none()
            && let Some(sent_at) = self.sent_at
        {
            let duration = clock::now().saturating_duration_since(sent_at);
            self.sides(tool).client.record(duration, Some(CANCELLED));
        }
    }
}

/// Whether a result of a tool says that the tool failed. The search is for the few results that say so: walking through
/// all others would cost as much as reading them.
pub(super) fn is_tool_error(result: &str) -> bool {
    let mut found = memchr::memmem::find_iter(result.as_bytes(), b"\"isError\"");
    let says_so = found.any(|at| {
        let rest = result[at + "\"isError\"".len()..].trim_start();
        rest.strip_prefix(':').is_some_and(|rest| rest.trim_start().starts_with("true"))
    });
    says_so && raw::get(result, "isError") == Some("true")
}

/// The code of a JSON-RPC error, which the upstream chose.
fn code_of(error: &str) -> Cow<'static, str> {
    let code = raw::get(error, "code").filter(|code| code.len() <= CODE && code.parse::<i64>().is_ok());
    code.map_or(Cow::Borrowed(OTHER), |code| Cow::Owned(code.to_owned()))
}

#[cfg(test)]
mod tests;
