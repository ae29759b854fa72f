//! What is pinned of an upstream, in the store and at hand.

use crate::catalogue::{Catalogue, Kind};
use crate::config::Server;
use crate::pins::{Approval, Definition, Mode, Pins, Room};
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
    prompts: Pins,
}

impl Pinned {
    /// What is remembered of the upstream with these settings.
    pub(super) async fn open(db: &Db, settings: &Server) -> Result<Self> {
        let (name, place, mode, lint) = (settings.name.clone(), settings.place(), settings.pins, settings.lint);
        // Nothing is remembered of a server of which nothing can wait.
        let trusted = mode == Mode::Trust && matches!(lint, Strictness::Off | Strictness::Warn);
        let (mut pins, mut prompts) = (Pins::of(Kind::Tool), Pins::of(Kind::Prompt));
        if !trusted {
            pins = tables::recall_pins(db, Kind::Tool, &name, &place).await?;
            prompts = tables::recall_pins(db, Kind::Prompt, &name, &place).await?;
        }
        // Tools that went away stay pinned; as many as there are may have done so.
        let room = Room { tools: settings.limits.items.saturating_mul(2), bytes: BYTES };
        Ok(Self { db: db.clone(), name, place, mode, lint, room, pins, prompts })
    }

    /// What is served of `offered`. What is seen for the first time is pinned.
    pub(super) async fn judge(&mut self, mut offered: Catalogue) -> Catalogue {
        if self.lint == Strictness::Off {
            offered.looked.clear();
            offered.looked_prompts.clear();
        }
        // What a server has from the beginning is all that is seen of it for the first time.
        let (tools, prompts) = (!self.pins.is_empty(), !self.prompts.is_empty());
        self.pins.begin(prompts);
        self.prompts.begin(tools);
        for kind in Kind::ALL {
            offered = self.judge_kind(kind, offered).await;
        }
        offered
    }

    async fn judge_kind(&mut self, kind: Kind, offered: Catalogue) -> Catalogue {
        let looked = if kind == Kind::Tool { &offered.looked } else { &offered.looked_prompts };
        let holds = |looked: &&Looked| looked.findings.iter().any(|finding| self.lint.holds(finding.rule));
        let held = looked.iter().filter(holds).map(|looked| looked.tool.clone()).collect();
        let (mode, room) = (self.mode, self.room);
        let judgement = self.pins_of(kind).judge(mode, offered, &held, room);
        if !judgement.fresh.is_empty()
            && let Err(error) = self.keep(kind, &judgement.fresh, &[]).await
        {
            // It is at hand for as long as the hub runs.
            tracing::warn!(upstream = self.name, %error, "definitions could not be pinned");
        }
        judgement.catalogue
    }

    fn pins_of(&mut self, kind: Kind) -> &mut Pins {
        match kind {
            Kind::Tool => &mut self.pins,
            Kind::Prompt => &mut self.prompts,
        }
    }

    async fn keep(&mut self, kind: Kind, some: &[(String, Definition)], gone: &[String]) -> Result<()> {
        for (name, definition) in some {
            self.pins_of(kind).add(name, definition);
        }
        tables::pin(&self.db, kind, &self.name, &self.place, some, gone).await
    }

    /// Pins what waits in `catalogue`, given by name and digest in hexadecimal: all of it or nothing.
    pub(super) async fn approve(&mut self, catalogue: &Catalogue, approval: &Approval) -> Result<()> {
        let mut approved = Vec::new();
        for kind in Kind::ALL {
            let (_, waiting) = catalogue.of_kind(kind);
            let mut some = Vec::new();
            for (name, digest) in approval.of_kind(kind) {
                let waits = waiting.get(name).filter(|waits| random::to_hex(&waits.digest) == *digest);
                let waits = waits.ok_or_else(|| self.stale(kind, name))?;
                some.push((name.clone(), Definition::of_kind(kind, &waits.item.json)));
            }
            approved.push((kind, some));
        }
        let room = self.room;
        for (kind, some) in approved.into_iter().filter(|(_, some)| !some.is_empty()) {
            let gone = self.pins_of(kind).make_room(room, catalogue);
            self.keep(kind, &some, &gone).await?;
        }
        Ok(())
    }

    fn stale(&self, kind: Kind, tool: &str) -> Error {
        let kind = kind.word();
        let (name, tool) = (&self.name, base::visible::escaped(&tool.chars().take(100).collect::<String>()));
        let message =
            format!("the {kind} `{tool}` of `{name}` is not any more what was shown, or does not wait any more");
        let next = format!("look again: `tutti server approve {name}`");
        Error::new(Code::ApprovalStale, message, next).of_upstream(name)
    }
}

#[cfg(test)]
mod tests;
