//! The statements that look at many runs, and those that forget them.

use crate::stored::tables::{digest, number, run_id, unsigned};
use crate::{Amount, Filter, Run, RunId, Status};
use base::{Error, Result};
use store::{Row, Statement};

/// Comes after the names of all runs.
const BEHIND_ALL: [u8; 16] = [0xff; 16];

/// The columns of a run; `$run` is its name in the statement.
macro_rules! columns {
    ($run:literal) => {
        concat!(
            "SELECT id, definition, workflow, tenant, principal, tag, priority, parent, created_at, finished_at, status,
            (SELECT max(sequence) FROM run_entry WHERE run = ",
            $run,
            "), owner, reserved_money, reserved_tokens, spent_money, spent_tokens FROM run "
        )
    };
}

/// A list of runs, found by `$by`: a condition that an index is for.
macro_rules! list {
    ($by:literal) => {
        concat!(
            columns!("id"),
            "WHERE ",
            $by,
            "id < ?1 AND (?2 = '' OR tenant = ?2) AND (?3 = '' OR workflow = ?3) AND (?5 = '' OR status = ?5)
                AND (?6 = '' OR principal = ?6) AND (?7 IS NULL OR parent = ?7)
            ORDER BY id DESC LIMIT ?4"
        )
    };
}

/// The runs that `filter` takes, behind `after`, the newest first. Those of one parent, principal or status are found by the
/// index that has the fewest of them, as a rule: a client never waits until the runs of others are looked through.
pub(super) fn runs(filter: &Filter, after: Option<RunId>, most: usize) -> Statement {
    let sql = match filter {
        Filter { parent: Some(_), .. } => list!("parent = ?7 AND "),
        Filter { principal: Some(_), .. } => list!("principal = ?6 AND "),
        Filter { status: Some(_), .. } => list!("status = ?5 AND "),
        _ => list!(""),
    };
    let behind = after.map_or(BEHIND_ALL, |run| *run.bytes());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let statement = Statement::new(sql).with(behind.as_slice()).with(text(&filter.tenant)).with(text(&filter.workflow));
    let statement = statement.with(number(most as u64)).with(filter.status.map_or("", Status::word));
    statement.with(text(&filter.principal)).with(filter.parent.map(|parent| parent.bytes().to_vec()))
}

/// One run, with the same columns.
pub(super) fn run(run: RunId) -> Statement {
    const SQL: &str = concat!(columns!("?1"), "WHERE id = ?1");
    Statement::new(SQL).with(run.bytes().as_slice())
}

/// The run in a row of [`run`] or [`runs`].
pub(super) fn read(row: &Row) -> Result<Run> {
    let word = row.text(10)?;
    let status = Status::of_word(word).ok_or_else(|| Error::internal(format!("a run stands as {word:.40}")))?;
    let whole = |column: usize| row.integer(column).map(unsigned);
    Ok(Run {
        id: run_id(row, 0)?,
        definition: digest(row, 1)?,
        workflow: row.text(2)?.to_owned(),
        tenant: row.text(3)?.to_owned(),
        principal: row.text(4)?.to_owned(),
        tag: row.text(5)?.to_owned(),
        priority: i32::try_from(row.integer(6)?).unwrap_or_default(),
        parent: row.optional_blob(7)?.and_then(RunId::from_bytes),
        created_at: whole(8)?,
        finished_at: row.optional_integer(9)?.map(unsigned),
        status,
        last: whole(11)?,
        worker: row.optional_text(12)?.map(str::to_owned),
        reserved: Amount { money: whole(13)?, tokens: whole(14)? },
        spent: Amount { money: whole(15)?, tokens: whole(16)? },
    })
}

/// Runs that ended before a time.
pub(super) fn ended(before: u64, most: usize) -> Statement {
    const SQL: &str = "SELECT id FROM run WHERE finished_at < ?1 ORDER BY finished_at LIMIT ?2";
    Statement::new(SQL).with(number(before)).with(number(most as u64))
}

/// The payloads that a run has beside its entries.
pub(super) fn payloads(run: RunId) -> Statement {
    const SQL: &str = "SELECT DISTINCT payload FROM run_entry WHERE run = ?1 AND payload IS NOT NULL";
    Statement::new(SQL).with(run.bytes().as_slice())
}

/// Forgets a run, and those of `payloads` that no other run has.
pub(super) fn forget(run: RunId, payloads: Vec<Vec<u8>>) -> Vec<Statement> {
    const PAYLOAD: &str = "DELETE FROM run_payload WHERE digest = ?1
        AND NOT EXISTS (SELECT 1 FROM run_entry WHERE payload = ?1)";
    let of_run = [
        "DELETE FROM run_signal WHERE run = ?1",
        "DELETE FROM run_timer WHERE run = ?1",
        "DELETE FROM run_entry WHERE run = ?1",
        "DELETE FROM run WHERE id = ?1",
    ];
    let of_run = of_run.into_iter().map(|sql| Statement::new(sql).with(run.bytes().as_slice()));
    of_run.chain(payloads.into_iter().map(|digest| Statement::new(PAYLOAD).with(digest))).collect()
}

/// Forgets definitions that were kept before a time and that no run has.
pub(super) fn forget_definitions(before: u64) -> Statement {
    const SQL: &str = "DELETE FROM run_definition WHERE created_at < ?1
        AND NOT EXISTS (SELECT 1 FROM run WHERE definition = run_definition.hash)";
    Statement::new(SQL).with(number(before))
}
