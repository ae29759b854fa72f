//! Units inside an open transaction.

use super::connection::{execute, run};
use super::failure::{Place, is_unconfirmed, may_be_one_units_fault};
use crate::{Outcome, Statement};
use base::{Error, Result};
use rusqlite::Connection;

/// The whole transaction is gone, with all units in it.
pub(super) struct Lost {
    /// What to tell those who wait.
    pub(super) error: Error,
    /// Whether the units may be tried one by one: it may be the fault of one of them.
    pub(super) retry: bool,
    /// Whether nothing more may be written.
    pub(super) stop: bool,
    /// Whether a unit has changed what it may not, so that even alone it is to be done once more, with care.
    pub(super) undo: bool,
}

impl Lost {
    /// Work that failed for a reason of its own.
    pub(super) const fn of(error: Error) -> Self {
        Lost { error, retry: false, stop: false, undo: false }
    }

    pub(super) fn new(place: &Place, error: &rusqlite::Error) -> Self {
        let stop = is_unconfirmed(error);
        let explained = if stop { place.unconfirmed(error) } else { place.failed(error) };
        Lost { error: explained, retry: may_be_one_units_fault(error), stop, undo: false }
    }
}

/// Begins a transaction that may write, so that it cannot find out too late that somebody else does.
pub(super) fn begin(connection: &Connection, place: &Place) -> Result<(), Lost> {
    run(connection, "BEGIN IMMEDIATE").map_err(|error| Lost::new(place, &error))
}

/// Commits; what is in the transaction is on the disk after this.
pub(super) fn commit(connection: &Connection, place: &Place) -> Result<(), Lost> {
    run(connection, "COMMIT").map_err(|error| Lost::new(place, &error))
}

/// Ends a transaction that is still open, for whatever reason.
pub(super) fn reset(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_autocommit() { Ok(()) } else { run(connection, "ROLLBACK") }
}

/// Runs one unit; `first` says whether it is the first in its transaction. A unit that fails or mismatches leaves no trace and no
/// harm to the others in the transaction.
///
/// One statement needs no savepoint, which would cost more than most statements do: where it fails, or matches nothing, it has
/// changed nothing. Where it has changed what it may not, the whole transaction is lost, and the units are done one by one.
pub(super) fn unit(
    connection: &Connection,
    place: &Place,
    statements: &[Statement],
    first: bool,
) -> Result<Result<Outcome>, Lost> {
    if statements.len() != 1 {
        return if first { anew(connection, place, statements) } else { careful(connection, place, statements) };
    }
    match all(connection, statements) {
        Err(Refused { error, .. }) if connection.is_autocommit() || is_unconfirmed(&error) => {
            Err(Lost::new(place, &error))
        }
        Ok(Outcome::Mismatch { rows, .. }) if rows > 0 => {
            let error = Error::internal(format!("a statement matched {rows} rows, and was not undone"));
            Err(Lost { error, retry: true, stop: false, undo: true })
        }
        result => Ok(explained(place, result)),
    }
}

/// Runs the first unit of a transaction without a savepoint, for which SQLite would copy each page that the unit changes: where
/// it is not done, the transaction is begun anew.
fn anew(connection: &Connection, place: &Place, statements: &[Statement]) -> Result<Result<Outcome>, Lost> {
    let result = all(connection, statements);
    if let Err(Refused { error, .. }) = &result
        && (connection.is_autocommit() || is_unconfirmed(error))
    {
        return Err(Lost::new(place, error));
    }
    if !result.as_ref().is_ok_and(Outcome::is_done) {
        reset(connection).map_err(|error| Lost::new(place, &error))?;
        begin(connection, place)?;
    }
    Ok(explained(place, result))
}

/// Runs one unit behind a savepoint.
pub(super) fn careful(
    connection: &Connection,
    place: &Place,
    statements: &[Statement],
) -> Result<Result<Outcome>, Lost> {
    let lost = |error: rusqlite::Error| Lost::new(place, &error);
    run(connection, "SAVEPOINT unit").map_err(lost)?;
    let result = all(connection, statements);
    if let Err(Refused { error, .. }) = &result
        && (connection.is_autocommit() || is_unconfirmed(error))
    {
        // SQLite rolled everything back by itself, as it does when the disk is full.
        return Err(Lost::new(place, error));
    }
    if !result.as_ref().is_ok_and(Outcome::is_done) {
        run(connection, "ROLLBACK TO unit").map_err(lost)?;
    }
    run(connection, "RELEASE unit").map_err(lost)?;
    Ok(explained(place, result))
}

fn explained(place: &Place, result: Result<Outcome, Refused>) -> Result<Outcome> {
    result.map_err(|Refused { error, sql }| place.failed(&error).with_detail(sql))
}

/// A statement that could not be done.
struct Refused {
    error: rusqlite::Error,
    /// Its text, which holds no values.
    sql: &'static str,
}

fn all(connection: &Connection, statements: &[Statement]) -> Result<Outcome, Refused> {
    let mut rows = Vec::with_capacity(statements.len());
    for (index, statement) in statements.iter().enumerate() {
        let matched = execute(connection, statement).map_err(|error| Refused { error, sql: statement.sql })?;
        if !statement.expect.allows(matched) {
            return Ok(Outcome::Mismatch { statement: index, rows: matched });
        }
        rows.push(matched);
    }
    Ok(Outcome::Done { rows })
}
