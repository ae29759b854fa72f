//! What saves models tokens and turns is counted: searches, less shown of results, plans.

use super::metrics::{metrics, number};
use crate::harness::{Client, Era, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("telemetry": what_saves_tokens_and_turns_is_counted, cancelled_plans_are_counted)
}

/// Views in which there is something to save.
pub(super) fn saving(setup: Setup) -> Setup {
    setup.with("views", json!({"saving": {"mode": "search", "plans": true, "context": {"limit": 200}}}))
}

/// A search that finds something and one that does not, a long result, and plans that work, fail and are refused.
pub(super) async fn save(client: &Client) {
    client.call("search_tools", json!({"queries": ["add two numbers"]})).await.result();
    client
        .call("search_tools", json!({"queries": ["add two numbers"], "servers": ["good"], "risk": ["closed_world"]}))
        .await
        .result();
    client.call("good__echo", json!({"message": "a word ".repeat(1000)})).await.result();
    let add = json!({"name": "a", "tool": "good__add", "arguments": {"a": 1, "b": 2}});
    let fail = json!({"name": "b", "tool": "good__fail", "arguments": {"text": "no"}});
    let none = json!({"name": "c", "tool": "good__none", "arguments": {}});
    for steps in [json!([add]), json!([add, fail]), json!([none])] {
        client.call("run_plan", json!({"steps": steps})).await.result();
    }
}

/// The series, and what they are after that.
pub(super) const SERIES: [(&str, f64); 7] = [
    (r#"tutti_tool_search_duration_seconds_count{tutti_result="found"}"#, 1.0),
    (r#"tutti_tool_search_duration_seconds_count{tutti_result="empty"}"#, 1.0),
    (r#"tutti_plan_duration_seconds_count{tutti_result="done"}"#, 1.0),
    (r#"tutti_plan_duration_seconds_count{tutti_result="failed"}"#, 1.0),
    (r#"tutti_plan_duration_seconds_count{tutti_result="refused"}"#, 1.0),
    (r#"tutti_plan_calls_total{tutti_result="worked"}"#, 2.0),
    (r#"tutti_plan_calls_total{tutti_result="failed"}"#, 1.0),
];

async fn what_saves_tokens_and_turns_is_counted() {
    let hub = saving(Setup::pair(&[], json!({}))).ready().await;
    let client = Client::of(Era::Legacy, &hub.at("/mcp/saving")).await;
    save(&client).await;
    let lines = metrics(&hub).await;
    for (series, wanted) in SERIES {
        assert_eq!(number(&lines, series), wanted, "{series}: {lines:#?}");
    }
    for reason in ["discovery", "shaping"] {
        let saved = number(&lines, &format!("tutti_saved_tokens_total{{tutti_reason=\"{reason}\"}}"));
        assert!(saved > 100.0, "{reason}: {saved}");
    }
    // Each tool and each query is embedded once.
    let embedded = |lines: &[String], subject: &str, result: &str| {
        let labels = format!("{{tutti_subject=\"{subject}\",tutti_result=\"{result}\"}}");
        number(lines, &format!("tutti_embeddings_total{labels}"))
    };
    let all = number(&lines, "tutti_upstream_tools{tutti_upstream=\"good\"}")
        + number(&lines, "tutti_upstream_tools{tutti_upstream=\"faulty\"}");
    eventually("all tools have vectors", || async {
        let lines = metrics(&hub).await;
        if embedded(&lines, "tool", "computed") >= all / 2.0 { Ok(()) } else { Err(lines.join("\n")) }
    })
    .await;
    // They are used once all are there, and only then queries are embedded.
    let lines = eventually("queries are embedded", || async {
        client.call("search_tools", json!({"queries": ["make some coffee"]})).await.result();
        let lines = metrics(&hub).await;
        if embedded(&lines, "query", "computed") >= 1.0 { Ok(lines) } else { Err(lines.join("\n")) }
    })
    .await;
    client.call("search_tools", json!({"queries": ["send a telegram"]})).await.result();
    client.call("search_tools", json!({"queries": ["send a telegram"]})).await.result();
    let after = metrics(&hub).await;
    assert_eq!(embedded(&after, "query", "computed") - embedded(&lines, "query", "computed"), 1.0, "{after:#?}");
    assert_eq!(embedded(&after, "query", "cached") - embedded(&lines, "query", "cached"), 1.0);
}

async fn cancelled_plans_are_counted() {
    let hub = saving(Setup::pair(&[], json!({}))).ready().await;
    let client = hub.modern().at(&hub.at("/mcp/saving"));
    let steps = json!([{"name": "a", "tool": "faulty__hold", "arguments": {"name": "h"}}]);
    let running = client.start("tools/call", json!({"name": "run_plan", "arguments": {"steps": steps}}));
    client.call("faulty__await_hold", json!({"name": "h"})).await.result();
    drop(running);
    eventually("the plan is counted", || async {
        let lines = metrics(&hub).await;
        let cancelled = number(&lines, r#"tutti_plan_duration_seconds_count{tutti_result="cancelled"}"#);
        if cancelled == 1.0 { Ok(()) } else { Err(lines.join("\n")) }
    })
    .await;
}
