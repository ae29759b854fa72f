//! `[mcp_servers.name]` of Codex.

use super::draft::{Context, Draft};
use super::mcp_servers;
use base::config::{Entry, Node, Value};

/// What a server inherits anyway: naming others would take these from it.
const ALWAYS: [&str; 7] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Converts one server. Codex names variables where others hold values: `bearer_token_env_var`, `env_http_headers` and
/// `env_vars`.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut draft = Draft::new(context, name, node.place);
    let entries = mcp_servers::entries(node);
    // The literal headers come first, so that those from variables are added to them.
    for entry in entries.iter().filter(|entry| entry.key == "http_headers") {
        draft.keep("headers", entry);
    }
    for entry in entries {
        match entry.key.as_str() {
            key @ ("command" | "args" | "env" | "cwd" | "url" | "enabled") => draft.keep(key, entry),
            "http_headers" => {}
            "bearer_token_env_var" => {
                if let Some(variable) = entry.node.scalar_text() {
                    draft.put_within("headers", "Authorization", entry.node.place, format!("Bearer ${{{variable}}}"));
                }
            }
            "env_http_headers" => headers_from_variables(&mut draft, &entry.node),
            "env_vars" => inherited(&mut draft, entry),
            "enabled_tools" | "disabled_tools" => draft.selection(entry),
            "startup_timeout_sec" => draft.timeout_in_seconds("start", entry),
            "startup_timeout_ms" => draft.timeout_in_milliseconds("start", entry),
            "tool_timeout_sec" => draft.timeout_in_seconds("call", entry),
            _ => draft.unknown(entry),
        }
    }
    draft.finish()
}

fn headers_from_variables(draft: &mut Draft<'_, '_, '_>, node: &Node) {
    for header in mcp_servers::entries(node) {
        if let Some(variable) = header.node.scalar_text() {
            draft.put_within("headers", &header.key, header.node.place, format!("${{{variable}}}"));
        }
    }
}

/// Names of variables that the server gets as they are; newer files may write a map with `name` for one.
fn inherited(draft: &mut Draft<'_, '_, '_>, entry: &Entry) {
    let Value::List(items) = &entry.node.value else {
        return draft.unknown(entry);
    };
    let name = |item: &Node| match item.get("name") {
        Some(name) => name.node.scalar_text().map(|text| Node::text(item.place, text)),
        None => item.scalar_text().map(|text| Node::text(item.place, text)),
    };
    let always = ALWAYS.iter().map(|name| Node::text(entry.node.place, *name));
    let names = always.chain(items.iter().filter_map(name)).collect();
    draft.put("inherit", entry.key_place, Node { place: entry.node.place, value: Value::List(names) });
}
