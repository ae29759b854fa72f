use super::of;
use crate::command::{Context, Failures};
use base::environment::Environment;
use base::{Code, disk};
use clients::connect::{Target, Transport};
use console::output::Output;
use hubs::running::{self, Running};
use std::path::Path;

fn target(
    folder: &Path,
    variables: &[(&str, &str)],
    url: Option<&str>,
    view: Option<&str>,
) -> Result<Target, Failures> {
    let home = folder.join("home").display().to_string();
    let pairs = variables.iter().copied().chain([("TUTTI_HOME", home.as_str()), ("XDG_CONFIG_HOME", home.as_str())]);
    let environment = Environment::from_pairs(pairs, folder);
    let context = Context { environment, output: Output::plain(), config: None, url: url.map(str::to_owned) };
    let over = |transport| of(&context, view, transport).map(|target| target.url);
    if let Ok(http) = over(Transport::Http) {
        assert_eq!(over(Transport::Sse).ok(), Some(http.replace("/mcp", "/sse")));
        let web_socket = http.replacen("http", "ws", 1).replace("/mcp", "/ws");
        assert_eq!(over(Transport::WebSocket).ok(), Some(web_socket));
    }
    of(&context, view, Transport::Http)
}

fn code(result: Result<Target, Failures>) -> Code {
    result.err().unwrap().0[0].code()
}

#[test]
fn without_a_hub_it_is_where_the_hub_will_be() {
    let folder = tempfile::tempdir().unwrap();
    let found = target(folder.path(), &[], None, None).unwrap();
    assert_eq!((found.url.as_str(), found.with_key), ("http://127.0.0.1:4747/mcp", false));
    assert_eq!(found.bridge[1..], ["mcp"]);
    let path = folder.path().join("tutti.yaml");
    let write = |text: &str| disk::write_atomic(&path, text, false).unwrap();
    write("listen: 0.0.0.0:9000\nkey: abc\nviews:\n  research: {}\n");
    let found = target(folder.path(), &[], None, Some("research")).unwrap();
    assert_eq!((found.url.as_str(), found.with_key), ("http://127.0.0.1:9000/mcp/research", true));
    let file = path.display().to_string();
    assert_eq!(found.bridge[1..], ["mcp", "--config", &file, "--view", "research"]);
    assert!(Path::new(&found.bridge[0]).is_absolute());
    assert_eq!(code(target(folder.path(), &[], None, Some("reserch"))), Code::UnknownView);
    write("listen: 127.0.0.1:0\n");
    assert_eq!(code(target(folder.path(), &[], None, None)), Code::Usage);
    write("lisen: 1\n");
    assert_eq!(code(target(folder.path(), &[], None, None)), Code::ConfigUnknownKey);
}

#[test]
fn a_hub_that_runs_says_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home").display().to_string();
    let environment = Environment::from_pairs([("TUTTI_HOME", home.as_str())], folder.path());
    let hub = |url: &str| Running { url: url.to_owned(), folder: folder.path().to_owned(), pid: std::process::id() };
    let announced = running::announce(&environment, &hub("http://127.0.0.1:5555/mcp")).unwrap();
    assert_eq!(target(folder.path(), &[], None, None).unwrap().url, "http://127.0.0.1:5555/mcp");
    drop(announced);
    let _announced = running::announce(&environment, &hub("http://0.0.0.0:5556/mcp")).unwrap();
    assert_eq!(target(folder.path(), &[], None, None).unwrap().url, "http://127.0.0.1:5556/mcp");
}

#[test]
fn a_hub_that_was_named_needs_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    disk::write_atomic(&folder.path().join("tutti.yaml"), "faulty", false).unwrap();
    let key = [("TUTTI_KEY", "x")];
    let found = target(folder.path(), &key, Some("https://hub.test/mcp/ops"), None).unwrap();
    assert_eq!((found.url.as_str(), found.with_key), ("https://hub.test/mcp/ops", true));
    assert_eq!(found.bridge[1..], ["mcp", "--url", "https://hub.test", "--view", "ops"]);
    assert_eq!(target(folder.path(), &[], Some("hub.test:1"), Some("v")).unwrap().url, "http://hub.test:1/mcp/v");
    assert_eq!(code(target(folder.path(), &[], Some("ftp://x"), None)), Code::Usage);
}
