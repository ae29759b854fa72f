//! What the head of a request to the endpoint says: which session it belongs to, and in which types it speaks.

use super::session::Session;
use super::watching;
use crate::Shared;
use crate::body;
use crate::keys::Visitor;
use base::{Code, Error, Result};
use http::{HeaderMap, header};
use mcp::{header as names, version};
use std::sync::Arc;
use tools::View;

/// The session that a request of a legacy client belongs to.
pub(super) async fn session(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    view: &Arc<View>,
    headers: &HeaderMap,
) -> Result<Arc<Session>> {
    let id = headers.get(names::SESSION).ok_or_else(|| {
        Error::new(
            Code::SessionMissing,
            "the request names no session",
            "send initialize first, then its Mcp-Session-Id with each request; or speak version 2026-07-28",
        )
    })?;
    let id = id.to_str().unwrap_or_default();
    let (session, taken) = shared.sessions.get(id, &view.name, &visitor.principal).await?;
    if let Some(kept) = taken {
        watching::recall(shared, view, &session, kept);
    }
    Ok(session)
}

/// A header that names a version must name one that the hub speaks (specification 2025-06-18, transports).
pub(super) fn check_version(headers: &HeaderMap, session: &Session) -> Result<()> {
    let Some(value) = headers.get(names::PROTOCOL_VERSION) else { return Ok(()) };
    let known = value.to_str().is_ok_and(|value| version::LEGACY.contains(&value));
    if known {
        return Ok(());
    }
    let message = "the header MCP-Protocol-Version names a version that is not supported".to_owned();
    Err(Error::new(Code::UnsupportedVersion, message, format!("this session speaks {}", session.version)))
}

/// What a client sends must be JSON, and it must take at least one of the forms that answers have.
pub(super) fn check_types(headers: &HeaderMap) -> Result<()> {
    body::check_type(headers)?;
    if accepts(headers, "application/json") || accepts(headers, "text/event-stream") {
        return Ok(());
    }
    Err(Error::new(
        Code::NotAcceptable,
        "the client accepts neither application/json nor text/event-stream",
        "send `Accept: application/json, text/event-stream`",
    ))
}

/// Whether the client takes content of this type.
pub(super) fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let kind = wanted.split('/').next().unwrap_or_default();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|range| {
        let range = range.split(';').next().unwrap_or_default().trim();
        range.eq_ignore_ascii_case(wanted) || range == "*/*" || range.strip_suffix("/*") == Some(kind)
    })
}
