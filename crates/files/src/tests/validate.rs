//! As much of JSON Schema as the output schemas use.

use serde_json::Value;

/// Panics where `value` is not what `schema` says.
#[track_caller]
pub(super) fn check(schema: &Value, value: &Value) {
    if let Err(problem) = valid(schema, value) {
        panic!("{problem} in {value}");
    }
}

fn valid(schema: &Value, value: &Value) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "description" => true,
            "type" => has_type(rule.as_str().unwrap(), value),
            "enum" => rule.as_array().unwrap().contains(value),
            "required" => rule.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "anyOf" => rule.as_array().unwrap().iter().any(|rule| valid(rule, value).is_ok()),
            "items" => value.as_array().unwrap().iter().try_for_each(|value| valid(rule, value)).map(|()| true)?,
            "properties" => {
                for (key, value) in value.as_object().unwrap() {
                    // What the schema does not name would be allowed, but then it is not described either.
                    let rule = rule.get(key).ok_or(format!("{key} is not described"))?;
                    valid(rule, value).map_err(|problem| format!("{key}: {problem}"))?;
                }
                true
            }
            other => panic!("the keyword {other} is not known here"),
        };
        if !fits {
            return Err(format!("{keyword} {rule} is broken by {value}"));
        }
    }
    Ok(())
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        other => panic!("the type {other} is not known here"),
    }
}
