//! The errors of a request whose upstream does not do what it should.

use crate::upstream::Upstream;
use base::{Code, Error};
use mcp::Method;
use protection::guard::Seen;
use resilience::retry::Reach;
use std::time::Duration;

pub(super) fn no_object(upstream: &Upstream, method: &Method) -> Error {
    let name = &upstream.settings.name;
    let message = format!("`{name}` answered {} with something that is no object", method.name());
    let next = format!("the fault is in `{name}`; see `tutti server logs {name}`");
    Error::new(Code::UpstreamProtocol, message, next).of_upstream(name)
}

pub(super) fn late(upstream: &Upstream, method: &Method, limit: Duration) -> Error {
    let name = &upstream.settings.name;
    Error::new(
        Code::UpstreamCallTimeout,
        format!("`{name}` gave no sign of life for {limit:?} during {}", method.name()),
        format!("see `tutti server logs {name}`; a slow server can be given more with `timeouts: {{ call: 15m }}`"),
    )
    .of_upstream(name)
}

/// As [`late`], for a request that gave signs of life but came to no end.
pub(super) fn endless(upstream: &Upstream, method: &Method) -> Error {
    let (name, total) = (&upstream.settings.name, upstream.settings.timeouts.total);
    Error::new(
        Code::UpstreamCallTimeout,
        format!("`{name}` did not end {} within {total:?}", method.name()),
        format!("see `tutti server logs {name}`; work that takes longer needs `timeouts: {{ total: 6h }}`"),
    )
    .of_upstream(name)
}

/// Whether a request that went out and failed so may have been carried out all the same.
pub(super) fn leaves_doubt(error: &Error, seen: Seen) -> bool {
    let refused = matches!(error.code(), Code::LoginNeeded | Code::ScopeNeeded | Code::UpstreamRefused);
    !refused && !matches!(seen.reach, Reach::NotSent | Reach::NotBegun)
}
