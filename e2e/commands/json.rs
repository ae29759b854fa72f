//! What commands print with `--json`, against golden files: programs read it, and it is promised to stay.

mod normal;

use super::run::{Order, desk, put, run_line};
use super::snapshot::Snapshots;
use crate::harness::{Hub, Run, Setup, eventually, trials};
use libtest_mimic::Trial;
use normal::Normal;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::json":
        answers_of_a_hub_are_as_promised,
        answers_without_a_hub_are_as_promised,
        answers_about_workflows_are_as_promised,
        answers_of_commands_that_write_are_as_promised,
        clients_get_what_is_promised,
        errors_are_as_promised,
        codes_are_as_promised,
    )
}

/// The tools of the fixture in these tests: few, so that its own can change.
const TOOLS: &str = r#"[
  {"name": "echo", "title": "Echo", "description": "Says it again.", "annotations": {"readOnlyHint": true},
   "inputSchema": {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]},
   "x-vendor": {"kept": [1, null]}},
  {"name": "fail", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}},
  {"name": "stderr", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}
]"#;

/// A fixture that works, one that does not, the built-in files, a server that is switched off, and views.
fn orchestra() -> Setup {
    let setup = desk();
    put(&setup, "tools.json", TOOLS);
    put(&setup, "library/note.txt", "one\ntwo\n");
    let tools = setup.path_text("tools.json");
    let long = json!({"first": "10m", "max": "10m"});
    let setup = setup.fixture("good", &["--tools-file", &tools], json!({})).fixture(
        "broken",
        &["--never-start"],
        json!({"backoff": long}),
    );
    let (mut servers, root) = (setup.config["servers"].clone(), setup.path_text("library"));
    servers["files"] = json!({"builtin": "files", "root": root});
    servers["off"] = json!({"command": "no-such-program", "enabled": false});
    let views = json!({"small": {"tools": ["good__*"], "deny": ["*__fail"], "rename": {"good__echo": "say"}}});
    setup.with("servers", servers).with("views", views)
}

/// The only document on standard output.
#[track_caller]
fn document(line: &str, run: &Run) -> Value {
    assert_eq!(run.stdout.lines().count(), 1, "{line}: JSON stands on one line: {run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{line}: not JSON ({error}): {run:?}"))
}

/// Runs `line` with `--json` and gives what it printed.
async fn answer(setup: &Setup, line: &str, exit: i32) -> Value {
    let run = run_line(setup, &format!("--json {line}")).await;
    assert_eq!(run.code, Some(exit), "{line}: {run:?}");
    document(line, &run)
}

/// Compares what lines print. A row is the name of the golden file, the line, and its exit code.
async fn compare(setup: &Setup, normal: &Normal, rows: &[(&str, &str, i32)]) {
    let mut snapshots = Snapshots::open();
    for (name, line, exit) in rows {
        let value = normal.value(&answer(setup, line, *exit).await);
        snapshots.compare(&format!("{name}.json"), &format!("{value:#}"));
    }
    snapshots.finish();
}

/// A hub whose servers are all where they will stay.
async fn settled() -> Hub {
    let hub = orchestra().start().await;
    hub.wait_for_tool("good__echo").await;
    hub.wait_for_tool("files__read_file").await;
    hub.wait_for("broken", "it has failed", |server| server["state"] == "backing_off").await;
    hub.call("good__stderr", json!({"text": "a line on standard error"})).await.result();
    eventually("the line is in the log", || async {
        let log = answer(&hub.setup, "server logs good", 0).await;
        if log.to_string().contains("a line on") { Ok(()) } else { Err(log.to_string()) }
    })
    .await;
    hub
}

async fn answers_of_a_hub_are_as_promised() {
    let hub = settled().await;
    let normal = Normal::new(&hub.setup).with_hub(&hub);
    let mut snapshots = Snapshots::open();
    snapshots.compare("up.json", &format!("{:#}", normal.value(&hub.greeting)));
    snapshots.finish();
    let rows = [
        ("tool-list", "tool list", 0),
        ("tool-search", "tool search echo --server good --limit 2", 0),
        ("tool-list-view", "tool list --view small", 0),
        ("tool-describe", "tool describe mcp://good/echo", 0),
        ("tool-lint", "tool lint --server good", 0),
        ("tool-call", "tool call mcp://good/echo --message hello", 0),
        ("tool-call-files", "tool call mcp://files/list_directory", 0),
        ("tool-call-failed", "tool call mcp://good/fail --text no", 1),
        ("server-list", "server list", 0),
        ("server-logs", "server logs good", 0),
        ("server-restart", "server restart good", 0),
        ("server-test", "server test good broken files", 9),
    ];
    compare(&hub.setup, &normal, &rows).await;
    let mut doctor = answer(&hub.setup, "doctor", 0).await;
    shape_only(&mut doctor);
    let mut snapshots = Snapshots::open();
    snapshots.compare("doctor.json", &format!("{doctor:#}"));
    snapshots.finish();
}

/// Leaves of the doctor's findings what is the same on every machine.
fn shape_only(doctor: &mut Value) {
    for check in doctor["checks"].as_array_mut().expect("it has checks") {
        let status = check["status"].as_str().expect("a check has a status");
        assert!(["ok", "warn", "fail", "info"].contains(&status), "{check}");
        assert!(check["message"].is_string() && (check["fix"].is_string() || check["fix"].is_null()), "{check}");
        check["status"] = json!("[STATUS]");
        check["message"] = json!("[TEXT]");
        check["fix"] = json!("[TEXT OR NULL]");
    }
}

async fn answers_without_a_hub_are_as_promised() {
    let setup = orchestra();
    setup.write_config();
    let rows = [
        ("server-list-without-hub", "server list", 0),
        ("server-test-without-hub", "server test files", 0),
        ("tool-list-without-hub", "tool list --server good", 0),
        ("tool-list-partial", "tool list --view small", 9),
        ("explain-code", "explain T-0201", 0),
        ("completions", "completions bash", 0),
    ];
    compare(&setup, &Normal::new(&setup), &rows).await;
}

async fn answers_about_workflows_are_as_promised() {
    let setup = desk();
    super::workflow::put_report(&setup, "mcp://files/search_files");
    put(&setup, "flows/wrong.yaml", "name: wrong\nsteps: [{ name: a, tool: \"mcp://none/x\" }]\n");
    let setup =
        setup.with("servers", json!({"files": {"builtin": "files"}})).with("workflows", json!(["flows/*.yaml"]));
    setup.write_config();
    let rows = [
        ("workflow-list", "workflow list", 0),
        ("workflow-validate", "workflow validate", 3),
        ("workflow-test", "workflow test report", 0),
        ("workflow-explain", "workflow explain report", 0),
        ("workflow-graph", "workflow graph report", 0),
    ];
    compare(&setup, &Normal::new(&setup), &rows).await;
}

async fn answers_of_commands_that_write_are_as_promised() {
    let setup = desk();
    put(&setup, "other.json", r#"{"mcpServers": {"time": {"command": "true"}, "news": {"command": "true"}}}"#);
    let rows = [
        ("init-dry-run", "init --dry-run", 0),
        ("init", "init", 0),
        ("server-add", "server add time --env API_TOKEN=not-to-be-seen --yes -- no-such-program --flag", 0),
        ("server-import", "server import other.json", 9),
        ("server-remove", "server remove time --yes", 0),
        ("secret-list", "secret list", 0),
        ("connect", "connect cursor --yes", 0),
        ("connect-again", "connect cursor --yes", 0),
    ];
    compare(&setup, &Normal::new(&setup), &rows).await;
}

async fn clients_get_what_is_promised() {
    let hub = settled().await;
    let normal = Normal::new(&hub.setup).with_hub(&hub);
    let rows = [
        ("connect-print-claude-code", "connect claude-code --print", 0),
        ("connect-print-claude-desktop", "connect claude-desktop --print", 0),
        ("connect-print-cursor", "connect cursor --print --view small", 0),
        ("connect-print-vscode", "connect vscode --print", 0),
        ("connect-print-codex", "connect codex --print", 0),
        ("connect-print-stdio", "connect cursor --print --stdio --view small", 0),
    ];
    compare(&hub.setup, &normal, &rows).await;
}

async fn errors_are_as_promised() {
    let setup = orchestra();
    setup.write_config();
    put(&setup, "faulty.yaml", "serverz: {}\nlisten: \"${NOT_SET}\"\nservers:\n  one: {command: x, start: soon}\n");
    let rows = [
        ("error-usage", "tool call mcp://files/read_file --pat x", 2),
        ("error-configuration", "--config faulty.yaml tool list", 3),
        ("error-unknown-server", "tool list --server god", 5),
        ("error-unknown-code", "explain T-9999", 5),
        ("error-exists", "server add good --yes -- true", 6),
        ("error-hub-unreachable", "--url http://127.0.0.1:1 tool list", 7),
        ("error-upstream", "tool call mcp://broken/echo", 7),
    ];
    compare(&setup, &Normal::new(&setup), &rows).await;
}

/// People search for codes and programs branch on them: none may be given another meaning.
async fn codes_are_as_promised() {
    let setup = desk();
    let all = answer(&setup, "explain", 0).await;
    let codes = all["codes"].as_array().expect("it lists the codes");
    let text = |code: &Value, key: &str| code[key].as_str().expect("the field is a text").to_owned();
    let number = |code: &Value, key: &str| code[key].as_i64().expect("the field is a number");
    let lines = codes.iter().map(|code| {
        let numbers = ["exit", "http_status", "json_rpc"].map(|key| number(code, key).to_string()).join(" ");
        format!("{} {} {numbers} {}", text(code, "code"), text(code, "label"), text(code, "summary"))
    });
    let mut snapshots = Snapshots::open();
    snapshots.compare("codes.txt", &lines.collect::<Vec<_>>().join("\n"));
    snapshots.finish();
    for line in ["explain T-0201", "explain t-0201", "explain 201", "explain upstream_not_started"] {
        let run = Order::new(&setup, &[]).run().await;
        assert_eq!(run.code, Some(2), "without a command there is only help: {run:?}");
        assert_eq!(answer(&setup, line, 0).await["code"], "T-0201", "{line}");
    }
}
