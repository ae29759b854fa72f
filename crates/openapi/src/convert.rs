//! The tree of a document as plain JSON.

use base::config::{Node, Value as Tree};
use serde_json::{Map, Number, Value};

/// The same values without their places. The reader of documents has a limit on depth, so this may recurse.
pub fn json(node: &Node) -> Value {
    match &node.value {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Integer(value) => Value::from(*value),
        Tree::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Tree::Text(text) => Value::String(text.clone()),
        Tree::List(items) => Value::Array(items.iter().map(json).collect()),
        Tree::Map(entries) => {
            Value::Object(entries.iter().map(|entry| (entry.key.clone(), json(&entry.node))).collect::<Map<_, _>>())
        }
    }
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
