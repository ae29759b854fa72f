//! Bodies that are forms.

use crate::convert::scalar;
use crate::encode;
use crate::fault;
use base::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// `application/x-www-form-urlencoded`: a list is its name again for each item, whatever else is no plain value is JSON.
pub(crate) fn urlencoded(fields: &Map<String, Value>) -> String {
    let mut pairs = Vec::new();
    for (name, value) in fields {
        for item in items(value) {
            pairs.push(format!("{}={}", encode::form(name), encode::form(&text(item))));
        }
    }
    pairs.join("&")
}

/// `multipart/form-data` (RFC 7578). `files` are the fields whose values are bytes in base64.
pub(crate) fn multipart(
    argument: &str,
    fields: &Map<String, Value>,
    files: &[String],
    boundary: &str,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for (name, value) in fields {
        let is_file = files.contains(name);
        for item in items(value) {
            let quoted = quoted(name);
            out.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{quoted}\"").as_bytes(),
            );
            let bytes = if is_file {
                out.extend_from_slice(format!("; filename=\"{quoted}\"").as_bytes());
                out.extend_from_slice(b"\r\nContent-Type: application/octet-stream");
                base64(&format!("{argument}.{name}"), &text(item))?
            } else {
                if item.is_object() || item.is_array() {
                    out.extend_from_slice(b"\r\nContent-Type: application/json");
                }
                text(item).into_bytes()
            };
            out.extend_from_slice(b"\r\n\r\n");
            out.extend_from_slice(&bytes);
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(out)
}

/// A boundary that stands nowhere in `value`.
pub(crate) fn fresh(boundary: &str, value: &Value) -> String {
    let text = value.to_string();
    let mut boundary = boundary.to_owned();
    while text.contains(&boundary) {
        boundary.push('x');
    }
    boundary
}

/// The items of a list, or the value itself; null is no value.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

fn text(value: &Value) -> String {
    scalar(value).unwrap_or_else(|| value.to_string())
}

/// A name between quotes: what would end it or its line is encoded, as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The bytes of a text in base64.
pub(crate) fn base64(argument: &str, text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text.trim()).map_err(|error| {
        let why = format!("is not base64: {error}");
        fault::argument(argument, &why, "send the bytes as base64")
    })
}

#[cfg(test)]
mod tests;
