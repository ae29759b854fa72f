//! What the fuzzer tells of a run.

use crate::console::seconds;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// How a run of one target went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// How often the target was fed.
    pub(super) executions: u64,
    /// The places in the code that were reached.
    pub(super) coverage: u64,
    pub(super) took: Duration,
    /// The input that the target failed with.
    pub(super) finding: Option<PathBuf>,
}

impl Told {
    /// Reads the messages of libFuzzer: a line such as `#4096 pulse cov: 12 ft: 20 corp: …` now and then, and at the end
    /// its statistics, which a run that fails does not print.
    pub(super) fn read(text: &str, took: Duration) -> Self {
        let mut told = Self { took, ..Self::default() };
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix('#') {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                told.executions = digits.parse().unwrap_or(told.executions);
            } else if let Some(rest) = line.strip_prefix("stat::number_of_executed_units:") {
                told.executions = rest.trim().parse().unwrap_or(told.executions);
            }
            let coverage = line.split_once(" cov: ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
            told.coverage = coverage.unwrap_or(told.coverage);
        }
        told
    }

    /// One line for a person.
    pub(super) fn line(&self, target: &str) -> String {
        let Self { executions, coverage, took, finding } = self;
        let found = if finding.is_some() { "FOUND SOMETHING" } else { "nothing found" };
        format!("{target}: {executions} executions in {}, {coverage} places reached, {found}", seconds(*took))
    }

    pub(super) fn to_json(&self, target: &str) -> Value {
        json!({
            "target": target,
            "seconds": self.took.as_secs_f64(),
            "executions": self.executions,
            "coverage": self.coverage,
            "finding": self.finding.as_ref().map(|path| path.display().to_string()),
        })
    }
}

#[cfg(test)]
mod tests;
