//! What a trace says of a request to a model: one span for each deployment that is asked, within that of the client's request.
//!
//! Names are those of the conventions of OpenTelemetry for generative models where these have one.

use crate::caller::Caller;
use crate::config::Kind;
use crate::lane::Lane;
use base::Code;
use dialects::Usage;
use inspection::dialect::Endpoint;
use spending::Outcome;
use telemetry::names::attribute;
use telemetry::trace;

/// A request to a deployment, as a trace shows it. Dropped before its end, it is not shown.
pub(crate) struct Span {
    span: trace::Span,
    name: String,
    /// What had no place in another dialect.
    lost: String,
}

/// Why a deployment is asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Why<'a> {
    /// The route through which it is asked.
    pub(crate) route: Option<&'a str>,
    /// How that puts its deployments in order.
    pub(crate) strategy: Option<&'static str>,
    /// Why they come in this order.
    pub(crate) reason: Option<&'a str>,
}

/// How a request to a deployment went.
pub(crate) struct Went<'a> {
    pub(crate) outcome: Outcome,
    /// What went wrong, where that is known.
    pub(crate) failure: Option<Code>,
    pub(crate) usage: &'a Usage,
    /// In nano-dollars.
    pub(crate) cost: u64,
}

impl Span {
    /// Begins the span of a request of `caller` to a deployment; nothing where that is not recorded.
    pub(crate) fn begin(
        caller: &Caller,
        endpoint: Endpoint,
        kind: Kind,
        lane: &Lane,
        why: Why<'_>,
    ) -> Option<Box<Self>> {
        let mut span = caller.trace.as_ref()?.client().filter(trace::Span::is_recorded)?;
        let (operation, model) = (operation(endpoint), &lane.deployment.model);
        let name = format!("{operation} {model}");
        span.text(attribute::OPERATION, operation);
        span.text(attribute::GEN_PROVIDER, provider(kind));
        span.text(attribute::REQUEST_MODEL, model.clone());
        span.text(attribute::DEPLOYMENT, lane.name.to_string());
        span.text(attribute::PROVIDER, lane.provider.to_string());
        span.text(attribute::ROUTE, why.route.unwrap_or_default().to_owned());
        span.text(attribute::STRATEGY, why.strategy.unwrap_or_default());
        span.text(attribute::REASON, why.reason.unwrap_or_default().to_owned());
        span.text(attribute::RUN, caller.run.as_deref().unwrap_or_default().to_owned());
        Some(Box::new(Self { span, name, lost: String::new() }))
    }

    /// It was not asked.
    pub(crate) fn refused(mut self, code: Code) {
        self.span.text(attribute::RESULT, Outcome::Refused.word());
        self.fail(code);
    }

    /// These parts of the request, or of the answer, had no place in the other dialect.
    pub(crate) fn lost(&mut self, lost: &str) {
        let comma = if self.lost.is_empty() { "" } else { ", " };
        [comma, lost].into_iter().for_each(|part| self.lost.push_str(part));
    }

    /// It is over.
    pub(crate) fn end(mut self, went: &Went<'_>) {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let counts = [
            (attribute::INPUT_TOKENS, went.usage.input),
            (attribute::OUTPUT_TOKENS, went.usage.output),
            (attribute::CACHE_READ_TOKENS, went.usage.cache_read),
            (attribute::COST, Some(went.cost)),
        ];
        for (name, count) in counts {
            count.into_iter().for_each(|count| self.span.number(name, number(count)));
        }
        self.span.text(attribute::RESULT, went.outcome.word());
        if !self.lost.is_empty() {
            self.span.text(attribute::LOST, std::mem::take(&mut self.lost));
        }
        match went.failure {
            Some(code) => self.fail(code),
            None => self.span.end(&self.name, None),
        }
    }

    fn fail(mut self, code: Code) {
        self.span.text(attribute::ERROR, code.label());
        self.span.text(attribute::CODE, code.id());
        self.span.end(&self.name, Some(code.label().into()));
    }
}

/// What is done, in the words of the conventions.
fn operation(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Embeddings | Endpoint::EmbedContent => "embeddings",
        Endpoint::GenerateContent | Endpoint::StreamGenerateContent => "generate_content",
        _ => "chat",
    }
}

/// What a provider is, in the words of the conventions where these have one.
fn provider(kind: Kind) -> &'static str {
    match kind {
        Kind::Gemini => "gcp.gemini",
        Kind::Bedrock => "aws.bedrock",
        kind => kind.name(),
    }
}
