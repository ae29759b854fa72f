//! Schemas of a document as JSON Schema 2020-12, which is what tools have.
//!
//! References stay references: what they lead to within the document becomes an entry of `$defs`, so that a schema that
//! holds itself costs no more than any other.

use crate::convert;
use crate::document::Document;
use crate::fault::Fault;
use crate::reference;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which way the values of a schema go. What is `readOnly` is not sent, what is `writeOnly` does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Sent,
    Received,
}

/// The most schemas within the schemas of one tool.
const MOST: usize = 20_000;

/// Keywords whose value is a schema.
const ONE: [&str; 11] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a map of schemas.
const MAPS: [&str; 5] = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];
/// Keywords whose value is a number.
const NUMBERS: [&str; 13] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
];
/// Keywords of OpenAPI that say nothing of which values are right, and those that would change what `$ref` means.
const LEFT_OUT: [&str; 8] =
    ["discriminator", "externalDocs", "xml", "nullable", "example", "$schema", "$id", "$comment"];

/// The schemas of one tool that go one way.
pub(crate) struct Schemas<'a> {
    document: &'a Document,
    direction: Direction,
    /// The names in `$defs` of the pointers that are referred to.
    names: BTreeMap<String, String>,
    /// Pointers that are named and not yet converted.
    open: Vec<String>,
    left: usize,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(document: &'a Document, direction: Direction) -> Self {
        Self { document, direction, names: BTreeMap::new(), open: Vec::new(), left: MOST }
    }

    /// The schema with its references into `$defs`.
    pub(crate) fn convert(&mut self, schema: &Value) -> Result<Value, Fault> {
        self.left = self.left.checked_sub(1).ok_or_else(|| format!("its schemas hold more than {MOST} others"))?;
        let Value::Object(members) = schema else {
            return match schema {
                Value::Bool(_) => Ok(schema.clone()),
                Value::Null => Ok(json!({})),
                _ => Err("one of its schemas is no schema".to_owned()),
            };
        };
        if members.contains_key("$dynamicRef") || members.contains_key("$recursiveRef") {
            return Err("its schemas have references that depend on where they stand (`$dynamicRef`)".to_owned());
        }
        let mut out = Map::new();
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let name = self.name(reference::pointer(reference)?)?;
            out.insert("$ref".to_owned(), format!("#/$defs/{name}").into());
            // OpenAPI 3.0 passes over whatever stands beside a reference.
            if self.document.is_old() {
                return Ok(out.into());
            }
        }
        let numeric = is_numeric(members.get("type"));
        for (key, value) in members {
            if key == "$ref" || key.starts_with("x-") || LEFT_OUT.contains(&key.as_str()) {
                continue;
            }
            if let Some(value) = self.keyword(key, value, numeric)? {
                out.insert(key.clone(), value);
            }
        }
        if let Some(example) = members.get("example").filter(|_| !members.contains_key("examples")) {
            out.insert(
                "examples".to_owned(),
                json!([if numeric { convert::number(example) } else { example.clone() }]),
            );
        }
        self.hide(members, &mut out)?;
        if self.document.is_old() {
            modernise(members, &mut out);
        }
        if convert::truth(members.get("nullable")) == Some(true) {
            out = nullable(out);
        }
        Ok(out.into())
    }

    fn keyword(&mut self, key: &str, value: &Value, numeric: bool) -> Result<Option<Value>, Fault> {
        let converted = match value {
            Value::Object(map) if MAPS.contains(&key) => {
                let mut out = Map::new();
                for (name, schema) in map {
                    out.insert(name.clone(), self.convert(schema)?);
                }
                out.into()
            }
            Value::Array(list) if LISTS.contains(&key) => {
                list.iter().map(|schema| self.convert(schema)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(_) if ONE.contains(&key) => self.convert(value)?,
            Value::String(_) if ONE.contains(&key) => convert::truth(Some(value)).map_or(json!(true), Value::Bool),
            Value::Array(list) if numeric && (key == "enum" || key == "examples") => {
                list.iter().map(convert::number).collect::<Vec<_>>().into()
            }
            _ if numeric && matches!(key, "default" | "const") => convert::number(value),
            _ if NUMBERS.contains(&key) => convert::number(value),
            _ if matches!(key, "readOnly" | "writeOnly" | "deprecated" | "uniqueItems") => {
                return Ok(convert::truth(Some(value)).map(Value::Bool));
            }
            // A list of names; in JSON Schema before draft 4, and in parameters, it is a truth value.
            _ if key == "required" && !value.is_array() => return Ok(None),
            _ => value.clone(),
        };
        Ok(Some(converted))
    }

    /// Takes out the properties that do not go this way.
    fn hide(&self, members: &Map<String, Value>, out: &mut Map<String, Value>) -> Result<(), Fault> {
        let mark = match self.direction {
            Direction::Sent => "readOnly",
            Direction::Received => "writeOnly",
        };
        let properties = members.get("properties").and_then(Value::as_object).into_iter().flatten();
        let mut hidden = Vec::new();
        for (name, schema) in properties {
            let resolved = self.document.resolve(schema)?;
            if [schema, resolved].iter().any(|schema| convert::truth(schema.get(mark)) == Some(true)) {
                hidden.push(name.as_str());
            }
        }
        if hidden.is_empty() {
            return Ok(());
        }
        if let Some(properties) = out.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|name, _| !hidden.contains(&name.as_str()));
        }
        if let Some(required) = out.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_none_or(|name| !hidden.contains(&name)));
        }
        Ok(())
    }

    /// The name in `$defs` of what a pointer leads to.
    fn name(&mut self, pointer: String) -> Result<String, Fault> {
        if let Some(name) = self.names.get(&pointer) {
            return Ok(name.clone());
        }
        reference::find(self.document.json(), &pointer)?;
        let last = reference::unescaped(pointer.rsplit('/').next().unwrap_or_default()).into_owned();
        let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
        let base: String = last.chars().map(|character| if plain(character) { character } else { '_' }).collect();
        let base = if base.is_empty() { "schema".to_owned() } else { base };
        let taken = |name: &String| self.names.values().any(|other| other == name);
        let name = (1..)
            .map(|number| if number == 1 { base.clone() } else { format!("{base}_{number}") })
            .find(|name| !taken(name))
            .unwrap_or(base.clone());
        self.names.insert(pointer.clone(), name.clone());
        self.open.push(pointer);
        Ok(name)
    }

    /// Everything that was referred to, as `$defs`.
    pub(crate) fn definitions(&mut self) -> Result<Map<String, Value>, Fault> {
        let mut definitions = BTreeMap::new();
        while let Some(pointer) = self.open.pop() {
            let schema = reference::find(self.document.json(), &pointer)?.clone();
            let converted = self.convert(&schema)?;
            definitions.insert(self.names.get(&pointer).cloned().unwrap_or_default(), converted);
        }
        Ok(definitions.into_iter().collect())
    }
}

fn is_numeric(kind: Option<&Value>) -> bool {
    let numeric = |kind: &Value| matches!(kind.as_str(), Some("integer" | "number"));
    match kind {
        Some(Value::Array(kinds)) => kinds.iter().any(numeric),
        Some(kind) => numeric(kind),
        None => false,
    }
}

/// Turns the keywords of OpenAPI 3.0 that mean something else in JSON Schema into those of JSON Schema.
fn modernise(members: &Map<String, Value>, out: &mut Map<String, Value>) {
    for (exclusive, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match convert::truth(members.get(exclusive)) {
            Some(true) => {
                out.remove(exclusive);
                if let Some(limit) = out.remove(limit) {
                    out.insert(exclusive.to_owned(), limit);
                }
            }
            Some(false) => drop(out.remove(exclusive)),
            None => {}
        }
    }
    // In OpenAPI 3.0 these are formats, in JSON Schema the encoding has a keyword of its own.
    if out.get("format").and_then(Value::as_str) == Some("byte") {
        out.remove("format");
        out.insert("contentEncoding".to_owned(), "base64".into());
    }
}

/// The schema that takes null besides.
fn nullable(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(kind) = schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        schema.insert("type".to_owned(), json!([kind, "null"]));
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut)
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
        return schema;
    }
    if schema.contains_key("type") {
        return schema;
    }
    let mut out = Map::new();
    for key in ["title", "description", "deprecated", "default"] {
        if let Some(value) = schema.remove(key) {
            out.insert(key.to_owned(), value);
        }
    }
    out.insert("anyOf".to_owned(), json!([schema, {"type": "null"}]));
    out
}

#[cfg(test)]
mod tests;
