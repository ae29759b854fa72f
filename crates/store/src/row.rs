//! What a query answers.

use crate::Value;
use base::{Code, Error, Result};

/// One row. Columns are counted from 0, in the order of the `SELECT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    values: Vec<Value>,
}

impl Row {
    pub(crate) const fn new(values: Vec<Value>) -> Self {
        Row { values }
    }

    /// The whole number in `column`.
    pub fn integer(&self, column: usize) -> Result<i64> {
        self.optional_integer(column)?.ok_or_else(|| self.unexpected(column, "a whole number"))
    }

    /// The floating-point number in `column`.
    pub fn real(&self, column: usize) -> Result<f64> {
        self.optional_real(column)?.ok_or_else(|| self.unexpected(column, "a number"))
    }

    /// The text in `column`.
    pub fn text(&self, column: usize) -> Result<&str> {
        self.optional_text(column)?.ok_or_else(|| self.unexpected(column, "text"))
    }

    /// The bytes in `column`.
    pub fn blob(&self, column: usize) -> Result<&[u8]> {
        self.optional_blob(column)?.ok_or_else(|| self.unexpected(column, "bytes"))
    }

    /// The whole number in `column`, or nothing where it is null.
    pub fn optional_integer(&self, column: usize) -> Result<Option<i64>> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Integer(number) => Ok(Some(*number)),
            _ => Err(self.unexpected(column, "a whole number")),
        }
    }

    /// The floating-point number in `column`, or nothing where it is null.
    pub fn optional_real(&self, column: usize) -> Result<Option<f64>> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Real(number) => Ok(Some(*number)),
            _ => Err(self.unexpected(column, "a number")),
        }
    }

    /// The text in `column`, or nothing where it is null.
    pub fn optional_text(&self, column: usize) -> Result<Option<&str>> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(self.unexpected(column, "text")),
        }
    }

    /// The bytes in `column`, or nothing where it is null.
    pub fn optional_blob(&self, column: usize) -> Result<Option<&[u8]>> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Blob(bytes) => Ok(Some(bytes)),
            _ => Err(self.unexpected(column, "bytes")),
        }
    }

    /// All columns, to move large texts out without a copy.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    fn value(&self, column: usize) -> Result<&Value> {
        self.values.get(column).ok_or_else(|| {
            let columns = self.values.len();
            Error::internal(format!("column {column} was asked for, but the row has {columns} columns"))
        })
    }

    fn unexpected(&self, column: usize, wanted: &str) -> Error {
        let found = self.values.get(column).map_or("no column", Value::kind);
        Error::new(
            Code::StoreFailed,
            format!("column {column} of a row in the store holds {found} where {wanted} was expected"),
            "if another program has changed the store, restore a backup; else please report this, it is a bug in Tutti",
        )
    }
}
