//! Paths to parts of a value: what is left out of a result, or all that is kept of it.

use mcp::raw;
use std::fmt;

/// A way into a value: `$.items[*].body`, or `$..body` for a member anywhere below.
#[derive(Clone, PartialEq, Eq)]
pub struct Path {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `.name` or `["name"]`.
    Member(String),
    /// `.*`: every member.
    AnyMember,
    /// `[*]`: every element.
    AnyElement,
    /// `..`: what follows, at any depth.
    Deep,
}

/// The most parts of a path.
const PARTS: usize = 32;

/// Characters that end a name without quotes.
const ENDS: [char; 5] = ['.', '[', ']', '"', '*'];

impl Path {
    /// Reads a path, or says what is wrong with it.
    ///
    /// # Errors
    /// In words, for people.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("a path begins with `$`, as in `$.items[*].body`")?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if parts.len() >= PARTS {
                return Err(format!("a path has at most {PARTS} parts"));
            }
            rest = match rest.strip_prefix("..") {
                Some(behind) if !behind.starts_with(['.', '[']) && !behind.is_empty() => {
                    parts.push(Part::Deep);
                    member(behind, &mut parts)?
                }
                Some(_) => return Err("a name is missing behind `..`".to_owned()),
                None => part(rest, &mut parts)?,
            };
        }
        if parts.is_empty() {
            return Err("`$` alone is the whole result: name a part of it".to_owned());
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn part<'a>(text: &'a str, parts: &mut Vec<Part>) -> Result<&'a str, String> {
    if let Some(behind) = text.strip_prefix('.') {
        return member(behind, parts);
    }
    if let Some(behind) = text.strip_prefix("[*]") {
        parts.push(Part::AnyElement);
        return Ok(behind);
    }
    let quoted = text.strip_prefix("[\"").and_then(|rest| rest.split_once("\"]"));
    let Some((name, behind)) = quoted else {
        return Err(format!("`{}` is none of `.name`, `[\"name\"]`, `[*]`, `.*` and `..name`", short(text)));
    };
    parts.push(Part::Member(name.to_owned()));
    Ok(behind)
}

fn member<'a>(text: &'a str, parts: &mut Vec<Part>) -> Result<&'a str, String> {
    if let Some(behind) = text.strip_prefix('*') {
        parts.push(Part::AnyMember);
        return Ok(behind);
    }
    let end = text.find(|character: char| ENDS.contains(&character)).unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    if name.is_empty() {
        return Err("a name is missing behind a `.`".to_owned());
    }
    parts.push(Part::Member(name.to_owned()));
    Ok(behind)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What stands one step below a value.
#[derive(Clone, Copy)]
enum Step<'a, 'v> {
    Member(&'a raw::Member<'v>),
    Element,
}

/// What is left of the ways when one step is taken; a way without parts has come to its end there.
fn onwards<'p>(ways: &[&'p [Part]], step: Step<'_, '_>) -> Vec<&'p [Part]> {
    let mut next = Vec::new();
    for way in ways {
        let mut way: &'p [Part] = way;
        if let [Part::Deep, rest @ ..] = way {
            next.push(way);
            way = rest;
        }
        let Some((part, rest)) = way.split_first() else { continue };
        let fits = match (part, step) {
            (Part::Member(name), Step::Member(member)) => member.is(name),
            (Part::AnyMember, Step::Member(_)) | (Part::AnyElement, Step::Element) => true,
            _ => false,
        };
        if fits {
            next.push(rest);
        }
    }
    next
}

fn ways(paths: &[Path]) -> Vec<&[Part]> {
    paths.iter().map(|path| path.parts.as_slice()).collect()
}

/// `value`, raw JSON, without what the paths lead to; nothing when they lead to nothing in it. The value is nested no
/// deeper than whoever calls can bear.
pub fn without(value: &str, paths: &[Path]) -> Option<String> {
    let mut left_out = false;
    let rest = pruned(value, &ways(paths), &mut left_out);
    left_out.then_some(rest)
}

fn pruned(value: &str, ways: &[&[Part]], left_out: &mut bool) -> String {
    if ways.is_empty() {
        return value.to_owned();
    }
    let mut child = |step: Step<'_, '_>, inner: &str| {
        let next = onwards(ways, step);
        let ends = next.iter().any(|way| way.is_empty());
        *left_out |= ends;
        (!ends).then(|| pruned(inner, &next, left_out))
    };
    match value.as_bytes().first() {
        Some(b'{') => object(raw::members(value).filter_map(|member| {
            let inner = child(Step::Member(&member), member.value)?;
            Some((member.key, inner))
        })),
        Some(b'[') => list(raw::elements(value).filter_map(|element| child(Step::Element, element))),
        _ => value.to_owned(),
    }
}

/// Only what the paths lead to in `value`, raw JSON; nothing when that is all of it, or nothing at all.
pub fn only(value: &str, paths: &[Path]) -> Option<String> {
    let mut left_out = false;
    let kept = selected(value, &ways(paths), &mut left_out)?;
    left_out.then_some(kept)
}

fn selected(value: &str, ways: &[&[Part]], left_out: &mut bool) -> Option<String> {
    if ways.iter().any(|way| way.is_empty()) {
        return Some(value.to_owned());
    }
    let mut child = |step: Step<'_, '_>, inner: &str| {
        let next = onwards(ways, step);
        let kept = if next.is_empty() { None } else { selected(inner, &next, left_out) };
        *left_out |= kept.is_none();
        kept
    };
    match value.as_bytes().first() {
        Some(b'{') => {
            let members: Vec<_> = raw::members(value)
                .filter_map(|member| Some((member.key, child(Step::Member(&member), member.value)?)))
                .collect();
            (!members.is_empty()).then(|| object(members.into_iter()))
        }
        Some(b'[') => {
            let elements: Vec<_> = raw::elements(value).filter_map(|element| child(Step::Element, element)).collect();
            (!elements.is_empty()).then(|| list(elements.into_iter()))
        }
        _ => None,
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> = members.map(|(key, value)| format!("{key}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn list(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests;
