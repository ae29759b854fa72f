//! Making a text shorter, so that it is at most so many tokens.
//!
//! Whatever is made here is counted as a whole before it is given, so that a budget holds whatever the way to count.

use crate::content::text;
use context::tokens::{Family, Meter};
use serde_json::{Map, Value};

/// Says that the end is missing.
const REST: &str = "\n[… the rest is left out]";
/// Says that the beginning is missing.
const START: &str = "[the beginning is left out …]\n";
/// How often it is tried to come nearer.
const ROUNDS: usize = 12;
/// The most characters that are left of a text within pruned JSON, for each item that is left of a list.
const CHARACTERS: usize = 40;

/// A text that was made to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fitted {
    /// What is left.
    pub(crate) text: String,
    /// How many tokens it is, with what is around it.
    pub(crate) tokens: usize,
}

/// Which end of a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The beginning.
    Head,
    /// The end.
    Tail,
}

/// What counts tokens of a text, with all that is put around it.
pub(crate) struct Measure<'a> {
    pub(crate) family: Family,
    pub(crate) around: &'a dyn Fn(&str) -> String,
}

impl Measure<'_> {
    pub(crate) fn of(&self, inner: &str) -> Fitted {
        let text = (self.around)(inner);
        let tokens = self.family.count(&text).tokens;
        Fitted { text, tokens }
    }
}

/// `text` without one end, of at most `most` tokens; nothing where nothing of it would be left.
pub(crate) fn cut(text: &str, end: End, most: usize, measure: &Measure<'_>) -> Option<Fitted> {
    let empty = measure.of(&marked("", end)).tokens;
    let mut room = most.checked_sub(empty)?;
    for round in 0..ROUNDS {
        if room == 0 {
            return None;
        }
        let part = part(text, end, room, measure.family);
        if part.is_empty() || part.len() == text.len() {
            return None;
        }
        let fitted = measure.of(&marked(part, end));
        if fitted.tokens <= most {
            return Some(fitted);
        }
        // Small steps first, to lose little; then larger ones, to come to an end.
        let step = room >> 6_usize.saturating_sub(round / 2);
        room = room.saturating_sub((fitted.tokens - most).max(step).max(1));
    }
    None
}

fn part(text: &str, end: End, tokens: usize, family: Family) -> &str {
    let mut meter = Meter::of_parts(family);
    match end {
        End::Tail => text.get(..meter.beginning(text, tokens)).unwrap_or_default(),
        End::Head => text.get(text.len() - meter.ending(text, tokens)..).unwrap_or_default(),
    }
}

fn marked(part: &str, end: End) -> String {
    match end {
        End::Tail => format!("{part}{REST}"),
        End::Head => format!("{START}{part}"),
    }
}

/// `value` as JSON without items, members and ends of texts, of at most `most` tokens; as much of it as fits. Nothing where
/// not even one of each does. What is left out is told where it stood.
pub(crate) fn pruned(value: &Value, most: usize, measure: &Measure<'_>) -> Option<Fitted> {
    let try_with = |keep: usize| {
        let fitted = measure.of(&text(&prune(value, keep)));
        (fitted.tokens <= most).then_some(fitted)
    };
    let mut best = try_with(1)?;
    // Nothing of `most` tokens has more items than bytes that these may be.
    let (mut low, mut high) = (1, widest(value).min(most.saturating_mul(8)).saturating_add(1));
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        match try_with(middle) {
            Some(fitted) => (low, best) = (middle, fitted),
            None => high = middle,
        }
    }
    Some(best)
}

/// The most items that any list, members that any object, or parts of a text there are.
fn widest(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() / CHARACTERS + 1,
        Value::Array(items) => items.iter().map(widest).max().unwrap_or(0).max(items.len()),
        Value::Object(members) => members.values().map(widest).max().unwrap_or(0).max(members.len()),
        _ => 1,
    }
}

fn prune(value: &Value, keep: usize) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(keep.saturating_mul(CHARACTERS)) {
            Some((at, _)) => Value::String(format!("{}…", text.get(..at).unwrap_or_default())),
            None => value.clone(),
        },
        Value::Array(items) => {
            let mut left: Vec<Value> = items.iter().take(keep).map(|item| prune(item, keep)).collect();
            if items.len() > keep {
                left.push(Value::String(format!("… {} more", items.len() - keep)));
            }
            Value::Array(left)
        }
        Value::Object(members) => {
            let left = members.iter().take(keep).map(|(name, member)| (name.clone(), prune(member, keep)));
            let mut left: Map<String, Value> = left.collect();
            if members.len() > keep {
                left.insert("…".to_owned(), Value::String(format!("{} more", members.len() - keep)));
            }
            Value::Object(left)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
