//! Raw JSON in which some texts are references, and what comes out when these are filled in.
//!
//! Everything else stays as it was written, to the byte: a number that no machine type can hold goes on as it came.

use crate::reference::{self, Reference, Root};
use mcp::raw;
use schema::{Kinds, Node};
use std::borrow::Cow;
use std::ops::Range;

/// JSON with references in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    source: String,
    holes: Vec<Hole>,
}

/// A text that is more than text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    range: Range<usize>,
    /// Where it stands, such as `arguments.to[0]`.
    pub place: String,
    /// What it is.
    pub kind: Kind,
}

/// What stands in the place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A value, whatever it is.
    Value(Reference),
    /// A text with values in it.
    Text(Vec<Piece>),
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// A value: a text without its quotes, anything else as JSON.
    Value(Reference),
}

/// What is wrong with a template, or with filling it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, such as `arguments.to[0]`.
    pub place: String,
    /// What.
    pub why: String,
}

impl Template {
    /// Reads `source`, raw JSON. `place` is where it stands, `in_loop` whether `$item` and `$index` are there.
    pub fn read(source: &str, place: &str, in_loop: bool) -> Result<Self, Fault> {
        let mut holes = Vec::new();
        let reading = Reading { source, in_loop };
        reading.value(source, place, &mut holes)?;
        Ok(Self { source: source.to_owned(), holes })
    }

    /// All that it refers to.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.holes.iter().flat_map(|hole| {
            let pieces = match &hole.kind {
                Kind::Value(reference) => (Some(reference), [].as_slice()),
                Kind::Text(pieces) => (None, pieces.as_slice()),
            };
            let within = pieces.1.iter().filter_map(|piece| match piece {
                Piece::Value(reference) => Some(reference),
                Piece::Plain(_) => None,
            });
            pieces.0.into_iter().chain(within)
        })
    }

    /// What is known of the value before any reference is filled in; `kinds` says what one may be.
    pub(crate) fn shape(&self, kinds: &impl Fn(&Reference) -> Kinds) -> Node {
        self.node(&self.source, kinds)
    }

    fn node(&self, value: &str, kinds: &impl Fn(&Reference) -> Kinds) -> Node {
        match value.as_bytes().first() {
            Some(b'{') => {
                let member = |member: raw::Member<'_>| {
                    (raw::text(member.key).unwrap_or_default().into_owned(), self.node(member.value, kinds))
                };
                Node::Object(raw::members(value).map(member).collect())
            }
            Some(b'[') => Node::List(raw::elements(value).map(|element| self.node(element, kinds)).collect()),
            _ => {
                let range = raw::range_of(&self.source, value);
                let hole = self.holes.iter().find(|hole| Some(&hole.range) == range.as_ref());
                match hole.map(|hole| &hole.kind) {
                    Some(Kind::Value(reference)) => Node::Any(kinds(reference)),
                    Some(Kind::Text(_)) => Node::Any(Kinds::TEXT),
                    None => base::json::from_text(value).map_or(Node::Any(Kinds::ALL), |value| Node::of(&value)),
                }
            }
        }
    }

    /// The texts that are more than text.
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// The template as it was written, raw JSON.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Fills in the values, which `value` finds, and gives raw JSON of at most `limit` bytes.
    pub fn fill<'a>(
        &self,
        limit: usize,
        value: impl Fn(&Reference) -> Result<Cow<'a, str>, String>,
    ) -> Result<String, Fault> {
        let fault = |hole: &Hole, why| Fault { place: hole.place.clone(), why };
        let mut out = String::with_capacity(self.source.len());
        let mut copied = 0;
        for hole in &self.holes {
            out.push_str(self.source.get(copied..hole.range.start).unwrap_or_default());
            copied = hole.range.end;
            match &hole.kind {
                Kind::Value(reference) => out.push_str(&value(reference).map_err(|why| fault(hole, why))?),
                Kind::Text(pieces) => {
                    let text = joined(pieces, limit, &value).map_err(|why| fault(hole, why))?;
                    out.push_str(&raw::quote(&text));
                }
            }
            if out.len() > limit {
                return Err(fault(hole, format!("with this value it would be more than {limit} bytes")));
            }
        }
        out.push_str(self.source.get(copied..).unwrap_or_default());
        Ok(out)
    }
}

fn joined<'a>(
    pieces: &[Piece],
    limit: usize,
    value: &impl Fn(&Reference) -> Result<Cow<'a, str>, String>,
) -> Result<String, String> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Plain(plain) => text.push_str(plain),
            Piece::Value(reference) => {
                let value = value(reference)?;
                text.push_str(raw::text(&value).as_deref().unwrap_or(&value));
            }
        }
        if text.len() > limit {
            return Err(format!("with this value it would be more than {limit} bytes"));
        }
    }
    Ok(text)
}

struct Reading<'a> {
    source: &'a str,
    in_loop: bool,
}

impl Reading<'_> {
    fn value(&self, value: &str, place: &str, holes: &mut Vec<Hole>) -> Result<(), Fault> {
        match value.as_bytes().first() {
            Some(b'{') => {
                for member in raw::members(value) {
                    let key = raw::text(member.key).unwrap_or_default();
                    self.value(member.value, &inside(place, &key), holes)?;
                }
            }
            Some(b'[') => {
                for (index, element) in raw::elements(value).enumerate() {
                    self.value(element, &format!("{place}[{index}]"), holes)?;
                }
            }
            Some(b'"') => {
                // Hardly any text has one, and it may be long.
                if value.contains('$')
                    && let Some(kind) = self.text(value).map_err(|why| Fault { place: place.to_owned(), why })?
                    && let Some(range) = raw::range_of(self.source, value)
                {
                    holes.push(Hole { range, place: place.to_owned(), kind });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&self, value: &str) -> Result<Option<Kind>, String> {
        let Some(text) = raw::text(value) else { return Ok(None) };
        let bare = text.trim_start_matches('$');
        let dollars = text.len() - bare.len();
        if dollars > 1 && reference::begins(&text[dollars - 1..], self.in_loop) {
            return Ok(Some(Kind::Text(vec![Piece::Plain(text[1..].to_owned())])));
        }
        if reference::begins(&text, self.in_loop) {
            let read = reference::read_all(&text);
            let meant =
                |why| format!("`{}`: {why}; for text that begins so, write `$` once more", reference::shorten(&text));
            return read.map(|reference| Some(Kind::Value(reference))).map_err(meant);
        }
        let places = reference::within(&text, self.in_loop);
        if places.is_empty() { Ok(None) } else { pieces(&text, &places).map(|pieces| Some(Kind::Text(pieces))) }
    }
}

fn pieces(text: &str, places: &[Range<usize>]) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut copied = 0;
    for place in places.iter().filter(|place| place.start >= copied).cloned().collect::<Vec<_>>() {
        if place.start < copied {
            continue;
        }
        let before = text.get(copied..place.start).unwrap_or_default();
        if let Some(plain) = before.strip_suffix('$') {
            pieces.push(Piece::Plain(format!("{plain}${{")));
            copied = place.end;
            continue;
        }
        let meant = |why: String| {
            format!("`{}`: {why}; for plain text, write `$${{`", reference::shorten(&text[place.start..]))
        };
        let (reference, used) = reference::read(&text[place.end..]).map_err(meant)?;
        let end = place.end + used;
        if !text[end..].starts_with('}') {
            return Err(meant("the `}` is missing behind the reference".to_owned()));
        }
        pieces.push(Piece::Plain(before.to_owned()));
        pieces.push(Piece::Value(reference));
        copied = end + 1;
    }
    pieces.push(Piece::Plain(text.get(copied..).unwrap_or_default().to_owned()));
    pieces.retain(|piece| !matches!(piece, Piece::Plain(plain) if plain.is_empty()));
    Ok(pieces)
}

/// The place of a member.
fn inside(place: &str, key: &str) -> String {
    let key = reference::shorten(key);
    if place.is_empty() { key } else { format!("{place}.{key}") }
}

impl Reference {
    /// The step that it refers to.
    pub fn step(&self) -> Option<&str> {
        match &self.root {
            Root::Step(name) => Some(name),
            Root::Item | Root::Index => None,
        }
    }
}

#[cfg(test)]
mod tests;
