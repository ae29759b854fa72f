//! `context_servers` of Zed's settings, in the flat shape and in the older one with `command: {path, args, env}`.

use super::draft::{Context, Draft};
use super::mcp_servers;
use base::config::{Node, Value};

/// Converts one server. Those that a Zed extension brings have no command of their own and are passed over.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut draft = Draft::new(context, name, node.place);
    let entries = mcp_servers::entries(node);
    let has = |key: &str| entries.iter().any(|entry| entry.key == key);
    if !has("command") && !has("url") {
        draft
            .notice(node.place, "a Zed extension provides it, without a command that could be taken over; passed over");
        return None;
    }
    for entry in entries {
        match (entry.key.as_str(), &entry.node.value) {
            ("command", Value::Map(parts)) => {
                for part in parts {
                    match part.key.as_str() {
                        "path" | "command" => draft.keep("command", part),
                        key @ ("args" | "env" | "cwd") => draft.keep(key, part),
                        "timeout" => draft.timeout_of_unknown_unit("call", part),
                        _ => draft.unknown(part),
                    }
                }
            }
            ("source", _) if entry.node.scalar_text().is_some_and(|source| source == "custom") => {}
            ("settings", Value::Map(settings)) if settings.is_empty() => {}
            _ => mcp_servers::key(&mut draft, entry),
        }
    }
    draft.finish()
}
