//! Long results of tasks are shortened like those of calls, and nothing of them is lost.

use super::{begin, client_of, get_until};
use crate::harness::{Client, Era, Hub, Setup, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let pairs = ["legacy", "modern"].into_iter().flat_map(|speaks| Era::BOTH.map(|era| (speaks, era)));
    let of = |(speaks, era): (&'static str, Era)| {
        let name = format!("tasks::h31_results_are_shortened_{speaks}_upstream_{}_client", era.word());
        trial(name, move || h31_results_of_tasks_are_shortened(era, speaks))
    };
    pairs.map(of).collect()
}

async fn hub(speaks: &str) -> Hub {
    let prune = json!({"work__job*": {"drop": ["$.noise"]}});
    let views = json!({"all": {"context": {"limit": 200, "prune": prune}}});
    let setup = Setup::new().fixture("work", &["--tasks", "--era", speaks], json!({}));
    setup.with("views", views).ready().await
}

/// What a task gave.
async fn result(client: &Client, id: &str) -> Value {
    match client.era {
        Era::Legacy => client.request("tasks/result", json!({"taskId": id})).await.result().clone(),
        Era::Modern => get_until(client, id, "completed").await["result"].clone(),
    }
}

async fn h31_results_of_tasks_are_shortened(era: Era, speaks: &'static str) {
    let hub = hub(speaks).await;
    let client = client_of(&hub, era).await;
    let text: String = (0..600).map(|number| format!("line {number} of the job\n")).collect();
    let (id, _) = begin(&client, "job_only", json!({"text": text})).await;
    let shown = result(&client, &id).await;
    let said = shown["content"][0]["text"].as_str().unwrap();
    assert!(said.len() < 2000 && said.starts_with("line 0 of") && said.ends_with("line 599 of the job\n"), "{said}");
    let told = &shown["_meta"]["tutti/tokens"];
    assert!(told["saved"].as_u64() > Some(2000) && told["shown"].as_u64() < Some(500), "{told}");
    let kept = &shown["_meta"]["tutti/result"]["id"];
    assert!(said.contains(kept.as_str().expect("it is kept")), "{said}");
    let rest = client.call("read_result", json!({"id": kept, "tokens": 20_000})).await;
    assert!(rest.text().starts_with(&text), "{}", rest.raw);
    let whole = client.call("read_result", json!({"id": kept, "tokens": 20_000, "part": "whole"})).await;
    assert!(whole.text().contains("line 300 of the job") && !whole.text().contains("task-"), "{}", whole.raw);
    assert_eq!(&result(&client, &id).await["_meta"]["tutti/result"]["id"], kept, "however often it is looked at");
    if era == Era::Legacy {
        let other = client_of(&hub, era).await;
        other.call("read_result", json!({"id": kept})).await.assert_code(&["T-0307"]);
    }
    // What the view leaves out of the results of its tool.
    let (id, _) = begin(&client, "job_only", json!({"text": r#"{"noise":"beep","kept":1}"#})).await;
    let shown = result(&client, &id).await;
    assert_eq!(shown["content"][0]["text"], r#"{"kept":1}"#, "{shown}");
}
