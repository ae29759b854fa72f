//! Values that fit a schema: arguments of tools, and answers to questions.

use serde_json::{Map, Value, json};

/// An object with a value for each property of `schema`: its default where it has one, and otherwise anything that fits.
/// Properties that are not required and have no default are left out.
pub(crate) fn object(schema: &Value) -> Map<String, Value> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let given = properties.filter(|(name, property)| {
        required.contains(&name.as_str()) || property.get("default").is_some() || required.is_empty()
    });
    given.map(|(name, property)| (name.clone(), value(property))).collect()
}

/// Anything that fits `schema`.
fn value(schema: &Value) -> Value {
    if let Some(default) = schema.get("default") {
        return default.clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|choices| choices.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("number" | "integer") => json!(2),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => Value::Object(object(schema)),
        Some("null") => Value::Null,
        _ => json!("sample"),
    }
}

#[cfg(test)]
mod tests {
    use super::object;
    use serde_json::{Value, json};

    #[test]
    fn defaults_come_first_and_what_is_required_is_there() {
        let schema = json!({
            "properties": {
                "a": { "type": "number" },
                "b": { "type": "string", "default": "x" },
                "c": { "type": "string" },
                "d": { "enum": ["first", "second"] },
            },
            "required": ["a", "d"],
        });
        assert_eq!(Value::Object(object(&schema)), json!({ "a": 2, "b": "x", "d": "first" }));
        assert_eq!(Value::Object(object(&json!({}))), json!({}));
    }
}
