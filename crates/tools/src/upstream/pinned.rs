//! What is pinned of an upstream, in the store and at hand.

use crate::catalogue::{Catalogue, Kind};
use crate::config::Server;
use crate::pins::{Approval, Approved, Definition, Mode, Pins, Room};
use crate::tables;
use base::{Code, Error, Result, random};
use lint::{Looked, Strictness};
use std::collections::HashSet;
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
    /// In the order of [`Kind::ALL`].
    pins: [Pins; Kind::ALL.len()],
}

impl Pinned {
    /// What is remembered of the upstream with these settings.
    pub(super) async fn open(db: &Db, settings: &Server) -> Result<Self> {
        let (name, place, mode, lint) = (settings.name.clone(), settings.place(), settings.pins, settings.lint);
        // Nothing is remembered of a server of which nothing can wait.
        let trusted = mode == Mode::Trust && matches!(lint, Strictness::Off | Strictness::Warn);
        let mut pins = Kind::ALL.map(Pins::of);
        for (kind, pins) in Kind::ALL.into_iter().zip(&mut pins).filter(|_| !trusted) {
            *pins = tables::recall_pins(db, kind, &name, &place).await?;
        }
        // Tools that went away stay pinned; as many as there are may have done so.
        let room = Room { tools: settings.limits.items.saturating_mul(2), bytes: BYTES };
        Ok(Self { db: db.clone(), name, place, mode, lint, room, pins })
    }

    /// What is served of `offered`. What is seen for the first time is pinned.
    pub(super) async fn judge(&mut self, mut offered: Catalogue) -> Catalogue {
        if self.lint == Strictness::Off {
            offered.looked.clear();
        }
        // What a server has from the beginning is all that is seen of it for the first time.
        let begun = self.pins.iter().any(|pins| !pins.is_empty());
        self.pins.iter_mut().for_each(|pins| pins.begin(begun));
        for kind in Kind::ALL {
            offered = self.judge_kind(kind, offered).await;
        }
        offered.unapproved = self.mode == Mode::Approve && !begun;
        offered
    }

    async fn judge_kind(&mut self, kind: Kind, offered: Catalogue) -> Catalogue {
        let holds = |looked: &&Looked| looked.findings.iter().any(|finding| self.lint.holds(finding.rule));
        let looked = offered.looked.iter().filter(|looked| looked.kind == kind);
        let held: HashSet<String> = looked.filter(holds).map(|looked| looked.tool.clone()).collect();
        let judgement = self.pins[kind as usize].judge(self.mode, offered, &held, self.room);
        if !judgement.fresh.is_empty()
            && let Err(error) = self.keep(kind, &judgement.fresh, &[]).await
        {
            // It is at hand for as long as the hub runs.
            tracing::warn!(upstream = self.name, %error, "definitions could not be pinned");
        }
        judgement.catalogue
    }

    async fn keep(&mut self, kind: Kind, some: &[(String, Definition)], gone: &[String]) -> Result<()> {
        for (name, definition) in some {
            self.pins[kind as usize].add(name, definition);
        }
        tables::pin(&self.db, kind, &self.name, &self.place, some, gone).await
    }

    /// Pins what waits in `catalogue`, as far as it is approved: all of that or nothing.
    pub(super) async fn approve(&mut self, catalogue: &Catalogue, approval: &Approval) -> Result<()> {
        let mut approved = Vec::new();
        for kind in Kind::ALL {
            let mut some = Vec::new();
            for Approved { name, digest, .. } in approval.of_kind(kind) {
                let waits = catalogue.waits(kind).get(name);
                let waits = waits.filter(|waits| random::to_hex(&waits.digest) == *digest);
                let waits = waits.ok_or_else(|| self.stale(kind, name))?;
                some.push((name.clone(), Definition::of_kind(kind, &waits.item.json)));
            }
            approved.push((kind, some));
        }
        let room = self.room;
        for (kind, some) in approved.into_iter().filter(|(_, some)| !some.is_empty()) {
            let gone = self.pins[kind as usize].make_room(room, catalogue);
            self.keep(kind, &some, &gone).await?;
        }
        Ok(())
    }

    fn stale(&self, kind: Kind, tool: &str) -> Error {
        let (name, kind) = (&self.name, kind.word());
        let tool = base::visible::escaped(&tool.chars().take(100).collect::<String>());
        let message =
            format!("the {kind} `{tool}` of `{name}` is not any more what was shown, or does not wait any more");
        let next = format!("look again: `tutti server approve {name}`");
        Error::new(Code::ApprovalStale, message, next).of_upstream(name)
    }
}

#[cfg(test)]
mod tests;
