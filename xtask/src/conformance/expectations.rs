//! What is known to fail, with the reason, and how a run compares with it.

use super::verdict::Verdict;
use crate::failure::{Failure, Result};
use crate::system;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What is known to fail of one scenario: its checks, each with the reason.
type Known = BTreeMap<String, String>;

/// The file with what is expected to fail: run, then scenario, then check, then reason.
#[derive(Debug, Default)]
pub(super) struct Expectations {
    runs: BTreeMap<String, BTreeMap<String, Known>>,
}

/// A run, judged.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judged {
    /// How many scenarios count.
    pub(super) scored: usize,
    /// How many of them passed.
    pub(super) passed: usize,
    /// Those that failed as expected, with the checks that did and why.
    pub(super) expected: Vec<(String, Known)>,
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
        for (run, scenarios) in object(value, "the file")?.iter().filter(|(run, _)| *run != "about") {
            let scenarios = object(scenarios, run)?.iter().map(|(scenario, checks)| {
                let known = object(checks, scenario)?.iter().map(|(check, why)| {
                    let why = why.as_str().filter(|why| !why.is_empty());
                    Ok((check.clone(), why.ok_or(format!("`{check}` of `{scenario}` has no reason"))?.to_owned()))
                });
                let known = known.collect::<Result<Known, String>>()?;
                if known.is_empty() {
                    Err(format!("`{scenario}` of `{run}` names no check"))
                } else {
                    Ok((scenario.clone(), known))
                }
            });
            runs.insert(run.clone(), scenarios.collect::<Result<_, String>>()?);
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
        let (none, nothing) = (BTreeMap::new(), Known::new());
        let known = self.runs.get(run).unwrap_or(&none);
        let mut judged = Judged { scored: scored.len(), ..Judged::default() };
        for scenario in scored {
            let expected = known.get(scenario).unwrap_or(&nothing);
            let failed = match verdicts.get(scenario).cloned().unwrap_or_else(Verdict::absent) {
                Verdict::Passed => Vec::new(),
                Verdict::Failed(failed) => failed,
            };
            let before = judged.problems.len();
            let unknown = failed.iter().filter(|failed| !expected.contains_key(&failed.check));
            judged.problems.extend(unknown.map(|failed| format!("{run}: {scenario} fails {failed}")));
            let mended = expected.keys().filter(|check| failed.iter().all(|failed| failed.check != **check));
            judged
                .problems
                .extend(mended.map(|check| format!("{run}: {scenario} is expected to fail {check} and does not")));
            if failed.is_empty() {
                judged.passed += 1;
            } else if judged.problems.len() == before {
                judged.expected.push((scenario.clone(), expected.clone()));
            }
        }
        let unused = known.keys().filter(|name| whole && !scored.contains(name));
        judged.problems.extend(unused.map(|name| format!("{run}: {name} is expected to fail and is not scored")));
        judged
    }
}

impl Judged {
    /// What is reported of a run.
    pub(super) fn to_json(&self) -> Value {
        let expected = self.expected.iter().map(|(scenario, checks)| {
            // Several checks often fail for one reason, which is said once.
            let mut reasons: Vec<&str> = Vec::new();
            for why in checks.values().map(String::as_str) {
                if !reasons.contains(&why) {
                    reasons.push(why);
                }
            }
            json!({ "scenario": scenario, "why": reasons.join("; "), "checks": checks })
        });
        let expected: Vec<_> = expected.collect();
        let mut json = json!({ "scored": self.scored, "passed": self.passed, "expected_failures": expected });
        if let Some(extensions) = &self.extensions {
            json["extensions"] = extensions.to_json();
        }
        json
    }
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("`{name}` is no object"))
}

#[cfg(test)]
mod tests;
