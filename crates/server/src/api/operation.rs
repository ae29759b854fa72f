//! What one row of the table of the API says: enough to route requests, to read their parameters, and to tell others.

use crate::Shared;
use axum::routing::{MethodFilter, MethodRouter};
use base::Code;
use std::sync::Arc;

/// The methods that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

impl Verb {
    /// What routes requests.
    pub(crate) const fn filter(self) -> MethodFilter {
        match self {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
            Verb::Put => MethodFilter::PUT,
            Verb::Delete => MethodFilter::DELETE,
        }
    }

    /// The word in an OpenAPI document.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::Post => "post",
            Verb::Put => "put",
            Verb::Delete => "delete",
        }
    }
}

/// What a parameter of the query may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A whole number from 0 up to this.
    Whole(u64),
    /// `true` or `false`; alone it means `true`.
    Flag,
    /// Any text.
    Text,
    /// A text that fits this pattern (ECMA-262).
    Pattern(&'static str),
}

/// A parameter of the query. All may be left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) shape: Shape,
}

/// What an answer that all went well is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// JSON of this schema.
    Json(&'static str),
    /// Lines of text.
    Text,
    /// A stream of events.
    Events,
}

/// A path with a method. What every operation has in common (the key, say) stands in the document's own code.
pub(crate) struct Operation {
    pub(crate) verb: Verb,
    /// Begins with a slash; `{name}` is the name of a server, `{secret}` that of a secret; the document knows the others.
    pub(crate) path: &'static str,
    /// What programs that are made from the document call it.
    pub(crate) id: &'static str,
    /// Whether every key opens it; otherwise only that of whoever runs the hub does.
    pub(crate) open: bool,
    pub(crate) about: &'static str,
    pub(crate) query: &'static [Parameter],
    /// The schema of the body of a request, if it has one.
    pub(crate) body: Option<&'static str>,
    pub(crate) answer: Answer,
    /// The errors beyond those of its parameters and its body.
    pub(crate) errors: &'static [&'static [Code]],
    pub(crate) handler: fn(MethodFilter) -> MethodRouter<Arc<Shared>>,
}

impl Operation {
    /// Whether the path names a server.
    pub(crate) fn names_server(&self) -> bool {
        self.path.contains("{name}")
    }

    /// Whether the path names a secret.
    pub(crate) fn names_secret(&self) -> bool {
        self.path.contains("{secret}")
    }
}
