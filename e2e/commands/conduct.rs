//! How all commands behave: colour only where it is wanted, messages beside the data, JSON that can be read.

use super::help::pages;
use super::run::{Order, desk, finish, on_terminal, put, run, run_line, words};
use crate::harness::{Hub, Setup, trials, within};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::conduct":
        colour_is_only_where_it_is_wanted,
        quiet_commands_print_data_only,
        json_of_every_command_is_one_document,
        followed_log_is_one_document_a_line,
        completions_are_scripts,
        texts_of_servers_do_not_move_the_cursor,
        up_says_where_it_is_in_its_first_line,
    )
}

/// Every command but those that do not end, in a form that works with a hub, and in an order that works.
pub(super) const LINES: [&str; 43] = [
    "server list",
    "server logs good",
    "server test good",
    "server restart good",
    "server approve good",
    "secret list",
    "tool list",
    "tool list --view small",
    "tool search echo",
    "tool describe good/echo",
    "tool call good/echo --message hello",
    "tool call good/echo --help",
    "tool diff",
    "tool docs",
    "tool lint",
    "tool approve --all",
    "plan run plan.json",
    "plan explain plan.json",
    "plan profile",
    "model list",
    "model describe near/small",
    "model discover --port 1",
    "workflow list",
    "workflow validate",
    "workflow graph report",
    "workflow explain report",
    "workflow schema",
    "workflow test",
    "memory list",
    "memory search echo",
    "memory stats",
    "memory prune --dry-run",
    "usage",
    "usage --budgets",
    "connect cursor --print",
    "connect cursor --yes",
    "doctor",
    "explain",
    "explain T-0201",
    "completions zsh",
    "server add time --yes -- true",
    "server import other.json",
    "server remove time --yes",
];

/// A hub with the fixture, and what the lines need besides.
pub(super) async fn stage() -> Hub {
    let setup = desk();
    put(&setup, "other.json", "{\"mcpServers\": {\"news\": {\"command\": \"true\", \"disabled\": true}}}");
    put(&setup, "plan.json", r#"{"steps": [{"name": "sum", "tool": "good__add", "arguments": {"a": 1, "b": 2}}]}"#);
    super::workflow::put_report_of(&setup, "mcp://good/echo", "model: small\n");
    let views = json!({"all": {"plans": true}, "small": {"tools": ["good__echo"]}});
    // Nobody is there: what is known of it is known without asking.
    let near = json!({"url": "http://127.0.0.1:1/v1", "models": ["small"]});
    let models = json!({"providers": {"near": near}, "budget": "$1/day"});
    let setup = setup.fixture("good", &[], json!({})).with("views", views).with("models", models);
    let hub = setup.with("workflows", json!(["flows/*.yaml"])).start().await;
    hub.wait_for_tool("good__echo").await;
    hub
}

const ESCAPE: char = '\u{1b}';

async fn colour_is_only_where_it_is_wanted() {
    let hub = stage().await;
    for line in LINES {
        let run = run_line(&hub.setup, line).await;
        assert_eq!(run.code, Some(0), "{line}: {run:?}");
        assert!(!format!("{}{}", run.stdout, run.stderr).contains(ESCAPE), "{line}: {run:?}");
    }
    for line in ["server list", "tool list", "tool describe good/echo", "doctor", "explain T-0201"] {
        let run = run_line(&hub.setup, &format!("{line} --color always")).await;
        assert!(run.stdout.contains(ESCAPE), "{line}: {run:?}");
        let with_json = run_line(&hub.setup, &format!("{line} --color always --json")).await;
        assert!(!with_json.stdout.contains(ESCAPE), "JSON has no colour: {with_json:?}");
        let words = words(&format!("{line} --color always"));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let asked = Order::new(&hub.setup, &words).variable("NO_COLOR", "1").run().await;
        assert!(asked.stdout.contains(ESCAPE), "what is said on the line counts more: {asked:?}");
    }
    let run = run_line(&hub.setup, "tool call god/echo --color always").await;
    assert!(!run.stderr.contains(ESCAPE), "behind the address it is the tool's: {run:?}");
    let run = run_line(&hub.setup, "--color always tool call god/echo").await;
    assert!(run.stderr.starts_with("\u{1b}[31mT-0504\u{1b}[0m "), "errors have colour too: {run:?}");
    terminals_have_colour(&hub.setup).await;
}

/// On a terminal there is colour, unless the environment says otherwise.
async fn terminals_have_colour(setup: &Setup) {
    for (name, value, wanted) in
        [("X", "1", true), ("NO_COLOR", "1", false), ("TERM", "dumb", false), ("NO_COLOR", "", true)]
    {
        let Some(run) = on_terminal(setup, "explain T-0201", &[(name, value)], "").await else { return };
        assert!(run.stdout.contains("T-0201"), "{run:?}");
        assert_eq!(run.stdout.contains(ESCAPE), wanted, "{name}={value}: {run:?}");
    }
}

async fn quiet_commands_print_data_only() {
    let hub = stage().await;
    for line in LINES {
        let quiet = run_line(&hub.setup, &format!("--quiet {line}")).await;
        assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""), "{line}: {quiet:?}");
        let nothing = [
            "tool lint",
            "secret list",
            "usage",
            "model discover --port 1",
            "memory list",
            "memory search echo",
            "memory prune --dry-run",
        ];
        let silent = line.contains("--yes") || line.contains("import") || nothing.contains(&line);
        assert_eq!(quiet.stdout.is_empty(), silent, "data stays: {line}: {quiet:?}");
    }
    let setup = desk();
    for line in
        ["-q init", "-q tool list", "-q server test", "tool call files/list_directory -q", "-q connect cursor --yes"]
    {
        let run = run_line(&setup, line).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{line}: {run:?}");
    }
    let run = run_line(&setup, "-q explain T-9999").await;
    assert!(run.stderr.starts_with("T-0507"), "errors are told all the same: {run:?}");
}

async fn json_of_every_command_is_one_document() {
    let hub = stage().await;
    let mut seen = Vec::new();
    for line in LINES {
        let run = run_line(&hub.setup, &format!("--json {line}")).await;
        assert_eq!(run.code, Some(0), "{line}: {run:?}");
        assert_eq!(run.stdout.lines().count(), 1, "{line}: {run:?}");
        let value: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{line}: {error}: {run:?}"));
        assert!(value.is_object(), "{line}: a program can look for fields: {value}");
        seen.push(words(line));
    }
    // `init` is in the folder of another test; `up` and `mcp` do not end, and `mcp` speaks a protocol of its own; for
    // `login` and `logout` there is a server that wants it in the tests of `oauth`, secrets need a value, models one that
    // answers, and prompts files and repositories.
    let elsewhere = [
        "init",
        "up",
        "mcp",
        "server login",
        "server logout",
        "secret set",
        "secret remove",
        "ask",
        "model test",
        "model chat",
        "model feedback",
        "model pull",
        "model remove",
        "prompt",
        "memory show",
        "run",
        "workflow run",
    ];
    for page in pages(&hub.setup).await.into_iter().filter(|page| !page.is_group()) {
        let known = seen.iter().any(|line| line.starts_with(&page.command))
            || elsewhere.iter().any(|line| page.command.join(" ").starts_with(line));
        assert!(known, "{} has a line in LINES", page.command.join(" "));
    }
}

async fn followed_log_is_one_document_a_line() {
    let hub = stage().await;
    hub.call("good__stderr", json!({"text": "followed", "times": 3})).await.result();
    let order = Order::new(&hub.setup, &["--json", "server", "logs", "good", "--follow"]);
    let mut child = order.command().spawn().expect("the binary can be started");
    let output = child.stdout.take().expect("its standard output is a pipe");
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(output));
    let mut numbers = Vec::new();
    let reading = async {
        let mut last = false;
        while !last {
            let line = lines.next_line().await.expect("it can be read").expect("it does not end");
            let line: Value = serde_json::from_str(&line).expect("a line is JSON");
            numbers.push(line["number"].as_u64().expect("a line has a number"));
            last = numbers.len() >= 4;
        }
    };
    within("the lines come", reading).await;
    assert!(numbers.is_sorted_by(|left, right| left < right), "no line comes twice: {numbers:?}");
    child.kill().await.expect("it can be ended");
}

async fn completions_are_scripts() {
    let setup = desk();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = run(&setup, &["completions", shell]).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(run.stdout.contains("tutti"), "{shell}: {run:?}");
        // Other shells may not be there to ask.
        if shell != "bash" || !std::path::Path::new("/bin/bash").is_file() {
            continue;
        }
        put(&setup, "script", &run.stdout);
        let mut command = tokio::process::Command::new("/bin/bash");
        command.args(["-n", &setup.path_text("script")]).stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let checked = finish(command, "", "bash -n").await;
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    }
}

async fn texts_of_servers_do_not_move_the_cursor() {
    let hub = stage().await;
    let evil = "a\u{1b}]52;c;eA==\u{7}b\u{1b}[2Jc\u{202e}d\u{9b}31me\rf";
    let run = run(&hub.setup, &["tool", "call", "good/echo", "--message", evil]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "abcde\nf\n"), "{run:?}");
    let run = run_line(&hub.setup, "tool call good/fail --text").await;
    assert_eq!(run.code, Some(2), "{run:?}");
    let run = super::run::run(&hub.setup, &["tool", "call", "good/fail", "--text", evil]).await;
    assert!(run.stderr.contains("| abcde") && !run.stderr.contains(ESCAPE), "{run:?}");
}

async fn up_says_where_it_is_in_its_first_line() {
    let hub = stage().await;
    assert!(hub.url.starts_with("http://127.0.0.1:") && hub.url.ends_with("/mcp"), "{}", hub.url);
    assert_eq!(hub.greeting["pid"], hub.pid(), "{}", hub.greeting);
    assert_eq!(hub.greeting["servers"], json!(["good", "workflows"]), "{}", hub.greeting);
    assert_eq!(hub.greeting["views"], json!(["all", "small"]), "{}", hub.greeting);
}
