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
    /// The time of the processor, where the system tells it.
    pub(super) processor: Option<Duration>,
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

    /// Adds another run of the same target.
    pub(super) fn add(&mut self, other: Self) {
        self.processor = if self.took.is_zero() {
            other.processor
        } else {
            self.processor.zip(other.processor).map(|(before, more)| before + more)
        };
        self.executions += other.executions;
        self.coverage = self.coverage.max(other.coverage);
        self.took += other.took;
        self.finding = self.finding.take().or(other.finding);
    }

    /// How long the target is to run still, to have had `share` of the processor, if the machine stays as busy as it was;
    /// nothing where it had that, or found something, or the system does not tell.
    pub(super) fn left(&self, share: Duration) -> Option<Duration> {
        if self.took.is_zero() {
            return Some(share);
        }
        let had = self.processor.filter(|had| *had < share && self.finding.is_none())?;
        let slower = self.took.as_secs_f64() / had.as_secs_f64().max(0.1);
        Some((share - had).mul_f64(slower.clamp(1.0, 20.0)))
    }

    /// One line for a person.
    pub(super) fn line(&self, target: &str) -> String {
        let Self { executions, coverage, took, processor, finding } = self;
        let found = if finding.is_some() { "FOUND SOMETHING" } else { "nothing found" };
        let processor = processor.map(|time| format!(" ({} of the processor)", seconds(time))).unwrap_or_default();
        let took = seconds(*took);
        format!("{target}: {executions} executions in {took}{processor}, {coverage} places reached, {found}")
    }

    pub(super) fn to_json(&self, target: &str) -> Value {
        json!({
            "target": target,
            "wall_seconds": self.took.as_secs_f64(),
            "cpu_seconds": self.processor.map(|time| time.as_secs_f64()),
            "executions": self.executions,
            "coverage": self.coverage,
            "finding": self.finding.as_ref().map(|path| path.display().to_string()),
        })
    }
}

#[cfg(test)]
mod tests;
