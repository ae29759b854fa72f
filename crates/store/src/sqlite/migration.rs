//! Brings a domain's tables up to date.

use super::failure::Place;
use base::{Code, Error, Result, clock};
use rusqlite::{Connection, params};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (
    domain TEXT NOT NULL,
    step BIGINT NOT NULL,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (domain, step)
)";

/// Runs the steps that the store has not had yet, in the transaction that is open. All of them are in one: after half an
/// upgrade neither the old program nor the new one could use the store.
pub(super) fn run_missing(connection: &Connection, place: &Place, domain: &str, steps: &[&str]) -> Result<()> {
    let failed = |error| place.failed(&error);
    connection.execute_batch(TABLE).map_err(failed)?;
    let last = "SELECT coalesce(max(step), 0) FROM migrations WHERE domain = ?1";
    let done: i64 = connection.query_row(last, params![domain], |row| row.get(0)).map_err(failed)?;
    let done = usize::try_from(done).unwrap_or_default();
    if done > steps.len() {
        let known = steps.len();
        return Err(Error::new(
            Code::StoreNewer,
            format!("{place} has the tables of {domain} at step {done}, and this Tutti knows {known} steps"),
            "run the newer Tutti that wrote it, restore a backup from before the upgrade, or give this version a folder of \
             its own with TUTTI_HOME",
        ));
    }
    let now = i64::try_from(clock::wall().as_millis()).unwrap_or(i64::MAX);
    for (index, step) in steps.iter().enumerate().skip(done) {
        let number = index + 1;
        let in_step = |error: rusqlite::Error| {
            place.failed(&error).with_detail(format!("in step {number} of the tables of {domain}; nothing was changed"))
        };
        connection.execute_batch(step).map_err(in_step)?;
        let record = "INSERT INTO migrations (domain, step, applied_at) VALUES (?1, ?2, ?3)";
        connection.execute(record, params![domain, number as i64, now]).map_err(in_step)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
