//! What a provider signed in an answer, apart from the answer: to be kept where a client has no place for it, and put back.
//!
//! [`Signed`] says where in the answer each signature stood, and holds thoughts whole, because they must come back unchanged.
//! Texts and calls are the client's to send back; of them no more is held than finds them again.

mod restore;

use crate::dialect::Dialect;
use crate::extra::Extra;
use crate::item::{Item, Reasoning};
use crate::json::Raw;
use crate::loss::Losses;
use crate::request::Request;
use serde_json::{Map, Value, json};

/// What was signed in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    marks: Vec<Mark>,
}

/// An item of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    /// Thoughts that were signed, or that only the provider can read.
    Thought(Box<Reasoning>),
    /// A text of so many bytes.
    Text { bytes: usize, signature: Option<String> },
    /// A call.
    Call { signature: Option<String> },
}

impl Signed {
    /// What was signed of the items of an answer; none where nothing was.
    pub fn of(items: &[Item]) -> Option<Self> {
        let marks: Vec<Mark> = items.iter().filter_map(mark).collect();
        let says = |mark: &Mark| match mark {
            Mark::Thought(_) => true,
            Mark::Text { signature, .. } | Mark::Call { signature } => signature.is_some(),
        };
        marks.iter().any(says).then_some(Self { marks })
    }

    /// It as JSON, which [`Signed::read`] reads.
    pub fn to_text(&self) -> String {
        Value::from(self.marks.iter().map(write).collect::<Vec<_>>()).to_string()
    }

    /// What [`Signed::to_text`] wrote; none where it is anything else.
    pub fn read(text: &str) -> Option<Self> {
        let marks = serde_json::from_str::<Vec<Map<String, Value>>>(text).ok()?;
        let marks = marks.iter().map(read).collect::<Option<Vec<Mark>>>()?;
        Some(Self { marks })
    }

    /// Whether thoughts are in it.
    fn has_thoughts(&self) -> bool {
        self.marks.iter().any(|mark| matches!(mark, Mark::Thought(_)))
    }
}

/// Takes all signatures out of the items of a turn, and thoughts that nobody can read without them. Says whether there were
/// any.
pub fn strip(items: &mut Vec<Item>) -> bool {
    let mut any = false;
    for item in items.iter_mut() {
        any |= match item {
            Item::Text(text) => text.signature.take().is_some(),
            Item::ToolCall(call) => call.signature.take().is_some(),
            Item::Reasoning(thought) => thought.signature.take().is_some() | thought.encrypted.take().is_some(),
            _ => false,
        };
    }
    let says = |thought: &Reasoning| !thought.text.is_empty() || !thought.summary.is_empty();
    items.retain(|item| !any || !matches!(item, Item::Reasoning(thought) if !says(thought)));
    any
}

/// Takes out of a conversation what only those can read who made it, which is all thoughts and all signatures. Gives what is
/// lost by that.
pub fn strip_all(request: &mut Request) -> Losses {
    let mut losses = Losses::new();
    losses.add_if(request.drop_thoughts(|_| true), "reasoning");
    for item in request.turns.iter_mut().flat_map(|turn| &mut turn.items) {
        match item {
            Item::Text(text) => losses.add_if(text.signature.take().is_some(), "text.signature"),
            Item::ToolCall(call) => losses.add_if(call.signature.take().is_some(), "tool_call.signature"),
            _ => {}
        }
    }
    losses
}

fn mark(item: &Item) -> Option<Mark> {
    match item {
        Item::Reasoning(thought) if thought.signature.is_some() || thought.encrypted.is_some() => {
            Some(Mark::Thought(Box::new(thought.clone())))
        }
        Item::Text(text) => Some(Mark::Text { bytes: text.text.len(), signature: text.signature.clone() }),
        Item::ToolCall(call) => Some(Mark::Call { signature: call.signature.clone() }),
        _ => None,
    }
}

fn write(mark: &Mark) -> Value {
    match mark {
        Mark::Thought(thought) => {
            // How far they had come when they were told says nothing once they are there.
            let lasting = thought.extra.unknown().filter(|(name, _)| *name != "status");
            let unknown = lasting.map(|(name, value)| json!([name, value.as_str()]));
            let notes = thought.extra.notes().map(|(name, how)| json!([name, how]));
            json!({
                "thought": thought.text, "summary": thought.summary, "signature": thought.signature,
                "encrypted": thought.encrypted, "id": thought.id,
                "dialect": thought.extra.dialect().map(Dialect::name),
                "unknown": unknown.collect::<Vec<_>>(), "notes": notes.collect::<Vec<_>>(),
            })
        }
        Mark::Text { bytes, signature } => json!({"text": bytes, "signature": signature}),
        Mark::Call { signature } => json!({"call": true, "signature": signature}),
    }
}

fn read(object: &Map<String, Value>) -> Option<Mark> {
    let signature = text(object, "signature");
    if object.contains_key("call") {
        return Some(Mark::Call { signature });
    }
    if let Some(bytes) = object.get("text") {
        return Some(Mark::Text { bytes: usize::try_from(bytes.as_u64()?).ok()?, signature });
    }
    let summary = object.get("summary")?.as_array()?;
    Some(Mark::Thought(Box::new(Reasoning {
        text: text(object, "thought")?,
        summary: summary.iter().map(|part| part.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        signature,
        encrypted: text(object, "encrypted"),
        id: text(object, "id"),
        extra: read_extra(object)?,
    })))
}

fn read_extra(object: &Map<String, Value>) -> Option<Extra> {
    let name = object.get("dialect")?.as_str();
    let dialect = Dialect::ALL.into_iter().find(|dialect| Some(dialect.name()) == name);
    let mut extra = dialect.map_or_else(Extra::default, Extra::new);
    for (name, value) in pairs(object, "unknown")? {
        extra.keep(name, Raw::parse(value).ok()?);
    }
    for (name, how) in pairs(object, "notes")? {
        extra.note(name, how);
    }
    Some(extra)
}

fn pairs<'a>(object: &'a Map<String, Value>, name: &str) -> Option<Vec<(&'a str, &'a str)>> {
    let pair = |pair: &'a Value| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?));
    object.get(name)?.as_array()?.iter().map(pair).collect()
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
