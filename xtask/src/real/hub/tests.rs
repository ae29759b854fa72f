use super::super::Folders;
use super::{Hub, body, get, url_of};
use crate::process::{capture, command};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Starts a shell script in place of the hub; `name` keeps the tests' folders apart.
fn start(name: &str, script: &str) -> Result<Hub, String> {
    let packages = std::env::temp_dir().join(format!("xtask-hub-{name}-{}", std::process::id()));
    crate::system::create_folder(&packages).unwrap();
    let binary = packages.join("hub");
    // Written by a process of its own: a file that this one had open for writing while another test starts a process
    // would be inherited by that, and could not be run ("text file busy").
    let mut write =
        command("sh", ["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", script]);
    assert!(capture(write.arg(&binary), Duration::from_secs(20)).unwrap().is_success());
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

#[test]
fn an_answer_is_read_to_its_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        let length = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n{\"servers\":[]}").unwrap();
        String::from_utf8_lossy(&head[..length]).into_owned()
    });
    assert_eq!(body(&get(&url, "/api").unwrap()), "{\"servers\":[]}");
    assert!(server.join().unwrap().starts_with("GET /api HTTP/1.0\r\nHost: 127.0.0.1:"));
}
