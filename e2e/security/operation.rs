//! A58, A60 and A112: packages of no fixed version, variables that strangers name, and configurations that are bombs.

use crate::harness::{Http, Run, Setup, trials, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security":
        a58_unpinned_packages_are_refused_where_that_is_said,
        a60_no_request_sets_variables,
        a112_import_of_too_much_changes_nothing,
        a112_import_with_one_fault_changes_nothing,
        a112_configuration_of_too_much_is_refused,
    )
}

/// A server whose command fetches whatever is the latest is marked, and refused where the configuration says so, before
/// its program is looked for.
async fn a58_unpinned_packages_are_refused_where_that_is_said() {
    let latest = json!({"command": "/nowhere/npx", "args": ["-y", "@scope/server@latest"]});
    let exact = json!({"command": "/nowhere/npx", "args": ["-y", "@scope/server@1.2.3"]});
    let mut setup = Setup::new().fixture("good", &[], json!({})).with("require_pinned", json!(true));
    setup.config["servers"]["latest"] = latest;
    setup.config["servers"]["exact"] = exact;
    let mut hub = setup.start().await;
    hub.wait_for_tool("good__echo").await;
    let refused = hub.wait_for("latest", "the package is refused", |server| server["state"] == "refused").await;
    assert_eq!(refused["error"]["code"], "T-0218", "{refused}");
    assert_eq!(refused["unpinned"], "@scope/server@latest");
    let exact = hub.wait_for("exact", "the other one is tried", |server| server["state"] == "refused").await;
    assert_eq!((&exact["error"]["code"], &exact["unpinned"]), (&json!("T-0201"), &Value::Null), "{exact}");
    let call = hub.call("latest__anything", json!({})).await;
    assert_eq!(call.code(), Some("T-0218"), "{}", call.raw);
    hub.assert_good().await;
    // A server that may not run does not in a process of a command's own either, and the list says why without a hub.
    let home = hub.setup.path_text("elsewhere");
    let config = hub.setup.path_text("tutti.yaml");
    let variables = [("HOME", home.as_str()), ("TUTTI_HOME", home.as_str())];
    let list = tutti(&["--config", &config, "server", "list"], &variables).await;
    assert!(list.code == Some(0) && list.stdout.contains("latest: T-0218"), "{list:?}");
    let test = tutti(&["--config", &config, "server", "test", "latest"], &variables).await;
    assert!(test.code == Some(8) && test.stdout.contains("T-0218"), "{test:?}");
    // Taken back while the hub runs, it is tried, and still marked.
    hub.reconfigure(|config| config["require_pinned"] = json!(false));
    let tried = hub.wait_for("latest", "it is tried", |server| server["error"]["code"] == "T-0201").await;
    assert_eq!(tried["unpinned"], "@scope/server@latest");
    let list = tutti(&["--config", &config, "server", "list"], &variables).await;
    assert!(list.code == Some(0) && list.stdout.contains("latest: not pinned"), "{list:?}");
}

const MADE: &str = "canary-of-a-variable-7Rt";

/// Variables of programs come from the configuration alone: no member of a body, no parameter and no header names one.
async fn a60_no_request_sets_variables() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let names = ["LD_PRELOAD", "NODE_OPTIONS", "PATH", "PYTHONPATH", "BASH_ENV", "TUTTI_HOME"];
    let variables: Value = names.iter().map(|name| ((*name).to_owned(), json!(MADE))).collect();
    let body = json!({"env": variables, "environment": variables, "inherit": names, "server": {"env": variables}});
    for path in ["good/restart", "good/login", "good/login/finish", "good/logout", "good", "good/test", "good/env"] {
        for method in ["POST", "PUT", "PATCH"] {
            let url = hub.at(&format!("/api/v1/servers/{path}?env[LD_PRELOAD]={MADE}&LD_PRELOAD={MADE}"));
            let request = Http::new(method, &url).header("content-type", "application/json").header("env", MADE);
            let answer = request.header("x-env-ld-preload", MADE).body(body.to_string()).send().await;
            assert!(answer.status < 500, "{method} {path}: {}", answer.text());
        }
    }
    hub.wait_for_tool("good__environment").await;
    let params = json!({
        "name": "good__environment", "arguments": {}, "env": variables, "_meta": {"env": variables, "environment": variables},
    });
    for client in [hub.modern(), hub.client().await] {
        let reply = client.request("tools/call", params.clone()).await;
        let environment = reply.structured().to_string();
        assert!(environment.contains("PATH"), "{environment}");
        assert!(!environment.contains(MADE) && !environment.contains("NODE_OPTIONS"), "{environment}");
    }
    hub.assert_good().await;
}

/// Runs `tutti server import` over a file with this text, beside a configuration that works.
async fn import(file: &str, text: &str) -> (Run, String, Vec<String>) {
    let setup = Setup::new().fixture("good", &[], json!({}));
    setup.write_config();
    std::fs::write(setup.path(file), text).expect("the folder of the test can be written");
    let home = setup.folder.path().to_str().expect("the path is text");
    let (config, file) = (setup.path_text("tutti.yaml"), setup.path_text(file));
    let arguments = ["server", "import", &file, "--config", &config, "--json"];
    let run = tutti(&arguments, &[("HOME", home), ("TUTTI_HOME", home)]).await;
    let entries = std::fs::read_dir(setup.folder.path()).expect("the folder is there").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    (run, std::fs::read_to_string(&config).expect("the configuration is there"), names)
}

/// An import that must fail, with this code, and must leave everything as it was.
async fn refused(what: &str, file: &str, text: &str, code: &str) {
    let (run, config, names) = import(file, text).await;
    assert_eq!(run.code, Some(3), "{what}: {:.500} {:.2000}", run.stdout, run.stderr);
    assert!(run.stderr.contains(code) || run.stdout.contains(code), "{what}: {code}: {:.2000}", run.stderr);
    let config: Value = serde_json::from_str(&config).expect("the configuration is as it was written");
    let servers = config["servers"].as_object().expect("there are servers");
    assert_eq!(servers.keys().collect::<Vec<_>>(), ["good"], "{what}: nothing was added");
    assert!(!names.iter().any(|name| name == ".env"), "{what}: no secrets were written: {names:?}");
}

fn many(count: usize) -> String {
    let mut text = r#"{"mcpServers":{"#.to_owned();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(text, r#"{comma}"s{number}":{{"command":"x"}}"#).expect("text can be written to a text");
    }
    text + "}}"
}

/// Nine aliases of nine aliases, and so on: a few lines that stand for a thousand million values.
fn bomb(head: &str) -> String {
    let mut text = format!("{head}\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{items}]").expect("text can be written to a text");
    }
    text
}

const SECRET: &str = r#""env":{"GITHUB_TOKEN":"ghp_0123456789abcdefghijABCDEFGHIJ012345"}"#;

async fn a112_import_of_too_much_changes_nothing() {
    refused("a million entries", "mcp.json", &many(1_000_000), "T-01").await;
    refused("a hundred thousand entries", "mcp.json", &many(100_000), "T-0108").await;
    refused("twenty thousand entries", "mcp.json", &many(20_000), "T-0108").await;
    let deep = format!(r#"{{"mcpServers":{{"a":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    refused("a hundred thousand levels", "mcp.json", &deep, "T-0108").await;
    refused("a bomb of aliases", "config.yaml", &bomb("mcpServers: {a: {command: *a9}}"), "T-01").await;
    refused("a bomb of aliases", "config.yaml", &bomb("mcpServers: []"), "T-0108").await;
}

async fn a112_import_with_one_fault_changes_nothing() {
    let twice = format!(r#"{{"mcpServers":{{"a":{{"command":"x",{SECRET}}},"a":{{"command":"y"}}}}}}"#);
    refused("a name twice", "mcp.json", &twice, "T-01").await;
    let inner = format!(r#"{{"mcpServers":{{"a":{{"command":"x","command":"sh",{SECRET}}}}}}}"#);
    refused("a key twice", "mcp.json", &inner, "T-01").await;
    let anchors = "mcpServers:\n  - &a {name: one, command: x}\n  - &a {name: two, command: y}\n  - *b\n";
    refused("an alias of nothing", "config.yaml", anchors, "T-01").await;
    let cut = format!(r#"{{"mcpServers":{{"a":{{"command":"x",{SECRET}}},"b":{{"comm"#);
    refused("half of a file", "mcp.json", &cut, "T-0102").await;
}

async fn a112_configuration_of_too_much_is_refused() {
    let many = many(1_000_000).replace("mcpServers", "servers");
    let deep = format!("servers: {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [many, bomb("servers: {}"), deep, "servers: {a: {command: x}, a: {command: y}}".to_owned()] {
        let setup = Setup::new();
        std::fs::write(setup.config_path(), &text).expect("the folder of the test can be written");
        let home = setup.folder.path().to_str().expect("the path is text");
        let config = setup.path_text("tutti.yaml");
        let arguments = ["up", "--listen", "127.0.0.1:0", "--config", &config, "--json"];
        let run = tutti(&arguments, &[("HOME", home), ("TUTTI_HOME", home)]).await;
        assert_eq!(run.code, Some(3), "{text:.60}: {:.1000}", run.stderr);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(told.contains("T-01"), "{text:.60}: {told:.1000}");
        assert!(told.len() < 200_000, "what is told is bounded too: {} bytes", told.len());
    }
}
