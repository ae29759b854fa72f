//! What the hub keeps of an upstream, and what it asks of one that is there.

use super::{Connection, Live, Upstream};
use crate::catalogue::Catalogue;
use crate::tables;
use base::ports::Principal;
use base::task;
use mcp::client::{Link, http, tail::Source};
use mcp::level::LEVELS;
use mcp::{Era, Method, raw};
use resilience::retry::Effect;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::Db;

/// How many tools that come into quarantine together are told of one by one.
const TOLD: usize = 20;

impl Upstream {
    /// Takes over what the upstream has. What was left out of it is told, once.
    pub(super) fn take_over(&self, catalogue: Catalogue) {
        let before = self.catalogue();
        let news = catalogue.left_out.iter().filter(|left_out| !before.left_out.contains(left_out));
        for error in news.map(|left_out| left_out.to_error(&self.settings.name)) {
            tracing::warn!(upstream = self.settings.name, %error, "a tool is left out");
            self.tail.push(Source::Hub, error.to_string().as_bytes());
        }
        let news = catalogue.waiting().filter(|waits| {
            let known = before.of_kind(waits.kind).1.get(&waits.item.key);
            known.is_none_or(|known| known.digest != waits.digest)
        });
        for error in news.take(TOLD).map(|waits| waits.to_error(&self.settings.name)) {
            tracing::warn!(upstream = self.settings.name, %error, "a definition is in quarantine");
            self.tail.push(Source::Hub, error.to_string().as_bytes());
        }
        self.catalogue.store(Arc::new(catalogue));
    }

    /// Remembers how the upstream speaks and what it has, for the next start of the hub.
    pub(super) async fn remember(&self, db: &Db, era: Option<Era>) {
        // What the upstream has is what the hub's own login sees.
        let Some(era) = era.filter(|_| self.principal == Principal::local()) else { return };
        let (settings, catalogue) = (&self.settings, self.catalogue());
        let remembered = tables::remember(db, &settings.name, &settings.fingerprint(), era, &catalogue).await;
        if let Err(error) = remembered {
            tracing::warn!(upstream = settings.name, %error, "what an upstream has could not be remembered");
        }
    }

    /// What calling a tool twice means, by the operator's word or else the tool's own.
    pub fn effect(&self, tool: &str) -> Effect {
        let catalogue = self.catalogue();
        let item = catalogue.tools.iter().find(|item| item.key == tool);
        self.guard.effect(tool, item.and_then(|item| raw::get(&item.json, "annotations")))
    }

    /// Whether a call of a tool may destroy something: it may, unless it only reads or says that it destroys nothing.
    pub fn may_destroy(&self, tool: &str) -> bool {
        let catalogue = self.catalogue();
        let item = catalogue.tools.iter().find(|item| item.key == tool);
        let says = item.and_then(|item| raw::at(&item.json, &["annotations", "destructiveHint"]));
        self.effect(tool) != Effect::Read && says != Some("false")
    }

    /// Asks the upstream for log messages of the level that clients want.
    pub(super) fn pass_on_level(&self) {
        let level = self.log_level.load(Ordering::Relaxed);
        let (Some(live), Some(word)) = (self.live.load_full(), LEVELS.get(level)) else {
            return;
        };
        if let Connection::Link(link) = &live.connection
            && live.greeting.era == Era::Legacy
            && raw::get(&live.greeting.capabilities, "logging").is_some()
        {
            let (link, params) = (link.clone(), format!(r#"{{"level":"{word}"}}"#));
            task::spawn("log level", async move {
                let _ = link.ask(Method::SetLevel.name(), &params, Era::Legacy, Duration::from_secs(30)).await;
            });
        }
    }
}

impl Live {
    /// Whether all calls share it, so that its end ends them all.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(&self.connection, Connection::Link(Link::Shared(_)))
    }

    /// Ends what is at the other end. `busy` says that calls are still under way.
    pub(super) async fn end(&self, grace: Duration, busy: bool) {
        match &self.connection {
            Connection::Link(Link::Shared(link)) => link.stop(grace).await,
            // Calls may still use the session; its server forgets it in time.
            Connection::Link(Link::Http(_)) if busy => {}
            Connection::Link(Link::Http(link)) => drop(tokio::time::timeout(grace, http::Link::leave(link)).await),
            Connection::Builtin(_) => {}
        }
    }
}
