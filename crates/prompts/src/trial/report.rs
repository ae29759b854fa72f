//! What came of a run of a suite, as JSON and as JUnit's XML.

use base::Error;
use base::junit::{self, Case, Outcome, Suite};
use serde_json::{Value, json};

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
        let case = |tried: &Tried| {
            let reasons = tried.reasons();
            let first = reasons.first().cloned().unwrap_or_default();
            let text = format!("{}\n\nanswer:\n{}", reasons.join("\n"), tried.answer);
            match &tried.error {
                _ if tried.passed() => Outcome::Passed,
                Some(_) => Outcome::Broken(first, text),
                None => Outcome::Failed(first, text),
            }
        };
        let cases = self.tried.iter().map(|tried| Case {
            name: &tried.name,
            class: &self.prompt,
            took: tried.latency_ms,
            outcome: case(tried),
        });
        junit::to_xml(&[Suite { name: &self.suite, cases: cases.collect() }])
    }
}

#[cfg(test)]
mod tests;
