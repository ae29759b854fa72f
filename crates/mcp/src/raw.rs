//! Reading and replacing single fields of JSON text without parsing the rest.
//!
//! The functions here walk text that is known to be valid JSON ([`crate::Message::parse`] has checked it). On anything
//! else they stop early or answer nothing; they never panic and never read out of bounds.

mod index;
mod scan;

pub use index::{Index, Object};

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// One member of an object: the key with its quotes, and the value, both as they stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key with its quotes and escapes.
    pub key: &'a str,
    /// The value without white space around it.
    pub value: &'a str,
}

impl Member<'_> {
    /// Whether the key is `name`, also when it is written with escapes.
    pub fn is(&self, name: &str) -> bool {
        // What begins otherwise is another, and so are most.
        if let (Some(own), Some(first)) = (self.key.as_bytes().get(1), name.as_bytes().first())
            && own != first
            && *own != b'\\'
        {
            return false;
        }
        let inner = self.key.get(1..self.key.len().saturating_sub(1)).unwrap_or_default();
        // Whatever is written with escapes is longer than what it stands for.
        let escaped = inner.len() > name.len() && inner.as_bytes().contains(&b'\\');
        inner == name || (escaped && text(self.key).is_some_and(|key| key == name))
    }
}

/// The members of `object` in their order. Empty for anything that is not an object.
pub fn members(object: &str) -> Members<'_> {
    Members(Walk::new(object, b'{'))
}

/// The elements of `array` in their order. Empty for anything that is not an array.
pub fn elements(array: &str) -> Elements<'_> {
    Elements(Walk::new(array, b'['))
}

/// The value of the first member `name` of `object`.
pub fn get<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    members(object).find(|member| member.is(name)).map(|member| member.value)
}

/// The values of the first members with these names, found in one walk.
pub fn pick<'a, const N: usize>(object: &'a str, names: [&str; N]) -> [Option<&'a str>; N] {
    let mut found = [None; N];
    for member in members(object) {
        let wanted = names.iter().zip(&mut found).find(|(name, value)| value.is_none() && member.is(name));
        if let Some((_, value)) = wanted {
            *value = Some(member.value);
        }
    }
    found
}

/// The value at a path of keys.
pub fn at<'a>(object: &'a str, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(object, |inner, name| get(inner, name))
}

/// The first key of `object` that stands there twice, or that cannot be read and so could be any.
pub fn duplicate(object: &str) -> Option<&str> {
    let mut seen: HashSet<Cow<'_, str>> = HashSet::new();
    members(object).find(|member| text(member.key).is_none_or(|key| !seen.insert(key))).map(|member| member.key)
}

/// The text that a JSON string stands for. Nothing for any other value.
pub fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str::<String>(raw).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// How many of the first `bytes` stand for themselves inside a JSON string: up to a quote, a backslash or a control character.
pub fn plain(bytes: &[u8]) -> usize {
    scan::plain_end(bytes, 0)
}

/// `text` as a JSON string with quotes.
pub fn quote(text: &str) -> String {
    // Names and words have nothing to escape.
    if plain(text.as_bytes()) == text.len() {
        return ["\"", text, "\""].concat();
    }
    serde_json::Value::from(text).to_string()
}

/// Whether `value` is an object.
pub fn is_object(value: &str) -> bool {
    value.trim_start().starts_with('{')
}

/// Whether arrays and objects in `json` are nested deeper than `limit`.
pub fn deeper_than(json: &str, limit: usize) -> bool {
    // Nesting takes two bytes a level, so a short text cannot be deep.
    if json.len() <= limit * 2 {
        return false;
    }
    let bytes = json.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ => at += 1,
        }
    }
    false
}

/// Where `part`, a slice of `whole`, stands in it. Nothing when it is not one.
pub fn range_of(whole: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

/// Collects replacements in a text and applies them all at once.
pub struct Splice<'a> {
    source: &'a str,
    edits: Vec<(Range<usize>, Cow<'a, str>)>,
}

impl<'a> Splice<'a> {
    /// Nothing replaced yet.
    pub fn new(source: &'a str) -> Self {
        Self { source, edits: Vec::new() }
    }

    /// Replaces `part`, which must be a slice of the source; anything else is passed over.
    pub fn replace(&mut self, part: &str, with: impl Into<Cow<'a, str>>) -> &mut Self {
        if let Some(range) = range_of(self.source, part) {
            self.edits.push((range, with.into()));
        }
        self
    }

    /// Adds a member at the front of `object`, a slice of the source. `value` is raw JSON.
    pub fn insert(&mut self, object: &str, key: &str, value: &str) -> &mut Self {
        let Some(range) = range_of(self.source, object) else { return self };
        let Some(brace) = object.find('{') else { return self };
        let place = range.start + brace + 1;
        // Into an empty object, what is inserted first has no neighbour and each later one has.
        let empty = members(object).next().is_none();
        let later = self.edits.iter().any(|(range, _)| range == &(place..place));
        let (before, behind) = if !empty {
            ("", ",")
        } else if later {
            (",", "")
        } else {
            ("", "")
        };
        self.edits.push((place..place, Cow::Owned(format!("{before}{}:{value}{behind}", quote(key)))));
        self
    }

    /// Whether anything is to be replaced.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The source with the replacements.
    pub fn finish(mut self) -> Cow<'a, str> {
        if self.edits.is_empty() {
            return Cow::Borrowed(self.source);
        }
        self.edits.sort_by_key(|(range, _)| (range.start, range.end));
        let added: usize = self.edits.iter().map(|(_, with)| with.len()).sum();
        let mut out = String::with_capacity(self.source.len() + added);
        let mut copied = 0;
        for (range, with) in &self.edits {
            // Overlapping edits cannot both hold; the first in the text wins.
            if range.start >= copied {
                out.push_str(&self.source[copied..range.start]);
                out.push_str(with);
                copied = range.end;
            }
        }
        out.push_str(&self.source[copied..]);
        Cow::Owned(out)
    }
}

/// `object` without the members for which `unwanted` holds. The others stay as they are.
pub fn without<'a>(object: &'a str, unwanted: impl Fn(&Member<'_>) -> bool) -> Cow<'a, str> {
    if !members(object).any(|member| unwanted(&member)) {
        return Cow::Borrowed(object);
    }
    let mut out = String::with_capacity(object.len());
    out.push('{');
    for member in members(object).filter(|member| !unwanted(member)) {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(member.key);
        out.push(':');
        out.push_str(member.value);
    }
    out.push('}');
    Cow::Owned(out)
}

/// See [`members`].
pub struct Members<'a>(Walk<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let key = self.0.value()?;
        self.0.pass(b':')?;
        let value = self.0.value()?;
        self.0.separator();
        Some(Member { key, value })
    }
}

/// See [`elements`].
pub struct Elements<'a>(Walk<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let value = self.0.value()?;
        self.0.separator();
        Some(value)
    }
}

struct Walk<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    fn new(source: &'a str, open: u8) -> Self {
        let mut walk = Self { source, at: 0 };
        if walk.pass(open).is_none() {
            walk.at = source.len();
        }
        walk
    }

    fn skip_space(&mut self) {
        let rest = self.source.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn pass(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.source.as_bytes().get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    /// Passes a comma; at the closing bracket the walk ends.
    fn separator(&mut self) {
        if self.pass(b',').is_none() {
            self.at = self.source.len();
        }
    }

    fn value(&mut self) -> Option<&'a str> {
        self.skip_space();
        let end = value_end(self.source.as_bytes(), self.at)?;
        let value = self.source.get(self.at..end)?;
        self.at = end;
        Some(value)
    }
}

/// The place behind the value that begins at `start`.
fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => Some(string_end(bytes, start)),
        b'{' | b'[' => Some(nested_end(bytes, start)),
        b'}' | b']' | b',' | b':' => None,
        _ => {
            let rest = &bytes[start..];
            let length =
                rest.iter().take_while(|byte| !matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'));
            Some(start + length.count())
        }
    }
}

/// The bytes at which a walk through nested values has something to do.
const MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    let mut at = 0;
    while at < marks.len() {
        marks[at] = matches!(at as u8, b'"' | b'{' | b'[' | b'}' | b']');
        at += 1;
    }
    marks
};

fn nested_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0usize, start);
    let next = |from: usize| bytes.get(from..)?.iter().position(|byte| MARKS[usize::from(*byte)]);
    while let Some(passed) = next(at) {
        at += passed;
        match bytes[at] {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            _ => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
        }
        at += 1;
    }
    bytes.len()
}

/// The place behind the closing quote of the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at = scan::plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests;
