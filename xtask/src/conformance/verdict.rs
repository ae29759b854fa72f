//! What the checks of a scenario say together.

use crate::failure::{Failure, Result};
use crate::system;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// How a scenario went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It passed.
    Passed,
    /// Which checks it did not pass; at least one.
    Failed(Vec<Failed>),
}

/// A check that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed {
    /// Its name in the suite, or a word of ours in parentheses where the suite has no check.
    pub(super) check: String,
    /// What the suite said.
    pub(super) why: String,
}

/// The check that every scenario has: whatever was said fits the schema. Where nothing was said it succeeds too.
const SCHEMA: &str = "wire-schema-valid";
/// The file with the checks of one scenario.
const CHECKS: &str = "checks.json";
/// What follows the scenario's name in the name of its folder: `-2026-11-21T02-07-43-503Z`.
const STAMP: usize = "-2026-11-21T02-07-43-503Z".len();
/// How much of a message is kept.
const SHOWN: usize = 300;

impl Verdict {
    /// The verdict on the checks of a scenario, as the suite wrote them. A warning is a requirement that was not met,
    /// as it is for the suite's own lists of expected failures. A scenario passes only when something of its own
    /// succeeded: with nobody at the other end, nothing fails the schema.
    pub(super) fn of(checks: &Value) -> Self {
        let Some(checks) = checks.as_array() else {
            return Self::without_check("(no checks)", "what it wrote is no list of checks");
        };
        let is = |check: &Value, status: &str| check["status"] == status;
        let failed: Vec<_> =
            checks.iter().filter(|check| is(check, "FAILURE") || is(check, "WARNING")).map(Failed::of).collect();
        if !failed.is_empty() {
            return Self::Failed(failed);
        }
        if checks.iter().any(|check| is(check, "SUCCESS") && check["id"] != SCHEMA) {
            return Self::Passed;
        }
        let skipped: Vec<_> = checks.iter().filter(|check| is(check, "SKIPPED")).map(Failed::of).collect();
        if skipped.is_empty() {
            Self::without_check("(nothing)", "nothing of it succeeded")
        } else {
            Self::Failed(skipped)
        }
    }

    /// What is said of a scenario that left nothing.
    pub(super) fn absent() -> Self {
        Self::without_check("(absent)", "it did not run, or left no checks")
    }

    fn without_check(check: &str, why: &str) -> Self {
        Self::Failed(vec![Failed { check: check.to_owned(), why: why.to_owned() }])
    }
}

impl Failed {
    fn of(check: &Value) -> Self {
        let text = |key: &str| check[key].as_str().unwrap_or_default().replace('\n', " ");
        let message = text("errorMessage");
        let message = if message.is_empty() { text("description") } else { message };
        let kind = match check["status"].as_str() {
            Some("WARNING") => "(warning) ",
            Some("SKIPPED") => "(skipped) ",
            _ => "",
        };
        let message: String = message.chars().take(SHOWN).collect();
        Self { check: text("id"), why: format!("{kind}{message}") }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.check, self.why)
    }
}

/// The verdicts of a run whose results are in `folder`, by scenario. `prefix` is what the suite puts before the name.
pub(super) fn all(folder: &Path, prefix: &str) -> Result<BTreeMap<String, Verdict>> {
    let mut verdicts = BTreeMap::new();
    for file in system::files_named(folder, CHECKS)? {
        let below = file.parent().and_then(|parent| parent.strip_prefix(folder).ok());
        let name = below.map(|below| below.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        let scenario = scenario(&name, prefix).ok_or_else(|| {
            Failure::new(
                format!("the suite left results in {name}"),
                "teach xtask/src/conformance/verdict.rs the new name",
            )
        })?;
        let checks = serde_json::from_str(&system::text(&file)?).unwrap_or(Value::Null);
        verdicts.insert(scenario.to_owned(), Verdict::of(&checks));
    }
    Ok(verdicts)
}

/// The scenario whose results are in the folder `name`.
fn scenario<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let (name, stamp) = name.split_at_checked(name.len().checked_sub(STAMP)?)?;
    let is_stamp = stamp.starts_with('-') && stamp.ends_with('Z') && stamp.contains('T');
    name.strip_prefix(prefix).filter(|name| is_stamp && !name.is_empty())
}

#[cfg(test)]
mod tests;
