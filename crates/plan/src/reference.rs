//! References to earlier results: `$.search.items[0].id`.

use mcp::raw;
use std::borrow::Cow;
use std::ops::Range;

/// A reference to a result, or to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it begins with.
    pub root: Root,
    /// How it goes on from there.
    pub path: Vec<Part>,
}

/// What a reference begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// `$.name`: the result of the step with this name.
    Step(String),
    /// `$item`: the item that a step with `for_each` is called for.
    Item,
    /// `$index`: the place of that item, from 0.
    Index,
}

/// One step of the way into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `.name` or `["name"]`.
    Member(String),
    /// `[0]`, or `[-1]` for the last.
    Element(i64),
    /// `[*]`: all elements; what follows is taken of each.
    All,
}

/// The deepest way into a value.
const PARTS: usize = 64;

/// Characters that end a name which stands without quotes.
const ENDS: [char; 10] = ['.', '[', ']', '{', '}', '"', '\'', '$', ',', '*'];

/// Whether a text that begins with this would be a reference. `in_loop` is whether `$item` and `$index` are there.
pub fn begins(text: &str, in_loop: bool) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[', '}']);
    let word = |name: &str| in_loop && text.strip_prefix(name).is_some_and(ends);
    text.starts_with("$.") || text.starts_with("$[") || word("$item") || word("$index")
}

/// Reads a reference at the beginning of `text`. Answers it and how many bytes it takes, or what is wrong with it.
pub fn read(text: &str) -> Result<(Reference, usize), String> {
    let mut rest = text;
    let root = if let Some(behind) = rest.strip_prefix("$item") {
        rest = behind;
        Some(Root::Item)
    } else if let Some(behind) = rest.strip_prefix("$index") {
        rest = behind;
        Some(Root::Index)
    } else {
        rest = rest.strip_prefix('$').ok_or("a reference begins with `$.`")?;
        None
    };
    let mut path = Vec::new();
    while rest.starts_with(['.', '[']) {
        if path.len() > PARTS {
            return Err(format!("a reference has at most {PARTS} parts"));
        }
        let (part, behind) = read_part(rest)?;
        path.push(part);
        rest = behind;
    }
    let root = match root {
        Some(root) => root,
        None if path.is_empty() => return Err("the name of a step is missing behind `$.`".to_owned()),
        None => match path.remove(0) {
            Part::Member(name) => Root::Step(name),
            _ => return Err("behind `$` stands the name of a step, as in `$.search`".to_owned()),
        },
    };
    Ok((Reference { root, path }, text.len() - rest.len()))
}

/// Reads a text that is a reference as a whole.
pub fn read_all(text: &str) -> Result<Reference, String> {
    let (reference, used) = read(text)?;
    match text.get(used..) {
        Some("") => Ok(reference),
        rest => Err(format!("`{}` stands behind its end", shorten(rest.unwrap_or_default()))),
    }
}

fn read_part(text: &str) -> Result<(Part, &str), String> {
    if let Some(rest) = text.strip_prefix('.') {
        let end = rest.find(|character: char| ENDS.contains(&character) || character.is_whitespace());
        let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if name.is_empty() {
            return Err("a name is missing behind a `.`".to_owned());
        }
        return Ok((Part::Member(name.to_owned()), behind));
    }
    let rest = text.get(1..).unwrap_or_default();
    if rest.starts_with('"') {
        let (name, behind) = quoted(rest).ok_or("a name in `[\"…\"]` has no end, or cannot be read")?;
        let behind = behind.strip_prefix(']').ok_or("a `]` is missing")?;
        return Ok((Part::Member(name), behind));
    }
    let (inner, behind) = rest.split_once(']').ok_or("a `]` is missing")?;
    if inner == "*" {
        return Ok((Part::All, behind));
    }
    match inner.parse() {
        Ok(number) => Ok((Part::Element(number), behind)),
        Err(_) => Err(format!("`[{}]` is none of `[0]`, `[-1]`, `[*]` and `[\"name\"]`", shorten(inner))),
    }
}

/// A JSON string at the beginning of `text`, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, character)| {
        let ends = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    });
    let (end, _) = end?;
    let name = serde_json::from_str::<String>(text.get(..=end)?).ok()?;
    Some((name, text.get(end + 1..)?))
}

impl Reference {
    /// What it points at in `value`, raw JSON, or what is missing there.
    pub fn find<'a>(&self, value: &'a str) -> Result<Cow<'a, str>, String> {
        let from = match &self.root {
            Root::Step(name) => format!("$.{name}"),
            Root::Item => "$item".to_owned(),
            Root::Index => "$index".to_owned(),
        };
        follow(value, &self.path, &from)
    }
}

fn follow<'a>(value: &'a str, path: &[Part], from: &str) -> Result<Cow<'a, str>, String> {
    let Some((part, rest)) = path.split_first() else { return Ok(Cow::Borrowed(value)) };
    match part {
        Part::Member(name) => {
            let found = raw::get(value, name).ok_or_else(|| no_member(value, name, from))?;
            follow(found, rest, &format!("{from}.{name}"))
        }
        Part::Element(number) => {
            let count = elements(value, from)?.count();
            let index = usize::try_from(*number).ok().or_else(|| count.checked_sub(number.unsigned_abs() as usize));
            let found = index.and_then(|index| raw::elements(value).nth(index));
            let found = found.ok_or_else(|| format!("`{from}` has {count} elements, so there is no [{number}]"))?;
            follow(found, rest, &format!("{from}[{number}]"))
        }
        Part::All => {
            let mut all = String::from("[");
            for (index, element) in elements(value, from)?.enumerate() {
                if index > 0 {
                    all.push(',');
                }
                all.push_str(&follow(element, rest, &format!("{from}[{index}]"))?);
            }
            all.push(']');
            Ok(Cow::Owned(all))
        }
    }
}

fn elements<'a>(value: &'a str, from: &str) -> Result<raw::Elements<'a>, String> {
    if value.starts_with('[') {
        return Ok(raw::elements(value));
    }
    Err(format!("`{from}` is {}, not a list", kind(value)))
}

fn no_member(value: &str, name: &str, from: &str) -> String {
    if !raw::is_object(value) {
        return format!("`{from}` is {}, so it has no `{}`", kind(value), shorten(name));
    }
    let known: Vec<String> = raw::members(value)
        .take(12)
        .filter_map(|member| raw::text(member.key).map(|key| format!("`{}`", shorten(&key))))
        .collect();
    let has = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
    format!("`{from}` has no `{}`; it has {has}", shorten(name))
}

/// What kind of value raw JSON is, in words.
pub fn kind(value: &str) -> &'static str {
    match value.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') | None => "null",
        Some(_) => "a number",
    }
}

/// The places of references within `text` that stand as `${…}`. A `$` before that makes it plain text.
pub fn within(text: &str, in_loop: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(place) = text.get(at..).and_then(|rest| rest.find("${")).map(|place| place + at) {
        at = place + 2;
        if begins(text.get(at..).unwrap_or_default(), in_loop) {
            found.push(place..at);
        }
    }
    found
}

/// A piece of what a stranger wrote, for an error.
pub fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|character| !character.is_control()).take(60).collect();
    if clean.len() < text.len() { format!("{clean}…") } else { clean }
}

#[cfg(test)]
mod tests;
