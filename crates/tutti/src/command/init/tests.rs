use super::{CONFIGURATION, VARIABLES, plan};
use assembly::{config, wiring};
use base::environment::Environment;
use base::{Code, disk};
use hubs::change::Change;
use std::path::Path;

fn resolved(text: &str) -> wiring::Resolved {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tutti.yaml");
    disk::write_atomic(&path, text, false).unwrap();
    let key = "0123456789abcdefghijklmnop";
    let variables = [("TUTTI_KEY", key), ("GITHUB_TOKEN", "x"), ("DOCS_TOKEN", "y")];
    let environment = Environment::from_pairs(variables, folder.path());
    let loaded = config::load(&environment, Some(&path)).ok().unwrap();
    assert!(loaded.notices.is_empty());
    wiring::resolve(&loaded).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// The configuration with all its examples in use.
fn in_use() -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_lowercase()) || rest.starts_with("  ") => {
            rest.to_owned()
        }
        _ => line.to_owned(),
    };
    CONFIGURATION.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn it_loads_as_it_is_written() {
    let resolved = resolved(CONFIGURATION);
    assert!(!resolved.nothing_configured);
    let names: Vec<&str> = resolved.settings.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["files"]);
}

#[test]
fn it_loads_with_all_its_examples_which_are_the_defaults() {
    let text = in_use();
    let resolved = resolved(&text);
    let servers = &resolved.settings.servers;
    assert_eq!(servers.len(), 4, "{text}");
    assert_eq!(resolved.settings.views.len(), 1);
    assert_eq!(resolved.limits, server::Limits::default());
    // What stands there as the default is the default.
    let (github, last) = (&servers[1], &servers[3]);
    assert_eq!((&github.timeouts, &github.limits, &github.backoff), (&last.timeouts, &last.limits, &last.backoff));
    assert_eq!((github.enabled, github.eager, github.idle_stop), (last.enabled, last.eager, last.idle_stop));
}

#[test]
fn every_key_is_there_with_a_line_that_explains_it() {
    let text = in_use();
    for key in [
        "listen",
        "key",
        "servers",
        "views",
        "limits",
        "builtin",
        "root",
        "write",
        "command",
        "args",
        "env",
        "inherit",
        "cwd",
        "url",
        "headers",
        "openapi",
        "base_url",
        "operations",
        "auth",
        "encoded_slashes",
        "transform",
        "enabled",
        "era",
        "start",
        "idle_stop",
        "timeouts",
        "backoff",
        "tools",
        "prompts",
        "resources",
        "deny",
        "rename",
        "body",
        "sessions",
        "session_idle",
        "requests",
        "connections",
        "arrival",
        "drain",
        "telemetry",
        "metrics",
        "otlp",
        "log",
    ] {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let at = lines.iter().position(|line| line.starts_with(&format!("{key}:"))).unwrap_or_else(|| panic!("{key}"));
        assert!(lines[at - 1].starts_with("# "), "{key} is not explained");
    }
}

#[test]
fn the_example_of_variables_holds_none() {
    assert!(base::environment::dot_env(VARIABLES).is_empty());
    for name in ["TUTTI_KEY", "GITHUB_TOKEN", "DOCS_TOKEN"] {
        assert!(VARIABLES.contains(&format!("\n#{name}=\n")) && in_use().contains(&format!("${{{name}}}")), "{name}");
    }
}

#[test]
fn what_is_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tutti.yaml");
    let names = |changes: &[Change]| -> Vec<String> {
        let name = |change: &Change| Path::new(&change.path).file_name().unwrap().to_string_lossy().into_owned();
        changes.iter().map(name).collect()
    };
    assert_eq!(names(&plan(&path, false, true).unwrap()), ["tutti.yaml", ".env.example"]);
    for name in [".gitignore", ".env.example"] {
        disk::write_atomic(&folder.path().join(name), "mine\n", false).unwrap();
    }
    assert_eq!(names(&plan(&path, false, true).unwrap()), ["tutti.yaml", ".gitignore"]);
    disk::write_atomic(&folder.path().join("tutti.yml"), "", false).unwrap();
    assert_eq!(plan(&path, true, true).unwrap_err().code(), Code::FileExists);
    assert!(plan(&path, false, false).is_ok());
    disk::write_atomic(&path, "", false).unwrap();
    assert_eq!(plan(&path, false, false).unwrap_err().code(), Code::FileExists);
    assert_eq!(plan(&path, true, false).unwrap()[0].before.as_deref(), Some(""));
}
