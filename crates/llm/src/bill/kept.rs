//! Answers that cost nothing, because they were kept.

use super::NOTHING;
use crate::caller::Caller;
use base::clock;
use spending::{Ledger, Outcome, Record};
use std::sync::Arc;

/// Records an answer that `deployment` gave before, to somebody else or the same client: it costs nothing.
pub(crate) fn kept(ledger: &Ledger, caller: &Caller, model: &Arc<str>, deployment: &str) {
    let provider = deployment.split_once('/').map_or("", |(provider, _)| provider);
    if let Some(booking) = &caller.booking {
        booking.kept();
    }
    ledger.record(Record {
        at: u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX),
        principal: Arc::clone(&caller.principal),
        team: caller.team.clone().unwrap_or_else(|| Arc::clone(&NOTHING)),
        model: Arc::clone(model),
        deployment: deployment.into(),
        provider: provider.into(),
        run: caller.run.clone().unwrap_or_else(|| Arc::clone(&NOTHING)),
        input: 0,
        output: 0,
        cache_read: 0,
        cache_write: 0,
        reasoning: 0,
        cost: 0,
        price_version: Arc::clone(&NOTHING),
        outcome: Outcome::Answered,
        estimated: false,
        latency_ms: 0,
        first_token_ms: None,
        cached: true,
    });
}
