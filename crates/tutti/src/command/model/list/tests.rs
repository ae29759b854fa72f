use super::*;
use crate::output::Output;
use serde_json::json;

#[test]
fn a_route_is_told_with_all_that_is_behind_it() {
    let deployment = |name: &str, state: &str, paused: Value| {
        json!({"name": name, "breaker": {"state": state, "share": 1, "paused_for": paused}, "latency": 0.25,
            "context": {"limits": {"max_input": {"value": 1000, "source": "built_in"}},
                "cost": {"price": {"source": "built_in", "value": {"input": "1.25", "output": "10"}}}}})
    };
    let route = json!({"name": "default", "kind": "route", "strategy": "cost", "deployments": [
        deployment("openai/gpt-5", "closed", Value::Null), deployment("local/qwen", "open", json!(3)),
        deployment("local/b", "open", Value::Null)]});
    let lines = table(&[&route]).lines(&Output::plain());
    assert_eq!(
        lines[1..],
        [
            "default  cost  openai/gpt-5  ready      0.25 s        1000     $1.25  $10",
            "               local/qwen    paused     0.25 s        1000     $1.25  $10",
            "               local/b       held back  0.25 s        1000     $1.25  $10",
        ]
    );
}
