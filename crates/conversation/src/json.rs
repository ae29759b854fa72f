//! JSON as it was written: values stay text, so that no number is rounded and nothing is read that need not be.

pub mod write;

use crate::fault::Fault;
use serde_json::value::RawValue;
use std::fmt::{Display, Formatter, Result as Written};

/// A JSON value as its text, without white space around it and without line ends in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw(String);

impl Raw {
    /// The value that `text` is.
    ///
    /// # Errors
    /// `text` is no JSON.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let value =
            serde_json::from_str::<&RawValue>(text).map_err(|error| Fault::new(format!("is no JSON: {error}")))?;
        Ok(Self::of_valid(value.get()))
    }

    /// The string that says `text`.
    pub fn text(text: &str) -> Self {
        Self(write::quote(text))
    }

    /// `valid` is known to be JSON. A line end can only stand between tokens there, where a space says the same; without
    /// them the value can stand in a frame that ends with a line.
    pub fn of_valid(valid: &str) -> Self {
        Self(write::one_line(valid))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says, if it is a string.
    pub fn as_text(&self) -> Option<String> {
        text(&self.0)
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }
}

impl Display for Raw {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str(&self.0)
    }
}

/// A JSON number as its digits, so that none is rounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// The number that `text` is, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let starts = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        (starts && serde_json::from_str::<&RawValue>(text).is_ok()).then(|| Self(text.trim().to_owned()))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// It as a whole number, if it is one: `12` and also `12.0`.
    pub fn as_u64(&self) -> Option<u64> {
        if let Ok(number) = self.0.parse() {
            return Some(number);
        }
        let (whole, rest) = self.0.split_once('.')?;
        rest.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok())?
    }

    /// The nearest floating number.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

/// What `value`, valid JSON, says if it is a string.
pub fn text(value: &str) -> Option<String> {
    value.starts_with('"').then(|| serde_json::from_str::<String>(value).ok())?
}

/// The texts of the elements of `value`, valid JSON, if it is an array.
pub fn elements(value: &str) -> Option<Vec<&str>> {
    let values = value.starts_with('[').then(|| serde_json::from_str::<Vec<&RawValue>>(value).ok())??;
    Some(values.into_iter().map(RawValue::get).collect())
}

#[cfg(test)]
mod tests;
