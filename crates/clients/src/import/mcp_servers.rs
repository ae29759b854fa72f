//! `mcpServers`: Claude Desktop, Claude Code, Cursor, Cline, Windsurf, Gemini, Inspector.

use super::draft::{Context, Draft};
use base::config::{Entry, Node, Value};

/// Converts one server. VS Code has the same keys.
pub(super) fn convert(context: &mut Context<'_, '_>, name: &str, node: &Node) -> Option<Node> {
    let mut draft = Draft::new(context, name, node.place);
    for entry in entries(node) {
        key(&mut draft, entry);
    }
    draft.finish()
}

/// Converts one key of a server.
pub(super) fn key(draft: &mut Draft<'_, '_, '_>, entry: &Entry) {
    match entry.key.as_str() {
        key @ ("command" | "args" | "env" | "cwd" | "url" | "headers" | "enabled") => draft.keep(key, entry),
        // Windsurf, Gemini, Cherry Studio.
        "serverUrl" | "httpUrl" => draft.keep("url", entry),
        "isActive" => draft.keep("enabled", entry),
        "type" | "transport" | "transportType" => draft.transport(entry),
        "disabled" => draft.disabled(entry),
        "timeout" => draft.timeout_of_unknown_unit("call", entry),
        // Inspector.
        "protocolEra" => draft.keep("era", entry),
        "envFile" => draft.notice(
            entry.key_place,
            "`envFile` is not read; put its variables into .env beside tutti.yaml and name them under `env`",
        ),
        "autoApprove" | "alwaysAllow" | "trust" => {
            let text = format!("`{}` was left out: which calls need no approval is for the client to say", entry.key);
            draft.notice(entry.key_place, &text);
        }
        "includeTools" | "excludeTools" | "enabledTools" | "disabledTools" | "tools" => draft.selection(entry),
        _ => draft.unknown(entry),
    }
}

/// The keys of a server.
pub(super) fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}
