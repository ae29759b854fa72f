//! Configuration files of other clients, into which Tutti is written: all else stays, and the second time changes nothing.

use super::input;
use base::config::{Document, Node, json, toml};
use base::environment::Environment;
use clients::connect::{Client, NAME, Target, Transport, plan};
use std::path::Path;

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let client = Client::ALL[chosen % Client::ALL.len()];
    let environment = Environment::from_pairs([("PATH", "/bin")], Path::new("/home/somebody"));
    let target = Target {
        url: "http://127.0.0.1:4747/mcp".to_owned(),
        transport: Transport::ALL[chosen / Client::ALL.len() % Transport::ALL.len()],
        bridge: vec!["tutti".to_owned(), "mcp".to_owned()],
        with_key: chosen >= 128,
    };
    let Ok(first) = plan(client, &environment, &target, Some(text.to_owned())) else { return };
    let Ok(second) = plan(client, &environment, &target, Some(first.text_after.clone())) else {
        panic!("what was written is refused: {}", first.text_after)
    };
    assert!(second.changes_nothing(), "written again it changes: {}", second.text_after);
    let read = |text: &str| -> Option<Document> {
        if client == Client::Codex { toml("file", text).ok() } else { json("file", text).ok() }
    };
    let Some(after) = read(&first.text_after) else { panic!("what was written is not read: {}", first.text_after) };
    let Some(before) = read(text) else { return };
    for (top, node) in entries(&before.root) {
        let Some(now) = after.root.get(&top) else { panic!("{top} is gone") };
        for (name, node) in entries(node).into_iter().filter(|(name, _)| name != NAME) {
            assert!(
                now.node.get(&name).is_some_and(|now| now.node.same_as(node)
                    || now.node.value.kind() == "a list"
                    || name == "servers"),
                "{top}.{name} is another"
            );
        }
    }
}

fn entries(node: &Node) -> Vec<(String, &Node)> {
    match &node.value {
        base::config::Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), &entry.node)).collect(),
        _ => Vec::new(),
    }
}
