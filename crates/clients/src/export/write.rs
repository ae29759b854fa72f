//! A server as lines of YAML.

use super::scalar::{scalar, text_scalar};
use base::config::{Node, Value};

/// A list in brackets up to this width, line by line above it.
const WIDTH: usize = 100;

/// `name: server` in block style, with the name `indent` columns in. No line ends with a line break.
pub(super) fn block(name: &str, server: &Node, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    entry(name, server, indent, &mut lines);
    lines
}

/// `name: server` on one line, to stand within braces.
pub(super) fn flow(name: &str, server: &Node) -> String {
    format!("{}: {}", text_scalar(name), inline(server))
}

fn entry(key: &str, node: &Node, indent: usize, lines: &mut Vec<String>) {
    let head = format!("{}{}:", " ".repeat(indent), text_scalar(key));
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
