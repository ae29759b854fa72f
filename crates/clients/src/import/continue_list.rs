//! The list of Continue: every server is a map with its `name`.

use super::draft::{Context, Draft};
use super::mcp_servers;
use base::config::{Entry, Node, Value};

/// Converts one server.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut draft = Draft::new(context, name, node.place);
    for entry in mcp_servers::entries(node) {
        match entry.key.as_str() {
            "name" => {}
            "connectionTimeout" => draft.timeout_of_unknown_unit("start", entry),
            "requestOptions" => {
                for option in mcp_servers::entries(&entry.node) {
                    match option.key.as_str() {
                        "headers" => draft.keep("headers", option),
                        "timeout" => draft.timeout_of_unknown_unit("call", option),
                        _ => draft.unknown(option),
                    }
                }
            }
            _ => mcp_servers::key(&mut draft, entry),
        }
    }
    draft.finish()
}

/// The list as if it were a map by name. What has no name is numbered.
pub(super) fn by_name(items: &[Node]) -> Vec<Entry> {
    let entry = |(index, item): (usize, &Node)| {
        let named = item.get("name");
        let key = named.and_then(|name| name.node.scalar_text()).unwrap_or_else(|| format!("server-{}", index + 1));
        Entry { key, key_place: named.map_or(item.place, |name| name.node.place), node: item.clone() }
    };
    items.iter().enumerate().map(entry).collect()
}

/// Whether this looks like such a list.
pub(super) fn fits(value: &Value) -> bool {
    matches!(value, Value::List(items) if !items.is_empty() && items.iter().all(|item| item.get("name").is_some()))
}
