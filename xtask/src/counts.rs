//! How many checks passed, failed and were left out.

use std::fmt;
use std::ops::AddAssign;

/// The sum that the last line of `cargo xtask test` gives.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    /// What a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; …` says; nothing for another line.
    pub(crate) fn of_result_line(line: &str) -> Option<Self> {
        let (_, result) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let number =
            |what: &str| result.split("; ").find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok());
        Some(Self { passed: number("passed")?, failed: number("failed")?, skipped: number("ignored")? })
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests;
