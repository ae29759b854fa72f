use super::*;
use console::output::Output;
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
    let lines = table(&[&route], &[]).lines(&Output::plain());
    assert_eq!(
        lines[1..],
        [
            "default  cost  openai/gpt-5  ready      0.25 s        1000     $1.25  $10",
            "               local/qwen    paused     0.25 s        1000     $1.25  $10",
            "               local/b       held back  0.25 s        1000     $1.25  $10",
        ]
    );
}

#[test]
fn files_that_no_hub_lists_are_told_too() {
    let file = |name: &str| File { name: name.to_owned(), context: Some(256), bytes: 7 };
    let files = [file("mine"), file("new")];
    let listed = json!({"name": "mine", "deployments": [{"name": "builtin/mine", "breaker": {"state": "closed"}}]});
    let left = unlisted(&files, &[&listed]);
    assert_eq!(left, [&files[1]]);
    let lines = table(&[], &left).lines(&Output::plain());
    assert_eq!(lines[1..], ["new   file  builtin/new  not listed  -             256      -      -"]);
    assert_eq!(described(&files[0]), json!({"name": "mine", "model": "builtin/mine", "bytes": 7, "context": 256}));
}
