//! What is measured of one request to an upstream: how long it took, how it ended, and its span where traces are sent.

use super::{Forward, Step};
use crate::config::Transport;
use crate::upstream::{Lease, Upstream};
use base::{Code, Error, Limit, clock};
use mcp::{Method, raw};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;
use telemetry::names::{self, CANCELLED, OTHER, TOOL_ERROR, attribute};
use telemetry::operation::Sides;
use telemetry::trace::{Parent, Span};

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
    /// How the rate stands that refused the request, if one did.
    pub limit: Option<Limit>,
    /// The upstream, where the request is part of a trace.
    pub upstream: String,
    /// Whether what was asked for is one of the things that the upstream lists.
    pub listed: bool,
}

impl Forward {
    /// Makes it a part of a trace.
    pub fn trace(&mut self, parent: Parent) {
        self.observation.trace(parent);
    }

    /// Whether its answer was one that was kept, or another request's.
    pub(crate) fn was_kept(&self) -> bool {
        !self.observation.was_sent()
    }

    /// How it ended, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.observation.outcome()
    }
}

/// The measuring of one request. Dropped before its end, it counts as cancelled.
pub(crate) struct Observation {
    upstream: Arc<Upstream>,
    method: Method,
    /// When the request went out; nothing while it has not.
    sent_at: Option<Instant>,
    outcome: Option<Outcome>,
    trace: Option<Box<Trace>>,
}

struct Trace {
    parent: Parent,
    span: Option<Span>,
    /// The span's context, for the upstream.
    text: String,
}

impl Observation {
    pub(crate) fn new(upstream: &Arc<Upstream>, method: &Method) -> Self {
        Self { upstream: Arc::clone(upstream), method: method.clone(), sent_at: None, outcome: None, trace: None }
    }

    /// Makes the request a part of a trace.
    pub(crate) fn trace(&mut self, parent: Parent) {
        // A call that goes on after a question to its client stays in the trace that it began in.
        if self.trace.is_none()
            && let Some(span) = parent.client()
        {
            let text = span.context().to_text();
            self.trace = Some(Box::new(Trace { parent, span: Some(span), text }));
        }
    }

    /// What the upstream is told of the trace.
    pub(crate) fn context(&self) -> Option<crate::rewrite::Trace<'_>> {
        let trace = self.trace.as_deref()?;
        Some(crate::rewrite::Trace { parent: &trace.text, carried: &trace.parent.carried })
    }

    /// The request went out with this id.
    pub(crate) fn sent(&mut self, bytes: usize, id: u64, lease: &Lease) {
        self.upstream.series.sent.add(bytes as u64);
        self.sent_at.get_or_insert_with(clock::now);
        if let Some(span) = self.span() {
            span.text(attribute::REQUEST, id.to_string());
            span.text(attribute::PROTOCOL_VERSION, lease.live.greeting.version.clone());
        }
    }

    /// Whether it went out.
    pub(crate) fn was_sent(&self) -> bool {
        self.sent_at.is_some()
    }

    /// Something came in.
    pub(crate) fn received(&self, bytes: usize) {
        self.upstream.series.received.add(bytes as u64);
    }

    /// Looks at what comes next; the last of it ends the request. `target` is what the upstream calls what was asked for.
    pub(crate) fn look(&mut self, step: &Result<Step, Error>, target: &str) {
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
        let answered = matches!(step, Ok(Step::Error(_)));
        let listed = self.end(target, client, code, answered);
        let upstream = if self.trace.is_some() { self.upstream.settings.name.clone() } else { String::new() };
        let limit = step.as_ref().err().and_then(Error::limit);
        self.outcome = Some(Outcome { sides: self.sides(target), failure: server, code, limit, upstream, listed });
    }

    /// How the request ended, once it has.
    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The client went away.
    fn abandon(&mut self, target: &str) {
        if self.outcome.is_none() {
            self.end(target, Some(Cow::Borrowed(CANCELLED)), None, false);
        }
    }

    /// Counts and sends what is known at the end. `answered` says that the failure is the upstream's own answer. Answers
    /// whether what was asked for is one of the things that the upstream lists.
    fn end(&mut self, target: &str, failure: Option<Cow<'static, str>>, code: Option<Code>, answered: bool) -> bool {
        let listed = !target.is_empty() && self.upstream.is_known();
        // What never went out is no request to the upstream.
        let Some(sent_at) = self.sent_at else { return listed };
        let duration = clock::now().saturating_duration_since(sent_at);
        self.sides(target).client.record(duration, failure.as_deref());
        let Some(mut span) = self.trace.as_mut().and_then(|trace| trace.span.take()) else { return listed };
        if span.is_recorded() {
            describe(&mut span, &self.method, target);
            locate(&mut span, &self.upstream);
            fail(&mut span, failure.as_ref(), code, answered);
            let name = span_name(&self.method, Some(target).filter(|_| listed));
            span.end(&name, failure.map(|_| Cow::Borrowed(code.map_or("", Code::summary))));
        }
        listed
    }

    fn span(&mut self) -> Option<&mut Span> {
        let span = self.trace.as_mut().and_then(|trace| trace.span.as_mut());
        span.filter(|span| span.is_recorded())
    }

    /// The series of the request. A name that the upstream does not list is a stranger's.
    fn sides(&self, target: &str) -> Arc<Sides> {
        let tool = match self.method {
            Method::ToolsCall if target.is_empty() || !self.upstream.is_known() => OTHER,
            Method::ToolsCall => target,
            _ => "",
        };
        self.upstream.series.operation(self.method.name(), tool)
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        if self.course.sent > 0 {
            self.may_have_changed();
        }
        self.observation.abandon(&self.original);
    }
}

/// Says what a request asks for. `target` is the name of a tool or prompt, or the address of a resource.
pub fn describe(span: &mut Span, method: &Method, target: &str) {
    let name = if matches!(method, Method::Other(_)) { OTHER } else { method.name() };
    span.text(attribute::METHOD, name.to_owned());
    match method {
        Method::ToolsCall => {
            span.text(attribute::OPERATION, names::EXECUTE_TOOL);
            span.text(attribute::TOOL, target.to_owned());
        }
        Method::PromptsGet => span.text(attribute::PROMPT, target.to_owned()),
        Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
            // What stands behind is for the server alone, and may be a credential.
            span.text(attribute::RESOURCE, target.split(['?', '#']).next().unwrap_or_default().to_owned());
        }
        _ => {}
    }
}

/// Says how a request failed.
pub fn fail(span: &mut Span, failure: Option<&Cow<'static, str>>, code: Option<Code>, answered: bool) {
    if let Some(kind) = failure {
        span.text(attribute::ERROR, kind.clone());
        if answered {
            span.text(attribute::STATUS, kind.clone());
        }
    }
    if let Some(code) = code {
        span.text(attribute::CODE, code.id());
    }
}

/// The name of a span: the method, and what it is about where that is one of few.
pub fn span_name(method: &Method, target: Option<&str>) -> String {
    match (method, target) {
        (Method::Other(_), _) => OTHER.to_owned(),
        (Method::ToolsCall | Method::PromptsGet, Some(target)) => format!("{} {target}", method.name()),
        _ => method.name().to_owned(),
    }
}

/// Says where a request goes.
fn locate(span: &mut Span, upstream: &Upstream) {
    span.text(attribute::UPSTREAM, upstream.settings.name.clone());
    match &upstream.settings.transport {
        Transport::Command { .. } => span.text(attribute::TRANSPORT, names::PIPE),
        Transport::Address { url, .. } => {
            span.text(attribute::TRANSPORT, names::TCP);
            let (host, port) = authority(url);
            span.text(attribute::ADDRESS, host.to_owned());
            span.number(attribute::PORT, port.into());
        }
        Transport::Socket { .. } => span.text(attribute::TRANSPORT, names::SOCKET),
        Transport::Files { .. } | Transport::Within(_) | Transport::OpenApi(_) => {}
    }
}

/// Host and port of an address, which has been checked to be one.
fn authority(url: &str) -> (&str, u16) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let usual = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let port = authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = port.unwrap_or((authority, usual));
    (host.trim_start_matches('[').trim_end_matches(']'), port)
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
