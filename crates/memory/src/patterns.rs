//! What needs mean in a run: `tool_output(search)`, `memory(project/style)`, `search(memory, '…')`, …

use crate::assemble::{Assembling, Audience, Found, Outcome, assemble};
use crate::content::{Content, text};
use crate::fragment::{Fragment, NewFragment, Owner, Provenance, Scope, Written};
use crate::kept::Memory;
use crate::summary::{Summaries, WantedSummary};
use crate::{Assembled, limits};
use base::ports::Wait;
use base::{Code, Error, Result};
use context::tokens::Family;
use journal::Digest;
use serde_json::{Map, Value};
use workflow::definition::{Need, Origin, Write};

/// How often summaries may lead to others: each need that can be left out may ask for one more.
const ROUNDS: usize = workflow::limits::NEEDS + 1;

/// What a run has when a step begins.
pub trait Run: Send + Sync {
    /// For whom it runs.
    fn owner(&self) -> &Owner;

    /// What the person said who started it: the parameter `user_prompt`, or the last message of a chat.
    fn user_prompt(&self) -> Option<Content>;

    /// All parameters, as one object.
    fn parameters(&self) -> Content;

    /// What a step gave. Untrusted is what tools gave, and what models made of that.
    fn output(&self, step: &str) -> Option<Content>;

    /// The step that stands before this one.
    fn before(&self) -> Option<&str>;

    /// All that the step could be given, declared or not, always in the same order: for the receipt. A parameter is called
    /// `params.<name>` there, and has the same value as in [`Run::parameters`].
    fn everything(&self) -> Vec<Content>;

    /// What templates know, for what is searched.
    fn names(&self) -> Map<String, Value>;
}

/// Asks models for summaries.
pub trait Summariser: Send + Sync {
    /// The SHA-256 of what models are told to do.
    fn prompt(&self) -> Digest;

    /// Makes a text shorter. A durable run does this as a step of its own.
    fn summarise<'a>(&'a self, wanted: &'a WantedSummary) -> Wait<'a, String>;
}

/// What decides about the context of a step beside its needs.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The most tokens; see [`crate::tokens`].
    pub budget: Option<usize>,
    /// Whose tokens.
    pub family: Family,
    /// Who reads it.
    pub audience: Audience,
    /// Who makes summaries.
    pub summariser: &'a dyn Summariser,
}

impl Memory {
    /// What a step is given at `now`, in milliseconds since 1970: what its needs mean, made to fit.
    ///
    /// # Errors
    /// Those of [`assemble`]; [`Code::ContextSummary`]; those of the store, of templates of searches, and of summaries.
    pub async fn context(&self, needs: &[Need], run: &dyn Run, reader: Reader<'_>, now: u64) -> Result<Assembled> {
        let found = self.resolve(needs, run, now).await?;
        let mut undeclared = run.everything();
        if needs.iter().any(|need| need.from == Origin::Parameters) {
            // Each of them is a part of what is declared.
            undeclared.retain(|content| !content.source.starts_with("params."));
        }
        let mut summaries = Summaries::new();
        for _ in 0..ROUNDS {
            let input = Assembling {
                needs: &found,
                undeclared: &undeclared,
                budget: reader.budget,
                family: reader.family,
                audience: reader.audience,
                summaries: &summaries,
                summary_prompt: reader.summariser.prompt(),
            };
            let wanted = match assemble(&input)? {
                Outcome::Ready(assembled) => return Ok(*assembled),
                Outcome::Summaries(wanted) => wanted,
            };
            for one in wanted {
                let summary = self.summary(&one, reader.summariser, now).await?;
                summaries.insert(one.key, summary);
            }
        }
        Err(no_summary("summaries led to others that were needed, again and again"))
    }

    /// What was found for each need, in their order.
    ///
    /// # Errors
    /// Those of the store, and of the templates of searches.
    pub async fn resolve<'a>(&self, needs: &'a [Need], run: &dyn Run, now: u64) -> Result<Vec<Found<'a>>> {
        let mut found = Vec::new();
        for need in needs {
            found.push(Found { need, contents: self.origin(&need.from, run, now).await? });
        }
        Ok(found)
    }

    async fn origin(&self, origin: &Origin, run: &dyn Run, now: u64) -> Result<Vec<Content>> {
        let one = match origin {
            Origin::UserPrompt => run.user_prompt(),
            Origin::Parameters => Some(run.parameters()),
            Origin::Parameter(name) => parameter(run, &name.name),
            Origin::ToolOutput(step) | Origin::ModelOutput(step) => run.output(&step.name),
            Origin::LastOutput => run.before().and_then(|step| run.output(step)),
            Origin::Memory { scope, key } => {
                let note = self.latest(&Scope::new(scope, run.owner())?, key, now).await?;
                return self.contents(note.into_iter().collect()).await;
            }
            Origin::Classification(class) => {
                return self.contents(self.classified(run.owner(), class, now).await?).await;
            }
            Origin::Search { scope, query, most } => {
                let query = query.render(&run.names())?;
                let most = usize::try_from(*most).unwrap_or(limits::FOUND);
                let notes = self.search(run.owner(), scope.as_deref(), &text(&query), most, now).await?;
                return self.contents(notes).await;
            }
        };
        Ok(one.into_iter().collect())
    }

    async fn contents(&self, notes: Vec<Fragment>) -> Result<Vec<Content>> {
        let mut contents = Vec::new();
        for note in notes {
            let text = self.text(&note).await?;
            let source = format!("memory({}/{})@{}", note.scope.name(), note.key, note.version);
            let json = if note.mime == JSON { base::json::from_text(&text).ok() } else { None };
            let content = Content::new(source, json.unwrap_or(Value::String(text)), note.provenance.trust);
            contents.push(content.kept_as(note.sha256));
        }
        Ok(contents)
    }

    /// Remembers what a step's `writes` say of its `output`, in their order. What they select and is not there is not
    /// written, and its key is among the second list.
    ///
    /// # Errors
    /// Those of [`Memory::write`].
    pub async fn remember(
        &self,
        writes: &[Write],
        owner: &Owner,
        output: &Value,
        provenance: &Provenance,
        now: u64,
    ) -> Result<(Vec<Written>, Vec<String>)> {
        let (mut written, mut nothing) = (Vec::new(), Vec::new());
        for write in writes {
            let value = match &write.from {
                Some(select) => select.of(output),
                None => Some(output.clone()),
            };
            let Some(value) = value else {
                nothing.push(write.key.clone());
                continue;
            };
            let mime = if value.is_string() { "text/plain" } else { JSON };
            let new = NewFragment {
                scope: Scope::new(&write.scope, owner)?,
                key: write.key.clone(),
                text: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                mime: mime.to_owned(),
                classification: write.classification.clone(),
                provenance: provenance.clone(),
                at: now,
                ttl: write.ttl,
            };
            written.push(self.write(&new).await?);
        }
        Ok((written, nothing))
    }

    /// A summary: the kept one, or one that is made and kept.
    async fn summary(&self, wanted: &WantedSummary, summariser: &dyn Summariser, now: u64) -> Result<String> {
        if let Some(kept) = self.kept_summary(&wanted.key).await? {
            return Ok(kept);
        }
        let made = summariser.summarise(wanted).await?;
        if made.trim().is_empty() {
            return Err(no_summary("the model gave an empty text"));
        }
        self.keep_summary(&wanted.key, &made, now).await?;
        Ok(made)
    }
}

const JSON: &str = "application/json";

fn parameter(run: &dyn Run, name: &str) -> Option<Content> {
    let all = run.parameters();
    let value = all.value.get(name)?.clone();
    Some(Content::new(format!("params.{name}"), value, all.trust))
}

fn no_summary(why: &str) -> Error {
    let message = format!("a summary that the step's context needs was not made: {why}");
    Error::new(Code::ContextSummary, message, "name another model with `summary(model)`, or use `fit: truncate_tail`")
}

#[cfg(test)]
mod tests;
