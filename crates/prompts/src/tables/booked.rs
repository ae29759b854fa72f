//! What the gateway has in its books of the arms of experiments, and of the units that were given them.

use crate::experiment::Booked;
use base::Result;
use store::{Db, Statement, Value};

/// What the first answer to a unit came to.
pub(crate) struct Answer {
    /// In nano-dollars.
    pub(crate) cost: u64,
    /// In milliseconds.
    pub(crate) latency: u64,
    /// Whether arms are compared by one of both, so that the unit has its place by this.
    pub(crate) places: bool,
}

/// Adds what was booked to what is booked of an arm.
pub(crate) fn add(experiment: &str, arm: usize, sum: &Booked) -> Result<Statement> {
    const SQL: &str = "INSERT INTO prompt_booked
            (experiment, arm, requests, answered, failed, cached, cost, latency)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (experiment, arm) DO UPDATE SET requests = prompt_booked.requests + excluded.requests,
            answered = prompt_booked.answered + excluded.answered, failed = prompt_booked.failed + excluded.failed,
            cached = prompt_booked.cached + excluded.cached, cost = prompt_booked.cost + excluded.cost,
            latency = prompt_booked.latency + excluded.latency";
    let mut statement = Statement::new(SQL).with(experiment).with(Value::try_from(arm)?);
    for number in [sum.requests, sum.answered, sum.failed, sum.cached, sum.cost, sum.latency] {
        statement = statement.with(Value::try_from(number)?);
    }
    Ok(statement)
}

/// Notes what the first answer to a unit came to, as far as nobody has told it before.
pub(crate) fn unit(experiment: &str, (unit, arm): (&str, usize), answer: &Answer) -> Result<Statement> {
    const SQL: &str = "UPDATE prompt_unit SET cost = COALESCE(cost, ?4), latency = COALESCE(latency, ?5),
            place = CASE WHEN place IS NULL AND ?6 <> 0
                THEN (SELECT COALESCE(MAX(place), 0) + 1 FROM prompt_unit WHERE experiment = ?1) ELSE place END
        WHERE experiment = ?1 AND unit = ?2 AND arm = ?3 AND (cost IS NULL OR latency IS NULL)";
    let statement = Statement::new(SQL).with(experiment).with(unit).with(Value::try_from(arm)?);
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(statement.with(number(answer.cost)).with(number(answer.latency)).with(answer.places))
}

/// What is booked of each of `arms` arms.
pub(crate) async fn read(db: &Db, experiment: &str, arms: usize) -> Result<Vec<Booked>> {
    const SQL: &str = "SELECT arm, requests, answered, failed, cached, cost, latency FROM prompt_booked
        WHERE experiment = ?1";
    let mut all = vec![Booked::default(); arms];
    for row in db.query(Statement::new(SQL).with(experiment)).await? {
        let count = |column| row.integer(column).map(i64::unsigned_abs);
        let read = Booked {
            requests: count(1)?,
            answered: count(2)?,
            failed: count(3)?,
            cached: count(4)?,
            cost: count(5)?,
            latency: count(6)?,
        };
        if let Some(arm) = all.get_mut(usize::try_from(row.integer(0)?).unwrap_or(usize::MAX)) {
            *arm = read;
        }
    }
    Ok(all)
}
