//! Which answer is whose turn.

use crate::suite::{Answer, ByStep, Decided, Outside, Resolved, Signal, Summary, What, step_of};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is behind the name of a step for the call that undoes it.
const UNDO: &str = "~undo";

/// Gives what comes from outside: what the case says of it, or else what is said for all cases.
pub(crate) struct Script<'a> {
    layers: [&'a Outside; 2],
    /// How many answers of each list were given, by the number of the layer and the path that the list stands for.
    given: BTreeMap<(usize, &'a str), usize>,
    /// The same of what is said of doubts.
    resolved: BTreeMap<(usize, &'a str), usize>,
}

impl<'a> Script<'a> {
    pub(crate) fn new(case: &'a Outside, shared: &'a Outside) -> Self {
        Self { layers: [case, shared], given: BTreeMap::new(), resolved: BTreeMap::new() }
    }

    /// The next answer for the step at `path`; the last of a list stays, as long as a person wrote it.
    pub(crate) fn answer(&mut self, path: &str) -> Option<Answer> {
        let mut layers = self.layers.into_iter().enumerate();
        let (layer, (key, answers)) = layers.find_map(|(layer, said)| Some((layer, found(&said.answers, path)?)))?;
        // Of a run that left calls, what is not there is what it left.
        let stays = !self.layers.get(layer).is_some_and(|said| said.leaves);
        let given = self.given.entry((layer, key)).or_default();
        let answer = answers.get(*given).or_else(|| answers.last().filter(|_| stays)).cloned();
        *given += 1;
        answer
    }

    /// The summary that was made for a step of the text with this SHA-256.
    pub(crate) fn made(&self, step: &str, (sha256, tokens): (&str, u64)) -> Option<String> {
        let mut made = self.layers.iter().flat_map(|said| &said.summaries);
        let is_it = |one: &&Summary| one.step == step && one.sha256 == sha256 && one.tokens == tokens;
        made.find(is_it).map(|summary| summary.text.clone())
    }

    /// Whether a call of which nothing is said does not come back.
    pub(crate) fn leaves(&self) -> bool {
        self.layers.iter().any(|said| said.leaves)
    }

    /// The text that stands for a summary, under its own key alone.
    pub(crate) fn summary(&mut self, key: &str) -> Option<String> {
        let is_there = self.layers.iter().any(|said| said.answers.contains_key(key));
        is_there.then(|| self.answer(key)).flatten().map(|answer| match answer.what {
            What::Value(Value::String(text)) => text,
            What::Value(other) => other.to_string(),
            What::Error { .. } | What::Doubt => String::new(),
        })
    }

    /// What a person decides at the gate at `path`.
    pub(crate) fn gate(&self, path: &str) -> Option<&'a Decided> {
        self.layers.iter().find_map(|said| found(&said.gates, path)).map(|(_, decided)| decided)
    }

    /// What is said next of the effect of the step at `path`, when it is in doubt.
    pub(crate) fn doubt(&self, path: &str) -> Option<&'a Resolved> {
        let (given, all) = self.doubts(path)?;
        let said = self.resolved.get(&given).copied().unwrap_or_default();
        all.get(said).or_else(|| all.last())
    }

    /// What was said next of the effect of the step at `path` is said.
    pub(crate) fn resolved(&mut self, path: &str) {
        if let Some((given, _)) = self.doubts(path) {
            *self.resolved.entry(given).or_default() += 1;
        }
    }

    fn doubts(&self, path: &str) -> Option<((usize, &'a str), &'a [Resolved])> {
        let mut layers = self.layers.into_iter().enumerate();
        layers.find_map(|(layer, said)| {
            let (key, all) = found(&said.doubts, path)?;
            Some(((layer, key), all.as_slice()))
        })
    }

    /// What comes from outside by itself, in the order in which it comes.
    pub(crate) fn signals(&self) -> Vec<Signal> {
        let said = self.layers.iter().map(|said| &said.signals).find(|signals| !signals.is_empty());
        let mut signals = said.cloned().unwrap_or_default();
        signals.sort_by_key(|signal| signal.at);
        signals
    }

    /// When somebody cancels the run, in milliseconds after its start.
    pub(crate) fn cancel(&self) -> Option<u64> {
        self.layers.iter().find_map(|said| said.cancel)
    }
}

/// What stands for a path: under the path itself, or else under the name of its step.
fn found<'a, T>(named: &'a ByStep<T>, path: &str) -> Option<(&'a str, &'a T)> {
    let undo = path.contains(UNDO).then(|| format!("{}{UNDO}", step_of(path)));
    let name = undo.as_deref().unwrap_or(step_of(path));
    let (key, (_, value)) = named.get_key_value(path).or_else(|| named.get_key_value(name))?;
    Some((key, value))
}
