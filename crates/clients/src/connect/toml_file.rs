//! One table in a TOML file, and nothing else changed.

use super::{NAME, cannot_edit};
use base::Result;
use base::config::{Node, Value, toml};

/// The table that holds the servers.
const TOP: &str = "mcp_servers";

/// `text` with the table of the hub, whose first line is its header. A table that stands there already is replaced
/// where it stands, with the tables within it.
pub(super) fn edited(file: &str, text: &str, table: &[String]) -> Result<String> {
    let before = toml(file, text)?.root;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut after = String::with_capacity(text.len() + 256);
    let mut written = false;
    let mut within = false;
    // Comments and blank lines at the end of our table belong to what follows, so they wait until that is known.
    let mut waiting = String::new();
    for line in text.split_inclusive('\n') {
        if let Some(header) = header(line) {
            let ours = is_ours(&header);
            if within && ours && waiting.trim().is_empty() {
                waiting.clear();
            }
            within = ours;
            if within && !written {
                written = true;
                push(&mut after, table, newline);
            }
            after.push_str(&std::mem::take(&mut waiting));
        }
        let trimmed = line.trim();
        if !within {
            after.push_str(line);
        } else if trimmed.is_empty() || trimmed.starts_with('#') {
            waiting.push_str(line);
        } else {
            waiting.clear();
        }
    }
    after.push_str(&waiting);
    if !written {
        if !after.is_empty() {
            after.push_str(if after.ends_with('\n') { "" } else { newline });
            after.push_str(if after.trim().is_empty() { "" } else { newline });
        }
        push(&mut after, table, newline);
    }
    let expected = toml(file, &table.join("\n"))?.root;
    let read = toml(file, &after)
        .map_err(|_| cannot_edit(file, "`tutti` stands in it in a way that cannot be replaced"))?
        .root;
    let ours = |root: &Node| root.get(TOP).and_then(|top| top.node.get(NAME)).map(|ours| ours.node.clone());
    let right = matches!((ours(&read), ours(&expected)), (Some(read), Some(expected)) if read.same_as(&expected));
    // Lines were told apart by their looks; only reading the result shows that they were what they looked like.
    if right && others(&read).same_as(&others(&before)) {
        Ok(after)
    } else {
        Err(cannot_edit(file, "`tutti` stands in it in a way that cannot be replaced"))
    }
}

fn push(after: &mut String, table: &[String], newline: &str) {
    for line in table {
        after.push_str(line);
        after.push_str(newline);
    }
}

/// The keys of a table header; nothing for other lines.
fn header(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches('\u{feff}').trim();
    let inner = line.strip_prefix('[')?;
    let (inner, double) = inner.strip_prefix('[').map_or((inner, false), |inner| (inner, true));
    let end = inner.find(if double { "]]" } else { "]" })?;
    let inner = inner.get(..end)?;
    Some(inner.split('.').map(|key| key.trim().trim_matches(['"', '\'']).to_owned()).collect())
}

fn is_ours(header: &[String]) -> bool {
    header.first().is_some_and(|key| key == TOP) && header.get(1).is_some_and(|key| key == NAME)
}

/// The tree without what belongs to the hub, to compare the rest.
fn others(root: &Node) -> Node {
    let mut root = root.clone();
    if let Value::Map(entries) = &mut root.value {
        for entry in entries.iter_mut().filter(|entry| entry.key == TOP) {
            if let Value::Map(servers) = &mut entry.node.value {
                servers.retain(|server| server.key != NAME);
            }
        }
        entries.retain(|entry| {
            !(entry.key == TOP && matches!(&entry.node.value, Value::Map(servers) if servers.is_empty()))
        });
    }
    root
}
