//! What came of all cases, as JSON and as JUnit's XML.

use crate::expect::{Mismatch, lasted};
use crate::limits;
use crate::stage::{Called, Course, Given};
use crate::suite::{NOT_BEGUN, Suite};
use base::Error;
use base::junit;
use serde_json::{Value, json};
use workflow::Plan;

/// What came of the cases of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The file.
    pub file: String,
    /// The workflow.
    pub workflow: String,
    /// The cases, in their order.
    pub tried: Vec<Tried>,
    /// Steps that no case came to.
    pub never: Vec<String>,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// How the run went.
    pub course: Course,
    /// What is not as expected.
    pub mismatches: Vec<Mismatch>,
    /// Why it could not be carried out to its end, if so.
    pub error: Option<Error>,
}

impl Tried {
    /// Whether all is as expected.
    pub fn passed(&self) -> bool {
        self.error.is_none() && self.mismatches.is_empty()
    }

    /// Why it failed, a line for each reason.
    pub fn reasons(&self) -> Vec<String> {
        let told = |mismatch: &Mismatch| {
            let Mismatch { what, expected, found } = mismatch;
            format!("{what}: expected {}, and there is {}", short(expected), short(found))
        };
        let error = self.error.iter().map(|error| format!("{error}; {}", error.next()));
        error.chain(self.mismatches.iter().map(told)).collect()
    }

    /// How long the run took on its own clock, as people write it.
    pub fn lasted(&self) -> String {
        lasted(self.course.took)
    }

    fn to_json(&self) -> Value {
        let Course { result, took, calls, given, .. } = &self.course;
        let mismatch = |one: &Mismatch| json!({"what": one.what, "expected": one.expected, "found": one.found});
        let context = |given: &Given| json!({"step": given.path, "receipt": given.receipt});
        let steps = self.course.steps.iter().map(|stood| json!({"step": stood.path, "status": stood.status}));
        json!({
            "name": self.name,
            "passed": self.passed(),
            "end": self.course.end(),
            "result": result,
            "took_ms": took,
            "steps": steps.collect::<Vec<_>>(),
            "calls": calls.iter().map(Called::to_json).collect::<Vec<_>>(),
            "context": given.iter().map(context).collect::<Vec<_>>(),
            "mismatches": self.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
            "error": self.error.as_ref().map(Error::to_json),
        })
    }
}

impl Report {
    /// The report of cases of `suite` that were tried with `plan`.
    pub fn new(plan: &Plan, suite: &Suite, tried: Vec<Tried>) -> Self {
        let begun = |name: &str| {
            let mut stood = tried.iter().flat_map(|tried| &tried.course.steps);
            stood.any(|stood| {
                crate::suite::step_of(&stood.path) == name && !matches!(stood.status, NOT_BEGUN | "skipped")
            })
        };
        let names = plan.steps().iter().map(|planned| &planned.step.name);
        let never = names.filter(|name| !begun(name)).cloned().collect();
        Self { file: suite.file().to_owned(), workflow: plan.name().to_owned(), tried, never }
    }

    /// How many cases passed.
    pub fn passed(&self) -> usize {
        self.tried.iter().filter(|tried| tried.passed()).count()
    }

    /// Whether all of them did.
    pub fn holds(&self) -> bool {
        self.passed() == self.tried.len()
    }

    /// As commands tell it.
    pub fn to_json(&self) -> Value {
        json!({
            "file": self.file,
            "workflow": self.workflow,
            "ok": self.holds(),
            "passed": self.passed(),
            "failed": self.tried.len() - self.passed(),
            "never": self.never,
            "cases": self.tried.iter().map(Tried::to_json).collect::<Vec<_>>(),
        })
    }

    fn suite(&self) -> junit::Suite<'_> {
        let case = |tried: &Tried| {
            let reasons = tried.reasons();
            let (first, text) = (reasons.first().cloned().unwrap_or_default(), reasons.join("\n"));
            match &tried.error {
                _ if tried.passed() => junit::Outcome::Passed,
                Some(_) => junit::Outcome::Broken(first, text),
                None => junit::Outcome::Failed(first, text),
            }
        };
        let cases = self.tried.iter().map(|tried| junit::Case {
            name: &tried.name,
            class: &self.workflow,
            took: tried.course.took,
            outcome: case(tried),
        });
        junit::Suite { name: &self.file, cases: cases.collect() }
    }
}

/// Reports as JUnit's XML, which test reporters read. Times are those of the runs' own clocks.
pub fn to_junit(reports: &[Report]) -> String {
    let suites: Vec<junit::Suite<'_>> = reports.iter().map(Report::suite).collect();
    junit::to_xml(&suites)
}

/// A value in one line, and not much of it.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let most = limits::SHOWN;
    if text.chars().count() <= most { text } else { text.chars().take(most).chain(['…']).collect() }
}

#[cfg(test)]
mod tests;
