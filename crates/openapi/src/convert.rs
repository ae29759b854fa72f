//! The tree of a document as plain JSON.

use base::config::Node;
use serde_json::{Number, Value};

/// The same values without their places.
pub fn json(node: &Node) -> Value {
    node.to_json()
}

/// A number that the tree kept as the text it was written as, such as `1.10` or `1e3`, as the number it is. Everything
/// else stays.
pub(crate) fn number(value: &Value) -> Value {
    let read = value.as_str().and_then(|text| serde_json::from_str::<Number>(text.trim()).ok());
    read.map_or_else(|| value.clone(), Value::Number)
}

/// A truth value, however it was written; nothing for everything else.
pub(crate) fn truth(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A plain value as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
