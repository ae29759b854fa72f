//! With what a request was made: the header `x-tutti-prompt`. Pure.

use crate::fault::short;
use crate::prompt::is_name;
use base::{Code, Error, Result};

/// The shortest beginning of a digest that names a version.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=64;

/// How many digits the digest of a unit has.
const UNIT: usize = 32;

/// The prompt that a request was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The name of the prompt.
    pub prompt: String,
    /// The digest of its version, or the beginning of that.
    pub version: String,
    /// The digest of the unit that was given it, where an experiment chose.
    pub unit: Option<String>,
}

impl Made {
    /// Reads `NAME@VERSION` and `NAME@VERSION;UNIT`.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] for anything else.
    pub fn read(text: &str) -> Result<Self> {
        let parts = || {
            let (prompt, rest) = text.trim().split_once('@')?;
            let (version, unit) = match rest.split_once(';') {
                Some((version, unit)) => (version.trim(), Some(unit.trim())),
                None => (rest.trim(), None),
            };
            let is_digest = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            let right = is_name(prompt)
                && (DIGITS.contains(&version.len()) && is_digest(version))
                && unit.is_none_or(|unit| unit.len() == UNIT && is_digest(unit));
            let unit = unit.map(str::to_owned);
            right.then(|| Self { prompt: prompt.to_owned(), version: version.to_owned(), unit })
        };
        let wrong = || {
            let message = format!("the header `x-tutti-prompt` names no version of a prompt: `{}`", short(text));
            let next =
                "send the `header` that the hub gave with the prompt, such as `summary@3f2a61c0`, or leave it out";
            Error::new(Code::ModelRequest, message, next)
        };
        parts().ok_or_else(wrong)
    }
}

impl std::fmt::Display for Made {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}@{}", self.prompt, self.version)?;
        match &self.unit {
            Some(unit) => write!(formatter, ";{unit}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
