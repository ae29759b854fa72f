//! Sums by the hour, and the last records in chunks as they were written.

use super::usage::{Group, Question, Row};
use super::{Outcome, Record, chunk};
use base::{Code, Error, Result};
use std::collections::HashMap;
use std::sync::Arc;
use store::{Db, Statement, Value};

/// So many single records are kept, and up to a chunk more.
const KEPT: i64 = 10_000;

/// So long sums by the hour are kept, in hours; of what is older, sums by the day.
const FINE: u64 = 62 * 24;

/// What one record adds to a sum at most, lest a provider that counts nonsense makes a sum that the store cannot keep: a
/// hundred thousand dollars.
const PLAUSIBLE: u64 = 100_000_000_000_000;

const STEPS: &[&str] = &[
    // Of days that are long past, `hour` is the first of the day.
    "CREATE TABLE usage_hour (
    hour BIGINT NOT NULL,
    principal TEXT NOT NULL,
    team TEXT NOT NULL,
    model TEXT NOT NULL,
    deployment TEXT NOT NULL,
    provider TEXT NOT NULL,
    run TEXT NOT NULL,
    requests BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    input BIGINT NOT NULL,
    output BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    latency BIGINT NOT NULL,
    PRIMARY KEY (hour, principal, team, model, deployment, provider, run)
)",
    // The records up to the number `newest`, as `chunk` writes them: one row for each commit costs less than one for each record.
    "CREATE TABLE usage_record (
    newest BIGINT PRIMARY KEY,
    records TEXT NOT NULL
)",
];

/// The names that sums are told apart by.
#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    hour: u64,
    names: [&'a str; 6],
}

/// Requests, failed, cached, estimated, the five kinds of tokens, cost, latency.
type Sums = [u64; 11];

pub(super) async fn prepare(db: &Db) -> Result<()> {
    db.migrate("usage", STEPS).await
}

/// The number of the newest record.
pub(super) async fn newest(db: &Db) -> Result<i64> {
    const SQL: &str = "SELECT MAX(newest) FROM usage_record";
    let rows = db.query(Statement::new(SQL)).await?;
    Ok(rows.first().map(|row| row.optional_integer(0)).transpose()?.flatten().unwrap_or_default())
}

/// Writes `records`, of which the first has the number `first`, in one unit.
pub(super) async fn write(db: &Db, first: i64, records: &[Record]) -> Result<()> {
    const KEEP: &str = "INSERT INTO usage_record (newest, records) VALUES (?1, ?2)";
    const FORGET: &str = "DELETE FROM usage_record WHERE newest <= ?1";
    let mut sums: HashMap<Key<'_>, Sums> = HashMap::new();
    // Most records have the key of the one before.
    for alike in records.chunk_by(|one, other| key(one) == key(other)) {
        let Some(first) = alike.first() else { continue };
        let sum = sums.entry(key(first)).or_default();
        for record in alike {
            sum.iter_mut().zip(amounts(record)).for_each(|(sum, amount)| *sum = sum.saturating_add(amount));
        }
    }
    let mut unit = sums.iter().map(|(key, sums)| add(key, sums)).collect::<Result<Vec<_>>>()?;
    let newest = first.saturating_add(i64::try_from(records.len()).unwrap_or_default()) - 1;
    let text = chunk::write(records).map_err(|error| unreadable(&error))?;
    unit.push(Statement::new(KEEP).with(newest).with(text));
    unit.push(Statement::new(FORGET).with(newest - KEPT));
    db.execute(unit).await?.done()?;
    Ok(())
}

fn key(record: &Record) -> Key<'_> {
    let names = [&record.principal, &record.team, &record.model, &record.deployment, &record.provider, &record.run];
    Key { hour: record.at / 3_600_000, names: names.map(|name: &Arc<str>| &**name) }
}

fn amounts(record: &Record) -> Sums {
    [
        1,
        u64::from(record.outcome != Outcome::Answered),
        u64::from(record.cached),
        u64::from(record.estimated),
        record.input,
        record.output,
        record.cache_read,
        record.cache_write,
        record.reasoning,
        record.cost,
        record.latency_ms,
    ]
    .map(|amount| amount.min(PLAUSIBLE))
}

/// The statement that adds rows to the sums that are there.
macro_rules! adding {
    ($rows:literal) => {
        concat!(
            "INSERT INTO usage_hour (hour, principal, team, model, deployment, provider, run,
            requests, failed, cached, estimated, input, output, cache_read, cache_write, reasoning, cost, latency)
        ",
            $rows,
            "
        ON CONFLICT (hour, principal, team, model, deployment, provider, run) DO UPDATE SET
            requests = usage_hour.requests + excluded.requests, failed = usage_hour.failed + excluded.failed,
            cached = usage_hour.cached + excluded.cached, estimated = usage_hour.estimated + excluded.estimated,
            input = usage_hour.input + excluded.input, output = usage_hour.output + excluded.output,
            cache_read = usage_hour.cache_read + excluded.cache_read,
            cache_write = usage_hour.cache_write + excluded.cache_write,
            reasoning = usage_hour.reasoning + excluded.reasoning, cost = usage_hour.cost + excluded.cost,
            latency = usage_hour.latency + excluded.latency"
        )
    };
}

fn add(key: &Key<'_>, sums: &Sums) -> Result<Statement> {
    const ADD: &str =
        adding!("VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)");
    let mut statement = Statement::new(ADD).with(Value::try_from(key.hour)?);
    for name in key.names {
        statement = statement.with(name);
    }
    for &sum in sums {
        statement = statement.with(i64::try_from(sum).unwrap_or(i64::MAX));
    }
    Ok(statement)
}

/// Makes sums by the day of the sums by the hour of what is long past. `now` is in seconds since 1970.
pub(super) async fn fold(db: &Db, now: u64) -> Result<()> {
    const ADD: &str = adding!(
        "SELECT hour - hour % 24, principal, team, model, deployment, provider, run,
            SUM(requests), SUM(failed), SUM(cached), SUM(estimated), SUM(input), SUM(output), SUM(cache_read),
            SUM(cache_write), SUM(reasoning), SUM(cost), SUM(latency)
        FROM usage_hour WHERE hour < ?1 AND hour % 24 <> 0
        GROUP BY hour - hour % 24, principal, team, model, deployment, provider, run"
    );
    const FORGET: &str = "DELETE FROM usage_hour WHERE hour < ?1 AND hour % 24 <> 0";
    let before = Value::try_from((now / 3_600).saturating_sub(FINE) / 24 * 24)?;
    db.execute(vec![Statement::new(ADD).with(before.clone()), Statement::new(FORGET).with(before)]).await?.done()?;
    Ok(())
}

/// See [`crate::Ledger::usage`].
pub(super) async fn usage(db: &Db, question: &Question) -> Result<Vec<Row>> {
    const SQL: &str = "SELECT CASE WHEN ?3 = 1 THEN principal ELSE '' END, CASE WHEN ?4 = 1 THEN team ELSE '' END,
            CASE WHEN ?5 = 1 THEN model ELSE '' END, CASE WHEN ?6 = 1 THEN deployment ELSE '' END,
            CASE WHEN ?7 = 1 THEN provider ELSE '' END, CASE WHEN ?8 = 1 THEN run ELSE '' END,
            CASE WHEN ?9 = 1 THEN hour WHEN ?10 = 1 THEN hour - hour % 24 ELSE NULL END,
            SUM(requests), SUM(failed), SUM(cached), SUM(estimated), SUM(input), SUM(output), SUM(cache_read),
            SUM(cache_write), SUM(reasoning), SUM(cost), SUM(latency)
        FROM usage_hour WHERE hour >= ?1 AND hour < ?2 AND (?12 IS NULL OR principal = ?12)
        GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 17 DESC, 1, 2, 3, 4, 5, 6, 7 LIMIT ?11";
    let mut statement = hours(Statement::new(SQL), question)?;
    for group in
        [Group::Key, Group::Team, Group::Model, Group::Deployment, Group::Provider, Group::Run, Group::Hour, Group::Day]
    {
        statement = statement.with(question.by.contains(&group));
    }
    let statement = statement.with(Value::try_from(question.most)?).with(question.of.as_deref());
    let rows = db.query(statement).await?;
    let mut rows = rows.iter().map(read).collect::<Result<Vec<Row>>>()?;
    add_gaps(db, question, &mut rows).await?;
    Ok(rows)
}

fn hours(statement: Statement, question: &Question) -> Result<Statement> {
    let hour = |seconds: u64| Value::try_from((seconds / 3_600).min(i64::MAX as u64));
    Ok(statement.with(hour(question.since)?).with(hour(question.until)?))
}

fn read(row: &store::Row) -> Result<Row> {
    let name = |column| row.text(column).map(str::to_owned);
    let amount = |column| row.integer(column).map(|amount| u64::try_from(amount).unwrap_or_default());
    let hour = row.optional_integer(6)?;
    Ok(Row {
        key: name(0)?,
        team: name(1)?,
        model: name(2)?,
        deployment: name(3)?,
        provider: name(4)?,
        run: name(5)?,
        starts_at: hour.map(|hour| u64::try_from(hour).unwrap_or_default() * 3_600),
        requests: amount(7)?,
        failed: amount(8)?,
        cached: amount(9)?,
        estimated: amount(10)?,
        input: amount(11)?,
        output: amount(12)?,
        cache_read: amount(13)?,
        cache_write: amount(14)?,
        reasoning: amount(15)?,
        cost: amount(16)?,
        unaccounted: 0,
        latency_ms: amount(17)?,
    })
}

/// Adds what is unaccounted for, where rows are of something that has budgets of its own.
async fn add_gaps(db: &Db, question: &Question, rows: &mut Vec<Row>) -> Result<()> {
    const SQL: &str = "SELECT name, CASE WHEN ?3 = 1 THEN hour WHEN ?4 = 1 THEN hour - hour % 24 ELSE NULL END,
            SUM(amount)
        FROM budget_gap WHERE hour >= ?1 AND hour < ?2 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?5";
    let names: Vec<Group> =
        question.by.iter().copied().filter(|group| !matches!(group, Group::Day | Group::Hour)).collect();
    let [group] = names.as_slice() else { return Ok(()) };
    let Some((prefix, place)) = budgets_of(*group) else { return Ok(()) };
    // What is unaccounted for is known of budgets, of which only its own belongs to a key.
    if question.of.is_some() && *group != Group::Key {
        return Ok(());
    }
    let statement = hours(Statement::new(SQL), question)?;
    let statement = statement.with(question.by.contains(&Group::Hour)).with(question.by.contains(&Group::Day));
    let mut known: HashMap<(String, Option<u64>), usize> =
        rows.iter_mut().enumerate().map(|(at, row)| ((place(row).clone(), row.starts_at), at)).collect();
    for gap in db.query(statement.with(Value::try_from(question.most)?)).await? {
        let Some(name) = gap.text(0)?.strip_prefix(prefix) else { continue };
        if question.of.as_deref().is_some_and(|of| of != name) {
            continue;
        }
        let starts_at = gap.optional_integer(1)?.map(|hour| u64::try_from(hour).unwrap_or_default() * 3_600);
        let at = *known.entry((name.to_owned(), starts_at)).or_insert(rows.len());
        if at == rows.len() {
            let mut row = Row { starts_at, ..Row::default() };
            name.clone_into(place(&mut row));
            rows.push(row);
        }
        if let Some(row) = rows.get_mut(at) {
            row.unaccounted = u64::try_from(gap.integer(2)?).unwrap_or_default();
        }
    }
    rows.truncate(question.most);
    Ok(())
}

/// Where a name stands in a row.
type Name = fn(&mut Row) -> &mut String;

/// How the names of budgets of such a group begin, and where its name stands in a row.
fn budgets_of(group: Group) -> Option<(&'static str, Name)> {
    Some(match group {
        Group::Key => ("key:", |row| &mut row.key),
        Group::Team => ("team:", |row| &mut row.team),
        Group::Model => ("model:", |row| &mut row.model),
        Group::Run => ("run:", |row| &mut row.run),
        _ => return None,
    })
}

/// The last records, the newest first.
pub(super) async fn recent(db: &Db, most: usize) -> Result<Vec<Record>> {
    const SQL: &str = "SELECT records FROM usage_record WHERE newest > ?1 ORDER BY newest DESC LIMIT ?2";
    let most = most.min(usize::try_from(KEPT).unwrap_or_default());
    let after = newest(db).await?.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX));
    let mut records = Vec::new();
    for row in db.query(Statement::new(SQL).with(after).with(Value::try_from(most)?)).await? {
        let text = row.text(0)?;
        // Earlier versions wrote each record with the names of its members.
        let read = if text.starts_with('[') { serde_json::from_str::<Vec<Record>>(text) } else { chunk::read(text) };
        let mut chunk = read.map_err(|error| unreadable(&error))?;
        chunk.reverse();
        records.append(&mut chunk);
    }
    records.truncate(most);
    Ok(records)
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    let message = format!("the record of what was used cannot be read or written: {error}");
    Error::new(
        Code::StoreFailed,
        message,
        "if another program has changed the store, restore a backup; else report this",
    )
}
