//! Schemas of a document as JSON Schema 2020-12, which is what tools have.
//!
//! References stay references: what they lead to within the document becomes an entry of `$defs`, so that a schema that
//! holds itself costs no more than any other. Each of them is converted once for all tools.

use crate::convert;
use crate::document::Document;
use crate::fault::Fault;
use crate::reference;
use base::random;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which way the values of a schema go. What is `readOnly` is not sent, what is `writeOnly` does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Sent,
    Received,
}

/// The most schemas within one.
const MOST: usize = 20_000;

/// The most schemas that are converted for one document.
const ALL: usize = 4_000_000;

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
const MAPS: [&str; 3] = ["dependentSchemas", "patternProperties", "properties"];
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
/// Keywords of OpenAPI that say nothing of which values are right, those that would change what `$ref` means, and those
/// that hold what is referred to.
const LEFT_OUT: [&str; 10] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "definitions",
    "discriminator",
    "example",
    "externalDocs",
    "nullable",
    "xml",
];

/// The schemas of a document that go one way.
pub(crate) struct Schemas<'a> {
    document: &'a Document,
    direction: Direction,
    /// What was converted, by its name in `$defs`.
    shelf: HashMap<String, Result<Shared, Fault>>,
    left: usize,
}

/// A schema that others refer to.
struct Shared {
    schema: Value,
    /// The bytes that it takes.
    size: usize,
    uses: Uses,
}

/// What schemas refer to: names in `$defs`, and the pointers that they stand for.
pub(crate) type Uses = BTreeMap<String, String>;

impl<'a> Schemas<'a> {
    pub(crate) fn new(document: &'a Document, direction: Direction) -> Self {
        Self { document, direction, shelf: HashMap::new(), left: ALL }
    }

    /// The schema with its references into `$defs`. What it refers to is added to `uses`.
    pub(crate) fn convert(&mut self, schema: &Value, uses: &mut Uses) -> Result<Value, Fault> {
        let mut walk = Walk { document: self.document, direction: self.direction, uses, left: MOST.min(self.left) };
        let before = walk.left;
        let converted = walk.convert(schema);
        self.left -= before - walk.left;
        converted
    }

    /// Everything that `uses` leads to, as `$defs`: at most so many bytes.
    pub(crate) fn definitions(&mut self, uses: &Uses, limit: usize) -> Result<Map<String, Value>, Fault> {
        let mut reached: BTreeSet<String> = uses.keys().cloned().collect();
        let mut open: Vec<(String, String)> = uses.clone().into_iter().collect();
        let mut bytes = 0;
        while let Some((name, pointer)) = open.pop() {
            let shared = self.shared(&name, &pointer)?;
            bytes += name.len() + shared.size;
            if bytes > limit {
                return Err(format!("its schemas have more than {} KiB", limit >> 10));
            }
            for (name, pointer) in &shared.uses {
                if reached.insert(name.clone()) {
                    open.push((name.clone(), pointer.clone()));
                }
            }
        }
        let schema = |name: String| {
            let schema = self.shelf.get(&name)?.as_ref().ok()?.schema.clone();
            Some((name, schema))
        };
        Ok(reached.into_iter().filter_map(schema).collect())
    }

    fn shared(&mut self, name: &str, pointer: &str) -> Result<&Shared, Fault> {
        if !self.shelf.contains_key(name) {
            let document = self.document;
            let mut uses = Uses::new();
            let converted =
                reference::find(document.json(), pointer).and_then(|schema| self.convert(schema, &mut uses));
            let shared = converted.map(|schema| Shared { size: schema.to_string().len(), schema, uses });
            self.shelf.insert(name.to_owned(), shared);
        }
        match self.shelf.get(name) {
            Some(Ok(shared)) => Ok(shared),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err("its schemas cannot be kept".to_owned()),
        }
    }
}

/// One schema on its way.
struct Walk<'a, 'uses> {
    document: &'a Document,
    direction: Direction,
    uses: &'uses mut Uses,
    left: usize,
}

impl Walk<'_, '_> {
    fn convert(&mut self, schema: &Value) -> Result<Value, Fault> {
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

    /// The name in `$defs` of what a pointer leads to: that of a component, or else the last word of the pointer with a
    /// piece of its digest, so that it depends on nothing else.
    fn name(&mut self, pointer: String) -> Result<String, Fault> {
        reference::find(self.document.json(), &pointer)?;
        let last = reference::unescaped(pointer.rsplit('/').next().unwrap_or_default()).into_owned();
        let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
        let component = pointer.strip_prefix("/components/schemas/") == Some(last.as_str());
        let name = if component && !last.is_empty() && last.chars().all(is_plain) {
            last
        } else {
            let plain: String =
                last.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
            format!("{plain}_{}", random::to_hex(&random::sha256(pointer.as_bytes())[..4]))
        };
        self.uses.insert(name.clone(), pointer);
        Ok(name)
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
