//! tidy: loads every example (yaml)

use super::resolve;
use crate::config;
use base::environment::Environment;
use std::path::{Path, PathBuf};

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn every_example_is_a_configuration_without_faults() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found = Vec::new();
    yaml_files(&examples, &mut found);
    // Suites of cases for prompts are none, and workflows are read by the tests of their crate.
    let is_workflow = |path: &Path| path.parent().is_some_and(|folder| folder.ends_with("workflows"));
    found.retain(|path| !path.ends_with("suite.yaml") && (path.ends_with("tutti.yaml") || !is_workflow(path)));
    // Documents of APIs are loaded with the configuration that names them.
    found.retain(|path| !base::disk::read_text(path, 1 << 20).unwrap().starts_with("openapi:"));
    assert!(found.len() >= 4, "the examples are not where they were: {found:?}");
    for path in found {
        let environment = Environment::from_pairs([("REAL_SERVERS_DATA", "/data"), ("PATH", "/bin")], &examples);
        let loaded = config::load(&environment, Some(&path)).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let resolved = resolve(&loaded).unwrap_or_else(|errors| panic!("{errors:#?}"));
        for server in &resolved.settings.servers {
            if let tools::config::Transport::OpenApi(api) = &server.transport {
                let notices = tools::openapi::look(server, api).unwrap().unwrap_or_else(|error| panic!("{error}"));
                assert!(notices[0].ends_with("are served"), "{notices:?}");
            }
        }
        let serves = !resolved.settings.servers.is_empty() || !resolved.models.routes.is_empty();
        assert!(serves, "{}", path.display());
    }
}

#[test]
fn without_a_configuration_the_folder_is_served_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::from_pairs([("XDG_CONFIG_HOME", "/nonexistent")], folder.path());
    let resolved = resolve(&config::load(&environment, None).unwrap()).unwrap();
    assert!(resolved.nothing_configured);
    let [server] = resolved.settings.servers.as_slice() else { panic!("one server") };
    assert_eq!(server.name, "files");
    assert!(
        matches!(&server.transport, tools::config::Transport::Files { root, write: false } if root == folder.path())
    );
}
