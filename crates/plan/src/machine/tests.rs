mod orders;

use super::{End, Machine, Start, State};
use crate::Limits;
use crate::answer;
use crate::definition::read;
use crate::prepare::prepare;
use crate::rule::{Pattern, Rule, Select};
use crate::target::Target;
use base::{Code, Error};
use globset::Glob;
use resilience::Moment;
use resilience::retry::Effect;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const NOW: Moment = Moment::ZERO;

pub(super) fn machine(plan: &Value, limits: &Limits, rules: &[Rule]) -> Machine {
    let read = read(&plan.to_string(), limits).unwrap_or_else(|errors| panic!("{errors:?}"));
    let find = |tool: &str| {
        let millis = tool.rsplit('_').next().and_then(|last| last.parse().ok());
        let usual = millis.map(Duration::from_millis);
        let effect = if tool.starts_with("read_") { Effect::Read } else { Effect::Write };
        Ok(Target { known_as: tool.to_owned(), effect, definition: None, usual })
    };
    let prepared = prepare(read, limits, rules, find).unwrap_or_else(|errors| panic!("{errors:?}"));
    Machine::new(Arc::new(prepared), limits)
}

fn ready(machine: &mut Machine) -> Vec<Start> {
    std::iter::from_fn(|| machine.start(NOW)).collect()
}

fn names(machine: &Machine, starts: &[Start]) -> Vec<String> {
    starts.iter().map(|start| machine.prepared().name(start.unit.step)).collect()
}

fn end(machine: &mut Machine, start: &Start, value: &Value) {
    machine.ended(start.unit, End { outcome: Ok(value.to_string()), cached: false }, NOW);
}

fn fail(machine: &mut Machine, start: &Start) {
    let error = Error::new(Code::ToolFailed, "it did not work", "try another");
    machine.ended(start.unit, End { outcome: Err(error), cached: false }, NOW);
}

fn answered(machine: &Machine) -> (Value, bool) {
    assert!(machine.is_over());
    let answer = answer::of(machine, 100_000, NOW, &|_| None);
    (serde_json::from_str(&answer.report).unwrap(), answer.failed)
}

fn plan(steps: &Value) -> Value {
    json!({"steps": steps})
}

#[test]
fn what_is_independent_runs_at_once_and_the_rest_when_its_data_is_there() {
    let steps = json!([
        {"name": "a", "tool": "t"}, {"name": "b", "tool": "t"},
        {"name": "c", "tool": "t", "arguments": {"x": "$.a.id", "y": "${$.b}!"}},
    ]);
    let mut machine = machine(&plan(&steps), &Limits::default(), &[]);
    let first = ready(&mut machine);
    assert_eq!(names(&machine, &first), ["a", "b"]);
    end(&mut machine, &first[1], &json!("bee"));
    assert!(ready(&mut machine).is_empty() && !machine.is_over());
    end(&mut machine, &first[0], &json!({"id": 5}));
    let last = ready(&mut machine);
    assert_eq!(last[0].arguments, r#"{"x":5,"y":"bee!"}"#);
    end(&mut machine, &last[0], &json!("done"));
    let (said, failed) = answered(&machine);
    assert_eq!((said["results"].clone(), failed), (json!({"c": "done"}), false));
}

#[test]
fn what_has_the_longest_way_behind_it_goes_first_within_the_limit() {
    let steps = json!([
        {"name": "short", "tool": "t_1"}, {"name": "middle", "tool": "t_20"}, {"name": "first", "tool": "t_5"},
        {"name": "long", "tool": "t_50", "after": "first"},
    ]);
    let mut plan = plan(&steps);
    plan["parallel"] = json!(2);
    let mut machine = machine(&plan, &Limits::default(), &[]);
    let first = ready(&mut machine);
    assert_eq!(names(&machine, &first), ["first", "middle"]);
    end(&mut machine, &first[0], &json!(null));
    let next = ready(&mut machine);
    assert_eq!(names(&machine, &next), ["long"]);
}

#[test]
fn a_plan_may_ask_for_fewer_at_once_and_never_for_more() {
    let steps: Vec<Value> = (0..6).map(|index| json!({"name": format!("s{index}"), "tool": "t"})).collect();
    let limits = Limits { parallel: 3, ..Limits::default() };
    let mut greedy = plan(&json!(steps));
    greedy["parallel"] = json!(1000);
    assert_eq!(ready(&mut machine(&greedy, &limits, &[])).len(), 3);
}

#[test]
fn a_list_is_gone_through_in_its_order_however_its_calls_end() {
    let steps = json!([
        {"name": "list", "tool": "t"},
        {"name": "each", "tool": "t", "for_each": "$.list.items", "arguments": {"id": "$item.id", "at": "$index"}},
    ]);
    let mut machine = machine(&plan(&steps), &Limits::default(), &[]);
    let list = ready(&mut machine);
    end(&mut machine, &list[0], &json!({"items": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}));
    let calls = ready(&mut machine);
    assert_eq!(calls[1].arguments, r#"{"id":"b","at":1}"#);
    for (call, value) in calls.iter().zip(["A", "B", "C"]).rev() {
        end(&mut machine, call, &json!(value));
    }
    let (said, _) = answered(&machine);
    assert_eq!(said["results"], json!({"each": ["A", "B", "C"]}));
    assert_eq!(said["steps"][1]["calls"], 3);
}

#[test]
fn an_empty_list_makes_no_call_and_no_list_is_a_failure() {
    let steps = |each: &str| json!([{"name": "a", "tool": "t"}, {"name": "each", "tool": "t", "for_each": each}]);
    let run = |each: &str| {
        let mut machine = machine(&plan(&steps(each)), &Limits::default(), &[]);
        let first = ready(&mut machine);
        end(&mut machine, &first[0], &json!({"none": [], "text": "x"}));
        assert!(ready(&mut machine).is_empty());
        answered(&machine)
    };
    let (said, failed) = run("$.a.none");
    assert_eq!((said["results"].clone(), failed), (json!({"each": []}), false));
    let (said, failed) = run("$.a.text");
    assert!(
        failed && said["steps"][1]["error"].as_str().unwrap().contains("it refers to a text, not to a list"),
        "{said}"
    );
    let (said, _) = run("$.a.no");
    assert!(said["steps"][1]["error"].as_str().unwrap().contains("it has `none`, `text`"), "{said}");
}

#[test]
fn a_failure_stops_the_plan_and_what_runs_comes_to_its_end() {
    let steps = json!([
        {"name": "a", "tool": "t"}, {"name": "b", "tool": "t"}, {"name": "c", "tool": "t", "arguments": {"x": "$.b"}},
    ]);
    let mut machine = machine(&plan(&steps), &Limits::default(), &[]);
    let first = ready(&mut machine);
    assert_eq!(names(&machine, &first), ["b", "a"]);
    fail(&mut machine, &first[1]);
    assert!(!machine.is_over(), "what was begun is waited for");
    end(&mut machine, &first[0], &json!(1));
    assert!(ready(&mut machine).is_empty());
    let (said, failed) = answered(&machine);
    let states: Vec<&str> = (0..3).map(|index| said["steps"][index]["state"].as_str().unwrap()).collect();
    assert_eq!((states, failed), (vec!["failed", "done", "skipped"], true));
    assert!(said["steps"][0]["error"].as_str().unwrap().contains("step `a`: it did not work"), "{said}");
}

#[test]
fn with_continue_only_what_needs_the_failed_step_is_skipped() {
    let steps = json!([
        {"name": "a", "tool": "t"}, {"name": "b", "tool": "t"},
        {"name": "of_a", "tool": "t", "arguments": {"x": "$.a"}}, {"name": "behind", "tool": "t", "after": "of_a"},
    ]);
    let mut plan = plan(&steps);
    plan["on_error"] = json!("continue");
    let mut machine = machine(&plan, &Limits::default(), &[]);
    let first = ready(&mut machine);
    fail(&mut machine, &first[0]);
    end(&mut machine, &first[1], &json!("b"));
    let (said, failed) = answered(&machine);
    assert!(!failed, "something of it is there: {said}");
    assert_eq!(said["results"], json!({"b": "b", "of_a": null, "behind": null}));
    assert_eq!((&said["steps"][2]["because"], &said["steps"][3]["because"]), (&json!("a"), &json!("of_a")));
}

#[test]
fn with_continue_failed_items_are_null_and_counted() {
    let steps = json!([
        {"name": "a", "tool": "t"}, {"name": "each", "tool": "t", "for_each": "$.a", "on_error": "continue"},
    ]);
    let run = |failing: usize| {
        let mut machine = machine(&plan(&steps), &Limits::default(), &[]);
        let first = ready(&mut machine);
        end(&mut machine, &first[0], &json!([1, 2]));
        for (index, call) in ready(&mut machine).iter().enumerate() {
            if index < failing { fail(&mut machine, call) } else { end(&mut machine, call, &json!("ok")) }
        }
        answered(&machine).0
    };
    let said = run(1);
    assert_eq!((&said["results"]["each"], &said["steps"][1]["failed"]), (&json!([null, "ok"]), &json!(1)));
    assert_eq!(run(2)["steps"][1]["state"], "failed");
}

#[test]
fn a99_lists_calls_and_results_have_limits() {
    let steps = json!([{"name": "a", "tool": "t"}, {"name": "each", "tool": "t", "for_each": "$.a"}]);
    let run = |limits: &Limits, rules: &[Rule]| {
        let mut machine = machine(&plan(&steps), limits, rules);
        let first = ready(&mut machine);
        end(&mut machine, &first[0], &json!([1, 2, 3, 4]));
        let more = ready(&mut machine).len();
        let (said, failed) = answered(&machine);
        assert!(failed && more == 0, "{said}");
        said["steps"].to_string()
    };
    assert!(run(&Limits { items: 3, ..Limits::default() }, &[]).contains("T-0352"));
    assert!(run(&Limits { calls: 4, ..Limits::default() }, &[]).contains("makes 5 calls, and 4 are the most"));
    assert!(run(&Limits { kept: 4, ..Limits::default() }, &[]).contains("T-0352"));
    let tools = Select(vec![Pattern::Name(Glob::new("t").unwrap().compile_matcher())]);
    let few = Rule { name: "few".to_owned(), tools, requires: None, before: None, never_with: None, at_most: Some(3) };
    assert!(run(&Limits::default(), &[few]).contains("the rule `few` is broken"));
}

#[test]
fn a_plan_whose_time_is_over_tells_what_was_done() {
    let steps = json!([
        {"name": "a", "tool": "t"}, {"name": "b", "tool": "t", "after": "a"}, {"name": "c", "tool": "t", "after": "b"},
    ]);
    let mut machine = machine(&plan(&steps), &Limits::default(), &[]);
    let first = ready(&mut machine);
    end(&mut machine, &first[0], &json!(1));
    assert_eq!(ready(&mut machine).len(), 1);
    machine.give_up(Error::new(Code::PlanLimit, "the plan took too long", "make it shorter"), NOW);
    let states: Vec<State> = (0..3).map(|index| machine.progress(index).state).collect();
    assert_eq!(states, [State::Done, State::Failed, State::Skipped]);
    assert!(answered(&machine).1);
}

#[test]
fn results_larger_than_an_answer_are_kept_or_said_to_be_lost() {
    let mut machine = machine(&plan(&json!([{"name": "a", "tool": "t"}])), &Limits::default(), &[]);
    let first = ready(&mut machine);
    end(&mut machine, &first[0], &json!("x".repeat(500)));
    let kept = answer::of(&machine, 100, NOW, &|results| (results.len() > 500).then(|| "some-id".to_owned()));
    let said: Value = serde_json::from_str(&kept.report).unwrap();
    assert!(!kept.failed && said["results"] == json!({"kept": "some-id", "bytes": 508}), "{said}");
    assert!(said["problems"][0].as_str().unwrap().contains("read_result with the id some-id"), "{said}");
    let answer = answer::of(&machine, 100, NOW, &|_| None);
    let said: Value = serde_json::from_str(&answer.report).unwrap();
    assert!(answer.failed && said["results"].is_null(), "{said}");
    assert!(said["problems"][0].as_str().unwrap().contains("more than 100 bytes"), "{said}");
}

#[test]
fn what_is_returned_and_not_there_is_null_and_told() {
    let mut wanted = plan(&json!([{"name": "a", "tool": "t"}]));
    wanted["return"] = json!({"yes": "$.a.x", "no": "$.a.y"});
    let mut machine = machine(&wanted, &Limits::default(), &[]);
    let first = ready(&mut machine);
    end(&mut machine, &first[0], &json!({"x": 1}));
    let (said, failed) = answered(&machine);
    assert_eq!((said["results"].clone(), failed), (json!({"yes": 1, "no": null}), false));
    assert_eq!(said["problems"], json!(["`return`: `$.a` has no `y`; it has `x`"]));
}
