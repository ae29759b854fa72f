use super::{Prepared, canonical, prepare};
use crate::Limits;
use crate::definition::read;
use crate::target::Target;
use base::{Code, Error};
use resilience::retry::Effect;
use serde_json::{Value, json};

fn prepared(steps: &Value) -> Result<Prepared, Vec<Error>> {
    let limits = Limits::default();
    let plan = read(&json!({"steps": steps}).to_string(), &limits)?;
    prepare(plan, &limits, &[], |tool| match tool {
        "gone" => Err(Error::new(Code::UnknownTool, "there is no tool `gone`", "list the tools")),
        _ => Ok(Target {
            known_as: tool.to_owned(),
            effect: if tool.starts_with("read") { Effect::Read } else { Effect::Write },
            definition: None,
            usual: None,
        }),
    })
}

#[test]
fn a28_a_tool_that_is_not_there_is_told_with_its_step_before_anything_runs() {
    let errors = prepared(&json!([{"name": "a", "tool": "read"}, {"name": "b", "tool": "gone"}])).unwrap_err();
    assert_eq!((errors[0].code(), errors[0].message()), (Code::UnknownTool, "step `b`: there is no tool `gone`"));
}

#[test]
fn calls_that_read_the_same_are_one() {
    let plan = prepared(&json!([
        {"name": "a", "tool": "read", "arguments": {"x": 1, "y": [2]}},
        {"name": "b", "tool": "read", "arguments": {"y": [2], "x": 1}},
        {"name": "c", "tool": "read", "arguments": {"x": 2}},
        {"name": "d", "tool": "use", "arguments": {"of": "$.b.z"}},
    ]));
    let plan = plan.unwrap();
    assert_eq!(plan.same_as, [0, 0, 2, 3]);
    assert_eq!(plan.graph.needs[3].iter().copied().collect::<Vec<_>>(), [0]);
    assert_eq!(plan.place("b"), Some(0));
}

#[test]
fn calls_that_write_are_made_as_often_as_they_stand_there() {
    let step = |name: &str| json!({"name": name, "tool": "write", "arguments": {"x": 1}});
    assert_eq!(prepared(&json!([step("a"), step("b")])).unwrap().same_as, [0, 1]);
}

#[test]
fn what_is_read_again_after_a_change_is_read_again() {
    let plan = prepared(&json!([
        {"name": "before", "tool": "read"},
        {"name": "change", "tool": "write", "after": "before"},
        {"name": "behind", "tool": "read", "after": "change"},
    ]));
    assert_eq!(plan.unwrap().same_as, [0, 1, 2]);
}

#[test]
fn calls_of_which_one_may_fail_and_the_other_may_not_stay_two() {
    let plan = prepared(&json!([
        {"name": "a", "tool": "read"}, {"name": "b", "tool": "read", "on_error": "continue"},
    ]));
    assert_eq!(plan.unwrap().same_as, [0, 1]);
}

#[test]
fn numbers_that_are_written_differently_are_different() {
    assert_eq!(canonical(r#"{ "b":[1, 2.0] , "a" : {"d":1,"c":2} }"#), r#"{"a":{"c":2,"d":1},"b":[1,2.0]}"#);
    assert_ne!(canonical("12345678901234567890123"), canonical("12345678901234567890124"));
}
