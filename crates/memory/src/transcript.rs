//! The turns of an agent, and what of its talk is left out as that becomes long.
//!
//! A turn is a fragment: the next version under the agent's key in the scope of its run. Nothing of it is lost: what
//! [`Talk::cut`] leaves out of what a model is asked is brought back by its handle, with [`Memory::recall`].

mod shorter;

pub use shorter::{Cut, Given, Policy, Round, Talk};

use crate::content::quoted;
use crate::fragment::{NewFragment, Provenance, Scope, Trust, Written, invalid};
use crate::kept::Memory;
use crate::{limits, tables};
use base::{Error, Result};
use journal::Digest;
use serde::{Deserialize, Serialize};

/// Whose turn it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the agent is told to be.
    System,
    /// What it is asked.
    User,
    /// What it says.
    Assistant,
    /// A call of a tool.
    ToolCall,
    /// What the tool gave.
    ToolResult,
}

/// One turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// From 1, without gaps.
    pub number: u64,
    /// Whose.
    pub role: Role,
    /// The tool, of calls and results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What was said.
    pub text: String,
    /// Whether it can be trusted.
    pub trust: Trust,
}

impl Turn {
    /// The turn as it is kept.
    fn kept(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::internal(format!("a turn cannot be written: {error}")))
    }

    /// What the turn is brought back by.
    ///
    /// # Errors
    /// None that can be met: all of it is data that JSON has.
    pub fn handle(&self) -> Result<Digest> {
        Ok(Digest::of(self.kept()?.as_bytes()))
    }

    /// What a model reads that calls it back: at most `most` bytes of it, between marks where it cannot be trusted.
    pub fn shown(&self, most: usize) -> String {
        let text = self.text.get(..self.text.floor_char_boundary(most)).unwrap_or_default();
        let source = self.tool.as_deref().unwrap_or("transcript");
        let mut shown = if self.trust == Trust::Untrusted { quoted(source, text) } else { text.to_owned() };
        if text.len() < self.text.len() {
            shown.push_str(&format!("\n[{} more bytes are left out]", self.text.len() - text.len()));
        }
        shown
    }

    /// Reads what [`Memory::recall`] gives for the handle of a turn.
    ///
    /// # Errors
    /// It is no turn.
    pub fn read(text: &str) -> Result<Self> {
        let damaged = |error| Error::internal(format!("what is kept as a turn is none: {error}"));
        serde_json::from_str::<Self>(text).map_err(damaged)
    }
}

impl Memory {
    /// The number of the next turn of `agent`; nothing where no more are to be kept: turns take at most half of what a scope
    /// and a tenant may hold, so that there is always room for notes.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn next_turn(&self, scope: &Scope, agent: &str) -> Result<Option<u64>> {
        if let Some(row) = self.db.query(tables::held(scope)).await?.first() {
            let number = |column| row.integer(column).map(tables::unsigned);
            let half = [(number(0)?, limits::OF_TENANT), (number(1)?, limits::BYTES), (number(2)?, limits::OF_SCOPE)];
            if half.into_iter().any(|(held, most)| held >= most / 2) {
                return Ok(None);
            }
        }
        let rows = self.db.query(tables::last(scope, &key(agent))).await?;
        let last = rows.first().map(tables::fragment).transpose()?;
        let next = last.map_or(1, |last| last.version.saturating_add(1));
        Ok((next <= limits::TURNS as u64).then_some(next))
    }

    /// Keeps a turn of `agent` at a time in milliseconds since 1970, for so many milliseconds; without them until it is
    /// forgotten with its run. The same turn may come again, as after a crash.
    ///
    /// # Errors
    /// [`base::Code::MemoryInvalid`]: it is not the next one, or another one stands at its number; those of
    /// [`Memory::write`].
    pub async fn append(
        &self,
        scope: &Scope,
        agent: &str,
        turn: &Turn,
        origin: &Provenance,
        (at, ttl): (u64, Option<u64>),
    ) -> Result<Written> {
        let text = turn.kept()?;
        let kept = self.versions(scope, &key(agent), turn.number.saturating_sub(1).max(1), 2).await?;
        let handle = Digest::of(text.as_bytes());
        if let Some(same) = kept.iter().find(|known| known.version == turn.number) {
            let message = format!("turn {} of `{agent}` is another one", turn.number);
            let known = (same.sha256 == handle).then_some(Written::Known(turn.number));
            return known.ok_or_else(|| invalid(message, "go on with the transcript as it is kept"));
        }
        let is_next = kept.last().map_or(1, |last| last.version.saturating_add(1)) == turn.number;
        if !is_next || turn.number > limits::TURNS as u64 {
            let message = format!("turn {} of `{agent}` is not the next one, or more than may be kept", turn.number);
            return Err(invalid(message, "go on with the transcript as it is kept, or with a new agent"));
        }
        let provenance = Provenance { trust: turn.trust, ..origin.clone() };
        let new = NewFragment {
            scope: scope.clone(),
            key: key(agent),
            text,
            mime: tables::TURN.to_owned(),
            classification: None,
            provenance,
            at,
            ttl,
        };
        self.write(&new).await
    }

    /// The turns of `agent` from the number `from` on, at most [`limits::PAGE`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn turns(&self, scope: &Scope, agent: &str, from: u64, most: usize) -> Result<Vec<Turn>> {
        let mut turns = Vec::new();
        for fragment in self.versions(scope, &key(agent), from, most).await? {
            turns.push(Turn::read(&self.text(&fragment).await?)?);
        }
        Ok(turns)
    }
}

fn key(agent: &str) -> String {
    format!("transcript/{agent}")
}

#[cfg(test)]
mod tests;
