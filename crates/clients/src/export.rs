//! Changing `tutti.yaml` as text, so that the comments and the layout of its author stay.
//!
//! The places of the tree say where to cut and where to insert; what lies between keys (comments, blank lines, the way
//! a value is written) is never written anew. Afterwards the text is read again, and an edit that did not do exactly
//! what was meant is refused: YAML has more corners than an editor should guess at.

mod edit;
mod scalar;
mod write;

use base::config::{Entry, Node, Place, Value, nearest, yaml};
use base::{Code, Error, Result};
use edit::Text;
use tools::naming;

/// The file as errors name it.
const FILE: &str = "tutti.yaml";

/// `text` with one more server under `servers:`. An empty `text` becomes a file.
pub fn add_server(text: &str, name: &str, server: &Node) -> Result<String> {
    if let Some(fault) = naming::fault(name) {
        let message = format!("a server cannot be called `{name}`: the name {fault}");
        return Err(Error::new(Code::ConfigNameInvalid, message, "choose a short name of letters, digits, _ and -"));
    }
    let before = yaml(FILE, text)?.root;
    if let Some(there) = servers(&before).iter().find(|entry| entry.key == name) {
        let message = format!("there is a server `{name}` already, at {}", there.key_place);
        return Err(Error::new(Code::ServerExists, message, "choose another name, or remove that one first"));
    }
    let expected = with(&before, name, server);
    let edits = edit::additions(&Text::of(text), &before, name, server);
    first_right(edits, &expected).ok_or_else(|| {
        let message = format!("the file is written in a way to which `{name}` cannot be added without rewriting it");
        let lines = write::block(name, server, 2).join("\n");
        Error::new(Code::ConfigInvalidValue, message, "add the lines below by hand")
            .with_detail(format!("servers:\n{lines}"))
    })
}

/// `text` without one of its servers. Comments above the server stay.
pub fn remove_server(text: &str, name: &str) -> Result<String> {
    let before = yaml(FILE, text)?.root;
    let servers = servers(&before);
    let Some(index) = servers.iter().position(|entry| entry.key == name) else {
        let next = match nearest(name, servers.iter().map(|entry| entry.key.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`tutti server list` shows the servers".to_owned(),
        };
        return Err(Error::new(Code::ServerUnknown, format!("there is no server `{name}` in the file"), next));
    };
    let expected = without(&before, name);
    let edits = edit::removals(&Text::of(text), &before, index);
    first_right(edits, &expected).ok_or_else(|| {
        let message = format!("`{name}` cannot be cut out of the file without changing more than it");
        let place = servers[index].key_place.in_file(FILE);
        Error::new(Code::ConfigInvalidValue, message, "remove it by hand; other entries may refer to it").at(place)
    })
}

/// One server as it stands under `servers:`.
pub fn server_text(name: &str, server: &Node) -> String {
    let mut text = write::block(name, server, 2).join("\n");
    text.push('\n');
    text
}

fn servers(root: &Node) -> &[Entry] {
    match root.get("servers").map(|entry| &entry.node.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

/// The first edit that reads as what was meant.
fn first_right(edits: Vec<String>, expected: &Node) -> Option<String> {
    edits.into_iter().find(|edit| yaml(FILE, edit).is_ok_and(|after| filled(&after.root).same_as(expected)))
}

fn with(root: &Node, name: &str, server: &Node) -> Node {
    let mut root = filled(root);
    change(&mut root, |servers| {
        servers.push(Entry { key: name.to_owned(), key_place: Place::START, node: server.clone() });
    });
    root
}

fn without(root: &Node, name: &str) -> Node {
    let mut root = filled(root);
    change(&mut root, |servers| servers.retain(|entry| entry.key != name));
    root
}

fn change(root: &mut Node, change: impl FnOnce(&mut Vec<Entry>)) {
    if let Value::Map(entries) = &mut root.value
        && let Some(Value::Map(servers)) =
            entries.iter_mut().find(|entry| entry.key == "servers").map(|entry| &mut entry.node.value)
    {
        change(servers);
    }
}

/// The same tree with a map of servers in it, be it an empty one: no servers, `servers:` and `servers: {}` say the
/// same.
fn filled(root: &Node) -> Node {
    let mut root = root.clone();
    if matches!(root.value, Value::Null) {
        root.value = Value::Map(Vec::new());
    }
    let empty = Node { place: root.place, value: Value::Map(Vec::new()) };
    if let Value::Map(entries) = &mut root.value {
        match entries.iter_mut().find(|entry| entry.key == "servers") {
            Some(Entry { node, .. }) if matches!(node.value, Value::Null) => *node = empty,
            Some(_) => {}
            None => entries.push(Entry { key: "servers".to_owned(), key_place: Place::START, node: empty }),
        }
    }
    root
}

#[cfg(test)]
mod tests;
