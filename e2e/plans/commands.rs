//! `tutti plan`.

use super::{planning, run};
use crate::harness::{Hub, Run, trials, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("plans::commands":
        plans_from_files_run_and_are_explained,
        profile_tells_what_was_measured,
    )
}

async fn command(hub: &Hub, words: &[&str]) -> Run {
    let config = hub.setup.config_path();
    let all = [&["plan"], words, &["--json", "--config", config.to_str().unwrap(), "--url", &hub.url]].concat();
    let environment: Vec<(&str, &str)> =
        hub.setup.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    tutti(&all, &environment).await
}

fn said(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

const PLAN: &str = "name: sums
steps:
  - { name: one, tool: good__add, arguments: { a: 1, b: 2 } }
  - { name: two, tool: good__add, arguments: { a: $.one.sum, b: 4 } }
  - { name: side, tool: faulty__echo, arguments: { message: hello } }
  - { name: same, tool: faulty__echo, arguments: { message: hello } }
return: { sum: $.two.sum }
";

async fn plans_from_files_run_and_are_explained() {
    let hub = planning(&[], json!({})).ready().await;
    let file = hub.setup.path("plan.yaml");
    std::fs::write(&file, PLAN).unwrap();
    let file = file.to_str().unwrap();
    let explained = command(&hub, &["explain", file]).await;
    let told = said(&explained);
    assert_eq!((explained.code, &told["fits"]), (Some(0), &json!(true)), "{explained:?}");
    let plan = &told["plan"];
    assert_eq!(plan["waves"], json!([["one", "side"], ["two"]]), "{plan}");
    assert_eq!(plan["critical_path"], json!(["one", "two"]), "{plan}");
    assert_eq!(plan["steps"][3]["same_as"], "side", "{plan}");
    assert!(hub.recorded_method("good", "tools/call").is_empty(), "nothing was called");
    let ran = command(&hub, &["run", file]).await;
    assert_eq!((ran.code, &said(&ran)["results"]), (Some(0), &json!({"sum": 7.0})), "{ran:?}");
    let fails = hub.setup.path("fails.json");
    std::fs::write(&fails, r#"{"steps": [{"name": "a", "tool": "faulty__fail", "arguments": {"text": "no"}}]}"#)
        .unwrap();
    let failed = command(&hub, &["run", fails.to_str().unwrap()]).await;
    assert_eq!((failed.code, &said(&failed)["steps"][0]["state"]), (Some(1), &json!("failed")), "{failed:?}");
    let bad = hub.setup.path("bad.json");
    std::fs::write(&bad, r#"{"steps": [{"name": "a", "tool": "good__ad"}]}"#).unwrap();
    let bad = bad.to_str().unwrap();
    let explained = command(&hub, &["explain", bad]).await;
    assert_eq!((explained.code, &said(&explained)["errors"][0]["code"]), (Some(2), &json!("T-0305")), "{explained:?}");
    let ran = command(&hub, &["run", bad]).await;
    assert_eq!((ran.code, &said(&ran)["error"]["code"]), (Some(2), &json!("T-0350")), "{ran:?}");
}

async fn profile_tells_what_was_measured() {
    let hub = planning(&[], json!({})).ready().await;
    let empty = command(&hub, &["profile"]).await;
    assert_eq!(said(&empty), json!({"tools": [], "plans": []}), "{empty:?}");
    let step =
        |index: usize| json!({"name": format!("s{index}"), "tool": "good__add", "arguments": {"a": 1, "b": index}});
    let plan = json!({"name": "three", "steps": (0..3).map(step).collect::<Vec<_>>()});
    run(&hub.modern(), plan).await.result();
    let told = said(&command(&hub, &["profile"]).await);
    assert_eq!((&told["tools"][0]["name"], &told["tools"][0]["count"]), (&json!("good__add"), &json!(3)), "{told}");
    assert!(told["tools"][0]["p50_ms"].is_number() && told["plans"][0]["p95_ms"].is_number(), "{told}");
    assert_eq!((&told["plans"][0]["name"], &told["plans"][0]["count"]), (&json!("three"), &json!(1)), "{told}");
}
