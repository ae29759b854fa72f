//! What a registry of MCP servers answers: the entries that would be made of it.

use super::input;
use base::config::{Node, Value, json, yaml};
use clients::export;
use clients::import::published;
use std::collections::HashSet;
use tools::naming;

/// The only programs that an answer may have started.
const PROGRAMS: [&str; 4] = ["npx", "uvx", "docker", "dnx"];

pub(crate) fn feed(data: &[u8]) {
    let Some(pages) = input::texts::<2>(data) else { return };
    let read = pages.iter().filter(|page| !page.is_empty()).map(|page| json("registry", page));
    let Ok(documents) = read.map(|page| page.map(|page| page.root)).collect::<Result<Vec<_>, _>>() else { return };
    let Ok(found) = published("https://registry.example", &documents) else { return };
    let mut names = HashSet::new();
    for (name, node) in &found.imported.servers {
        assert!(names.insert(name), "two servers called {name}");
        assert_eq!(naming::fault(name), None, "the name {name}");
        started(name, node);
        let written = format!("servers:\n{}", export::server_text(name, node));
        let Ok(read) = yaml("tutti.yaml", &written) else { panic!("what was taken over is not read: {written}") };
        let again = read.root.get("servers").and_then(|servers| servers.node.get(name));
        assert!(again.is_some_and(|entry| entry.node.same_as(node)), "not as it was taken over: {written}");
    }
}

/// A stranger says what to start only among programs that are known, or where a server is.
fn started(name: &str, node: &Node) {
    let said = |key: &str| node.get(key).and_then(|entry| entry.node.scalar_text());
    match said("command") {
        Some(program) => {
            assert!(PROGRAMS.contains(&program.as_str()), "{name} would start {program}");
            let words = node.get("args").map(|entry| &entry.node.value);
            let Some(Value::List(words)) = words else { return };
            let words: Vec<String> = words.iter().filter_map(Node::scalar_text).collect();
            if let Some(package) = lint::floating::package(&program, &words) {
                assert!(words.iter().any(|word| word.contains(package)), "{package:?} is none of {words:?}");
            }
        }
        None => assert!(said("url").is_some(), "{name} is neither started nor reached"),
    }
}
