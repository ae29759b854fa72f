//! What is asked of the store, and what comes of it.

use crate::Value;
use base::{Code, Error, Result};

/// One SQL statement with its values and what it must match.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
    pub(crate) expect: Expect,
}

/// How many rows a statement must change, or find if it is a `SELECT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Any number, also none.
    Any,
    /// Exactly so many.
    Rows(usize),
    /// So many or more.
    AtLeast(usize),
}

/// What became of a unit of work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a unit that mismatched has changed nothing"]
pub enum Outcome {
    /// Everything is done and on disk.
    Done {
        /// How many rows each statement changed, or found if it is a `SELECT`.
        rows: Vec<usize>,
    },
    /// A statement did not match what it expects, so nothing of the unit is done.
    Mismatch {
        /// Which statement, from 0.
        statement: usize,
        /// How many rows it matched.
        rows: usize,
    },
}

impl Statement {
    /// A statement without values yet. The text is fixed when the program is built: what changes goes through
    /// [`Statement::with`], so no input can become SQL.
    pub const fn new(sql: &'static str) -> Self {
        Statement { sql, values: Vec::new(), expect: Expect::Any }
    }

    /// Adds the value of the next parameter: the first call gives `?1`.
    #[must_use]
    pub fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Says what the statement must match, lest the whole unit be rolled back. Without this it may match anything.
    #[must_use]
    pub const fn expecting(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    /// How much memory the values take, roughly.
    pub(crate) fn size(&self) -> usize {
        self.values.iter().map(Value::size).sum()
    }
}

impl Expect {
    /// Whether `rows` is what was expected.
    pub const fn allows(self, rows: usize) -> bool {
        match self {
            Expect::Any => true,
            Expect::Rows(exactly) => rows == exactly,
            Expect::AtLeast(least) => rows >= least,
        }
    }
}

impl Outcome {
    /// Whether the unit is done.
    pub const fn is_done(&self) -> bool {
        matches!(self, Outcome::Done { .. })
    }

    /// The rows of each statement, for a caller to whom a mismatch is nothing but an error.
    pub fn done(self) -> Result<Vec<usize>> {
        match self {
            Outcome::Done { rows } => Ok(rows),
            Outcome::Mismatch { statement, rows } => Err(Error::new(
                Code::StoreFailed,
                format!(
                    "statement {statement} of a unit of work matched {rows} rows, which is not what it expects; nothing was changed"
                ),
                "read the current state and try again; if it happens each time, please report it",
            )),
        }
    }
}
