//! `servers` of VS Code's `mcp.json`, and `mcp.servers` of its settings.

use super::draft::{Context, Draft};
use super::mcp_servers;
use base::config::Node;

/// Converts one server.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut draft = Draft::new(context, name, node.place);
    for entry in mcp_servers::entries(node) {
        match entry.key.as_str() {
            "dev" => draft.notice(entry.key_place, "`dev` (watching and debugging) is VS Code's own and was left out"),
            "gallery" | "version" => draft.notice(entry.key_place, &format!("`{}` was left out", entry.key)),
            _ => mcp_servers::key(&mut draft, entry),
        }
    }
    draft.finish()
}
