//! Results in fewer tokens: parts left out by paths, lists as tables, bytes as links, and of long texts the ends.

use crate::config::{Prune, Settings};
use crate::tokens::{self, Count, Family, Meter};
use crate::{path, table};
use mcp::raw;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The scheme of addresses of whole results.
pub const SCHEME: &str = "result://";

/// The member of `_meta` that says how a result was shaped.
const META: &str = "tutti/result";

/// What stands between two texts where they are read as one.
const BETWEEN: &str = "\n";

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
}

/// The result of a tool as the client is shown it; nothing where it is shown as it is.
pub fn shape(result: &str, wanted: &Wanted<'_>) -> Option<Shaped> {
    let edited = Edited::of(result, wanted);
    let current = edited.result.as_ref();
    let (limit, family) = (wanted.settings.limit, wanted.settings.family);
    let parts = Parts::of(current);
    // No token is less than a byte.
    let tokens = (current.len() > limit).then(|| parts.tokens(family));
    let is_long = tokens.is_some_and(|count| count.tokens > limit) && !parts.texts.is_empty();
    if !is_long && !edited.is_changed() {
        return None;
    }
    let shown = if is_long { parts.shortened(current, wanted) } else { current.to_owned() };
    let whole = match tokens {
        Some(tokens) if !edited.is_changed() => tokens,
        _ => Parts::of(result).tokens(family),
    };
    let shown = edited.told(&shown, wanted, whole);
    Some(Shaped { shown, text: parts.text(), structured: parts.structured.map(str::to_owned) })
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

    /// `shown` with a note of what was done to it.
    fn told(&self, shown: &str, wanted: &Wanted<'_>, whole: Count) -> String {
        let id = wanted.id;
        let mut said = Map::new();
        said.insert("id".to_owned(), json!(id));
        said.insert("uri".to_owned(), json!(format!("{SCHEME}{id}")));
        said.insert("tokens".to_owned(), json!(whole.tokens));
        said.insert("family".to_owned(), json!(wanted.settings.family.name()));
        said.insert("exact".to_owned(), json!(whole.exact));
        said.insert("limit".to_owned(), json!(wanted.settings.limit));
        for (key, count) in [("tables", self.tables), ("links", self.links)] {
            if count > 0 {
                said.insert(key.to_owned(), json!(count));
            }
        }
        let mut splice = raw::Splice::new(shown);
        if !self.left_out.is_empty() {
            said.insert("left_out".to_owned(), json!(self.left_out));
            let left_out = self.left_out.join(", ");
            let note =
                format!("[left out here: {left_out}; read_result with the id {id} and the part whole reads all]");
            let block = format!(r#"{{"type":"text","text":{}}}"#, raw::quote(&note));
            if let Some(content) = raw::get(shown, "content") {
                let mut all: Vec<&str> = raw::elements(content).collect();
                all.push(&block);
                splice.replace(content, format!("[{}]", all.join(",")));
            }
        }
        let meta = raw::get(shown, "_meta");
        // What the server says under this name is not the hub's.
        let others = raw::without(meta.filter(|meta| raw::is_object(meta)).unwrap_or("{}"), |member| member.is(META));
        let mut with = raw::Splice::new(&others);
        with.insert(&others, META, &Value::Object(said).to_string());
        let with = with.finish().into_owned();
        match meta {
            Some(meta) => splice.replace(meta, with),
            None => splice.insert(shown, "_meta", &with),
        };
        splice.finish().into_owned()
    }
}

/// The text of a block of text, as it stands there.
fn text_of(block: &str) -> Option<&str> {
    let is_text = raw::get(block, "type").and_then(raw::text).as_deref() == Some("text");
    raw::get(block, "text").filter(|_| is_text)
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

/// What there is to read in a result.
struct Parts<'a> {
    /// The texts as they stand in the result, and what they say.
    texts: Vec<(&'a str, Cow<'a, str>)>,
    structured: Option<&'a str>,
}

/// What a model is told in the place of what was cut out of a text is so many tokens itself, a few more or less.
const NOTE: usize = 72;

impl<'a> Parts<'a> {
    fn of(result: &'a str) -> Self {
        let content = raw::get(result, "content").unwrap_or("[]");
        let texts =
            raw::elements(content).filter_map(text_of).filter_map(|text| Some((text, raw::text(text)?))).collect();
        let structured = raw::get(result, "structuredContent").filter(|value| *value != "null");
        Self { texts, structured }
    }

    /// How many tokens they are together.
    fn tokens(&self, family: Family) -> Count {
        let mut meter = Meter::new(family);
        self.texts.iter().map(|(_, text)| text.as_ref()).chain(self.structured).map(|text| meter.count(text)).sum()
    }

    /// All texts as one.
    fn text(&self) -> String {
        self.texts.iter().map(|(_, text)| text.as_ref()).collect::<Vec<_>>().join(BETWEEN)
    }

    /// The result with the ends of its texts, and without its structured content, which says the same again.
    fn shortened(&self, result: &str, wanted: &Wanted<'_>) -> String {
        let Settings { limit, family, .. } = *wanted.settings;
        let mut meter = Meter::new(family);
        let counts: Vec<usize> = self.texts.iter().map(|(_, text)| meter.count(text).tokens).collect();
        let all: usize = counts.iter().sum();
        let (mut parts, mut rest) = (Meter::of_parts(family), Meter::new(family));
        let (mut splice, mut start) = (raw::Splice::new(result), 0);
        for ((place, text), tokens) in self.texts.iter().zip(counts) {
            if all > limit {
                // Each gets as large a part of the room as it is of the whole.
                let own = tokens.saturating_mul(limit) / all;
                let own = if own > 2 * NOTE { own - NOTE } else { own };
                let (head, tail) = ends(text, own, &mut parts);
                if head < tail {
                    let left = rest.count(&text[head..tail]);
                    splice.replace(place, raw::quote(&cut(text, (head, tail), left, start, wanted.id)));
                }
            }
            start += text.len() + BETWEEN.len();
        }
        let short = splice.finish();
        raw::without(&short, |member| member.is("structuredContent")).into_owned()
    }
}

/// Where the beginning of `text` ends and its end begins that are at most `room` tokens together.
fn ends(text: &str, room: usize, meter: &mut Meter) -> (usize, usize) {
    let head = meter.beginning(text, room - room / 4);
    let head = text[..head].rfind('\n').filter(|line| *line > head / 2).map_or(head, |line| line + 1);
    let tail = (text.len() - meter.ending(text, room / 4)).max(head);
    let tail = text[tail..].find('\n').map(|line| tail + line + 1).filter(|line| *line < text.len()).unwrap_or(tail);
    (head, tail)
}

/// `text` up to `head` and from `tail` on, and between them how the rest is read, which is `left`. `start` is where the text
/// begins in what is read.
fn cut(text: &str, (head, tail): (usize, usize), left: Count, start: usize, id: &str) -> String {
    let (from, to) = (start + head, start + tail);
    format!(
        "{}\n[{left} tokens are left out here, bytes {from} to {to}: read_result with the id {id} reads them or searches in them]\n{}",
        &text[..head],
        &text[tail..]
    )
}

#[cfg(test)]
mod tests;
