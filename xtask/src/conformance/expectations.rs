//! What is known to fail, with the reason, and how a run compares with it.

use super::verdict::Verdict;
use crate::failure::{Failure, Result};
use crate::system;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The file with the scenarios that are expected to fail: run, then scenario, then reason. A scenario may end with `*`.
#[derive(Debug, Default)]
pub(super) struct Expectations {
    runs: BTreeMap<String, Vec<(String, String)>>,
}

/// A run, judged.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judged {
    /// How many scenarios count.
    pub(super) scored: usize,
    /// How many of them passed.
    pub(super) passed: usize,
    /// Those that failed as expected, and why.
    pub(super) expected: Vec<(String, String)>,
    /// The same of the scenarios about extensions, which no version demands.
    pub(super) extensions: Option<Box<Judged>>,
    /// What is not as expected: failures that nobody expects, and expectations that did not come true.
    pub(super) problems: Vec<String>,
}

impl Expectations {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let wrong =
            |why: &str| Failure::new(format!("{}: {why}", path.display()), "mend the file; its `about` says how");
        let value: Value = serde_json::from_str(&system::text(path)?).map_err(|error| wrong(&error.to_string()))?;
        Self::from_json(&value).map_err(|why| wrong(&why))
    }

    fn from_json(value: &Value) -> Result<Self, String> {
        let mut runs = BTreeMap::new();
        for (run, scenarios) in value.as_object().ok_or("no object")?.iter().filter(|(run, _)| *run != "about") {
            let scenarios = scenarios.as_object().ok_or(format!("`{run}` is no object"))?;
            let reasons = scenarios.iter().map(|(scenario, why)| {
                let why = why.as_str().filter(|why| !why.is_empty());
                Ok((scenario.clone(), why.ok_or(format!("`{scenario}` of `{run}` has no reason"))?.to_owned()))
            });
            runs.insert(run.clone(), reasons.collect::<Result<_, String>>()?);
        }
        Ok(Self { runs })
    }

    /// Compares the verdicts of `run` with what is expected of it. `scored` are the scenarios that count; `whole` is
    /// whether these are all of the run, so that an expectation of any other is out of date.
    pub(super) fn judge(
        &self,
        run: &str,
        scored: &[String],
        verdicts: &BTreeMap<String, Verdict>,
        whole: bool,
    ) -> Judged {
        let known: &[(String, String)] = self.runs.get(run).map_or(&[], Vec::as_slice);
        let mut judged = Judged { scored: scored.len(), ..Judged::default() };
        for scenario in scored {
            let why = known.iter().find(|(pattern, _)| fits(pattern, scenario)).map(|(_, why)| why);
            match (verdicts.get(scenario).cloned().unwrap_or_else(Verdict::absent), why) {
                (Verdict::Passed, None) => judged.passed += 1,
                (Verdict::Passed, Some(_)) => {
                    judged.passed += 1;
                    judged.problems.push(format!("{run}: {scenario} passes and is expected to fail"));
                }
                (Verdict::Failed(_), Some(why)) => judged.expected.push((scenario.clone(), why.clone())),
                (Verdict::Failed(reasons), None) => {
                    judged.problems.push(format!("{run}: {scenario} fails: {}", reasons.join(" | ")));
                }
            }
        }
        let unused = known.iter().filter(|(pattern, _)| whole && !scored.iter().any(|name| fits(pattern, name)));
        judged
            .problems
            .extend(unused.map(|(pattern, _)| format!("{run}: {pattern} is expected to fail and is not scored")));
        judged
    }
}

impl Judged {
    /// What is reported of a run.
    pub(super) fn to_json(&self) -> Value {
        let expected = self.expected.iter().map(|(scenario, why)| json!({ "scenario": scenario, "why": why }));
        let expected: Vec<_> = expected.collect();
        let mut json = json!({ "scored": self.scored, "passed": self.passed, "expected_failures": expected });
        if let Some(extensions) = &self.extensions {
            json["extensions"] = extensions.to_json();
        }
        json
    }
}

fn fits(pattern: &str, scenario: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == scenario, |start| scenario.starts_with(start))
}

#[cfg(test)]
mod tests;
