//! Whatever order calls end in, the answer is the same.

use super::machine;
use crate::Limits;
use crate::answer;
use crate::machine::{End, Start};
use crate::rule::{Pattern, Rule, Select};
use base::{Code, Error};
use globset::Glob;
use proptest::prelude::*;
use resilience::Moment;
use serde_json::{Value, json};

/// A plan: for each step whether it is for each item of a list, and how each other one before it is used.
#[derive(Debug, Clone)]
struct Shape {
    steps: Vec<(bool, Vec<u8>)>,
    parallel: usize,
    continues: bool,
    fails: Vec<bool>,
    /// Which steps are asked for; all that no other uses where there are none.
    asked: Vec<bool>,
}

fn shapes(failing: bool) -> impl Strategy<Value = Shape> {
    let step = (any::<bool>(), prop::collection::vec(0u8..6, 8));
    let fails = if failing { 0.3 } else { 0.0 };
    let fails = prop::collection::vec(prop::bool::weighted(fails), 8);
    let asked = prop::collection::vec(prop::bool::weighted(0.2), 8);
    (prop::collection::vec(step, 1..8), 1usize..5, any::<bool>(), fails, asked)
        .prop_map(|(steps, parallel, continues, fails, asked)| Shape { steps, parallel, continues, fails, asked })
}

fn plan(shape: &Shape) -> Value {
    let mut steps = Vec::new();
    for (index, (each, uses)) in shape.steps.iter().enumerate() {
        let mut step = json!({"name": format!("s{index}"), "tool": tool(index), "arguments": {}});
        for before in 0..index {
            match uses[before] {
                0 => step["arguments"][format!("a{before}")] = json!(format!("$.s{before}")),
                1 => step["arguments"][format!("a{before}")] = json!(format!("x ${{$.s{before}}} y")),
                2 => step["after"] = json!([format!("s{before}")]),
                _ => {}
            }
        }
        if *each && index > 0 {
            step["for_each"] = json!(format!("$.s{}.list", index - 1));
            step["arguments"]["item"] = json!("$item");
        }
        steps.push(step);
    }
    let on_error = if shape.continues { "continue" } else { "stop" };
    let mut plan = json!({"steps": steps, "parallel": shape.parallel, "on_error": on_error});
    for index in (0..shape.steps.len()).filter(|index| shape.asked[*index]) {
        plan["return"][format!("r{index}")] = json!(format!("$.s{index}"));
    }
    plan
}

/// Some read, so that steps that ask the same share a call.
fn tool(index: usize) -> String {
    if index % 3 == 1 { "read_7".to_owned() } else { format!("t_{}", index * 7 % 5) }
}

/// What a tool answers depends on nothing but what it is asked.
fn result(shape: &Shape, start: &Start) -> Result<String, Error> {
    if shape.fails[start.unit.step] {
        return Err(Error::new(Code::ToolFailed, "no", "no"));
    }
    let digest = start.arguments.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let list: Vec<u32> = (0..digest % 4).map(|index| digest.wrapping_add(index)).collect();
    // A `for_each` answers a list itself, so that the next one finds nothing there; both ways must agree on that too.
    Ok(json!({"digest": digest, "list": list}).to_string())
}

/// Runs the plan; `choices` say which of those that run ends next. Answers results, states and whether it failed.
fn run(shape: &Shape, choices: &[usize]) -> (Value, Vec<String>, bool) {
    let (results, rows, failed, _) = run_within(shape, choices, &Limits { calls: 10_000, ..Limits::default() }, &[]);
    (results, rows, failed)
}

/// The same within limits; and whether one of them ended the plan.
fn run_within(shape: &Shape, choices: &[usize], limits: &Limits, rules: &[Rule]) -> (Value, Vec<String>, bool, bool) {
    let mut machine = machine(&plan(shape), limits, rules);
    let mut running: Vec<Start> = Vec::new();
    let mut choices = choices.iter().copied().cycle();
    let mut begun: Vec<(usize, usize)> = Vec::new();
    loop {
        while let Some(start) = machine.start(Moment::ZERO) {
            begun.push((start.unit.step, start.unit.item));
            running.push(start);
        }
        assert!(running.len() <= shape.parallel);
        if running.is_empty() {
            break;
        }
        let next = running.remove(choices.next().unwrap_or(0) % running.len());
        let outcome = result(shape, &next);
        machine.ended(next.unit, End { outcome, cached: false }, Moment::ZERO);
    }
    assert!(machine.is_over(), "nothing runs and it is not over");
    let calls = begun.len();
    begun.sort_unstable();
    begun.dedup();
    assert_eq!(begun.len(), calls, "a call was made twice");
    let answer = answer::of(&machine, 10_000_000, Moment::ZERO, &|_| None);
    let said: Value = serde_json::from_str(&answer.report).expect("the answer is JSON");
    let rows = said["steps"].as_array().cloned().unwrap_or_default();
    let limited = machine.stopped().is_some_and(|error| matches!(error.code(), Code::PlanLimit | Code::PlanRule));
    (said["results"].clone(), rows.iter().map(ToString::to_string).collect(), answer.failed, limited)
}

/// Limits that some plans keep and others break while they run.
fn limits() -> impl Strategy<Value = (Limits, Vec<Rule>)> {
    (8usize..20, 100usize..2000, 7usize..12, 2usize..12).prop_map(|(calls, kept, writes, reads)| {
        let rule = |name: &str, tools: &str, most: usize| Rule {
            name: name.to_owned(),
            tools: Select(vec![Pattern::Name(Glob::new(tools).expect("a pattern").compile_matcher())]),
            requires: None,
            before: None,
            never_with: None,
            at_most: Some(most),
        };
        let limits = Limits { calls, kept, ..Limits::default() };
        (limits, vec![rule("few writes", "t_*", writes), rule("few reads", "read_*", reads.max(3))])
    })
}

proptest! {
    #[test]
    fn any_order_of_completions_gives_the_same_answer(
        shape in shapes(false), one in prop::collection::vec(0usize..8, 1..20), other in prop::collection::vec(0usize..8, 1..20)
    ) {
        let shape = Shape { continues: true, ..shape };
        prop_assert_eq!(run(&shape, &one), run(&shape, &other));
    }

    #[test]
    fn so_it_does_where_steps_fail_and_the_plan_goes_on(
        shape in shapes(true), one in prop::collection::vec(0usize..8, 1..20), other in prop::collection::vec(0usize..8, 1..20)
    ) {
        let shape = Shape { continues: true, ..shape };
        prop_assert_eq!(run(&shape, &one), run(&shape, &other));
    }

    #[test]
    fn a_limit_of_the_plan_is_kept_or_broken_in_every_order(
        shape in shapes(true), limits in limits(),
        one in prop::collection::vec(0usize..8, 1..20), other in prop::collection::vec(0usize..8, 1..20)
    ) {
        let shape = Shape { continues: true, ..shape };
        let (limits, rules) = limits;
        let (one, other) = (run_within(&shape, &one, &limits, &rules), run_within(&shape, &other, &limits, &rules));
        prop_assert_eq!(one.3, other.3);
        if one.3 {
            prop_assert!(one.2 && other.2, "a plan that broke a limit has failed");
        } else {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn a_plan_that_stops_at_a_failure_fails_in_every_order(
        shape in shapes(true), one in prop::collection::vec(0usize..8, 1..20), other in prop::collection::vec(0usize..8, 1..20)
    ) {
        let shape = Shape { continues: false, ..shape };
        prop_assert_eq!(run(&shape, &one).2, run(&shape, &other).2);
    }
}
