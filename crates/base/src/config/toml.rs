//! TOML, with the place of every key.

use super::budget::{self, Capacity, Cost};
use super::lines::Lines;
use super::tree::{Document, Entry, Node, Place, Value};
use crate::{Code, Error, Result};
use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

/// Reads one TOML document. The keys of a table come in the order of the file.
pub fn toml(file: &str, text: &str) -> Result<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let message = format!("the file is not TOML that can be read: {}", error.message());
        let place = error.span().map_or(Place::START, |span| lines.place(span.start));
        Error::new(Code::ConfigSyntax, message, "mend the file at this place").at(place.in_file(file))
    })?;
    let root = Node { place: Place::START, value: Value::Map(entries(&lines, table.into_inner())) };
    budget::check_depth(file, &root, 0)?;
    let capacity = Capacity::default();
    if Cost::of(&root).nodes > capacity.nodes {
        return Err(budget::too_large(file, Place::START, capacity));
    }
    Ok(Document { file: file.to_owned(), root })
}

fn entries(lines: &Lines<'_>, table: DeTable<'_>) -> Vec<Entry> {
    let mut pairs: Vec<_> = table.into_iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
        let key_place = lines.place(key.span().start);
        let key: std::borrow::Cow<'_, str> = key.into_inner();
        Entry { key: key.into_owned(), key_place, node: convert(lines, value) }
    };
    pairs.into_iter().map(entry).collect()
}

fn convert(lines: &Lines<'_>, value: Spanned<DeValue<'_>>) -> Node {
    let place = lines.place(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(value) => Value::Integer(value),
            Err(_) => Value::Text(number.to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(value) if value.is_finite() => Value::Float(value),
            _ => Value::Text(number.to_string()),
        },
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(value) => Value::Text(value.to_string()),
        DeValue::Array(items) => Value::List(items.into_iter().map(|item| convert(lines, item)).collect()),
        DeValue::Table(table) => Value::Map(entries(lines, table)),
    };
    Node { place, value }
}

#[cfg(test)]
mod tests;
