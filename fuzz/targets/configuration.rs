//! `tutti.yaml`: its servers and views, and changing it as text.

use super::input;
use base::config::{Problems, entries, substitute, yaml};
use base::environment::Environment;
use clients::export;
use std::path::Path;
use tools::config::{Surroundings, Typed, read};
use tools::naming;

const FILE: &str = "tutti.yaml";

pub(crate) fn feed(data: &[u8]) {
    let Some([text, name]) = input::texts(data) else { return };
    let Ok(typed) = yaml(FILE, text) else { return };
    let mut document = typed.clone();
    let problems = Problems::new();
    substitute(&mut document, &|name| (name == "SECRET").then(|| "s".to_owned()), &problems);
    let environment = Environment::from_pairs([("PATH", "/bin"), ("SECRET", "s")], Path::new("/home/somebody"));
    let surroundings = Surroundings { environment, folder: "/home/somebody".into(), supervisor: None };
    let servers = document.root.get("servers").map(|entry| entries(&problems, FILE, "servers", &entry.node));
    let servers: Vec<Typed<'_>> = servers
        .into_iter()
        .flatten()
        .map(|entry| Typed { name: &entry.key, node: &entry.node, file: FILE, fault: None })
        .collect();
    let views = document.root.get("views").map(|entry| (&entry.node, FILE));
    let settings = read(&problems, &servers, views, &surroundings);
    for server in &settings.servers {
        let _ = (server.fingerprint(), server.summary());
    }
    let names: Vec<&str> = servers.iter().map(|typed| typed.name).collect();
    if problems.into_result().is_ok() {
        assert!(names.iter().all(|name| naming::fault(name).is_none()), "a name that is none");
    }
    if let Some(entry) = typed.root.get("servers") {
        let problems = Problems::new();
        for entry in entries(&problems, FILE, "servers", &entry.node) {
            change(text, &entry.key, name, &entry.node);
        }
    }
}

/// Adds a server to the text and takes it out again.
fn change(text: &str, old: &str, new: &str, server: &base::config::Node) {
    let _ = export::remove_server(text, old);
    if let Ok(longer) = export::add_server(text, new, server) {
        let Ok(read) = yaml(FILE, &longer) else { panic!("the changed file is not read: {longer}") };
        let added = read.root.get("servers").and_then(|entry| entry.node.get(new));
        assert!(added.is_some_and(|entry| entry.node.same_as(server)), "not as it was added: {longer}");
        if let Ok(shorter) = export::remove_server(&longer, new) {
            assert!(
                yaml(FILE, &shorter)
                    .is_ok_and(|read| read.root.get("servers").is_none_or(|all| all.node.get(new).is_none()))
            );
        }
    }
}
