//! On whose behalf requests go to upstreams.

use super::client::Client;
use crate::Shared;
use crate::rate::Rates;
use mcp::version::meta::LOG_LEVEL;
use mcp::{Era, level, raw, version};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tools::Caller;
use tools::results::Owner;

/// On whose behalf a request is sent on.
pub(crate) fn caller(shared: &Shared, client: &Client, params: &str) -> Caller {
    let (number, capabilities) = match &client.session {
        Some(session) => (session.number, Arc::clone(&session.capabilities)),
        None => (shared.sessions.number(), Arc::default()),
    };
    let version = match (client.era, &client.session) {
        (Era::Legacy, Some(session)) => session.version,
        (Era::Legacy, None) => version::LATEST_LEGACY,
        (Era::Modern, _) => version::LATEST_MODERN,
    };
    let level = wanted_level(client, params);
    let owner = match &client.session {
        Some(session) => Owner::Session(session.number),
        None => Owner::Principal(Arc::clone(&client.visitor.principal)),
    };
    let toll = Rates::toll(&shared.rates, &client.visitor, client.session.as_ref().map(|session| session.number));
    Caller {
        era: client.era,
        version,
        number,
        capabilities,
        level,
        headers: client.headers.clone(),
        principal: Arc::clone(&client.visitor.principal),
        owner,
        session: client.session.as_ref().and_then(|session| session.name.clone()),
        toll,
    }
}

/// The lowest level of log messages that a client wants during a request. A modern client that names none wants none
/// (specification 2026-07-28, logging); a legacy client that names none takes what comes.
fn wanted_level(client: &Client, params: &str) -> Option<usize> {
    if client.era == Era::Modern {
        let named = raw::at(params, &["_meta", LOG_LEVEL]).and_then(raw::text);
        return Some(named.and_then(|name| level::place(&name)).unwrap_or(usize::MAX));
    }
    let level = client.session.as_ref().map(|session| session.level.load(Ordering::Relaxed));
    level.filter(|level| *level != usize::MAX)
}
