//! The envelope of a JSON-RPC message, against `serde_json` reading the whole of it.

use super::input;
use mcp::message::{ID_LIMIT, Kind, Malformed, Message};
use mcp::raw;
use serde_json::Value;

const MEMBERS: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];

pub(crate) fn feed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        assert!(matches!(Message::from_bytes(data.to_vec()), Err(Malformed::Syntax(_))), "bytes that are not UTF-8");
        return;
    };
    let value = base::json::from_text(text);
    match (Message::from_bytes(data.to_vec()), &value) {
        (Ok(message), Ok(value)) => agree(&message, value),
        (Ok(_), Err(error)) => {
            // What the envelope does not look into may be more than this parser takes as a value.
            let why = error.to_string();
            let known =
                ["number out of range", "surrogate", "hex escape", "recursion limit", "invalid unicode code point"];
            assert!(known.iter().any(|known| why.contains(known)), "taken, and is no JSON: {why}");
        }
        (Err(Malformed::Syntax(why)), Ok(_)) => assert!(twice(text) || why.contains("duplicate"), "refused: {why}"),
        (Err(Malformed::Shape(_)), Ok(value)) => assert!(twice(text) || !is_message(value, text), "refused: {text}"),
        (Err(error), _) => drop(error.to_error()),
    }
}

fn agree(message: &Message, value: &Value) {
    let source = message.source();
    for name in MEMBERS {
        let count = raw::members(source).filter(|member| member.is(name)).count();
        assert!(count <= 1, "{name} stands there {count} times");
    }
    assert!(is_message(value, source), "taken, and is no message: {source}");
    assert_eq!(message.id().map(read), value.get("id").cloned(), "id");
    assert!(message.id().is_none_or(|id| id.len() <= ID_LIMIT || message.kind() == &Kind::Error), "long id");
    assert_eq!(message.method().map(mcp::Method::name), value.get("method").and_then(Value::as_str), "method");
    let body = ["result", "error", "params"].iter().find_map(|name| value.get(name)).cloned();
    assert_eq!(message.body().map(read), body, "body");
    match message.kind() {
        Kind::Request(_) => assert!(value.get("id").is_some_and(|id| !id.is_null())),
        Kind::Notification(_) => assert!(value.get("id").is_none()),
        Kind::Result => assert!(value.get("result").is_some()),
        Kind::Error => assert!(value.get("error").is_some()),
    }
    if let Some(number) = message.number_id() {
        assert_eq!(value["id"].as_u64(), Some(number), "number of the id");
    }
}

fn read(json: &str) -> Value {
    base::json::from_text(json).unwrap_or_else(|error| panic!("a part of a message is no JSON: {error}"))
}

/// What JSON-RPC 2.0 and MCP call a message. `text` is what `value` was read from.
fn is_message(value: &Value, text: &str) -> bool {
    let Value::Object(members) = value else { return false };
    // A null for a text is taken as no text.
    let method = members.get("method").filter(|method| !method.is_null());
    let (result, error, id) = (members.get("result"), members.get("error"), members.get("id"));
    let short = raw::get(text, "id").is_none_or(|id| id.len() <= ID_LIMIT);
    let good_id = short
        && id.is_none_or(|id| match id {
            Value::String(_) => true,
            // `-0` is whole, and a library that has no such whole number reads it as another kind of number.
            Value::Number(number) => number.is_i64() || raw::get(text, "id") == Some("-0"),
            _ => false,
        });
    let shape = match (method, result, error) {
        (Some(Value::String(_)), None, None) => good_id && members.get("params").is_none_or(Value::is_object),
        (None, Some(_), None) => id.is_some() && good_id,
        (None, None, Some(error)) => error.is_object(),
        _ => false,
    };
    shape && members.get("jsonrpc").and_then(Value::as_str) == Some("2.0")
}

fn twice(text: &str) -> bool {
    input::says_twice(text)
}
