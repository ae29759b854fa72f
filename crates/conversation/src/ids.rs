//! Ids of tool calls, for dialects that have none and for those that do not take all.

use crate::answer::Reply;
use crate::item::{Item, ToolCall, ToolResult};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// The id of the call of this number, from 0, in the answer with this id: the same whenever it is asked for.
pub fn derived(reply: &str, number: usize) -> String {
    format!("call_{:016x}{number}", hash(reply))
}

/// `id` as a dialect takes it that knows ASCII letters, digits, `_` and `-`, and at most `longest` of them (64 for
/// Anthropic and Bedrock, 40 for OpenAI). An id that fits stays; another becomes the same whenever it is asked for, with a
/// digest of the whole, so that two that differ stay apart.
pub fn fit(id: &str, longest: usize) -> Cow<'_, str> {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if !id.is_empty() && id.len() <= longest && id.chars().all(fits) {
        return Cow::Borrowed(id);
    }
    let kept = longest.saturating_sub(17);
    let readable: String =
        id.chars().map(|character| if fits(character) { character } else { '_' }).take(kept).collect();
    Cow::Owned(format!("{readable}_{:016x}", hash(id)))
}

/// `id` as Responses takes it: of whatever characters, and no longer than 64 bytes.
pub fn longest(id: &str) -> Cow<'_, str> {
    if id.len() <= 64 { Cow::Borrowed(id) } else { fit(id, 64) }
}

/// The ids of the calls of an answer, as a client is told them that must send them to others again: each is told once in a
/// conversation, though servers give the same one again and again, or an empty one.
#[derive(Debug, Default)]
pub struct Told {
    ids: HashSet<String>,
    number: usize,
}

impl Told {
    /// The id of the next call. `fitted` makes an id what the dialect takes.
    pub fn next(&mut self, call: &ToolCall, reply: &Reply, fitted: impl Fn(&str) -> Cow<'_, str>) -> String {
        let told = call.id.as_deref().filter(|id| !id.is_empty()).map(|id| fitted(id).into_owned());
        let new = |id: &String| !self.ids.contains(id) && !was_told(id, reply);
        let id = told.filter(new).unwrap_or_else(|| derived(&reply.id, self.number));
        self.number += 1;
        self.ids.insert(id.clone());
        id
    }
}

/// Whether a call with this id is in the conversation that is answered.
fn was_told(id: &str, reply: &Reply) -> bool {
    let mut items = reply.request.turns.iter().flat_map(|turn| &turn.items);
    items.any(|item| matches!(item, Item::ToolCall(call) if call.id.as_deref() == Some(id)))
}

/// FNV-1a with 64 bits: no secret hangs on it, and it must never change.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Which result belongs to which call in a conversation. Calls and results are shown to it in their order.
///
/// A call without an id, or with one that another call has already, gets one by its place in the conversation; a result without
/// one belongs to the first call of its name that has no result yet, so that parallel calls of one tool keep their order, and
/// results of calls with the same id belong to them in their order.
#[derive(Debug, Default)]
pub struct Calls {
    seen: usize,
    names: HashMap<String, String>,
    answered: HashSet<String>,
    /// The ids of the calls of each name, in order.
    by_name: HashMap<String, VecDeque<String>>,
    in_order: VecDeque<String>,
    /// The ids of the calls that came with the same id, in order: those that may have no result yet, and the last.
    by_told: HashMap<String, VecDeque<String>>,
}

impl Calls {
    /// No calls yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of a call.
    pub fn call(&mut self, call: &ToolCall) -> String {
        let told = call.id.as_ref().filter(|id| !id.is_empty() && !self.has(id));
        let id = told.cloned().unwrap_or_else(|| self.unused());
        self.seen += 1;
        self.by_told.entry(call.id.clone().unwrap_or_default()).or_default().push_back(id.clone());
        self.names.insert(id.clone(), call.name.clone());
        self.by_name.entry(call.name.clone()).or_default().push_back(id.clone());
        self.in_order.push_back(id.clone());
        id
    }

    fn unused(&self) -> String {
        let mut id = format!("call_{}", self.seen);
        while self.has(&id) {
            id.push('_');
        }
        id
    }

    /// Whether a call with this id was made.
    pub fn has(&self, id: &str) -> bool {
        self.names.contains_key(id)
    }

    /// The id of the call that a result belongs to, and the tool's name where it is known.
    pub fn result(&mut self, result: &ToolResult) -> (String, Option<String>) {
        let told = result.id.as_ref().filter(|id| !id.is_empty());
        let id = match (told, &result.name) {
            (Some(id), _) => Some(self.of_told(id)),
            (None, Some(name)) => self.by_name.get_mut(name).and_then(|ids| first_open(ids, &self.answered)),
            (None, None) => first_open(&mut self.in_order, &self.answered),
        };
        let id = id.unwrap_or_else(|| "call_unknown".to_owned());
        self.answered.insert(id.clone());
        let name = result.name.clone().or_else(|| self.names.get(&id).cloned());
        (id, name)
    }

    /// The first call with this id that has no result yet, or else the last.
    fn of_told(&mut self, id: &str) -> String {
        let Some(calls) = self.by_told.get_mut(id) else { return id.to_owned() };
        while calls.len() > 1 && calls.front().is_some_and(|call| self.answered.contains(call)) {
            calls.pop_front();
        }
        calls.front().map_or_else(|| id.to_owned(), Clone::clone)
    }
}

fn first_open(ids: &mut VecDeque<String>, answered: &HashSet<String>) -> Option<String> {
    while let Some(id) = ids.pop_front() {
        if !answered.contains(&id) {
            return Some(id);
        }
    }
    None
}

#[cfg(test)]
mod tests;
