//! The words after a subcommand's name.

use crate::failure::{Failure, Result};
use std::collections::{BTreeMap, BTreeSet};

/// What was typed, checked against what the subcommand takes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    flags: BTreeSet<String>,
    options: BTreeMap<String, String>,
    words: Vec<String>,
}

impl Arguments {
    /// Reads `given`: `flags` stand alone, each of `options` takes the word after it.
    pub(crate) fn parse(given: &[String], flags: &[&str], options: &[&str], usage: &str) -> Result<Self> {
        let mut arguments = Self::default();
        let mut rest = given.iter();
        while let Some(word) = rest.next() {
            if flags.contains(&word.as_str()) {
                arguments.flags.insert(word.clone());
            } else if options.contains(&word.as_str()) {
                let value = rest.next().ok_or_else(|| Failure::new(format!("{word} needs a value"), usage))?;
                arguments.options.insert(word.clone(), value.clone());
            } else if word.starts_with('-') {
                return Err(Failure::new(format!("{word} is not known here"), usage));
            } else {
                arguments.words.push(word.clone());
            }
        }
        Ok(arguments)
    }

    /// Whether `flag` was given.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }

    /// The value that `option` was given.
    pub(crate) fn value(&self, option: &str) -> Option<&str> {
        self.options.get(option).map(String::as_str)
    }

    /// The words that are neither flags nor options.
    pub(crate) fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests;
