//! Which keywords of JSON Schema are checked: what a person writes is to mean something.

use base::config::nearest;
use regex::RegexBuilder;
use serde_json::Value;

/// The keywords of JSON Schema that are checked, and those that only describe.
const KEYWORDS: [&str; 38] = [
    "type",
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "$ref",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "format",
    "$comment",
    "$schema",
    "readOnly",
    "writeOnly",
];

/// What of a schema is not checked, and so must not be written.
pub fn unchecked(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, &mut found, 0);
    found
}

fn look(schema: &Value, found: &mut Vec<String>, depth: usize) {
    let Value::Object(members) = schema else {
        if !schema.is_boolean() {
            found.push("holds something that is no schema".to_owned());
        }
        return;
    };
    if depth > 32 {
        return found.push("is nested deeper than 32 levels".to_owned());
    }
    for (key, value) in members {
        match key.as_str() {
            "properties" | "$defs" => match value {
                Value::Object(schemas) => schemas.values().for_each(|schema| look(schema, found, depth + 1)),
                _ => found.push(format!("has `{key}`, which is no map")),
            },
            "items" | "additionalProperties" | "not" | "if" | "then" | "else" => look(value, found, depth + 1),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => match value {
                Value::Array(schemas) => schemas.iter().for_each(|schema| look(schema, found, depth + 1)),
                _ => found.push(format!("has `{key}`, which is no list")),
            },
            "pattern" => {
                let pattern = value.as_str().unwrap_or_default();
                if !value.is_string() || RegexBuilder::new(pattern).size_limit(256 << 10).build().is_err() {
                    found.push(format!("has the pattern `{}`, which is none", crate::shorten(pattern)));
                }
            }
            known if KEYWORDS.contains(&known) => {}
            unknown => {
                let near = nearest(unknown, KEYWORDS).map(|near| format!("; did you mean `{near}`?"));
                found.push(format!(
                    "has `{}`, which is not checked{}",
                    crate::shorten(unknown),
                    near.unwrap_or_default()
                ));
            }
        }
    }
}
