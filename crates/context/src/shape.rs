//! Results in fewer tokens: parts left out by paths, lists as tables, bytes as links, and of long texts the ends.

mod layout;
mod once;
mod parts;

pub use self::once::said_once;

use self::parts::{Parts, text_of};
use crate::config::{Prune, Settings};
use crate::tokens::{self, Count, Family};
use crate::{path, table};
use mcp::raw;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The scheme of addresses of whole results.
pub const SCHEME: &str = "result://";

/// The member of `_meta` that says how a result was shaped.
const META: &str = "tutti/result";

/// The member of `_meta` that says how many tokens were saved.
const TOKENS: &str = "tutti/tokens";

/// What is said of what was left out is at most so many tokens more than the limit.
pub const BESIDE: usize = 300;

/// The most characters of the paths that a note names.
const PATHS: usize = 200;

/// JSON in a text that is nested deeper is left alone.
const DEPTH: usize = 128;

/// What a result is shaped for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// How.
    pub settings: &'a Settings,
    /// The name of its tool in the hub.
    pub tool: &'a str,
    /// Whether the client knows links among the content (since 2025-06-18).
    pub links: bool,
    /// The id under which the whole will be kept.
    pub id: &'a str,
}

/// A result that was shaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shaped {
    /// What the client is shown, raw JSON.
    pub shown: String,
    /// All texts as one, after what was left out of them by paths, and before they were cut.
    pub text: String,
    /// The structured content, likewise; raw JSON.
    pub structured: Option<String>,
    /// How many tokens of it the client is shown.
    pub tokens: Count,
    /// How many there are.
    pub all: Count,
}

/// How many tokens of a result, raw JSON, a model reads: its texts, its structured content, and of whatever else there is
/// all but images, sounds and files.
pub fn tokens(result: &str, family: Family) -> Count {
    Parts::of(result, family).tokens()
}

/// How many tokens more than its content it takes to tell blocks apart: one for each but the first.
fn between(blocks: usize) -> usize {
    blocks.saturating_sub(1)
}

/// The result of a tool as the client is shown it; nothing where it is shown as it is.
pub fn shape(result: &str, wanted: &Wanted<'_>) -> Option<Shaped> {
    let result = &once::said_once(result);
    let edited = Edited::of(result, wanted);
    let current = edited.result.as_ref();
    let (limit, family) = (wanted.settings.limit, wanted.settings.family);
    // No token is less than a byte.
    let may_be_long = current.len() > limit;
    if !may_be_long && !edited.is_changed() {
        return None;
    }
    let parts = Parts::of(current, family);
    let is_long = may_be_long && parts.room() > limit;
    if !is_long && !edited.is_changed() {
        return None;
    }
    let shown = if is_long { shortened(&parts, wanted) } else { current.to_owned() };
    let all = if edited.is_changed() { tokens(result, family) } else { parts.tokens() };
    let shown = edited.noted(shown, all.less(parts.tokens()), wanted);
    let seen = tokens(&shown, family);
    let shown = edited.told(&shown, wanted, (seen, all));
    let structured = parts.structured().map(str::to_owned);
    Some(Shaped { shown, text: parts.text(), structured, tokens: seen, all })
}

/// As much as there is room for. The middle of very much is taken to be like its ends, and may be more than it was taken for.
fn shortened(parts: &Parts<'_>, wanted: &Wanted<'_>) -> String {
    let (most, family) = (wanted.settings.limit, wanted.settings.family);
    let mut limit = most;
    let mut shown = parts.shortened(limit, wanted);
    for _ in 0..3 {
        let room = Parts::of(&shown, family).room();
        if room <= most.saturating_add(BESIDE / 2) {
            break;
        }
        limit = limit.saturating_mul(most) / room;
        shown = parts.shortened(limit, wanted);
    }
    shown
}

/// `result`, raw JSON, with word in `_meta` of the tokens that are `shown` in the place of `all`.
pub fn with_tokens(result: &str, family: Family, shown: Count, all: Count) -> String {
    with_meta(result, &[(TOKENS, &tokens::told(family, shown, all))])
}

/// A result with what was edited in it.
struct Edited<'a> {
    result: Cow<'a, str>,
    left_out: Vec<&'a str>,
    tables: usize,
    links: usize,
}

impl<'a> Edited<'a> {
    fn of(result: &'a str, wanted: &Wanted<'a>) -> Self {
        let mut edited = Self { result: Cow::Borrowed(result), left_out: Vec::new(), tables: 0, links: 0 };
        let settings = wanted.settings;
        let prune = settings.prune.iter().find(|prune| prune.tools.is_match(wanted.tool));
        let nothing = prune.is_none() && !settings.tables && settings.links.is_none();
        // What went wrong is told in full.
        if nothing || raw::get(result, "isError") == Some("true") {
            return edited;
        }
        let mut splice = raw::Splice::new(result);
        for (index, block) in raw::elements(raw::get(result, "content").unwrap_or("[]")).enumerate() {
            if let Some((place, new)) = edited.text(block, prune, settings.tables) {
                splice.replace(place, new);
            } else if let Some(most) = settings.links.filter(|_| wanted.links)
                && let Some(link) = link(block, most, wanted.id, index)
            {
                edited.links += 1;
                splice.replace(block, link);
            }
        }
        if let Some(structured) = raw::get(result, "structuredContent")
            && let Some(rest) = edited.pruned(structured, prune)
        {
            splice.replace(structured, rest);
        }
        let mut new = splice.finish().into_owned();
        if edited.tables > 0 {
            // It says the same again, in more tokens.
            new = raw::without(&new, |member| member.is("structuredContent")).into_owned();
        }
        if edited.is_changed() {
            edited.result = Cow::Owned(new);
        }
        edited
    }

    fn is_changed(&self) -> bool {
        self.tables + self.links + self.left_out.len() > 0
    }

    /// What takes the place of the text of a block that is JSON.
    fn text<'b>(&mut self, block: &'b str, prune: Option<&'a Prune>, tables: bool) -> Option<(&'b str, String)> {
        let place = text_of(block)?;
        let text = raw::text(place)?;
        let value = json(&text)?;
        let rest = self.pruned(value, prune);
        let left = rest.as_deref().unwrap_or(value);
        let table = if tables { table::of(left) } else { None };
        let table = table.filter(|table| tokens::estimate(table) < tokens::estimate(left));
        self.tables += usize::from(table.is_some());
        Some((place, raw::quote(&table.or(rest)?)))
    }

    /// A value without what is left out of it, if that is anything.
    fn pruned(&mut self, value: &str, prune: Option<&'a Prune>) -> Option<String> {
        let prune = prune.filter(|_| value.starts_with(['{', '[']) && !raw::deeper_than(value, DEPTH))?;
        let kept = if prune.only.is_empty() { None } else { path::only(value, &prune.only) };
        let rest = path::without(kept.as_deref().unwrap_or(value), &prune.drop);
        let mut note = |said: &'a str| {
            if !self.left_out.contains(&said) {
                self.left_out.push(said);
            }
        };
        if kept.is_some() {
            note("all but what the view keeps");
        }
        if rest.is_some() {
            prune.drop.iter().for_each(|path| note(path.text()));
        }
        rest.or(kept)
    }

    /// `shown` with a line of what the view leaves out, `gone` tokens, where there is such.
    fn noted(&self, shown: String, gone: Count, wanted: &Wanted<'_>) -> String {
        if self.left_out.is_empty() {
            return shown;
        }
        let (id, all) = (wanted.id, self.left_out.join(", "));
        let cut = all.char_indices().nth(PATHS).map_or(all.len(), |(at, _)| at);
        let more = if cut < all.len() { "…" } else { "" };
        let paths = &all[..cut];
        let note = format!(
            "[left out here, {gone} tokens: {paths}{more}; read_result with the id {id} and the part whole reads all]"
        );
        with_block(&shown, &note)
    }

    /// `shown` with what programs are told of what was done to it: `seen` of `all` tokens are shown.
    fn told(&self, shown: &str, wanted: &Wanted<'_>, (seen, all): (Count, Count)) -> String {
        let (id, family) = (wanted.id, wanted.settings.family);
        let mut said = Map::new();
        said.insert("id".to_owned(), json!(id));
        said.insert("uri".to_owned(), json!(format!("{SCHEME}{id}")));
        said.insert("tokens".to_owned(), json!(all.tokens));
        said.insert("family".to_owned(), json!(family.name()));
        said.insert("exact".to_owned(), json!(all.exact));
        said.insert("limit".to_owned(), json!(wanted.settings.limit));
        for (key, count) in [("tables", self.tables), ("links", self.links)] {
            if count > 0 {
                said.insert(key.to_owned(), json!(count));
            }
        }
        if !self.left_out.is_empty() {
            said.insert("left_out".to_owned(), json!(self.left_out));
        }
        with_meta(shown, &[(META, &Value::Object(said)), (TOKENS, &tokens::told(family, seen, all))])
    }
}

/// `result` with these members of `_meta`, in the place of what its server says under their names, which is not the hub's.
fn with_meta(result: &str, said: &[(&str, &Value)]) -> String {
    let meta = raw::get(result, "_meta");
    let is_said = |member: &raw::Member<'_>| said.iter().any(|(name, _)| member.is(name));
    let mut members: Vec<String> = said.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let others = raw::members(meta.unwrap_or("{}")).filter(|member| !is_said(member));
    members.extend(others.map(|member| format!("{}:{}", member.key, member.value)));
    let all = format!("{{{}}}", members.join(","));
    let mut splice = raw::Splice::new(result);
    match meta {
        Some(meta) => splice.replace(meta, all),
        None => splice.insert(result, "_meta", &all),
    };
    splice.finish().into_owned()
}

/// `result` with one more text at the end of its content.
fn with_block(result: &str, text: &str) -> String {
    let content = raw::get(result, "content");
    let block = block(text);
    let all: Vec<&str> = raw::elements(content.unwrap_or("[]")).chain([block.as_str()]).collect();
    let all = format!("[{}]", all.join(","));
    let mut splice = raw::Splice::new(result);
    match content {
        Some(content) => splice.replace(content, all),
        None => splice.insert(result, "content", &all),
    };
    splice.finish().into_owned()
}

/// A block of text.
fn block(text: &str) -> String {
    format!(r#"{{"type":"text","text":{}}}"#, raw::quote(text))
}

/// The object or list that a text is as a whole.
fn json(text: &str) -> Option<&str> {
    let text = text.trim();
    let may_be = text.starts_with(['{', '[']) && !raw::deeper_than(text, DEPTH);
    let is_so = may_be && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    is_so.then_some(text)
}

/// Where the bytes of a block stand, in base64, and what kind they are.
fn bytes(block: &str) -> Option<(&str, Option<&str>)> {
    let kind = raw::get(block, "type").and_then(raw::text)?;
    match kind.as_ref() {
        "image" | "audio" => Some((raw::get(block, "data")?, raw::get(block, "mimeType"))),
        "resource" => {
            let resource = raw::get(block, "resource")?;
            Some((raw::get(resource, "blob")?, raw::get(resource, "mimeType")))
        }
        _ => None,
    }
}

/// A link in the place of a block of more than `most` characters of base64.
fn link(block: &str, most: usize, id: &str, index: usize) -> Option<String> {
    let (data, kind) = bytes(block).filter(|(data, _)| data.len() > most)?;
    let name = raw::get(block, "type").and_then(raw::text).unwrap_or_default();
    let size = data.trim_matches('"').trim_end_matches('=').len() * 3 / 4;
    let mut link = format!(r#"{{"type":"resource_link","uri":"{SCHEME}{id}/{index}","name":"{name}","size":{size}"#);
    for (key, value) in [("mimeType", kind), ("annotations", raw::get(block, "annotations"))] {
        if let Some(value) = value {
            link.push_str(&format!(r#","{key}":{value}"#));
        }
    }
    link.push('}');
    Some(link)
}

/// What `resources/read` of `uri` answers: the whole `result`, raw JSON, or the bytes of the block `index`.
pub fn read(result: &str, uri: &str, index: Option<usize>) -> Option<String> {
    let uri = raw::quote(uri);
    let contents = match index {
        None => format!(r#"{{"uri":{uri},"mimeType":"application/json","text":{}}}"#, raw::quote(result)),
        Some(index) => {
            let block = raw::elements(raw::get(result, "content")?).nth(index)?;
            let (data, kind) = bytes(block)?;
            let kind = kind.map(|kind| format!(r#""mimeType":{kind},"#)).unwrap_or_default();
            format!(r#"{{"uri":{uri},{kind}"blob":{data}}}"#)
        }
    };
    Some(format!(r#"{{"contents":[{contents}]}}"#))
}

#[cfg(test)]
mod tests;
