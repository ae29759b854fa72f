//! Rules of the operator for what may stand together in a plan.

use super::{planning, run};
use crate::harness::trials;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("plans::rules": a_plan_that_breaks_a_rule_is_refused_with_its_name)
}

async fn a_plan_that_breaks_a_rule_is_refused_with_its_name() {
    let rules = json!({
        "log-writes": {"tools": ["faulty__flaky_put"], "requires": ["*__log"]},
        "log-last": {"tools": ["faulty__flaky_put"], "before": ["*__log"]},
        "apart": {"tools": ["good__*"], "never_with": ["faulty__secret"]},
        "few-writes": {"tools": ["effect:write"], "at_most": 2},
    });
    let hub = planning(&[], json!({})).with("rules", rules).ready().await;
    let client = hub.modern();
    let plan = |tools: &[(&str, &[&str])]| {
        let step =
            |(tool, after): &(&str, &[&str])| json!({"name": tool.replace("__", "-"), "tool": tool, "after": after});
        json!({"steps": tools.iter().map(step).collect::<Vec<_>>()})
    };
    let refused = |plan: Value, rule: &'static str| {
        let client = client.clone();
        async move {
            let reply = run(&client, plan).await;
            let said = format!("the rule `{rule}` is broken");
            assert!(reply.text().contains(&said) && reply.text().contains("T-0353"), "{rule}: {}", reply.raw);
            assert_eq!(reply.result()["isError"], true);
        }
    };
    refused(plan(&[("faulty__flaky_put", &[])]), "log-writes").await;
    refused(plan(&[("faulty__flaky_put", &[]), ("faulty__log", &[])]), "log-last").await;
    refused(plan(&[("good__echo", &[]), ("faulty__secret", &[])]), "apart").await;
    refused(plan(&[("good__log", &[]), ("good__add", &[]), ("good__touch", &[])]), "few-writes").await;
    for server in ["good", "faulty"] {
        assert!(hub.recorded_method(server, "tools/call").is_empty(), "nothing was begun");
    }
    let fine = plan(&[("faulty__flaky_put", &[]), ("faulty__log", &["faulty-flaky_put"])]);
    assert!(!run(&client, fine).await.raw.contains("T-0353"));
}
