//! Pinned definitions: any definition has one form, which order and spelling do not change, and which what it says does.

use super::input;
use serde_json::{Map, Value, json};
use tools::catalogue::Kind;
use tools::pins::{Definition, MEMBERS, is_plain, members};

pub(crate) fn feed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let definition = Definition::of(text);
    for kind in Kind::ALL {
        looked(kind, text);
    }
    let line = context::signature::line("tool", text);
    assert!(line.starts_with("tool(") && !line.contains(char::is_control), "{line:?}");
    let said = json!({"tool": "x", "digest": "", "why": "changed", "before": "{}", "after": text, "warnings": [text]});
    for line in hubs::approval::difference(&said).unwrap_or_default() {
        assert!(!line.contains(char::is_control), "a line that is several, or moves the cursor: {line:?}");
    }
    let Some(members) = input::object(text) else { return };
    let Some(pinned) = input::object(definition.text()) else { panic!("no JSON: {}", definition.text()) };
    assert_eq!(Definition::of(definition.text()), definition, "pinned again it is another");
    assert!(pinned.keys().all(|name| MEMBERS.contains(&name.as_str())), "more than is pinned");
    assert!(
        MEMBERS.iter().all(|name| pinned.contains_key(*name) == members.contains_key(*name)),
        "less than is pinned"
    );
    if !is_plain(text) {
        return;
    }
    for name in MEMBERS {
        assert!(same(pinned.get(name), members.get(name)), "{name} says something else");
    }
    let turned = turned(&Value::Object(members.clone())).to_string();
    assert_eq!(Definition::of(&turned), definition, "another order is another definition");
    let mut other = members;
    let more = format!("{}.", other.get("description").map(Value::to_string).unwrap_or_default());
    other.insert("description".to_owned(), Value::from(more));
    let other = Definition::of(&Value::Object(other).to_string());
    assert!(other != definition && other.digest() != definition.digest(), "a change was not seen");
}

/// What the linter and the pins make of the definition of something of this kind.
fn looked(kind: Kind, text: &str) {
    if let Some(looked) = lint::look(kind, "name", text) {
        assert!(looked.findings.len() <= 40 && looked.words.len() <= 1000, "more than is told");
        for finding in &looked.findings {
            assert!(!finding.warning().contains(char::is_control), "{:?}", finding.warning());
        }
    }
    let definition = Definition::of_kind(kind, text);
    if input::object(text).is_some() {
        let Some(pinned) = input::object(definition.text()) else { panic!("no JSON: {}", definition.text()) };
        assert_eq!(Definition::of_kind(kind, definition.text()), definition, "pinned again it is another");
        assert!(pinned.keys().all(|name| members(kind).contains(&name.as_str())), "more than is pinned");
    }
}

/// The same value with the members of all objects in the opposite order.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: Map<String, Value> =
                members.iter().rev().map(|(name, value)| (name.clone(), turned(value))).collect();
            Value::Object(members)
        }
        Value::Array(items) => items.iter().map(turned).collect(),
        other => other.clone(),
    }
}

/// Whether two values say the same; `1.0` is what `1` is.
fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => one.as_f64() == other.as_f64(),
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(Some(one), Some(other)))
        }
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            one.len() == other.len() && one.iter().all(|(name, value)| same(Some(value), other.get(name)))
        }
        (one, other) => one == other,
    }
}
