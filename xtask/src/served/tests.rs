use super::{Hub, Served, url_of};
use crate::process::{capture, command};
use std::path::Path;
use std::time::Duration;

/// Starts a shell script in place of the hub; `name` keeps the tests' folders apart.
fn start(name: &str, script: &str) -> Result<Served, String> {
    let packages = std::env::temp_dir().join(format!("xtask-hub-{name}-{}", std::process::id()));
    crate::system::create_folder(&packages).unwrap();
    let binary = packages.join("hub");
    // Written by a process of its own: a file that this one had open for writing while another test starts a process
    // would be inherited by that, and could not be run ("text file busy").
    let mut write =
        command("sh", ["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", script]);
    assert!(capture(write.arg(&binary), Duration::from_secs(20)).unwrap().is_success());
    let log = packages.join("tutti.log");
    let home = packages.join("home");
    let hub = Hub { binary: &binary, config: Path::new("tutti.yaml"), home: &home, log, variables: &[] };
    let served = hub.start().map_err(|failure| failure.message);
    crate::system::remove_folder(&packages).unwrap();
    served
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
