//! Connections of an upstream at which each principal logs in for itself.
//!
//! What such an upstream has is what the hub's own login sees, and so are its state and its lists. Calls of another
//! principal go over a connection of its own, with its own tokens and its own session, and what is heard there beside calls
//! concerns nobody else.

use super::{Context, Lease, Upstream};
use crate::pins::Mode;
use base::Result;
use base::ports::Principal;
use lint::Strictness;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// How long a connection of one principal may be of no use before it is ended.
const IDLE: Duration = Duration::from_secs(600);

/// The connections by principal, and what a new one needs.
pub(super) struct Personal {
    context: Context,
    all: Mutex<HashMap<String, Arc<Upstream>>>,
}

impl Personal {
    /// None yet. `context` is that of the upstream.
    pub(super) fn new(context: &Context) -> Self {
        // Nobody reads what these tell: no list is made of it, and no client is to hear what was said to another.
        let (changes, _) = mpsc::channel(1);
        Self { context: Context { changes, ..context.clone() }, all: Mutex::default() }
    }

    /// Ends them all.
    pub(super) async fn stop(&self, patience: Duration) {
        let all: Vec<_> = self.all.lock().await.drain().map(|(_, upstream)| upstream).collect();
        for upstream in all {
            Box::pin(upstream.stop(patience)).await;
        }
    }
}

impl Upstream {
    /// Whether each principal logs in for itself.
    pub fn is_for_each(&self) -> bool {
        self.settings.auth.as_ref().is_some_and(|auth| auth.each)
    }

    /// The upstream as `principal` reaches it: this one, or where each logs in for itself a connection of its own.
    pub async fn of(self: &Arc<Self>, principal: &str) -> Result<Arc<Self>> {
        if !self.is_for_each() || principal == self.principal.name {
            return Ok(Arc::clone(self));
        }
        let whose = Principal { name: principal.to_owned(), ..Principal::local() };
        let mut all = self.personal.all.lock().await;
        let known = match all.get(principal) {
            Some(known) => Arc::clone(known),
            None => {
                let mut settings = self.settings.clone();
                // Definitions are looked at, pinned and served where they are listed; here is only called.
                (settings.pins, settings.lint) = (Mode::Trust, Strictness::Off);
                settings.eager = false;
                settings.idle_stop = Some(settings.idle_stop.unwrap_or(IDLE));
                let opened = Box::pin(Self::open_for(&whose, settings, self.personal.context.clone())).await?;
                all.insert(principal.to_owned(), Arc::clone(&opened));
                opened
            }
        };
        known.set_log_level(self.log_level.load(Ordering::Relaxed));
        Ok(known)
    }

    /// A connection on which a call of `principal` works, started if need be.
    pub async fn lease_of(self: &Arc<Self>, principal: &str) -> Result<Lease> {
        if !self.is_for_each() {
            return self.lease().await;
        }
        let own = self.of(principal).await?;
        if !Arc::ptr_eq(&own, self) {
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
        own.lease().await
    }
}
