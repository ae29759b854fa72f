//! Results that are too long for what a model can read: the ends of them are shown, and the whole is kept for a while.

mod wholes;

pub use wholes::{Whole, Wholes, unknown};

use crate::config::Context;
use crate::results::Owner;
use crate::tokens;
use base::random;
use mcp::raw;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;

/// The scheme of addresses of whole results.
pub const SCHEME: &str = "result://";

/// The member of `_meta` that says how a result was shortened.
const META: &str = "tutti/result";

/// What shortens the results of one call.
pub struct Shaping {
    wholes: Arc<Wholes>,
    owner: Owner,
    context: Context,
}

impl Shaping {
    /// Shortens for `owner`, who alone may read the whole.
    pub fn new(wholes: Arc<Wholes>, owner: Owner, context: Context) -> Self {
        Self { wholes, owner, context }
    }

    /// The result of a tool as the client gets it. What cannot be kept is not shortened either.
    pub fn shape(&self, result: String) -> String {
        // No token is less than a byte.
        if result.len() <= self.context.limit {
            return result;
        }
        let Some(long) = Long::of(&result, self.context.limit) else { return result };
        let Ok(id) = random::hex::<16>() else { return result };
        let short = long.shortened(&result, self.context.limit, &id);
        let whole = Whole { text: long.text(), structured: long.structured.map(str::to_owned), result: result.clone() };
        if self.wholes.keep(&id, &self.owner, whole, self.context.keep) { short } else { result }
    }
}

/// A result above the limit.
struct Long<'a> {
    /// The texts as they stand in the result, and what they say.
    texts: Vec<(&'a str, Cow<'a, str>)>,
    structured: Option<&'a str>,
    tokens: usize,
}

/// What stands between two texts where they are read as one.
const BETWEEN: &str = "\n";

impl<'a> Long<'a> {
    /// The parts of `result`, if they are above `limit` tokens together and there is a text to shorten.
    fn of(result: &'a str, limit: usize) -> Option<Self> {
        let content = raw::get(result, "content").unwrap_or("[]");
        let is_text = |block: &&str| raw::get(block, "type").and_then(raw::text).as_deref() == Some("text");
        let texts: Vec<_> = raw::elements(content)
            .filter(is_text)
            .filter_map(|block| raw::get(block, "text").and_then(|text| Some((text, raw::text(text)?))))
            .collect();
        let structured = raw::get(result, "structuredContent").filter(|value| *value != "null");
        let of_texts: usize = texts.iter().map(|(_, text)| tokens::estimate(text)).sum();
        let tokens = of_texts + structured.map_or(0, tokens::estimate);
        (tokens > limit && !texts.is_empty()).then_some(Self { texts, structured, tokens })
    }

    /// All texts as one.
    fn text(&self) -> String {
        self.texts.iter().map(|(_, text)| text.as_ref()).collect::<Vec<_>>().join(BETWEEN)
    }

    /// The result with the ends of its texts, and without its structured content, which says the same again.
    fn shortened(&self, result: &str, limit: usize, id: &str) -> String {
        let all: usize = self.texts.iter().map(|(_, text)| text.len()).sum();
        let tokens: usize = self.texts.iter().map(|(_, text)| tokens::estimate(text)).sum();
        let room = if tokens <= limit { all } else { all.saturating_mul(limit) / tokens.max(1) };
        let (mut splice, mut start) = (raw::Splice::new(result), 0);
        for (place, text) in &self.texts {
            let own = text.len().saturating_mul(room) / all.max(1);
            if own < text.len() {
                splice.replace(place, raw::quote(&ends(text, own, start, id)));
            }
            start += text.len() + BETWEEN.len();
        }
        let said = json!({"id": id, "uri": format!("{SCHEME}{id}"), "tokens": self.tokens, "limit": limit}).to_string();
        let old = raw::get(result, "_meta");
        // What the server says under this name is not the hub's.
        let others = raw::without(old.filter(|meta| raw::is_object(meta)).unwrap_or("{}"), |member| member.is(META));
        let mut meta = raw::Splice::new(&others);
        meta.insert(&others, META, &said);
        let meta = meta.finish().into_owned();
        match old {
            Some(old) => splice.replace(old, meta),
            None => splice.insert(result, "_meta", &meta),
        };
        let short = splice.finish();
        raw::without(&short, |member| member.is("structuredContent")).into_owned()
    }
}

/// The beginning and the end of `text`, about `room` bytes together, and between them how the rest is read. `start` is
/// where the text begins in what is read.
fn ends(text: &str, room: usize, start: usize, id: &str) -> String {
    let head = text.floor_char_boundary(room - room / 4);
    let head = text[..head].rfind('\n').filter(|line| *line > head / 2).map_or(head, |line| line + 1);
    let tail = text.ceil_char_boundary(text.len() - room / 4).max(head);
    let tail = text[tail..].find('\n').map(|line| tail + line + 1).filter(|line| *line < text.len()).unwrap_or(tail);
    let left = tokens::estimate(&text[head..tail]);
    let (from, to) = (start + head, start + tail);
    format!(
        "{}\n[about {left} tokens are left out here, bytes {from} to {to}: read_result with the id {id} reads them or searches in them]\n{}",
        &text[..head],
        &text[tail..]
    )
}

#[cfg(test)]
mod tests;
