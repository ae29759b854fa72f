//! The key of a hub is shown by no command, whatever it says and however much it logs.

use super::conduct::LINES;
use super::run::{Order, address, desk, put, words};
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::key":
        no_command_shows_the_key,
        no_command_without_a_hub_shows_the_key,
        clients_get_the_name_of_the_key_only,
    )
}

const KEY: &str = "tk-9Zp3rXw6TkMz8Vs4Ce0Jg5Ln7Qd2Uh1Y";

/// What the key is the value of, besides: nothing of it may come out in part.
const PART: &str = "MzV8s4Ce0Jg5";

fn locked() -> Setup {
    assert!(!KEY.contains(PART), "the two are different secrets");
    let setup = desk();
    put(&setup, "other.json", "{\"mcpServers\": {\"news\": {\"command\": \"true\", \"disabled\": true}}}");
    setup
        .fixture("good", &[], json!({"env": {"API_TOKEN": "${SECRET_OF_SERVER}"}}))
        .with("key", json!(KEY))
        .with("views", json!({"small": {"tools": ["good__echo"]}}))
        .environment("SECRET_OF_SERVER", PART)
}

/// Runs every line in several ways and looks for the secrets.
async fn look(setup: &Setup, lines: &[&str], url: Option<&str>) {
    for line in lines {
        for (option, log) in [("", "trace"), ("--json", "warn"), ("--color␣always", "debug")] {
            let option = option.replace('␣', " ");
            let words = words(&format!("{option} {line}"));
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let order = Order::new(setup, &words).variable("TUTTI_KEY", KEY).variable("TUTTI_LOG", log);
            let order = url.into_iter().fold(order, |order, url| order.variable("TUTTI_URL", url));
            let run = order.run().await;
            let all = format!("{}{}", run.stdout, run.stderr);
            assert!(!all.contains(KEY), "{option} {line} shows the key: {all}");
            assert!(!all.contains(PART), "{option} {line} shows the secret of a server: {all}");
        }
    }
}

/// Lines that have more to tell than most.
const MORE: [&str; 8] = [
    "doctor --servers",
    "server add docs https://127.0.0.1:1/mcp --dry-run",
    "server add docs --dry-run -- true",
    "server remove good --dry-run",
    "init --force --dry-run",
    "connect claude-desktop --yes",
    "connect codex --dry-run",
    "tool call good/nothing",
];

async fn no_command_shows_the_key() {
    let hub = locked().start().await;
    hub.wait_for_tool("good__echo").await;
    look(&hub.setup, &LINES, None).await;
    look(&hub.setup, &MORE, Some(&format!("http://{}", address(&hub)))).await;
    assert!(!hub.stderr().contains(KEY) && !hub.greeting.to_string().contains(KEY), "{}", hub.stderr());
}

async fn no_command_without_a_hub_shows_the_key() {
    let setup = locked();
    // Next to what is added, where a difference would show it.
    let text = format!("key: {KEY}\nservers:\n  files: {{builtin: files}}\n");
    put(&setup, "tutti.yaml", &text);
    look(&setup, &MORE, None).await;
    look(&setup, &["server remove files --dry-run", "server list", "tool list", "connect vscode --print"], None).await;
    let broken = format!("key: {KEY}\nkez: {KEY}\nservers: {KEY}\n");
    put(&setup, "tutti.yaml", &broken);
    look(&setup, &["server list", "doctor", "up", "mcp"], None).await;
}

async fn clients_get_the_name_of_the_key_only() {
    let setup = locked();
    setup.write_config();
    for client in ["claude-code", "claude-desktop", "cursor", "vscode", "codex"] {
        let run = Order::new(&setup, &["connect", client, "--yes"]).variable("TUTTI_KEY", KEY).run().await;
        assert_eq!(run.code, Some(0), "{client}: {run:?}");
    }
    let files = [".mcp.json", ".vscode/mcp.json", "home/.cursor/mcp.json", "home/.codex/config.toml"];
    for file in files {
        let text = std::fs::read_to_string(setup.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let names = text.contains("TUTTI_KEY") || text.contains("${input:");
        assert!(names && !text.contains(KEY), "{file}: {text}");
    }
    let desktop = setup.path("home/.config/Claude/claude_desktop_config.json");
    let text = std::fs::read_to_string(desktop).expect("Claude Desktop is connected");
    assert!(text.contains("\"mcp\"") && !text.contains(KEY), "{text}");
}
