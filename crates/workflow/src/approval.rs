//! Which calls of workflows wait for a person because whoever runs the hub says so, whatever a file says. Pure.

use crate::effect::Effect;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a call waits that may destroy something.
const DESTRUCTIVE: &str = "the configuration wants an approval for calls that are `destructive`";

/// What whoever runs the hub says of all workflows: these calls wait until a person has seen them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Approvals {
    /// Calls of tools with these effects.
    pub effects: Vec<Effect>,
    /// Calls of tools that may destroy something, whatever their effect: whether a call can be repeated says nothing of that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub destructive: bool,
    /// Calls of tools with these addresses, with `*` for any characters.
    pub tools: Vec<String>,
    /// Who may decide: names of keys or of teams. Empty: whoever may decide at gates that name nobody.
    pub approvers: Vec<String>,
    /// How long a call waits, in milliseconds; then it is rejected.
    pub expires: Option<u64>,
    /// Whether a person may change the arguments.
    pub edit: bool,
}

/// Why the call of a step waits for a person, and what its arguments are held to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepApproval {
    /// Why, as a sentence without a full stop.
    pub why: String,
    /// The JSON Schema of what is sent, where it is known.
    pub schema: Option<Value>,
}

impl Approvals {
    /// Whether they name any call.
    pub fn are_any(&self) -> bool {
        self.destructive || !self.effects.is_empty() || !self.tools.is_empty()
    }

    /// Why a call of the tool at `address` with this effect waits for a person, which may be `destructive`; nothing if it does not.
    pub fn demands(&self, address: &str, effect: Effect, destructive: bool) -> Option<String> {
        if let Some(pattern) = self.tools.iter().find(|pattern| fits(pattern, address)) {
            return Some(format!("the configuration wants an approval for calls of `{pattern}`"));
        }
        if self.effects.contains(&effect) {
            return Some(format!("the configuration wants an approval for calls that are `{}`", effect.word()));
        }
        (self.destructive && destructive).then(|| DESTRUCTIVE.to_owned())
    }

    /// Why calls of some of the tools of `pattern` may wait for a person, where it is not known which are called.
    pub fn may_demand(&self, pattern: &str) -> Option<String> {
        if let Some(own) = self.tools.iter().find(|own| overlap(own, pattern)) {
            return Some(format!("the configuration wants an approval for calls of `{own}`"));
        }
        match self.effects.iter().max() {
            Some(effect) => Some(format!("the configuration wants an approval for calls that are `{}`", effect.word())),
            None => self.destructive.then(|| DESTRUCTIVE.to_owned()),
        }
    }
}

/// Whether `pattern`, in which each `*` stands for any characters, is the whole of `text`.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(begin) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    // There is one piece at least, which may be empty.
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = left.find(piece) else { return false };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    left.ends_with(end)
}

/// Whether some text fits both patterns. Takes as many steps as the lengths of both multiplied.
fn overlap(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // What of `right` is left where all of `left` is used up: only stars fit nothing.
    let mut row: Vec<bool> = suffixes(&right).map(|rest| rest.iter().all(|one| *one == '*')).collect();
    for rest in suffixes(&left).skip(1) {
        let Some(first) = rest.first() else { continue };
        // From the end of `right` to its beginning, as `row` is.
        let mut next: Vec<bool> = Vec::with_capacity(row.len());
        for (place, other) in suffixes(&right).enumerate() {
            let at = |row: &[bool], place: usize| row.get(place).copied().unwrap_or(false);
            let (below, before) = (at(&row, place), place.checked_sub(1));
            let beside = before.is_some_and(|before| at(&next, before));
            let both = before.is_some_and(|before| at(&row, before));
            next.push(match (*first, other.first()) {
                ('*', None) => below,
                ('*', Some(_)) => below || beside,
                (_, Some('*')) => beside || below,
                (one, Some(other)) => one == *other && both,
                (_, None) => false,
            });
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

/// The ends of a text, the empty one first.
fn suffixes(text: &[char]) -> impl Iterator<Item = &[char]> {
    (0..=text.len()).rev().filter_map(|from| text.get(from..))
}

#[cfg(test)]
mod tests;
