//! Where in a conversation an answer stands, as a client sends it again.

use base::seal::Sealer;
use base::{Result, json};
use conversation::Dialect;
use conversation::answer::Reply;
use conversation::ids::{self, Told};
use conversation::item::{Item, ToolCall};
use conversation::request::{Role, Turn};
use serde_json::Value;
use std::borrow::Cow;

use super::Key;

/// Who asks, and what was said before the answer.
#[derive(Debug, Clone)]
pub(super) struct Place {
    owner: String,
    question: Vec<u8>,
}

impl Place {
    pub(super) fn new(owner: &str) -> Self {
        Self { owner: owner.to_owned(), question: Vec::new() }
    }

    /// Goes past a turn: what a model says ends what was asked, all else is asked.
    pub(super) fn pass(&mut self, turn: &Turn) {
        match turn.role {
            Role::Assistant => self.question.clear(),
            // How clients keep instructions differs, and they say nothing of the place.
            Role::System | Role::Developer => {}
            _ => turn.items.iter().for_each(|item| say(item, &mut self.question)),
        }
    }

    /// The names of an answer that says `items` here, the surest first. `told` is the id of its first call as the client knows it.
    pub(super) fn keys(
        &self,
        sealer: &Sealer,
        items: &[Item],
        told: impl Fn(&ToolCall) -> Option<String>,
    ) -> Result<Vec<Key>> {
        let first = items.iter().find_map(|item| if let Item::ToolCall(call) = item { Some(call) } else { None });
        let id = first.and_then(|call| Some((told(call)?, &call.name)));
        let mut keys = Vec::with_capacity(2);
        if let Some((id, name)) = id {
            keys.push(sealer.digest(&joined(&["call", &self.owner, &id, name]))?);
        }
        // Clients may leave ids out, or make ids of their own.
        let mut said = joined(&["text", &self.owner]);
        add(&self.question, &mut said);
        items.iter().for_each(|item| say(item, &mut said));
        keys.push(sealer.digest(&said)?);
        Ok(keys)
    }
}

/// The id of the first call of an answer as the client's dialect tells it.
pub(super) fn told(client: Dialect, call: &ToolCall, reply: &Reply) -> Option<String> {
    let derived = || ids::derived(&reply.id, 0);
    let once = |fitted: fn(&str) -> Cow<'_, str>| Some(Told::default().next(call, reply, fitted));
    match client {
        Dialect::OpenAiChat => Some(ids::fit(&call.id.clone().unwrap_or_else(derived), 40).into_owned()),
        Dialect::OpenAiResponses => once(ids::longest),
        Dialect::Anthropic => once(|id| ids::fit(id, 64)),
        Dialect::Bedrock => Some(call.id.clone().unwrap_or_else(derived)),
        Dialect::Gemini | Dialect::Ollama => call.id.clone(),
    }
}

/// Adds what an item says, as it is whichever way a client's library writes it: texts without white space, because texts are
/// joined and cut; calls by name and arguments; of results their texts.
pub fn say(item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::Text(text) => out.extend(text.text.bytes().filter(|byte| !byte.is_ascii_whitespace())),
        Item::ToolCall(call) => {
            out.push(0);
            add(call.name.as_bytes(), out);
            let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
            let arguments = json::from_text(arguments).map_or_else(|_| arguments.to_owned(), canonical);
            add(arguments.as_bytes(), out);
        }
        Item::ToolResult(result) => result.content.iter().for_each(|item| say(item, out)),
        _ => {}
    }
}

/// A value with its members in order, and whole numbers without a fraction.
fn canonical(value: Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.into_iter().collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            let texts = members.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name), canonical(value)));
            format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
        }
        Value::Array(elements) => {
            format!("[{}]", elements.into_iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

fn joined(parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    parts.iter().for_each(|part| add(part.as_bytes(), &mut out));
    out
}

/// With its length, so that no two texts together are two others.
fn add(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&bytes.len().to_le_bytes());
    out.extend_from_slice(bytes);
}
