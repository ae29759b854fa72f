//! `tutti tool call`: the schema that a server gives its tool as flags, and what a person writes behind them. What the
//! command prints of results.

use super::input;
use serde_json::Value;
use std::collections::HashSet;
use work::tool::{flags, parse_flags, printed};

pub(crate) fn feed(data: &[u8]) {
    let Some([schema, words, result]) = input::texts(data) else { return };
    if let Ok(result) = base::json::from_text(result) {
        let shown = printed(&result);
        assert!(!shown.contains(|character: char| character.is_control() && !"\n\t".contains(character)), "{shown:?}");
    }
    let Ok(schema) = base::json::from_text(schema) else { return };
    let words: Vec<String> = words.split('\n').map(str::to_owned).collect();
    let flags = flags(&schema);
    let names: HashSet<&str> = flags.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), flags.len(), "an argument twice");
    if let Some(arguments) = parse_flags(&schema, &words) {
        assert!(arguments.keys().all(|name| names.contains(name.as_str())), "an argument that the tool has not");
        let silent = words.iter().all(|word| !word.starts_with("--"));
        assert!(!silent || arguments.is_empty(), "an argument that nobody gave");
    }
    // An argument of which nothing is said but that it is a text is what was written, byte for byte.
    let clear = schema.get("allOf").is_none() && schema.get("$ref").is_none();
    for (name, flag) in flags.iter().filter(|(name, flag)| clear && !flag.contains('=') && is_text(&schema, name)) {
        if flags.iter().all(|(other, own)| other == name || (own != flag && other != flag)) {
            let word = words.first().cloned().unwrap_or_default();
            let read = parse_flags(&schema, &[format!("--{flag}={word}")]);
            let given = read.and_then(|arguments| arguments.get(name).cloned());
            assert_eq!(given, Some(Value::from(word)), "--{flag}");
        }
    }
}

fn is_text(schema: &Value, name: &str) -> bool {
    let Some(property) = schema["properties"][name].as_object() else { return false };
    let more = ["enum", "const", "anyOf", "oneOf", "allOf", "$ref"];
    property.get("type") == Some(&Value::from("string")) && !more.iter().any(|key| property.contains_key(*key))
}
