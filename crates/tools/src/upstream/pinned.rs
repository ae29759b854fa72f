//! What is pinned of an upstream, in the store and at hand.

use crate::catalogue::Catalogue;
use crate::config::Server;
use crate::pins::{Definition, Mode, Pins, Room};
use crate::tables;
use base::{Code, Error, Result, random};
use lint::{Looked, Strictness};
use store::Db;

/// The most bytes of definitions that are pinned of one upstream: as many as one list may have.
const BYTES: usize = 64 << 20;

/// The pins of one upstream.
pub(super) struct Pinned {
    db: Db,
    name: String,
    place: String,
    mode: Mode,
    lint: Strictness,
    room: Room,
    pins: Pins,
}

impl Pinned {
    /// What is remembered of the upstream with these settings.
    pub(super) async fn open(db: &Db, settings: &Server) -> Result<Self> {
        let (name, place, mode, lint) = (settings.name.clone(), settings.place(), settings.pins, settings.lint);
        // Nothing is remembered of a server of which nothing can wait.
        let trusted = mode == Mode::Trust && matches!(lint, Strictness::Off | Strictness::Warn);
        let pins = if trusted { Pins::default() } else { tables::recall_pins(db, &name, &place).await? };
        // Tools that went away stay pinned; as many as there are may have done so.
        let room = Room { tools: settings.limits.items.saturating_mul(2), bytes: BYTES };
        Ok(Self { db: db.clone(), name, place, mode, lint, room, pins })
    }

    /// What is served of `offered`. What is seen for the first time is pinned.
    pub(super) async fn judge(&mut self, mut offered: Catalogue) -> Catalogue {
        if self.lint == Strictness::Off {
            offered.looked.clear();
        }
        let holds = |looked: &&Looked| looked.findings.iter().any(|finding| self.lint.holds(finding.rule));
        let held = offered.looked.iter().filter(holds).map(|looked| looked.tool.clone()).collect();
        let judgement = self.pins.judge(self.mode, offered, &held, self.room);
        if !judgement.fresh.is_empty()
            && let Err(error) = self.keep(&judgement.fresh, &[]).await
        {
            // It is at hand for as long as the hub runs.
            tracing::warn!(upstream = self.name, %error, "the definitions of tools could not be pinned");
        }
        judgement.catalogue
    }

    async fn keep(&mut self, tools: &[(String, Definition)], gone: &[String]) -> Result<()> {
        for (tool, definition) in tools {
            self.pins.add(tool, definition);
        }
        tables::pin(&self.db, &self.name, &self.place, tools, gone).await
    }

    /// Pins tools that wait in `catalogue`, given by name and digest in hexadecimal: all of them or none.
    pub(super) async fn approve(&mut self, catalogue: &Catalogue, tools: &[(String, String)]) -> Result<()> {
        let mut approved = Vec::new();
        for (tool, digest) in tools {
            let waits = catalogue.quarantined.get(tool).filter(|waits| random::to_hex(&waits.digest) == *digest);
            let waits = waits.ok_or_else(|| self.stale(tool))?;
            approved.push((tool.clone(), Definition::of(&waits.item.json)));
        }
        let gone = self.pins.make_room(self.room, catalogue);
        self.keep(&approved, &gone).await
    }

    fn stale(&self, tool: &str) -> Error {
        let (name, tool) = (&self.name, base::visible::escaped(&tool.chars().take(100).collect::<String>()));
        let message =
            format!("the tool `{tool}` of `{name}` is not any more what was shown, or does not wait any more");
        let next = format!("look again: `tutti server approve {name}`");
        Error::new(Code::ApprovalStale, message, next).of_upstream(name)
    }
}

#[cfg(test)]
mod tests;
