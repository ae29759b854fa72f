//! What a model of a step says and what its tools give, kept as the turns of an agent in the memory of the run.

use crate::model::Question;
use base::ports::{KeptTurn, Spoken, TalkRecord, Wait};
use base::{Code, Error, Result, clock};
use journal::Digest;
use memory::transcript::{Role, Turn};
use memory::{Memory, Owner, Provenance, Scope, Trust};
use runner::Calling;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most bytes of a turn. However JSON writes them, they are less than a fragment may have.
const LONGEST: usize = 512 << 10;
/// How long turns are kept, in milliseconds: 30 days.
const KEPT: u64 = 30 * 24 * 60 * 60 * 1_000;
/// The most bytes of a step's name in a key.
const NAME: usize = 48;

/// What is said for one step. Each attempt goes on where the one before has ended.
pub(crate) struct Transcript {
    memory: Memory,
    scope: Scope,
    agent: String,
    origin: Provenance,
    /// The number of the next turn; 0 where no more are kept.
    next: AtomicU64,
}

impl Transcript {
    /// Begins with what a model is asked for the step that is `calling`, or for this one of its questions. Nothing where that
    /// cannot be kept.
    pub(crate) async fn begin(
        memory: &Memory,
        calling: &Calling,
        question: (&Question, Option<usize>),
    ) -> Option<Self> {
        match Self::begun(memory, calling, question).await {
            Ok(begun) => begun,
            Err(error) => {
                let code = error.code().id();
                tracing::warn!(code, step = %calling.path, "what a model and its tools say is not kept: {error}");
                None
            }
        }
    }

    async fn begun(
        memory: &Memory,
        calling: &Calling,
        (question, part): (&Question, Option<usize>),
    ) -> Result<Option<Self>> {
        let run = calling.run.to_string();
        let tenant = calling.principal.tenant.clone();
        let owner = Owner { tenant, user: String::new(), workflow: String::new(), run: run.clone() };
        let scope = Scope::new("run", &owner)?;
        let agent = agent(calling, part);
        let Some(next) = memory.next_turn(&scope, &agent).await? else {
            tracing::info!(step = %calling.path, "what a model and its tools say is not kept: the memory is half full");
            return Ok(None);
        };
        // What is asked may be made of what strangers said, and all that follows is made of it.
        let origin =
            Provenance { run, step: calling.path.to_string(), attempt: calling.attempt, trust: Trust::Untrusted };
        let begun = Self { memory: memory.clone(), scope, agent, origin, next: AtomicU64::new(next) };
        for message in question.messages() {
            begun.keep(role(message), None, &text(message)).await?;
        }
        Ok(Some(begun))
    }

    /// Keeps a turn. Gives where; nothing where no more are kept, or not all of this one is.
    async fn keep(&self, role: Role, tool: Option<String>, text: &str) -> Result<Option<KeptTurn>> {
        // Those of one talk come one after the other.
        let number = self.next.load(Ordering::Relaxed);
        if number == 0 {
            return Ok(None);
        }
        let mut said = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned();
        if said.len() < text.len() {
            said.push_str(&format!("\n[{} more bytes were left out]", text.len() - said.len()));
        }
        let turn = Turn { number, role, tool, text: said, trust: Trust::Untrusted };
        let now = u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX);
        let kept = self.memory.append(&self.scope, &self.agent, &turn, &self.origin, (now, Some(KEPT))).await;
        self.next.store(if kept.is_ok() { number + 1 } else { 0 }, Ordering::Relaxed);
        kept?;
        let handle = turn.handle()?.to_string();
        Ok((text.len() <= LONGEST).then_some(KeptTurn { number, handle }))
    }

    async fn add(&self, spoken: Vec<Spoken>) -> Result<Vec<Option<KeptTurn>>> {
        let next = self.memory.next_turn(&self.scope, &self.agent).await?;
        if next != Some(self.next.load(Ordering::Relaxed)) {
            // There is no more room, or the same step is carried out elsewhere.
            self.next.store(0, Ordering::Relaxed);
        }
        let mut kept = Vec::with_capacity(spoken.len());
        for one in spoken {
            kept.push(match one {
                Spoken::Words(words) if words.is_empty() => None,
                Spoken::Words(words) => self.keep(Role::Assistant, None, &words).await?,
                Spoken::Call(tool, arguments) => self.keep(Role::ToolCall, Some(tool), &arguments).await?,
                Spoken::Result(tool, words) => self.keep(Role::ToolResult, Some(tool), &words).await?,
            });
        }
        Ok(kept)
    }

    async fn recall(&self, handle: &str, most: usize) -> Result<String> {
        let unknown = || Error::new(Code::MemoryUnknown, "this is no handle", "name what a note names");
        let (_, text) = self.memory.recall(&self.scope, Digest::parse(handle).ok_or_else(unknown)?).await?;
        Ok(Turn::read(&text)?.shown(most))
    }
}

impl TalkRecord for Transcript {
    fn add(&self, spoken: Vec<Spoken>) -> Wait<'_, Vec<Option<KeptTurn>>> {
        Box::pin(self.add(spoken))
    }

    fn recall<'a>(&'a self, handle: &'a str, most: usize) -> Wait<'a, String> {
        Box::pin(self.recall(handle, most))
    }
}

/// What the turns of a step are kept under: `ask`, `ask/item-3`, `ask/round-1`, `ask/model-0`.
fn agent(calling: &Calling, part: Option<usize>) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-' | '.');
    let mut agent: String = calling.path.name().chars().map(|one| if plain(one) { one } else { '_' }).collect();
    agent.truncate(NAME);
    let parts = [
        calling.path.index().map(|item| format!("/item-{item}")),
        calling.path.round().map(|round| format!("/round-{round}")),
        part.map(|part| format!("/model-{part}")),
    ];
    agent.extend(parts.into_iter().flatten());
    agent
}

fn role(message: &Value) -> Role {
    match message["role"].as_str() {
        Some("system" | "developer") => Role::System,
        Some("assistant") => Role::Assistant,
        Some("tool") => Role::ToolResult,
        _ => Role::User,
    }
}

fn text(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
