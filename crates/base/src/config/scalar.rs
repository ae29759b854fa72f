//! What a word of YAML or a number of JSON stands for.

use super::tree::Value;

/// The value of a plain YAML word, by the core schema of YAML 1.2.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => number(text),
    }
}

/// A number that prints as it was written, or else the text itself.
pub(super) fn number(text: &str) -> Value {
    if let Some(value) = text.parse::<i64>().ok().filter(|value| value.to_string() == text) {
        return Value::Integer(value);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && format!("{value:?}") == text => Value::Float(value),
        _ => Value::Text(text.to_owned()),
    }
}

/// A truth value, however it was written.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Text(text) => match text.as_str() {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number, however it was written.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(value) => Some(*value),
        Value::Text(text) => {
            let text = text.trim();
            if let Some(digits) = text.strip_prefix("0x") {
                i64::from_str_radix(digits, 16).ok()
            } else if let Some(digits) = text.strip_prefix("0o") {
                i64::from_str_radix(digits, 8).ok()
            } else {
                text.parse().ok()
            }
        }
        _ => None,
    }
}
