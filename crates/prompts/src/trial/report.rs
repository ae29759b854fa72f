//! What came of a run of a suite, as JSON and as JUnit's XML.

use base::Error;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The suite.
    pub suite: String,
    /// The prompt.
    pub prompt: String,
    /// The digest of its version.
    pub version: String,
    /// The share of cases that must pass.
    pub threshold: f64,
    /// The cases, in their order.
    pub tried: Vec<Tried>,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// What the model answered.
    pub answer: String,
    /// What its checks say.
    pub checks: Vec<Checked>,
    /// Why it could not be tried, if so.
    pub error: Option<Error>,
    /// Tokens that were read, by the judge too.
    pub input: u64,
    /// Tokens that were written, by the judge too.
    pub output: u64,
    /// How long the answer took, in milliseconds.
    pub latency_ms: u64,
}

/// What a check says.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Its kind.
    pub kind: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// From 0 to 1.
    pub score: f64,
    /// Why not.
    pub why: Option<String>,
}

impl Tried {
    /// Whether all checks passed.
    pub fn passed(&self) -> bool {
        self.error.is_none() && self.checks.iter().all(|check| check.passed)
    }

    /// The mean of its checks; nothing where it could not be tried.
    pub fn score(&self) -> f64 {
        if self.error.is_some() || self.checks.is_empty() {
            return 0.0;
        }
        self.checks.iter().map(|check| check.score).sum::<f64>() / self.checks.len() as f64
    }

    /// Why it failed, a line for each reason.
    pub fn reasons(&self) -> Vec<String> {
        let checks = self.checks.iter().filter_map(|check| Some(format!("{}: {}", check.kind, check.why.as_ref()?)));
        self.error.iter().map(ToString::to_string).chain(checks).collect()
    }
}

impl Report {
    /// How many cases passed.
    pub fn passed(&self) -> usize {
        self.tried.iter().filter(|tried| tried.passed()).count()
    }

    /// The share of cases that passed.
    pub fn share(&self) -> f64 {
        if self.tried.is_empty() { 0.0 } else { self.passed() as f64 / self.tried.len() as f64 }
    }

    /// Whether as many passed as must.
    pub fn holds(&self) -> bool {
        self.share() >= self.threshold
    }

    /// As commands tell it. `cost` is what the hub has in its books.
    pub fn to_json(&self, cost: &Value) -> Value {
        let cases = self.tried.iter().map(|tried| {
            let checks = tried.checks.iter().map(
                |check| json!({"kind": check.kind, "passed": check.passed, "score": check.score, "why": check.why}),
            );
            json!({
                "name": tried.name, "passed": tried.passed(), "score": tried.score(), "answer": tried.answer,
                "checks": checks.collect::<Vec<_>>(), "error": tried.error.as_ref().map(Error::to_json),
                "latency_ms": tried.latency_ms, "tokens": {"input": tried.input, "output": tried.output},
            })
        });
        let sum = |of: fn(&Tried) -> u64| self.tried.iter().map(of).sum::<u64>();
        json!({
            "suite": self.suite, "prompt": self.prompt, "version": self.version,
            "ok": self.holds(), "passed": self.passed(), "failed": self.tried.len() - self.passed(),
            "share": self.share(), "threshold": self.threshold,
            "tokens": {"input": sum(|tried| tried.input), "output": sum(|tried| tried.output)},
            "cost": cost, "cases": cases.collect::<Vec<_>>(),
        })
    }

    /// As JUnit's XML, which test reporters read: one `testsuite`, one `testcase` for each case.
    pub fn to_junit(&self) -> String {
        let seconds = |milliseconds: u64| milliseconds as f64 / 1000.0;
        let failed = self.tried.iter().filter(|tried| tried.error.is_none() && !tried.passed()).count();
        let errors = self.tried.iter().filter(|tried| tried.error.is_some()).count();
        let time = seconds(self.tried.iter().map(|tried| tried.latency_ms).sum());
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let counts =
            format!("tests=\"{}\" failures=\"{failed}\" errors=\"{errors}\" time=\"{time:.3}\"", self.tried.len());
        let name = escaped(&self.suite);
        let _ = writeln!(out, "<testsuites name=\"{name}\" {counts}>\n  <testsuite name=\"{name}\" {counts}>");
        for tried in &self.tried {
            let (name, class) = (escaped(&tried.name), escaped(&self.prompt));
            let _ = write!(
                out,
                "    <testcase name=\"{name}\" classname=\"{class}\" time=\"{:.3}\"",
                seconds(tried.latency_ms)
            );
            if tried.passed() {
                out.push_str("/>\n");
                continue;
            }
            let reasons = tried.reasons();
            let element = if tried.error.is_some() { "error" } else { "failure" };
            let first = escaped(reasons.first().map_or("", String::as_str));
            let text = escaped(&format!("{}\n\nanswer:\n{}", reasons.join("\n"), tried.answer));
            let _ = writeln!(out, ">\n      <{element} message=\"{first}\">{text}</{element}>\n    </testcase>");
        }
        out.push_str("  </testsuite>\n</testsuites>\n");
        out
    }
}

/// A text as XML 1.0 may hold it (section 2.2 of the specification), also within quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
