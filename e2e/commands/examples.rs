//! The examples of the help pages, run by a shell as a person would.

use super::help::pages;
use super::run::{binary, desk, finish, put};
use crate::harness::{Hub, Setup, trials, within};
use crate::models::provider::{Provider, events};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::process::Command;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::examples":
        examples_do_what_they_say,
        next_steps_of_init_are_commands,
        example_of_a_client_is_json,
    )
}

/// Lines of the pages that begin with the name of the program.
async fn examples() -> Vec<String> {
    let pages = pages(&desk()).await;
    let lines = pages.iter().flat_map(|page| page.text.lines());
    let examples = lines.filter(|line| line.starts_with("  tutti ")).map(|line| {
        // Behind more than one space stands a remark.
        line.trim().split("  ").next().unwrap_or_default().to_owned()
    });
    let mut all: Vec<String> = examples.collect();
    all.sort();
    all.dedup();
    assert!(all.len() > 30, "the examples are found: {all:?}");
    all
}

/// A folder in which every example can work: servers with the names that the pages use, files of clients.
fn home() -> Setup {
    let setup = desk();
    put(&setup, "README.md", "read me\n");
    put(&setup, "key.pem", "a key\n");
    put(&setup, "home/.zfunc/there", "");
    let plan = r#"{"steps": [{"name": "note", "tool": "files__read_file", "arguments": {"path": "README.md"}}]}"#;
    put(&setup, "plan.json", plan);
    put(&setup, "weekly.yaml", "steps:\n  - { name: say, tool: time__echo, arguments: { message: hello } }\n");
    for folder in [".local/share/bash-completion/completions", ".config/fish/completions", ".config/elvish"] {
        put(&setup, &format!("home/{folder}/there"), "");
    }
    let of_client = r#"{"mcpServers": {"github": {"command": "true"}, "files": {"command": "true"}}}"#;
    put(&setup, "home/.cursor/mcp.json", of_client);
    put(&setup, "home/.config/Claude/claude_desktop_config.json", of_client);
    put(&setup, "report.txt", "a long report\n");
    let model = include_bytes!("../../tiny/data/tiny.gguf");
    std::fs::write(setup.path("qwen3-8b-q4_k_m.gguf"), model).expect("it can be written");
    put(&setup, "suite.yaml", "prompt: summary\ncases: [{ arguments: { text: x }, checks: [{ regex: 1 }] }]\n");
    let prompt = "---\nparameters: { text: { type: string }, words: { type: integer, default: 9 } }\n---\n{{ words }}: {{ text }}\n";
    put(&setup, "prompts/summary.md", prompt);
    super::workflow::put_report(&setup, "mcp://files/search_files");
    let root = setup.folder.path().display().to_string();
    let mut setup = setup.fixture("time", &[], json!({}));
    setup.config["servers"]["files"] = json!({"builtin": "files", "root": root});
    // A port that is free now: the usual one may be taken by a hub of whoever runs the tests.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let listen = free.expect("there is a free port").to_string();
    let views = json!({"all": {"plans": true}, "research": {"tools": ["time__*"]}});
    setup
        .with("views", views)
        .with("listen", json!(listen))
        .with("prompts", json!(["prompts/*.md"]))
        .with("workflows", json!(["flows/*.yaml"]))
}

/// The same line where nobody has to be asked.
fn without_question(line: &str) -> String {
    let asks = ["tutti server add", "tutti server remove", "tutti connect"];
    let decided = ["--yes", "--dry-run", "--print"].iter().any(|option| line.contains(option));
    match asks.iter().find(|start| line.starts_with(*start)).filter(|_| !decided) {
        Some(start) => line.replacen(start, &format!("{start} --yes"), 1),
        None => line.to_owned(),
    }
}

/// Runs a line with a shell that finds the binary.
fn shell(setup: &Setup, line: &str) -> Command {
    let folder = binary().parent().expect("the binary lies in a folder").display().to_string();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).env_clear().envs(&setup.environment).current_dir(setup.folder.path());
    let path = std::env::var("PATH").expect("there is a PATH");
    command.env("PATH", format!("{folder}:{path}")).env("PROFILE", setup.path_text("home/profile.ps1"));
    command.env("GITHUB_TOKEN", "not-to-be-seen");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Examples that are about a running hub.
const OF_A_HUB: [&str; 8] = [
    "tutti server logs",
    "tutti server restart",
    "tutti server list",
    "tutti plan profile",
    "tutti prompt",
    "tutti model",
    "tutti ask",
    "tutti usage",
];

/// What a model says, whatever it is asked.
const SAID: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"1 2 3\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

async fn examples_do_what_they_say() {
    let provider = Provider::start(|_| events(&[SAID])).await;
    let models = json!({
        "providers": {"local": {"url": format!("{}/v1", provider.url)}}, "routes": {"default": {"use": ["local/qwen3"]}},
    });
    let hub = home().with("models", models).start().await;
    hub.wait_for_tool("time__echo").await;
    hub.wait_for_tool("files__read_file").await;
    for example in examples().await {
        if example.contains("--follow") {
            follow(&hub, &example).await;
            continue;
        }
        // A login needs a server that wants one: the tests of `oauth` have it.
        if example.contains("server login") {
            continue;
        }
        // These go to a network: the tests of `models::pull` have one.
        if example.contains("model pull") && !example.contains("./") {
            continue;
        }
        // These need repositories, labels and models that do more than this one: the tests of `prompts` have them.
        if ["experiment", "import", "export", "optimize"].iter().any(|what| example.contains(&format!("prompt {what}")))
        {
            continue;
        }
        // These need runs that wait for somebody, or that remembered something: the tests of `workflows` and `memory` have them.
        if ["tutti run ", "workflow run", "memory show"].iter().any(|what| example.contains(what)) {
            continue;
        }
        // The hub is a registry, too.
        let official = "https://registry.modelcontextprotocol.io com.example/weather@1.0.0";
        let example = example.replace(official, &format!("{} local.tutti/research", hub.at("")));
        let line = without_question(&example);
        let of_a_hub = OF_A_HUB.iter().any(|start| line.starts_with(start));
        let setup = prepared(&example);
        if line.starts_with("tutti secret remove") {
            finish(shell(&setup, "tutti secret set DOCS_TOKEN"), "a value\n", "what is removed").await;
        }
        let input = if line.starts_with("tutti secret set") { "a value\n" } else { "" };
        let run = finish(shell(if of_a_hub { &hub.setup } else { &setup }, &line), input, &line).await;
        // An import passes over names that are there; here `files` is, and the page says which exit code that has.
        let partly = line.contains("import") && run.code == Some(9);
        assert!(run.code == Some(0) || partly, "{line}: {run:?}");
        if example.contains("server add docs") {
            let written = std::fs::read_to_string(setup.path("tutti.yaml")).expect("it is written");
            assert!(written.contains("Bearer ${DOCS_TOKEN}"), "the variable stays one: {written}");
        }
    }
}

/// A folder for one line, with a configuration but for `init`.
fn prepared(line: &str) -> Setup {
    let mut setup = home();
    if line.contains("server logout docs") {
        setup = setup.remote("docs", "http://127.0.0.1:1/mcp", json!({"auth": "oauth"}));
    }
    if !line.contains(" init") {
        setup.write_config();
    }
    if line.contains("server add time") {
        put(&setup, "tutti.yaml", "servers: {}\n");
    }
    if line.contains("import mcp.json") {
        put(&setup, "mcp.json", r#"{"mcpServers": {"github": {"command": "true"}, "files": {"command": "true"}}}"#);
    }
    setup
}

/// An example that goes on until somebody ends it.
async fn follow(hub: &Hub, example: &str) {
    hub.server("time").await;
    let line = example.replace("logs files", "logs time");
    let mut child = shell(&hub.setup, &format!("exec {line}")).spawn().expect("a shell can be started");
    let output = child.stdout.take().expect("its standard output is a pipe");
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(output));
    let first = within("a line comes", lines.next_line()).await.expect("it can be read").expect("it does not end");
    assert!(first.contains(" hub starting"), "{example}: {first}");
    child.kill().await.expect("it can be ended");
}

async fn next_steps_of_init_are_commands() {
    let setup = desk();
    let run = super::run::run(&setup, &["--json", "init"]).await;
    let value: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    for step in value["next"].as_array().expect("it says what to go on with") {
        let step = step.as_str().expect("a step is a text");
        let words: Vec<&str> =
            step.split_whitespace().skip(1).take_while(|word| word.chars().any(char::is_lowercase)).collect();
        let run = super::run::run(&setup, &[words.as_slice(), &["--help"]].concat()).await;
        assert_eq!(run.code, Some(0), "{step}: {run:?}");
    }
    let names = std::fs::read_dir(setup.folder.path()).expect("it can be read").flatten();
    let names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    assert!(names.contains(&"tutti.yaml".to_owned()) && names.contains(&".env.example".to_owned()), "{names:?}");
    let run = super::run::run(&setup, &["tool", "call", "files/list_directory"]).await;
    assert_eq!(run.code, Some(0), "what it writes works at once: {run:?}");
}

async fn example_of_a_client_is_json() {
    let pages = pages(&desk()).await;
    let page = pages.iter().find(|page| page.command == ["mcp"]).expect("there is a page of `mcp`");
    let line = page.text.lines().find(|line| line.trim_start().starts_with("\"tutti\":"));
    let entry: Value = serde_json::from_str(&format!("{{{}}}", line.expect("it has an example"))).expect("it is JSON");
    let arguments = entry["tutti"]["args"].as_array().expect("it has arguments");
    assert_eq!(entry["tutti"]["command"], "tutti");
    let setup = home();
    setup.write_config();
    let file = setup.path_text("tutti.yaml");
    let words = arguments.iter().map(|word| word.as_str().expect("an argument is a text"));
    let words: Vec<&str> = words.map(|word| if word.ends_with("tutti.yaml") { file.as_str() } else { word }).collect();
    let run = super::run::run(&setup, &words).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "without a message there is no answer: {run:?}");
}
