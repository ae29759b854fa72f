//! Which arguments a tool wants repeated in headers, from its definition.

use super::{Mirror, PREFIX};
use crate::raw;
use http::HeaderName;
use serde_json::{Map, Value};

/// The keyword of a property.
const KEYWORD: &str = "x-mcp-header";

/// The most such arguments of one tool: a request has at most a hundred headers on most servers.
const MIRRORS: usize = 32;

/// The longest name of such a header, without what all begin with.
const NAME_LIMIT: usize = 100;

/// Names that stand for a credential, or for how a message is framed. Behind the prefix they are harmless to HTTP, and
/// still a proxy that takes the prefix off would be misled.
const FORBIDDEN: [&str; 11] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
];

/// Keywords whose value is a schema.
const SCHEMAS: [&str; 12] = [
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
];

/// Keywords whose value is a list of schemas, or is one in older drafts.
const LISTS: [&str; 5] = ["oneOf", "anyOf", "allOf", "prefixItems", "items"];

/// Keywords whose value has schemas under names.
const MAPS: [&str; 5] = ["patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"];

/// The arguments of `tool`, a definition as raw JSON, that headers repeat; `Err` says what is against the specification.
pub fn mirrors(tool: &str) -> Result<Vec<Mirror>, String> {
    // Hardly any tool has one, and a look for the word is all that the others pay.
    if !tool.contains(KEYWORD) && !tool.contains("\\u") {
        return Ok(Vec::new());
    }
    let schema = raw::get(tool, "inputSchema").unwrap_or("{}");
    let schema: Value = base::json::from_text(schema).map_err(|_| "its schema cannot be read".to_owned())?;
    let mut found = Vec::new();
    walk(&schema, Some(&mut Vec::new()), &mut found)?;
    Ok(found)
}

/// Looks through a schema. `path` leads there through nothing but `properties`; nothing where that is not so.
fn walk(schema: &Value, path: Option<&mut Vec<String>>, found: &mut Vec<Mirror>) -> Result<(), String> {
    let Value::Object(schema) = schema else { return Ok(()) };
    if let Some(name) = schema.get(KEYWORD) {
        match &path {
            Some(path) if !path.is_empty() => {
                let mirror = mirror(name, schema, path, found)?;
                found.push(mirror);
            }
            _ => return Err(format!("{KEYWORD} stands where no property of the arguments is")),
        }
    }
    let elsewhere = SCHEMAS.iter().filter_map(|keyword| schema.get(*keyword));
    let listed = LISTS.iter().filter_map(|keyword| schema.get(*keyword)?.as_array()).flatten();
    let named = MAPS.iter().filter_map(|keyword| schema.get(*keyword)?.as_object()).flat_map(Map::values);
    for inner in elsewhere.chain(listed).chain(named) {
        walk(inner, None, found)?;
    }
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    match path {
        None => properties.into_iter().try_for_each(|(_, inner)| walk(inner, None, found)),
        Some(path) => properties.into_iter().try_for_each(|(key, inner)| {
            path.push(key.clone());
            walk(inner, Some(path), found)?;
            path.pop();
            Ok(())
        }),
    }
}

fn mirror(name: &Value, schema: &Map<String, Value>, path: &[String], found: &[Mirror]) -> Result<Mirror, String> {
    let Value::String(name) = name else { return Err(format!("{KEYWORD} is no string")) };
    let shown: String = name.chars().flat_map(char::escape_default).take(NAME_LIMIT).collect();
    let fault = |why: &str| Err(format!("{KEYWORD} \"{shown}\" {why}"));
    if name.is_empty() || name.len() > NAME_LIMIT {
        return fault("is empty or too long");
    }
    // The library takes exactly the characters of a token (RFC 9110, 5.6.2).
    let Ok(header) = HeaderName::from_bytes(format!("{PREFIX}{name}").as_bytes()) else {
        return fault("is no name of a header");
    };
    if FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden)) {
        return fault("is a name that has a meaning of its own");
    }
    if !matches!(schema.get("type").and_then(Value::as_str), Some("string" | "integer" | "boolean")) {
        return fault("is on a property that is no string, integer or boolean");
    }
    if found.iter().any(|other| other.header == header) {
        return fault("stands there twice");
    }
    if found.len() >= MIRRORS {
        return fault("is one too many");
    }
    Ok(Mirror { header, path: path.to_vec() })
}
