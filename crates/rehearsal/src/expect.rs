//! What came of a case against what was expected.

use crate::stage::{Called, Course, Stood};
use crate::suite::{Calls, Expect, NOT_BEGUN, NOT_DONE, step_of};
use serde_json::{Map, Value, json};

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// What: `end`, `output`, `calls.save`.
    pub what: String,
    /// What was expected.
    pub expected: Value,
    /// What there was.
    pub found: Value,
}

/// All that is not as expected.
pub(crate) fn held(expect: &Expect, params: &Map<String, Value>, course: &Course) -> Vec<Mismatch> {
    let mut held = Held { course, mismatches: Vec::new() };
    held.end(expect);
    held.output(expect);
    held.conditions(expect, params);
    held.steps(expect);
    for (path, (_, calls)) in &expect.calls {
        held.calls(path, calls);
    }
    held.figures(expect);
    held.mismatches
}

struct Held<'a> {
    course: &'a Course,
    mismatches: Vec<Mismatch>,
}

impl Held<'_> {
    fn wrong(&mut self, what: impl Into<String>, expected: Value, found: Value) {
        self.mismatches.push(Mismatch { what: what.into(), expected, found });
    }

    fn end(&mut self, expect: &Expect) {
        let (expected, found) = (expect.end.word(), self.course.end());
        if expected != found {
            // Why it failed is what a person wants to know.
            let why = if self.course.result.is_null() { json!(found) } else { json!({found: self.course.result}) };
            self.wrong("end", json!(expected), why);
        }
        if let Some(code) = &expect.code
            && self.course.result["code"] != code.as_str()
        {
            self.wrong("error.code", json!(code), self.course.result["code"].clone());
        }
        if let Some(message) = &expect.message
            && !self.course.result["message"].as_str().is_some_and(|found| found.contains(message.as_str()))
        {
            self.wrong("error.message", json!(message), self.course.result["message"].clone());
        }
    }

    fn output(&mut self, expect: &Expect) {
        let found = &self.course.result;
        if let Some(expected) = expect.output.as_ref().filter(|expected| !same(expected, found)) {
            self.wrong("output", expected.clone(), found.clone());
        }
        if let Some(part) = expect.contains.as_ref().filter(|part| !contains(found, part)) {
            self.wrong("contains", part.clone(), found.clone());
        }
    }

    fn conditions(&mut self, expect: &Expect, params: &Map<String, Value>) {
        if expect.holds.is_empty() {
            return;
        }
        let known = known(self.course, params);
        for condition in &expect.holds {
            match condition.holds(&known) {
                Ok(true) => {}
                Ok(false) => self.wrong("holds", json!(condition.source), json!(false)),
                Err(error) => self.wrong("holds", json!(condition.source), json!(error.message())),
            }
        }
    }

    fn steps(&mut self, expect: &Expect) {
        for (path, (_, expected)) in &expect.steps {
            let found = statuses(self.course, path);
            let fits = |found: &&str| match *expected {
                NOT_DONE => matches!(*found, "skipped" | "cancelled" | "waiting" | NOT_BEGUN),
                expected => *found == expected,
            };
            if !found.iter().all(fits) {
                let found = if let [one] = found.as_slice() { json!(one) } else { json!(found) };
                self.wrong(format!("steps.{path}"), json!(expected), found);
            }
        }
    }

    fn calls(&mut self, path: &str, expected: &Calls) {
        let counts = self.course.counts.iter().filter(|(of, _)| is_of(of, path));
        let count: u32 = counts.map(|(_, count)| *count).sum();
        if expected.times.is_some_and(|times| times != count) {
            self.wrong(format!("calls.{path}.times"), json!(expected.times), json!(count));
        }
        let arguments = || self.course.calls.iter().filter(|call| is_of(&call.path, path)).map(|call| &call.arguments);
        let found = || match arguments().collect::<Vec<_>>().as_slice() {
            [one] => Value::clone(one),
            several => json!(several),
        };
        let with = expected.with.as_ref().filter(|part| !arguments().any(|given| contains(given, part)));
        let exactly = expected.exactly.as_ref().filter(|wanted| !arguments().any(|given| same(given, wanted)));
        let wrong: Vec<(&str, Value, Value)> = with
            .map(|part| ("with", part.clone(), found()))
            .into_iter()
            .chain(exactly.map(|wanted| ("exactly", wanted.clone(), found())))
            .collect();
        for (key, expected, found) in wrong {
            self.wrong(format!("calls.{path}.{key}"), expected, found);
        }
    }

    fn figures(&mut self, expect: &Expect) {
        let took = self.course.took;
        let text = |milliseconds: u64| json!(lasted(milliseconds));
        if let Some(least) = expect.at_least.filter(|least| took < *least) {
            self.wrong("time.at_least", text(least), text(took));
        }
        if let Some(most) = expect.at_most.filter(|most| took > *most) {
            self.wrong("time.at_most", text(most), text(took));
        }
        for (path, (_, most)) in &expect.tokens {
            let given = self.course.given.iter().filter(|given| is_of(&given.path, path));
            let found = given.map(|given| given.receipt.total as u64).max();
            if found.is_none_or(|found| found > *most) {
                self.wrong(format!("tokens.{path}"), json!(most), json!(found));
            }
        }
    }
}

/// A time as people write it.
pub(crate) fn lasted(milliseconds: u64) -> String {
    base::config::duration_text(std::time::Duration::from_millis(milliseconds))
}

/// What conditions know.
fn known(course: &Course, params: &Map<String, Value>) -> Map<String, Value> {
    let step = |stood: &Stood| {
        let Stood { path, status, output, error } = stood;
        (path.clone(), json!({"status": status, "output": output, "error": error}))
    };
    let steps: Map<String, Value> = course.steps.iter().map(step).collect();
    let calls: Vec<Value> = course.calls.iter().map(Called::to_json).collect();
    let failed = course.result.get("code").is_some() && course.end() != "succeeded";
    let (output, error) =
        if failed { (Value::Null, course.result.clone()) } else { (course.result.clone(), Value::Null) };
    Map::from_iter([
        ("output".to_owned(), output),
        ("error".to_owned(), error),
        ("end".to_owned(), json!(course.end())),
        ("seconds".to_owned(), json!(course.took as f64 / 1000.0)),
        ("params".to_owned(), Value::Object(params.clone())),
        ("steps".to_owned(), Value::Object(steps)),
        ("calls".to_owned(), json!(calls)),
    ])
}

/// How the step at a path stands; of a name that stands for several items or rounds, how each of them does.
fn statuses(course: &Course, path: &str) -> Vec<&'static str> {
    let exactly = course.status(path);
    if exactly != NOT_BEGUN {
        return vec![exactly];
    }
    let all: Vec<&'static str> =
        course.steps.iter().filter(|stood| is_of(&stood.path, path)).map(|stood| stood.status).collect();
    if all.is_empty() { vec![NOT_BEGUN] } else { all }
}

/// Whether `path` is what `named` names: the path itself, or one of an item or a round of the step.
fn is_of(path: &str, named: &str) -> bool {
    let undoes = |path: &str| path.contains('~');
    path == named
        || (undoes(path) == undoes(named) && !named.contains(['[', '@', '#']) && step_of(path) == step_of(named))
}

/// Whether two values are the same; numbers by their value.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(some), Value::Array(others)) => {
            some.len() == others.len() && some.iter().zip(others).all(|(one, other)| same(one, other))
        }
        (Value::Object(some), Value::Object(others)) => {
            some.len() == others.len()
                && some.iter().all(|(key, one)| others.get(key).is_some_and(|other| same(one, other)))
        }
        _ => left == right,
    }
}

/// Whether a value has all that a part says: texts within texts, members within objects, items somewhere in lists.
fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Object(members), Value::Object(parts)) => {
            parts.iter().all(|(key, part)| members.get(key).is_some_and(|value| contains(value, part)))
        }
        (Value::Array(items), Value::Array(parts)) => {
            parts.iter().all(|part| items.iter().any(|item| contains(item, part)))
        }
        _ => same(value, part),
    }
}

#[cfg(test)]
mod tests;
