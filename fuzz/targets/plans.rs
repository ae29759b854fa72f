//! Plans of tool calls: what a model writes and what servers answer. Each call gets arguments that are an object within
//! the limits, no more calls are made than may be, and every plan comes to an end.

use super::input;
use base::{Code, Error};
use mcp::Era;
use plan::machine::{End, Machine, Start};
use plan::target::Target;
use plan::{Limits, answer, definition, prepare, template, value};
use resilience::Moment;
use resilience::retry::Effect;
use std::sync::Arc;
use std::time::Duration;

const LIMITS: Limits = Limits {
    calls: 12,
    parallel: 3,
    items: 6,
    size: 8 << 10,
    kept: 64 << 10,
    answer: 4 << 10,
    time: Duration::from_secs(60),
};

/// Of the tools whose names end with `s`: plans are held against it before they run.
const DEFINITION: &str = r#"{"name":"s","inputSchema":{"type":"object","required":["a"],"additionalProperties":false,
    "properties":{"a":{"type":"string"},"b":{"type":"integer","enum":[1,2]},"c":{"type":"array","items":{"type":"object"}},
    "d":{"anyOf":[{"type":"boolean"},{"type":"null"}]}}},"outputSchema":{"type":"object","properties":{"x":{"type":"string"}}}}"#;

pub(crate) fn feed(data: &[u8]) {
    let Some([text, result]) = input::texts(data) else { return };
    let is_json = |text: &str| base::json::from_text(text).is_ok();
    let _ = template::Template::read(text, "arguments", true);
    let of_result = value::of(result);
    if let Ok(value) = &of_result {
        assert!(!is_json(result) || is_json(value), "the value of a result is no JSON: {value}");
    }
    // The hub reads params as a whole before it looks at a plan within them.
    if !is_json(text) || !is_json(result) {
        return;
    }
    let Ok(plan) = definition::read(text.trim(), &LIMITS) else { return };
    let find = |tool: &str| {
        let effect = if tool.starts_with("read") { Effect::Read } else { Effect::Write };
        let definition = tool.ends_with('s').then(|| DEFINITION.to_owned());
        Ok(Target { known_as: tool.to_owned(), effect, definition, usual: None })
    };
    let Ok(prepared) = prepare::prepare(plan, &LIMITS, &[], find) else { return };
    let outcome = of_result.map(std::borrow::Cow::into_owned).map_err(|why| Error::new(Code::ToolFailed, why, ""));
    run(Machine::new(Arc::new(prepared), &LIMITS), &outcome);
}

/// Carries a plan out with the same result for each call.
fn run(mut machine: Machine, outcome: &Result<String, Error>) {
    let (now, mut calls) = (Moment::ZERO, 0);
    loop {
        let started: Vec<Start> = std::iter::from_fn(|| machine.start(now)).collect();
        assert!(started.len() <= LIMITS.parallel && machine.running() == started.len(), "too many at once");
        if started.is_empty() {
            break;
        }
        calls += started.len();
        for start in started {
            assert!(input::object(&start.arguments).is_some(), "no arguments: {}", start.arguments);
            assert!(start.arguments.len() <= LIMITS.size, "arguments beyond the limit");
            machine.ended(start.unit, End { outcome: outcome.clone(), cached: false }, now);
        }
    }
    assert!(machine.is_over(), "a plan without an end");
    assert!(calls <= LIMITS.calls, "{calls} calls");
    let answer = answer::of(&machine, LIMITS.answer, now, &|_| None);
    for era in [Era::Legacy, Era::Modern] {
        let result = answer.to_result(era);
        let Some(result) = input::object(&result) else { panic!("no result: {result}") };
        assert!(result["content"].is_array());
    }
}
