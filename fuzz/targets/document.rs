//! JSON with comments, YAML and TOML as trees; what is plain JSON is the same tree as `serde_json` makes of it.

use super::input;
use base::config::{Capacity, Node, Value as Tree, json, toml, yaml, yaml_within};
use serde_json::Value;

pub(crate) fn feed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for read in [yaml, toml] {
        if let Ok(document) = read("file", text) {
            placed(&document.root, text);
        }
    }
    let small = Capacity { nodes: 50, text: 1000 };
    if let Ok(document) = yaml_within("file", text, small) {
        assert!(count(&document.root) <= 50, "more values than there may be");
    }
    let read = json("file", text);
    if let Ok(document) = &read {
        placed(&document.root, text);
    }
    if mcp::raw::deeper_than(text, 60) || input::says_twice(text.trim()) {
        return;
    }
    if let Ok(value) = base::json::from_text(text) {
        let Ok(document) = read else {
            panic!("plain JSON is refused: {:?}", read.err().map(|error| error.to_string()))
        };
        assert!(same(&document.root, &value), "another tree");
    }
}

/// Errors are shown at these places.
fn placed(node: &Node, text: &str) {
    let lines = text.split('\n').count().max(text.lines().count());
    assert!(node.place.line >= 1 && node.place.column >= 1, "{}", node.place);
    // YAML has more line ends than one.
    assert!(
        node.place.line <= lines + text.matches(['\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 1,
        "{}",
        node.place
    );
    match &node.value {
        Tree::List(items) => items.iter().for_each(|item| placed(item, text)),
        Tree::Map(entries) => entries.iter().for_each(|entry| placed(&entry.node, text)),
        _ => {}
    }
}

fn count(node: &Node) -> usize {
    match &node.value {
        Tree::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Tree::Map(entries) => 1 + entries.iter().map(|entry| count(&entry.node)).sum::<usize>(),
        _ => 1,
    }
}

fn same(node: &Node, value: &Value) -> bool {
    match (&node.value, value) {
        (Tree::Null, Value::Null) => true,
        (Tree::Bool(own), Value::Bool(other)) => own == other,
        (Tree::Integer(own), Value::Number(other)) => other.as_i64() == Some(*own),
        (Tree::Float(own), Value::Number(other)) => other.as_f64() == Some(*own),
        // A number that is written in another way than it would be written again stays as it was written.
        (Tree::Text(own), Value::Number(_)) => own.parse::<f64>().is_ok(),
        (Tree::Text(own), Value::String(other)) => own == other,
        (Tree::List(own), Value::Array(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(own, other)| same(own, other))
        }
        (Tree::Map(own), Value::Object(other)) => {
            own.len() == other.len()
                && own.iter().zip(other).all(|(own, (key, other))| own.key == *key && same(&own.node, other))
        }
        _ => false,
    }
}
