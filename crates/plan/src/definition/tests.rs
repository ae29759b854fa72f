use super::{OnError, read};
use crate::Limits;
use base::Code;
use serde_json::json;

fn faults(plan: &serde_json::Value) -> Vec<String> {
    let errors = read(&plan.to_string(), &Limits::default()).expect_err("it has faults");
    errors.iter().map(|error| error.message().to_owned()).collect()
}

#[test]
fn a_plan_is_read_with_all_that_it_says() {
    let plan = json!({
        "name": "weekly", "on_error": "continue", "parallel": 2, "return": {"ids": "$.search.items[*].id"},
        "steps": [
            {"name": "search", "tool": "docs__search", "arguments": {"query": "x"}},
            {"name": "read", "tool": "docs__read", "for_each": "$.search.items", "arguments": {"id": "$item.id"},
                "on_error": "stop"},
            {"name": "last", "tool": "docs__close", "after": ["read"]},
        ],
    });
    let plan = read(&plan.to_string(), &Limits::default()).unwrap();
    assert_eq!((plan.name.as_deref(), plan.on_error, plan.parallel), (Some("weekly"), OnError::Continue, Some(2)));
    assert_eq!(plan.steps[1].on_error, Some(OnError::Stop));
    assert!(plan.steps[1].each.is_some());
    assert_eq!(plan.steps[2].after, [1]);
    assert_eq!(plan.steps[2].arguments.source(), "{}");
}

#[test]
fn every_fault_is_told_with_its_step_and_place() {
    let said = faults(&json!({
        "step": [],
        "steps": [
            {"name": "a", "tool": "t", "argument": {}},
            {"name": "b", "tool": 1, "arguments": {"to": ["$.a["]}},
            {"name": "c d", "tool": "t"},
            {"tool": "t"},
            7,
            {"name": "e", "tool": "t", "on_error": "ignore", "for_each": "a.items"},
        ],
    }));
    let expected = [
        "it has the member `step`, which plans do not know",
        "step `a`: it has the member `argument`, which plans do not know",
        "step `b`: `tool` is a number, and must be a text",
        "step `b`: `arguments.to[0]`: `$.a[`: a `]` is missing; for text that begins so, write `$` once more",
        "step 3: `name` is `c d`, which is no name",
        "step 4: `name` is missing",
        "step 5: it is a number, and a step is an object",
        "step `e`: `for_each`: a reference begins with `$.`",
        "step `e`: `on_error` is neither `stop` nor `continue`",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_reference_to_no_step_names_the_nearest_one() {
    let plan = json!({"steps": [
        {"name": "search", "tool": "t"},
        {"name": "read", "tool": "t", "arguments": {"id": "$.serach.id"}, "after": "saerch"},
    ]});
    let errors = read(&plan.to_string(), &Limits::default()).unwrap_err();
    assert!(errors.iter().all(|error| error.next().contains("did you mean `search`?")), "{errors:?}");
    assert_eq!(errors.len(), 2);
}

#[test]
fn two_steps_cannot_have_one_name() {
    let said = faults(&json!({"steps": [{"name": "a", "tool": "t"}, {"name": "a", "tool": "t"}]}));
    assert_eq!(said, ["two steps are named `a`"]);
}

#[test]
fn a99_a_plan_that_is_too_large_too_deep_or_too_long_is_refused() {
    let limits = Limits { calls: 3, size: 4096, ..Limits::default() };
    let code = |source: &str| read(source, &limits).unwrap_err()[0].code();
    let step = |index: usize| json!({"name": format!("s{index}"), "tool": "t"});
    let long = json!({"steps": (0..4).map(step).collect::<Vec<_>>()});
    assert_eq!(code(&long.to_string()), Code::PlanLimit);
    let large = json!({"steps": [{"name": "a", "tool": "t", "arguments": {"x": "y".repeat(5000)}}]});
    assert_eq!(code(&large.to_string()), Code::PlanLimit);
    let deep = format!(
        r#"{{"steps":[{{"name":"a","tool":"t","arguments":{}1{}}}]}}"#,
        r#"{"a":"#.repeat(100),
        "}".repeat(100)
    );
    assert_eq!(code(&deep), Code::PlanLimit);
    let many = vec!["$.a"; 501];
    let many = json!({"steps": [{"name": "a", "tool": "t"}, {"name": "b", "tool": "t", "arguments": {"x": many}}]});
    assert_eq!(read(&many.to_string(), &Limits::default()).unwrap_err()[0].code(), Code::PlanLimit);
}
