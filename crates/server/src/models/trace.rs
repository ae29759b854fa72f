//! What a trace says of a client's request for a model. What each deployment was asked, `llm` says below it.

use super::Path;
use crate::Shared;
use crate::keys::Visitor;
use axum::response::Response;
use http::{HeaderMap, request};
use telemetry::context::Carrier;
use telemetry::names::{attribute, context};
use telemetry::trace::{Parent, Span};

/// The span of a client's request, while it is answered. That of a stream ends with its head.
pub(super) struct Trace {
    span: Span,
    name: String,
}

impl Trace {
    /// Begins the span of a request, and gives what those of its parts belong to; nothing where no traces are sent.
    pub(super) fn begin(
        shared: &Shared,
        visitor: &Visitor,
        path: &Path,
        head: &request::Parts,
    ) -> Option<(Self, Parent)> {
        let tracer = shared.hub.telemetry().tracer()?;
        let of_http = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let [parent, state, baggage] = [context::PARENT, context::STATE, context::BAGGAGE].map(of_http);
        let carrier = Carrier { parent, state, baggage };
        let (mut span, parent) = tracer.server(&carrier, &Carrier { parent: None, state: None, baggage: None })?;
        let (method, route) = (head.method.as_str(), path.route(head.uri.path()));
        span.text(attribute::HTTP_METHOD, method.to_owned());
        span.text(attribute::HTTP_ROUTE, route.to_owned());
        span.text(attribute::PRINCIPAL, visitor.principal.to_string());
        span.text(attribute::RUN, super::run(&head.headers).unwrap_or_default().to_owned());
        Some((Self { span, name: format!("{method} {route}") }, parent))
    }

    /// Ends it with what the client is told.
    pub(super) fn end(mut self, response: &Response, course: &HeaderMap) {
        let of = |headers: &HeaderMap, name: &str| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        self.span.number(attribute::HTTP_STATUS, response.status().as_u16().into());
        let told = [
            (attribute::DEPLOYMENT, "x-tutti-deployment"),
            (attribute::REASON, "x-tutti-choice"),
            (attribute::CACHE, "x-tutti-cache"),
        ];
        for (name, header) in told {
            self.span.text(name, of(course, header));
        }
        let code = of(response.headers(), "x-tutti-code");
        self.span.text(attribute::CODE, code);
        let failure = (!response.status().is_success()).then(|| response.status().as_u16().to_string());
        self.span.text(attribute::ERROR, failure.clone().unwrap_or_default());
        self.span.end(&self.name, failure.map(Into::into));
    }
}
