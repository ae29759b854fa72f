//! A server as lines of YAML.

use super::scalar::{scalar, text_scalar};
use base::config::{Node, Value};

/// A list in brackets up to this width, line by line above it.
const WIDTH: usize = 100;

/// A longer key must be marked as one, and gets a line of its own: YAML looks no further than 1,024 characters for the
/// colon behind a key (YAML 1.2.2, section 7.4.2).
const KEY: usize = 1000;

/// `name: server` in block style, with the name `indent` columns in. No line ends with a line break.
pub(super) fn block(name: &str, server: &Node, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    entry(name, server, indent, &mut lines);
    lines
}

/// `name: server` on one line, to stand within braces.
pub(super) fn flow(name: &str, server: &Node) -> String {
    let key = text_scalar(name);
    let (mark, colon) = if is_long(&key) { ("? ", " :") } else { ("", ":") };
    format!("{mark}{key}{colon} {}", inline(server))
}

fn entry(key: &str, node: &Node, indent: usize, lines: &mut Vec<String>) {
    let (key, space) = (text_scalar(key), " ".repeat(indent));
    let head = if is_long(&key) {
        lines.push(format!("{space}? {key}"));
        format!("{space}:")
    } else {
        format!("{space}{key}:")
    };
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            lines.push(head);
            for inner in entries {
                entry(&inner.key, &inner.node, indent + 2, lines);
            }
        }
        Value::List(items) if !items.is_empty() && head.len() + inline(node).len() > WIDTH => {
            lines.push(head);
            lines.extend(items.iter().map(|item| format!("{}- {}", " ".repeat(indent + 2), inline(item))));
        }
        _ => lines.push(format!("{head} {}", inline(node))),
    }
}

fn is_long(key: &str) -> bool {
    key.chars().nth(KEY).is_some()
}

fn inline(node: &Node) -> String {
    match &node.value {
        Value::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => {
            let pairs: Vec<_> = entries.iter().map(|entry| flow(&entry.key, &entry.node)).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        value => scalar(value),
    }
}
