use super::{Wanted, arguments, header, node, variable};
use crate::command::server::file::File;
use base::environment::Environment;
use base::{Code, Error};
use clients::export;
use console::output::Output;
use hubs::Context;
use std::path::Path;

fn context() -> Context {
    let environment = Environment::from_pairs([], Path::new("/"));
    Context { environment, output: Output::plain(), config: None, url: None }
}

/// The entry for a command line, or its error.
fn entry(line: &[&str]) -> Result<String, Error> {
    let matches = arguments()
        .try_get_matches_from([&["add"], line].concat())
        .map_err(|error| Error::new(Code::Usage, error.to_string(), "clap"))?;
    let environment = Environment::from_pairs([], Path::new("/"));
    let file = File { path: "/tutti.yaml".into(), text: None, environment, dot_env: String::new() };
    let wanted = Wanted::of(&matches);
    node(&wanted, &file, &context()).map(|node| export::server_text(&wanted.name, &node))
}

#[test]
fn entries_are_as_they_were_asked_for() {
    let table: [(&[&str], &str); 11] = [
        (&["time", "--", "uvx", "mcp-server-time"], "  time:\n    command: uvx\n    args: [mcp-server-time]\n"),
        (
            &["a", "--env", "B=c=d", "--env", "E", "--cwd", "sub", "--", "./x", "--env", "y", "--yes"],
            "  a:\n    command: ./x\n    args: [\"--env\", \"y\", \"--yes\"]\n    env:\n      B: c=d\n      E: \"${E}\"\n    cwd: sub\n",
        ),
        (&["d", "https://x/mcp"], "  d:\n    url: https://x/mcp\n"),
        (
            &["d", "https://x/mcp", "--header", "A=b: c", "--header", "Authorization: Bearer ${T}"],
            "  d:\n    url: https://x/mcp\n    headers:\n      A: \"b: c\"\n      Authorization: \"Bearer ${T}\"\n",
        ),
        (&["d", "https://x/sse", "--transport", "sse"], "  d:\n    url: https://x/sse\n    transport: sse\n"),
        (&["d", "wss://x/ws", "--transport", "ws"], "  d:\n    url: wss://x/ws\n    transport: websocket\n"),
        (&["d", "--transport", "unix", "run/x.sock"], "  d:\n    url: unix:run/x.sock\n"),
        (&["d", "unix:///run/x.sock"], "  d:\n    url: unix:///run/x.sock\n"),
        (&["d", "--openapi", "api.yaml"], "  d:\n    openapi: api.yaml\n"),
        (
            &["d", "--openapi", "https://x/a.json", "--base-url", "https://y", "--allow", "GET *", "--header", "A=b"],
            "  d:\n    openapi: https://x/a.json\n    base_url: https://y\n    operations:\n      allow: [\"GET *\"]\n    headers:\n      A: b\n",
        ),
        (&["d", "${DOCS_URL}"], "  d:\n    url: \"${DOCS_URL}\"\n"),
    ];
    for (line, expected) in table {
        assert_eq!(entry(line).unwrap(), expected);
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    for line in [
        &["x"] as &[&str],
        &["x", "npx"],
        &["x", "npx", "pkg"],
        &["x", "https://x", "--env", "A=b"],
        &["x", "https://x", "--cwd", "y"],
        &["x", "--header", "A=b", "--", "npx"],
        &["x", "https://x", "--", "npx"],
        &["x", "--transport", "sse", "--", "npx"],
        &["x", "https://x", "--transport", "smoke"],
        &["x", "--env", "A=b", "--env", "A=c", "--", "npx"],
        &["x", "--env", "=b", "--", "npx"],
        &["x", "https://x", "--header", "novalue"],
        &["x", "--openapi", "a.yaml", "https://x"],
        &["x", "--openapi", "a.yaml", "--", "npx"],
        &["x", "--openapi", "a.yaml", "--cwd", "y"],
        &["x", "https://x", "--allow", "a"],
        &["x", "--"],
        &[],
    ] {
        assert_eq!(entry(line).unwrap_err().code(), Code::Usage, "{line:?}");
    }
}

#[test]
fn an_error_never_repeats_a_value() {
    for error in [variable("A B=hunter2").unwrap_err(), header("=hunter2").unwrap_err()] {
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}
