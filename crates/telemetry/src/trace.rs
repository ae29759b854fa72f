//! Traces: which requests are recorded, and what is kept of one.
//!
//! A request that comes with a trace goes on in it, and is recorded if its sender records it. A request that comes
//! without one begins a trace, which is recorded by a share that the configuration gives.

use crate::context::{Carrier, SpanContext};
use crate::record::{Attribute, Queue, Record, Role};
use base::clock;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most characters of a text in a span. Names and addresses come from strangers.
const TEXT: usize = 256;

/// Begins spans.
#[derive(Clone)]
pub struct Tracer {
    /// Traces whose number is below this are recorded, of all 2^64.
    below: Share,
    queue: Arc<Queue>,
}

/// A share of all traces.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Share {
    All,
    Below(u64),
}

/// A span under way. It is sent off when it is ended; dropped without that, it never was.
pub struct Span {
    context: SpanContext,
    /// Nothing where the trace is not recorded.
    recorded: Option<(Record, Instant, Arc<Queue>)>,
}

/// What goes on to the upstream besides the span itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// Takes the place of the `tracestate` that stands there; `None` leaves it.
    pub state: Option<Option<String>>,
    /// A `baggage` to be added where none stands.
    pub baggage: Option<String>,
}

/// The span that requests to upstreams are part of.
#[derive(Clone)]
pub struct Parent {
    context: SpanContext,
    tracer: Tracer,
    /// What goes on to the upstream besides the span itself.
    pub carried: Carried,
}

impl Parent {
    /// Begins the span of a request that goes out.
    pub fn client(&self) -> Option<Span> {
        self.tracer.begin(Some(&self.context), Role::Client, "")
    }
}

impl Tracer {
    /// A tracer that records `share` of the traces that begin here, in 0..=1.
    pub(crate) fn new(share: f64, queue: Arc<Queue>) -> Self {
        // Conversion from a float saturates, and 2^64 has no place in the type.
        let below = if share >= 1.0 { Share::All } else { Share::Below((share.max(0.0) * 2f64.powi(64)) as u64) };
        Self { below, queue }
    }

    /// Begins the span of a request that came in. `message` is the context that stands in the message, `transport` that
    /// of the request over HTTP that carried it: the message's own is the parent, the other one a link (conventions for
    /// MCP, "Context propagation").
    pub fn server(&self, message: &Carrier<'_>, transport: &Carrier<'_>) -> Option<(Span, Parent)> {
        let (own, outer) = (message.parent(), transport.parent());
        let (parent, source, carried) = match (own, outer) {
            (Some(own), _) => (Some(own), message, Carried::default()),
            (None, Some(outer)) => {
                let text = |text: Option<&str>| text.map(str::to_owned);
                let baggage = text(transport.baggage).filter(|_| message.baggage.is_none());
                (Some(outer), transport, Carried { state: Some(text(transport.state)), baggage })
            }
            // What vendors say of a trace means nothing in another one.
            (None, None) => (None, message, Carried { state: Some(None), baggage: None }),
        };
        let state = parent.and(source.state).unwrap_or_default();
        let mut span = self.begin(parent.as_ref(), Role::Server, state)?;
        if let (Some((record, ..)), Some(outer), true) = (&mut span.recorded, outer, own.is_some() && own != outer) {
            record.links.push(outer);
        }
        let parent = Parent { context: span.context, tracer: self.clone(), carried };
        Some((span, parent))
    }

    fn begin(&self, parent: Option<&SpanContext>, role: Role, state: &str) -> Option<Span> {
        let span = base::random::bytes::<8>().ok()?;
        let context = match parent {
            Some(parent) => SpanContext { span, ..*parent },
            None => {
                let trace = base::random::bytes::<16>().ok()?;
                SpanContext { trace, span, sampled: self.is_chosen(&trace) }
            }
        };
        let recorded = context.sampled.then(|| {
            let record = Record {
                context,
                parent: parent.map(|parent| parent.span),
                links: Vec::new(),
                state: shorten(state).into_owned(),
                name: String::new(),
                role,
                start: clock::wall(),
                duration: Duration::ZERO,
                attributes: Vec::new(),
                failure: None,
            };
            (record, clock::now(), Arc::clone(&self.queue))
        });
        Some(Span { context, recorded })
    }

    /// By the last bytes of the id, which are random in every version of W3C Trace Context: another process with the same
    /// share chooses the same traces.
    fn is_chosen(&self, trace: &[u8; 16]) -> bool {
        let mut number = [0; 8];
        number.copy_from_slice(&trace[8..]);
        match self.below {
            Share::All => true,
            Share::Below(limit) => u64::from_be_bytes(number) < limit,
        }
    }
}

impl Span {
    /// Itself, for those who are part of it.
    pub fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Whether anything that is said of it is kept: saying nothing is cheaper.
    pub fn is_recorded(&self) -> bool {
        self.recorded.is_some()
    }

    /// Says something of it. An empty text says nothing.
    pub fn text(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        let Some((record, ..)) = &mut self.recorded else { return };
        let value = value.into();
        if !value.is_empty() {
            record.attributes.push((name, Attribute::Text(shorten_owned(value))));
        }
    }

    /// Says a number of it.
    pub fn number(&mut self, name: &'static str, value: i64) {
        if let Some((record, ..)) = &mut self.recorded {
            record.attributes.push((name, Attribute::Number(value)));
        }
    }

    /// Ends it: with a name of which there are few, and why it failed if it did.
    pub fn end(self, name: &str, failure: Option<Cow<'static, str>>) {
        let Some((mut record, started_at, queue)) = self.recorded else { return };
        record.name = shorten(name).into_owned();
        record.failure = failure;
        record.duration = clock::now().saturating_duration_since(started_at);
        queue.push(record);
    }
}

fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => Cow::Owned(text[..end].to_owned()),
        None => Cow::Borrowed(text),
    }
}

fn shorten_owned(text: Cow<'static, str>) -> Cow<'static, str> {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => Cow::Owned(text[..end].to_owned()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
