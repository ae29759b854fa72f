//! Whatever order calls end in, the answer is the same.

use super::machine;
use crate::Limits;
use crate::answer;
use crate::machine::{End, Start};
use base::{Code, Error};
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
}

fn shapes(failing: bool) -> impl Strategy<Value = Shape> {
    let step = (any::<bool>(), prop::collection::vec(0u8..6, 8));
    let fails = if failing { 0.3 } else { 0.0 };
    (prop::collection::vec(step, 1..8), 1usize..5, any::<bool>(), prop::collection::vec(prop::bool::weighted(fails), 8))
        .prop_map(|(steps, parallel, continues, fails)| Shape { steps, parallel, continues, fails })
}

fn plan(shape: &Shape) -> Value {
    let mut steps = Vec::new();
    for (index, (each, uses)) in shape.steps.iter().enumerate() {
        let mut step = json!({"name": format!("s{index}"), "tool": format!("t_{}", index * 7 % 5), "arguments": {}});
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
    json!({"steps": steps, "parallel": shape.parallel, "on_error": if shape.continues { "continue" } else { "stop" }})
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
    let limits = Limits { calls: 10_000, ..Limits::default() };
    let mut machine = machine(&plan(shape), &limits, &[]);
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
    let answer = answer::of(&machine, 10_000_000, Moment::ZERO);
    let said: Value = serde_json::from_str(&answer.report).expect("the answer is JSON");
    let rows = said["steps"].as_array().cloned().unwrap_or_default();
    (said["results"].clone(), rows.iter().map(ToString::to_string).collect(), answer.failed)
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
    fn a_plan_that_stops_at_a_failure_fails_in_every_order(
        shape in shapes(true), one in prop::collection::vec(0usize..8, 1..20), other in prop::collection::vec(0usize..8, 1..20)
    ) {
        let shape = Shape { continues: false, ..shape };
        prop_assert_eq!(run(&shape, &one).2, run(&shape, &other).2);
    }
}
