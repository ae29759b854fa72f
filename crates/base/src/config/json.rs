//! JSON, with the comments and trailing commas that editors allow in their settings.

use super::budget::{self, Capacity};
use super::lines::Lines;
use super::scalar;
use super::tree::{Document, Entry, Node, Place, Value};
use super::yaml::twice;
use crate::{Code, Error, Result};
use jsonc_parser::{CollectOptions, ParseOptions, ast, parse_to_ast};
use std::collections::HashMap;

const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads one JSON document. Comments and trailing commas are allowed; a key that stands twice is an error. A file with
/// nothing in it is null.
pub fn json(file: &str, text: &str) -> Result<Document> {
    json_within(file, text, Capacity::default())
}

/// As [`json`], for a document that may hold more than a configuration.
pub fn json_within(file: &str, text: &str, capacity: Capacity) -> Result<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(text);
    // The parser recurses and keeps all it reads, so what is too much is refused before it begins.
    survey(text, capacity).map_err(|(offset, error)| error(file, lines.place(offset), capacity))?;
    let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS).map_err(|error| {
        let message = format!("the file is not JSON that can be read: {}", lower_first(&error.kind().to_string()));
        let place = lines.place(error.range().start);
        Error::new(Code::ConfigSyntax, message, "mend the file at this place").at(place.in_file(file))
    })?;
    let root = match parsed.value {
        Some(value) => convert(file, &lines, value)?,
        None => Node { place: Place::START, value: Value::Null },
    };
    Ok(Document { file: file.to_owned(), root })
}

type TooMuch = fn(&str, Place, Capacity) -> Error;

/// Counts levels and values without reading them.
fn survey(text: &str, capacity: Capacity) -> Result<(), (usize, TooMuch)> {
    let bytes = text.as_bytes();
    let (mut index, mut depth, mut nodes) = (0, 0, 1);
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'"' => index = end_of_string(bytes, index),
            b'/' if bytes.get(index + 1) == Some(&b'/') => index = find(bytes, index, b"\n"),
            b'/' if bytes.get(index + 1) == Some(&b'*') => index = find(bytes, index + 2, b"*/") + 1,
            b'{' | b'[' => (depth, nodes) = (depth + 1, nodes + 1),
            b'}' | b']' => depth = usize::saturating_sub(depth, 1),
            b',' => nodes += 1,
            _ => {}
        }
        if depth > budget::DEPTH {
            return Err((index, |file, place, _| budget::too_deep(file, place)));
        }
        if nodes > capacity.nodes {
            return Err((index, budget::too_large));
        }
        index += 1;
    }
    Ok(())
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut index = start + 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'"' => return index,
            b'\\' => index += 2,
            _ => index += 1,
        }
    }
    index
}

fn find(bytes: &[u8], start: usize, wanted: &[u8]) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.windows(wanted.len()).position(|window| window == wanted).map_or(bytes.len(), |found| start + found)
}

fn convert(file: &str, lines: &Lines<'_>, value: ast::Value<'_>) -> Result<Node> {
    let (start, value) = match value {
        ast::Value::NullKeyword(literal) => (literal.range.start, Value::Null),
        ast::Value::BooleanLit(literal) => (literal.range.start, Value::Bool(literal.value)),
        ast::Value::NumberLit(literal) => (literal.range.start, scalar::number(literal.value)),
        ast::Value::StringLit(literal) => (literal.range.start, Value::Text(literal.value.into_owned())),
        ast::Value::Array(array) => {
            let items: Result<_> = array.elements.into_iter().map(|item| convert(file, lines, item)).collect();
            (array.range.start, Value::List(items?))
        }
        ast::Value::Object(object) => (object.range.start, Value::Map(entries(file, lines, object.properties)?)),
    };
    Ok(Node { place: lines.place(start), value })
}

fn entries(file: &str, lines: &Lines<'_>, properties: Vec<ast::ObjectProp<'_>>) -> Result<Vec<Entry>> {
    let mut seen = HashMap::with_capacity(properties.len());
    let mut entries = Vec::with_capacity(properties.len());
    for property in properties {
        let key_place = lines.place(property.range.start);
        let key = property.name.into_string();
        if let Some(first) = seen.insert(key.clone(), key_place) {
            return Err(twice(file, &key, key_place, first));
        }
        entries.push(Entry { key, key_place, node: convert(file, lines, property.value)? });
    }
    Ok(entries)
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests;
