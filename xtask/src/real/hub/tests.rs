use super::super::Folders;
use super::{Hub, url_of};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Starts a shell script in place of the hub; `name` keeps the tests' folders apart.
fn start(name: &str, script: &str) -> Result<Hub, String> {
    let packages = std::env::temp_dir().join(format!("xtask-hub-{name}-{}", std::process::id()));
    crate::system::create_folder(&packages).unwrap();
    let binary = packages.join("hub");
    crate::system::write(&binary, &format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
    let folders =
        Folders { sources: PathBuf::new(), data: packages.join("data"), home: packages.join("home"), packages };
    let hub = Hub::start(&binary, Path::new("tutti.yaml"), &folders).map_err(|failure| failure.message);
    crate::system::remove_folder(&folders.packages).unwrap();
    hub
}

const WAIT: &str = "while :; do sleep 0.05; done";

#[test]
fn a_hub_says_where_it_is_and_stops_when_told() {
    let script = format!("trap 'exit 0' TERM\necho '{{\"url\":\"http://127.0.0.1:1/mcp\"}}'\n{WAIT}");
    let hub = start("good", &script).unwrap();
    assert_eq!(hub.url(), "http://127.0.0.1:1/mcp");
    assert!(hub.stop().is_ok());
}

#[test]
fn a_hub_that_ends_badly_is_a_failure() {
    let script = format!("trap 'exit 3' TERM\necho '{{\"url\":\"http://127.0.0.1:1/mcp\"}}'\n{WAIT}");
    let failure = start("bad", &script).unwrap().stop().unwrap_err();
    assert!(failure.message.contains("exit status: 3"), "{}", failure.message);
}

#[test]
fn a_hub_that_does_not_start_shows_what_it_said() {
    let message = start("none", "echo 'no config' >&2; exit 3").err().unwrap();
    assert!(message.contains("it printed nothing") && message.contains("no config"), "{message}");
    let message = start("other", "echo hello; exit 3").err().unwrap();
    assert!(message.contains("it printed `hello`"), "{message}");
}

#[test]
fn the_address_is_in_the_first_line() {
    assert_eq!(url_of("{\"url\":\"x\",\"more\":1}").as_deref(), Some("x"));
    assert!(url_of("ready").is_none());
}
