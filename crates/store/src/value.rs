//! What a column holds.

use base::Error;
use std::fmt;

/// A value that goes into a statement or comes out of a row.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number; a boolean is 0 or 1.
    Integer(i64),
    /// A floating-point number. SQLite keeps "not a number" as [`Value::Null`].
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// What the value is, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Integer(_) => "a whole number",
            Value::Real(_) => "a floating-point number",
            Value::Text(_) => "text",
            Value::Blob(_) => "bytes",
        }
    }

    /// How much memory the value takes, roughly.
    pub(crate) const fn size(&self) -> usize {
        let beyond = match self {
            Value::Null | Value::Integer(_) | Value::Real(_) => 0,
            Value::Text(text) => text.len(),
            Value::Blob(bytes) => bytes.len(),
        };
        size_of::<Value>() + beyond
    }
}

/// Shows the kind and the length but not the text: what is stored may be secret, and debug output ends up in logs.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => formatter.write_str("Null"),
            Value::Integer(number) => write!(formatter, "Integer({number})"),
            Value::Real(number) => write!(formatter, "Real({number})"),
            Value::Text(text) => write!(formatter, "Text({} bytes)", text.len()),
            Value::Blob(bytes) => write!(formatter, "Blob({} bytes)", bytes.len()),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Integer(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Integer(number.into())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Integer(truth.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Value::Blob(bytes.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Neither SQLite nor PostgreSQL has an unsigned column, so what is beyond [`i64::MAX`] is an error and not another
/// number.
impl TryFrom<u64> for Value {
    type Error = Error;

    fn try_from(number: u64) -> Result<Self, Error> {
        i64::try_from(number)
            .map(Value::Integer)
            .map_err(|_| Error::internal(format!("the number {number} is too large for the store")))
    }
}

impl TryFrom<usize> for Value {
    type Error = Error;

    fn try_from(number: usize) -> Result<Self, Error> {
        Value::try_from(number as u64)
    }
}

#[cfg(test)]
mod tests;
