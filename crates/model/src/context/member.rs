//! Members of what servers say.

use serde_json::Value;

/// The value at a path of members.
pub(super) fn at<'value>(value: &'value Value, path: &[&str]) -> Option<&'value Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

pub(super) fn text<'value>(value: &'value Value, path: &[&str]) -> Option<&'value str> {
    at(value, path)?.as_str()
}

/// A whole number that is more than 0: servers write 0 for what they do not know.
pub(super) fn count(value: &Value, path: &[&str]) -> Option<u64> {
    at(value, path)?.as_u64().filter(|number| *number > 0)
}

pub(super) fn number(value: &Value, path: &[&str]) -> Option<f64> {
    at(value, path)?.as_f64()
}

pub(super) fn truth(value: &Value, path: &[&str]) -> Option<bool> {
    at(value, path)?.as_bool()
}

/// The texts of an array. None where there is none.
pub(super) fn texts<'value>(value: &'value Value, path: &[&str]) -> Option<Vec<&'value str>> {
    Some(at(value, path)?.as_array()?.iter().filter_map(Value::as_str).collect())
}
