//! What runs remember, told to whoever runs the hub, with a hub and without.

use super::run::{desk, put, run_line};
use crate::harness::{Http, Hub, Run, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::memory": what_runs_remember_is_told_found_and_pruned)
}

/// Remembers what it is told.
const LEARN: &str = "
name: learn
params: { text: { type: string } }
steps:
  - name: say
    tool: \"mcp://good/echo\"
    inputs: { message: \"{{ params.text }}\" }
    memory: { writes: [{ to: memory(project/how/caching), from: $.message }] }
output: \"{{ steps.say.output.message }}\"
";

#[track_caller]
fn document(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// The members of a value are those that the interface promises.
fn check(schemas: &Value, name: &str, value: &Value) {
    let promised = schemas[name]["required"].as_array().expect("a schema has them").iter().filter_map(Value::as_str);
    let there = value.as_object().unwrap_or_else(|| panic!("{name} is an object: {value}")).keys().map(String::as_str);
    assert_eq!(there.collect::<BTreeSet<_>>(), promised.collect::<BTreeSet<_>>(), "{name}: {value}");
}

/// One version that is not the newest goes, as it was told.
async fn is_pruned(hub: &Hub, schemas: &Value) {
    let asked = run_line(&hub.setup, "memory prune").await;
    assert!(asked.code == Some(2) && asked.stderr.contains("1 fragment (31B) would be removed"), "{asked:?}");
    let young = run_line(&hub.setup, "memory prune --older-than 1d --yes").await;
    assert!(young.code == Some(0) && young.stderr.contains("nothing is there that may go"), "{young:?}");
    let dry = document(&run_line(&hub.setup, "--json memory prune --dry-run").await);
    check(schemas, "MemoryPruned", &dry);
    assert_eq!((&dry["fragments"], &dry["bytes"], &dry["pruned"]), (&json!(1), &json!(31), &json!(false)));
    let before = Http::new("POST", &hub.at("/api/v1/memory/prune?at=1")).send().await.json();
    assert_eq!(before, json!({"fragments": 0, "bytes": 0, "pruned": true, "at": 1}));
    let elsewhere = document(&run_line(&hub.setup, "--json memory prune --scope user: --yes").await);
    assert_eq!(elsewhere["fragments"], 0);
    let pruned = run_line(&hub.setup, "memory prune --yes").await;
    assert!(pruned.code == Some(0) && pruned.stdout.contains("1 fragment (31B) removed"), "{pruned:?}");
    let gone = run_line(&hub.setup, "memory show project/how/caching --version 1").await;
    assert!(gone.code == Some(5) && gone.stderr.contains("T-1303"), "{gone:?}");
}

fn handle_of(text: &str) -> String {
    base::random::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the last run was given, what its step gave and what it wrote is read by its handle.
async fn originals_are_read_by_handle(hub: &Hub, schemas: &Value) {
    let runs = Http::new("GET", &hub.at("/api/v1/runs?limit=1")).send().await.json();
    let run = runs["runs"][0]["id"].as_str().expect("there is a run").to_owned();
    let text = "Answers are cached for a day.";
    let handle = handle_of(text);
    let note = document(&run_line(&hub.setup, &format!("--json memory show --handle {handle}")).await);
    check(schemas, "MemoryOriginal", &note);
    check(schemas, "MemoryListed", &note["fragment"]);
    assert_eq!((&note["source"], &note["text"]), (&json!("memory(project/how/caching)@2"), &json!(text)));
    let shown = run_line(&hub.setup, &format!("memory show --handle {handle}")).await;
    assert!(shown.code == Some(0) && shown.stdout.contains(text) && shown.stdout.contains("untrusted"), "{shown:?}");
    // What a step gave is in the journal of its run, and in no other place.
    let inspected = Http::new("GET", &hub.at(&format!("/api/v1/runs/{run}"))).send().await.json();
    let given = inspected["steps"][0]["output"].to_string();
    let handle = handle_of(&given);
    let line = format!("--json memory show --handle {handle}");
    let nowhere = run_line(&hub.setup, &line).await;
    assert!(nowhere.code == Some(5) && nowhere.stdout.contains("T-1303"), "{nowhere:?}");
    let output = document(&run_line(&hub.setup, &format!("{line} --run {run}")).await);
    check(schemas, "MemoryOriginal", &output);
    assert_eq!((&output["source"], &output["text"]), (&json!("steps.say"), &json!(given)));
    assert_eq!(output["fragment"], Value::Null);
    let params = handle_of(&inspected["params"].to_string());
    let params = document(&run_line(&hub.setup, &format!("--json memory show --handle {params} --run {run}")).await);
    assert_eq!(params["source"], "params", "{params}");
    for wrong in ["x", "..%2Fx", &"0".repeat(64), &"%C3%A9".repeat(40)] {
        let path = format!("/api/v1/memory/handles/{wrong}?run={run}");
        let answer = Http::new("GET", &hub.at(&path)).send().await;
        assert_eq!(answer.status, 404, "{wrong}: {}", answer.text());
    }
}

async fn what_runs_remember_is_told_found_and_pruned() {
    let setup = desk();
    put(&setup, "flows/learn.yaml", LEARN);
    let hub = setup.fixture("good", &[], json!({})).with("workflows", json!(["flows/*.yaml"])).start().await;
    hub.wait_for_tool("good__echo").await;
    for text in ["Answers␣are␣cached␣for␣an␣hour.", "Answers␣are␣cached␣for␣a␣day."] {
        let run = run_line(&hub.setup, &format!("workflow run learn -p text={text}")).await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    let schemas = Http::new("GET", &hub.at("/api/v1/openapi.json")).send().await.json();
    let schemas = &schemas["components"]["schemas"];
    let listed = document(&run_line(&hub.setup, "--json memory list --scope project").await);
    let note = &listed["fragments"][0];
    check(schemas, "MemoryListed", note);
    check(schemas, "MemoryProvenance", &note["provenance"]);
    assert_eq!((&note["scope"], &note["key"], &note["version"]), (&json!("project"), &json!("how/caching"), &json!(2)));
    assert_eq!((&note["provenance"]["step"], &note["provenance"]["trust"]), (&json!("say"), &json!("untrusted")));
    for other in ["run:", "proj"] {
        let none = document(&run_line(&hub.setup, &format!("--json memory list --scope {other}")).await);
        assert_eq!(none, json!({"fragments": [], "next": null}), "{other}");
    }
    let page = document(&run_line(&hub.setup, "--json memory list --limit 1").await);
    assert_eq!(page["next"], "how/caching@project", "{page}");
    let last = document(&run_line(&hub.setup, "--json memory list --limit 1 --after how/caching@project").await);
    assert_eq!(last["fragments"], json!([]), "{last}");

    let old = run_line(&hub.setup, "memory show project/how/caching --version 1").await;
    assert!(old.code == Some(0) && old.stdout.contains("for an hour.") && old.stdout.contains("untrusted"), "{old:?}");
    let shown = document(&run_line(&hub.setup, "--json memory show project/how/caching").await);
    check(schemas, "MemoryFragment", &shown);
    assert_eq!((&shown["text"], &shown["versions"]), (&json!("Answers are cached for a day."), &json!([1, 2])));
    let found = document(&run_line(&hub.setup, "--json memory search how long do we keep cached answers").await);
    check(schemas, "MemoryHit", &found["fragments"][0]);
    assert_eq!(found["fragments"][0]["key"], "how/caching", "{found}");
    // No word of this stands in the note: it is found by what it means.
    let meant = document(&run_line(&hub.setup, "--json memory search reply stored temporarily").await);
    assert_eq!(meant["fragments"][0]["key"], "how/caching", "{meant}");
    let stats = document(&run_line(&hub.setup, "--json memory stats").await);
    check(schemas, "MemoryStats", &stats);
    check(schemas, "MemorySize", &stats["largest"][0]);
    check(schemas, "MemoryContext", &stats["context"]);
    assert_eq!((&stats["fragments"], &stats["scopes"], &stats["context"]["runs"]), (&json!(2), &json!(1), &json!(2)));

    originals_are_read_by_handle(&hub, schemas).await;
    is_pruned(&hub, schemas).await;
    let setup = hub.stop().await;
    let without = document(&run_line(&setup, "--json memory list").await);
    assert_eq!(without["fragments"][0]["version"], 2, "{without}");
}
