//! Keeps how the breakers of all upstreams stand, for the next start of the hub.

use super::Hub;
use crate::tables;
use crate::upstream::Upstream;
use base::{clock, task};
use std::sync::Arc;
use std::time::Duration;
use store::Db;

/// How often it is looked whether a breaker has moved.
const LOOK: Duration = Duration::from_secs(5);

/// How often what is normal is kept where calls have ended, though no breaker has moved.
const ANYWAY: Duration = Duration::from_secs(30);

/// How often it is looked whether an upstream is to be asked how it is.
const ASK: Duration = Duration::from_millis(250);

impl Hub {
    /// Asks upstreams whose calls are held back how they are, in a task, for as long as the hub lives: so no call has to
    /// find out that they are well again.
    pub(super) fn ask_health(&self) {
        let hub = Arc::downgrade(&self.0);
        task::spawn("health of upstreams", async move {
            loop {
                tokio::time::sleep(ASK).await;
                let Some(hub) = hub.upgrade() else { return };
                for upstream in hub.state.load().upstreams.iter().filter(|upstream| upstream.can_be_asked()) {
                    if let Some(health) = upstream.guard.health() {
                        let upstream = Arc::clone(upstream);
                        task::spawn("health", async move { health.answered(upstream.is_well().await) });
                    }
                }
            }
        });
    }

    /// Keeps what changed, in a task, for as long as the hub lives.
    pub(super) fn keep_health(&self) {
        let hub = Arc::downgrade(&self.0);
        task::spawn("breaker memory", async move {
            let mut kept_at = clock::now();
            loop {
                tokio::time::sleep(LOOK).await;
                let Some(hub) = hub.upgrade() else { return };
                let all = clock::now().duration_since(kept_at) >= ANYWAY;
                if all {
                    kept_at = clock::now();
                }
                let upstreams = hub.state.load().upstreams.clone();
                save(&hub.context.db, &upstreams, all).await;
            }
        });
    }
}

/// Keeps how the breakers of `upstreams` stand: of all of them, or of those that have moved.
pub(super) async fn save(db: &Db, upstreams: &[Arc<Upstream>], all: bool) {
    let kept = upstreams.iter().filter_map(|upstream| {
        let guard = &upstream.guard;
        let kept = if all { guard.lessons().or_else(|| guard.changes()) } else { guard.changes() };
        let settings = &upstream.settings;
        kept.map(|kept| (settings.name.clone(), settings.fingerprint(), kept))
    });
    let kept: Vec<_> = kept.collect();
    if kept.is_empty() {
        return;
    }
    if let Err(error) = tables::keep_health(db, &kept).await {
        tracing::warn!(%error, "how the breakers stand could not be kept");
    }
}
