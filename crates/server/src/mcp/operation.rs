//! What is measured of one message of a client: how long its answer took, what it was, and its span where traces are sent.

use super::session::Session;
use crate::Shared;
use base::{Code, Error, clock};
use http::HeaderMap;
use mcp::message::Kind;
use mcp::{Message, Method, raw, version};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;
use telemetry::Telemetry;
use telemetry::context::Carrier;
use telemetry::names::{CANCELLED, OTHER, PIPE, TCP, attribute, context};
use telemetry::operation;
use telemetry::trace::{Parent, Span};
use tools::Outcome;
use tools::forward::{describe, fail, span_name};

/// The measuring of one request or notification. Dropped before its end, it counts as cancelled.
pub(crate) struct Operation {
    telemetry: Telemetry,
    /// The method, where it is one of the protocol.
    method: Method,
    started_at: Instant,
    ended: bool,
    /// Whether a tool of the hub's own answered: there are few of them.
    own_tool: bool,
    trace: Option<Box<Trace>>,
}

struct Trace {
    span: Span,
    /// For the request to the upstream.
    parent: Option<Parent>,
    /// The name of the tool or prompt, or the address of the resource.
    target: String,
}

impl Operation {
    /// Begins with a message that has just arrived, over HTTP with these headers, or else over a pipe.
    pub(crate) fn begin(shared: &Shared, message: &Message, headers: Option<&HeaderMap>) -> Self {
        let telemetry = shared.hub.telemetry().clone();
        telemetry.totals().received.add(message.source().len() as u64);
        // An answer to a question that was never asked is counted among what has no name.
        let method = message.method().cloned().unwrap_or(Method::Other(OTHER.into()));
        let ended = matches!(message.kind(), Kind::Result | Kind::Error);
        let trace = if ended { None } else { Trace::begin(&telemetry, message, headers) };
        Self { telemetry, method, started_at: clock::now(), ended, own_tool: false, trace }
    }

    /// Takes who asks: what it sees, and its session if it is legacy.
    pub(crate) fn by(&mut self, principal: &str, view: &str, session: Option<&Session>) {
        let Some(span) = self.trace.as_mut().map(|trace| &mut trace.span).filter(|span| span.is_recorded()) else {
            return;
        };
        span.text(attribute::PRINCIPAL, principal.to_owned());
        span.text(attribute::VIEW, view.to_owned());
        span.text(attribute::PROTOCOL_VERSION, session.map_or(version::LATEST_MODERN, |session| session.version));
        if let Some(session) = session {
            // Half of a digest is enough to find the requests of one session, and of no use to anyone who wants to be it.
            let digest = base::random::sha256(session.id.as_bytes());
            span.text(attribute::SESSION, base::random::to_hex(&digest[..16]));
        }
    }

    /// The span that requests to upstreams are part of, once.
    pub(crate) fn parent(&mut self) -> Option<Parent> {
        self.trace.as_mut().and_then(|trace| trace.parent.take())
    }

    /// The hub answered by itself, with so many bytes.
    pub(crate) fn answered(mut self, bytes: usize) {
        self.wrote(bytes);
        self.end(None, None, None);
    }

    /// The hub refused.
    pub(crate) fn refused(self, error: &Error) {
        self.refused_for(error.code());
    }

    /// The hub refused without having an error of its own at hand.
    pub(crate) fn refused_for(mut self, code: Code) {
        self.count(code);
        self.end(None, Some(Cow::Owned(code.json_rpc().to_string())), Some(code));
    }

    /// Something goes out while the answer is awaited.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.telemetry.totals().sent.add(bytes as u64);
    }

    /// The answer of a tool of the hub's own goes out; with the code of its error, if it is one.
    pub(crate) fn worked(mut self, failed: Option<Code>, bytes: usize) {
        self.wrote(bytes);
        self.own_tool = true;
        failed.iter().for_each(|code| self.count(*code));
        self.end(None, failed.map(|code| Cow::Owned(code.json_rpc().to_string())), failed);
    }

    /// An upstream's answer, or what took its place, goes out.
    pub(crate) fn forwarded(mut self, outcome: Option<&Outcome>, bytes: usize) {
        self.wrote(bytes);
        let Some(outcome) = outcome else { return };
        if let Some(code) = outcome.code {
            self.count(code);
        }
        self.end(Some(outcome), outcome.failure.clone(), outcome.code);
    }

    fn count(&self, code: Code) {
        self.telemetry.error(code);
        if code == Code::UnknownTool {
            self.telemetry.totals().unknown_tools.increment();
        }
    }

    fn end(&mut self, outcome: Option<&Outcome>, failure: Option<Cow<'static, str>>, code: Option<Code>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let duration = clock::now().saturating_duration_since(self.started_at);
        match outcome {
            Some(outcome) => outcome.sides.server.record(duration, failure.as_deref()),
            None => self.own().record(duration, failure.as_deref()),
        }
        if let Some(trace) = self.trace.take().filter(|trace| trace.span.is_recorded()) {
            let Trace { mut span, target, .. } = *trace;
            describe(&mut span, &self.method, &target);
            let answered = failure.as_ref().is_some_and(|kind| kind.parse::<i64>().is_ok());
            fail(&mut span, failure.as_ref(), code, answered);
            if let Some(outcome) = outcome {
                span.text(attribute::UPSTREAM, outcome.upstream.clone());
            }
            let listed = outcome.map_or(self.own_tool, |outcome| outcome.listed);
            let name = span_name(&self.method, Some(target.as_str()).filter(|_| listed));
            span.end(&name, failure.map(|_| Cow::Borrowed(code.map_or("", Code::summary))));
        }
    }

    fn own(&self) -> Arc<operation::Operation> {
        self.telemetry.own(if matches!(self.method, Method::Other(_)) { OTHER } else { self.method.name() })
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.end(None, Some(Cow::Borrowed(CANCELLED)), None);
    }
}

impl Trace {
    fn begin(telemetry: &Telemetry, message: &Message, headers: Option<&HeaderMap>) -> Option<Box<Self>> {
        let tracer = telemetry.tracer()?;
        let params = message.body().unwrap_or("{}");
        let meta = raw::get(params, "_meta").unwrap_or("{}");
        let of_meta = |name| raw::get(meta, name).and_then(raw::text);
        let of_http = |name| headers.and_then(|headers| headers.get(name)).and_then(|value| value.to_str().ok());
        let inner = [context::PARENT, context::STATE, context::BAGGAGE].map(of_meta);
        let [parent, state, baggage] = inner.each_ref().map(Option::as_deref);
        let [outer, outer_state, outer_baggage] = [context::PARENT, context::STATE, context::BAGGAGE].map(of_http);
        let outer = Carrier { parent: outer, state: outer_state, baggage: outer_baggage };
        let (mut span, parent) = tracer.server(&Carrier { parent, state, baggage }, &outer)?;
        let mut target = String::new();
        if span.is_recorded() {
            let named = raw::get(params, "name").or_else(|| raw::get(params, "uri")).and_then(raw::text);
            target = named.map(Cow::into_owned).unwrap_or_default();
            let id = message.id().filter(|id| *id != "null").map(|id| raw::text(id).unwrap_or(Cow::Borrowed(id)));
            span.text(attribute::REQUEST, id.map(Cow::into_owned).unwrap_or_default());
            span.text(attribute::TRANSPORT, if headers.is_some() { TCP } else { PIPE });
        }
        Some(Box::new(Self { span, parent: Some(parent), target }))
    }
}
