//! Configuration files of other clients: what is taken over has names and keys that Tutti takes.

use super::input;
use base::config::yaml;
use clients::{export, import::recognise};
use std::collections::HashSet;
use tools::naming;

const FILES: [&str; 4] = ["mcp.json", "settings.json", "config.toml", "config.yaml"];

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(imported) = recognise(FILES[chosen % FILES.len()], text) else { return };
    // Tutti's own entries come as they are; whoever reads them says what is wrong with them.
    let own = imported.format == "tutti";
    let mut names = HashSet::new();
    for (name, node) in &imported.servers {
        assert!(names.insert(name), "two servers called {name}");
        if own {
            continue;
        }
        assert_eq!(naming::fault(name), None, "the name {name}");
        let written = format!("servers:\n{}", export::server_text(name, node));
        let Ok(read) = yaml("tutti.yaml", &written) else { panic!("what was taken over is not read: {written}") };
        let again = read.root.get("servers").and_then(|servers| servers.node.get(name));
        assert!(again.is_some_and(|entry| entry.node.same_as(node)), "not as it was taken over: {written}");
    }
}
