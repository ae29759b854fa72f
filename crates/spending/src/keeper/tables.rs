//! What may have been spent at most, and what was: one row for each budget and period.

use crate::balance::Row;
use crate::period::Period;
use base::Result;
use store::{Db, Statement, Value};

const STEPS: &[&str] = &[
    "CREATE TABLE budget_period (
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    unaccounted BIGINT NOT NULL,
    PRIMARY KEY (name, period, starts_at)
)",
    // What of it came to light in which hour.
    "CREATE TABLE budget_gap (
    name TEXT NOT NULL,
    hour BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (name, hour)
)",
];

/// Creates the tables, and counts as spent what a hub that was killed had been granted. `now` is in seconds since 1970.
pub(super) async fn prepare(db: &Db, now: u64) -> Result<()> {
    const GAPS: &str = "INSERT INTO budget_gap (name, hour, amount)
        SELECT name, ?1, SUM(granted - spent) FROM budget_period WHERE spent < granted GROUP BY name
        ON CONFLICT (name, hour) DO UPDATE SET amount = budget_gap.amount + excluded.amount";
    const SPENT: &str = "UPDATE budget_period SET unaccounted = unaccounted + granted - spent, spent = granted
        WHERE spent < granted";
    db.migrate("spending", STEPS).await?;
    let hour = Value::try_from(now / 3_600)?;
    db.execute(vec![Statement::new(GAPS).with(hour), Statement::new(SPENT)]).await?.done()?;
    Ok(())
}

/// What is known of a period; nothing was spent in one that has no row.
pub(super) async fn load(db: &Db, name: &str, period: Period, starts_at: u64) -> Result<Row> {
    const SQL: &str = "SELECT granted, spent, unaccounted FROM budget_period
        WHERE name = ?1 AND period = ?2 AND starts_at = ?3";
    let statement = Statement::new(SQL).with(name).with(period.word()).with(Value::try_from(starts_at)?);
    let rows = db.query(statement).await?;
    let Some(row) = rows.first() else { return Ok(Row { period, starts_at, granted: 0, spent: 0, unaccounted: 0 }) };
    let amount = |column| row.integer(column).map(|amount| u64::try_from(amount).unwrap_or_default());
    Ok(Row { period, starts_at, granted: amount(0)?, spent: amount(1)?, unaccounted: amount(2)? })
}

/// Writes a row, whatever stood there.
pub(super) fn write(name: &str, row: &Row) -> Result<Statement> {
    const SQL: &str = "INSERT INTO budget_period (name, period, starts_at, granted, spent, unaccounted)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (name, period, starts_at) DO UPDATE
        SET granted = excluded.granted, spent = excluded.spent, unaccounted = excluded.unaccounted";
    Ok(Statement::new(SQL)
        .with(name)
        .with(row.period.word())
        .with(Value::try_from(row.starts_at)?)
        .with(Value::try_from(row.granted)?)
        .with(Value::try_from(row.spent)?)
        .with(Value::try_from(row.unaccounted)?))
}

/// Writes what is spent and what is granted, where there is a row.
pub(super) fn note(name: &str, row: &Row) -> Result<Statement> {
    const SQL: &str =
        "UPDATE budget_period SET spent = ?4, granted = ?5 WHERE name = ?1 AND period = ?2 AND starts_at = ?3";
    Ok(Statement::new(SQL)
        .with(name)
        .with(row.period.word())
        .with(Value::try_from(row.starts_at)?)
        .with(Value::try_from(row.spent)?)
        .with(Value::try_from(row.granted)?))
}
