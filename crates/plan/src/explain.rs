//! What a plan would do, without doing it.

use crate::prepare::Prepared;
use serde_json::{Value, json};
use std::time::Duration;

/// What is known of a plan before it runs: each step with what it waits for, the waves, the path that takes longest.
/// `rules` are the names of the rules that it was held against.
pub fn of(prepared: &Prepared, rules: &[String]) -> Value {
    let name = |index: usize| prepared.name(index);
    let names = |all: &mut dyn Iterator<Item = usize>| -> Vec<String> { all.map(name).collect() };
    let millis = |micros: u64| (Duration::from_micros(micros).as_secs_f64() * 10_000.0).round() / 10.0;
    let steps = prepared.plan.steps.iter().enumerate().map(|(index, step)| {
        let same = prepared.same_as[index];
        let target = &prepared.targets[index];
        json!({
            "name": step.name,
            "tool": step.tool,
            "known_as": target.known_as,
            "effect": target.effect.word(),
            "needs": names(&mut prepared.graph.needs[index].iter().copied()),
            "for_each": step.each.is_some(),
            "same_as": (same != index).then(|| name(same)),
            "usual_ms": target.usual.map(|usual| millis(usual.as_micros().try_into().unwrap_or(u64::MAX))),
            "checked": target.definition.is_some(),
        })
    });
    let called = |index: &usize| prepared.same_as[*index] == *index;
    let waves = prepared.graph.waves().into_iter().map(|wave| names(&mut wave.into_iter().filter(called)));
    let path = prepared.graph.critical_path(&prepared.weights);
    let expected: u64 = path.iter().map(|index| prepared.weights[*index]).sum();
    let all: u64 = (0..prepared.weights.len()).filter(called).map(|index| prepared.weights[index]).sum();
    json!({
        "steps": steps.collect::<Vec<_>>(),
        "waves": waves.filter(|wave| !wave.is_empty()).collect::<Vec<_>>(),
        "critical_path": names(&mut path.into_iter()),
        "expected_ms": millis(expected),
        "one_by_one_ms": millis(all),
        "rules": rules,
    })
}
