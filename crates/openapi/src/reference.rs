//! `$ref`: into the document itself, and nowhere else.

use crate::fault::{Fault, shown};
use serde_json::Value;
use std::borrow::Cow;

/// How many references may lead to one another before a value.
const HOPS: usize = 16;

/// The value itself, or what its `$ref` leads to.
pub(crate) fn follow<'a>(root: &'a Value, value: &'a Value) -> Result<&'a Value, Fault> {
    let mut value = value;
    for _ in 0..HOPS {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok(value) };
        value = find(root, &pointer(reference)?)?;
    }
    Err("its references lead in a circle".to_owned())
}

/// The JSON pointer of a reference into the document itself.
pub(crate) fn pointer(reference: &str) -> Result<String, Fault> {
    let Some(fragment) = reference.strip_prefix('#') else {
        return Err(format!("`$ref: {}` leads out of the document, and nothing else is read", shown(reference)));
    };
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return Err(format!("`$ref: {}` names an anchor, and only pointers such as `#/…` are read", shown(reference)));
    }
    decoded(fragment).ok_or_else(|| format!("`$ref: {}` is no reference", shown(reference)))
}

/// What a pointer leads to.
pub(crate) fn find<'a>(root: &'a Value, pointer: &str) -> Result<&'a Value, Fault> {
    root.pointer(pointer).ok_or_else(|| format!("`$ref: #{}` leads to nothing", shown(pointer)))
}

/// A token of a pointer as the key that it stands for (RFC 6901).
pub(crate) fn unescaped(token: &str) -> Cow<'_, str> {
    if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }
}

/// A key as a token of a pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A fragment without its percent-encoding.
fn decoded(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let bytes = fragment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let digits = fragment.get(at + 1..at + 3)?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}
