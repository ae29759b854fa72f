//! A run that was exported, as what came from outside in it.

use super::Reader;
use crate::suite::{Answer, By, Decided, Outside, Resolved, Signal, Summary, What};
use base::config::{Node, Place, Value as Written};
use journal::{Decision, End, Entry, Kind, StepPath};
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands behind the name of a step in the path of the call that undoes it.
const UNDO: &str = "~undo";

/// Whether the file is what `tutti run export` writes, and not answers by step.
pub(super) fn is_export(root: &Node) -> bool {
    let Written::Map(entries) = &root.value else { return false };
    let is_list =
        |name: &str| entries.iter().any(|entry| entry.key == name && matches!(entry.node.value, Written::List(_)));
    is_list("journal") && entries.iter().any(|entry| entry.key == "version")
}

impl Reader<'_> {
    /// What came in the run: what calls gave, each attempt of them, decisions and signals, each as long after the question or the start
    /// as then.
    pub(super) fn exported(&self, root: &Node, place: Place) -> Outside {
        let mut said =
            Said { place, outside: Outside::default(), started: 0, asked: BTreeMap::new(), succeeded: false };
        let journal = root.to_json();
        for entry in journal.get("journal").and_then(Value::as_array).into_iter().flatten() {
            match Entry::decode(&entry.to_string()) {
                Ok(entry) => said.note(&entry),
                Err(error) => {
                    let message = format!("the journal of the exported run cannot be read: {error}");
                    self.wrong(place, message, "export the run again, with this release or a newer one");
                    break;
                }
            }
        }
        // Whoever cancels a run, or exports one that is under way, does not wait for what only reads; nor does a run that fails.
        said.outside.leaves = said.outside.cancel.is_some() || !said.succeeded;
        said.outside
    }
}

/// What was said so far.
struct Said {
    place: Place,
    outside: Outside,
    started: u64,
    /// Since when somebody is asked, by step.
    asked: BTreeMap<String, u64>,
    /// Whether the run is at its end, and as it should be.
    succeeded: bool,
}

impl Said {
    fn note(&mut self, entry: &Entry) {
        let value = || entry.payload.as_ref().and_then(|payload| base::json::from_text(payload.inline()?).ok());
        let Some(path) = &entry.step else {
            match &entry.kind {
                Kind::Started { .. } => self.started = entry.at,
                Kind::Signal { name } => {
                    let at = entry.at.saturating_sub(self.started);
                    self.outside.signals.push(Signal { name: name.clone(), at, value: value().unwrap_or_default() });
                }
                Kind::Finished(end) => self.succeeded = *end == End::Succeeded,
                Kind::Cancelled(_) => self.outside.cancel = Some(entry.at.saturating_sub(self.started)),
                _ => {}
            }
            return;
        };
        let step = path.to_string();
        match &entry.kind {
            Kind::Succeeded => self.answer(step, entry.at, What::Value(value().unwrap_or_default())),
            // Nobody waited for it any more.
            Kind::Failed { code, message } if machine::is_left(code, message) => {}
            Kind::Failed { code, message } => {
                self.answer(step, entry.at, What::Error { code: code.clone(), message: message.clone() });
            }
            Kind::Compensated => self.answer(undo(path), entry.at, What::Value(value().unwrap_or_default())),
            Kind::Settled { .. } => self.outside.summaries.extend(value().and_then(|value| summary(path, &value))),
            // With a payload it is what a probe could not say.
            Kind::InDoubt if entry.payload.is_none() => {
                self.asked.insert(step.clone(), entry.at);
                self.answer(step, entry.at, What::Doubt);
            }
            Kind::GateOpened(_) => drop(self.asked.insert(step, entry.at)),
            Kind::GateApproved { decision, .. } | Kind::GateRejected { decision, .. } => {
                let yes = matches!(entry.kind, Kind::GateApproved { .. });
                let decided = Decided { yes, edit: value(), by: self.by(&step, entry.at, decision) };
                self.outside.gates.insert(step, (self.place, decided));
            }
            Kind::Resolved { resolution, decision } => {
                let by = self.by(&step, entry.at, decision);
                let resolved = Resolved { resolution: *resolution, value: value().unwrap_or_default(), by };
                let place = self.place;
                let (_, all) = self.outside.doubts.entry(step).or_insert_with(|| (place, Vec::new()));
                all.push(resolved);
            }
            _ => {}
        }
    }

    fn answer(&mut self, step: String, at: u64, what: What) {
        let (place, at) = (self.place, at.saturating_sub(self.started));
        let (_, answers) = self.outside.answers.entry(step).or_insert_with(|| (place, Vec::new()));
        answers.push(Answer { what, takes: 0, at });
    }

    fn by(&self, step: &str, at: u64, decision: &Decision) -> By {
        let after = self.asked.get(step).map_or(0, |asked| at.saturating_sub(*asked));
        By { actor: decision.actor.clone(), reason: decision.reason.clone(), after }
    }
}

/// The summary that was made for the step at `path`.
fn summary(path: &StepPath, value: &Value) -> Option<Summary> {
    let made = value.get("summary")?;
    let text = |name: &str| made.get(name)?.as_str().map(str::to_owned);
    let (sha256, tokens, text) = (text("sha256")?, made.get("tokens")?.as_u64()?, text("text")?);
    Some(Summary { step: path.name().to_owned(), sha256, tokens, text })
}

/// The path of the call that undoes a step.
fn undo(path: &StepPath) -> String {
    let text = path.to_string();
    let end = text.find(['@', '[', '#']).unwrap_or(text.len());
    let (name, numbers) = text.split_at(end);
    format!("{name}{UNDO}{numbers}")
}
