//! The statements that look at many runs, and those that forget them.

use crate::stored::tables::{digest, number, run_id, unsigned};
use crate::{Amount, Filter, Run, RunId, Status};
use base::{Error, Result};
use store::{Row, Statement};

/// Comes after the names of all runs.
const BEHIND_ALL: [u8; 16] = [0xff; 16];

/// The runs that `filter` takes, behind `after`, the newest first; of one `parent` or `status` by their index.
pub(super) fn runs(filter: &Filter, after: Option<RunId>, most: usize) -> Statement {
    const ALL: &str =
        "SELECT id, definition, workflow, tenant, principal, tag, priority, parent, created_at, finished_at,
            status, (SELECT max(sequence) FROM run_entry WHERE run = id), owner, reserved_money, reserved_tokens,
            spent_money, spent_tokens
        FROM run WHERE id < ?1 AND (?2 = '' OR tenant = ?2) AND (?3 = '' OR workflow = ?3) ORDER BY id DESC LIMIT ?4";
    const STATUS: &str =
        "SELECT id, definition, workflow, tenant, principal, tag, priority, parent, created_at, finished_at,
            status, (SELECT max(sequence) FROM run_entry WHERE run = id), owner, reserved_money, reserved_tokens,
            spent_money, spent_tokens
        FROM run WHERE id < ?1 AND (?2 = '' OR tenant = ?2) AND (?3 = '' OR workflow = ?3) AND status = ?5
        ORDER BY id DESC LIMIT ?4";
    const PARENT: &str =
        "SELECT id, definition, workflow, tenant, principal, tag, priority, parent, created_at, finished_at,
            status, (SELECT max(sequence) FROM run_entry WHERE run = id), owner, reserved_money, reserved_tokens,
            spent_money, spent_tokens
        FROM run WHERE id < ?1 AND (?2 = '' OR tenant = ?2) AND (?3 = '' OR workflow = ?3) AND (?5 = '' OR status = ?5)
            AND parent = ?6
        ORDER BY id DESC LIMIT ?4";
    let sql = match (filter.parent, filter.status) {
        (Some(_), _) => PARENT,
        (None, Some(_)) => STATUS,
        (None, None) => ALL,
    };
    let behind = after.map_or(BEHIND_ALL, |run| *run.bytes());
    let text = |filter: &Option<String>| filter.clone().unwrap_or_default();
    let statement = Statement::new(sql).with(behind.as_slice()).with(text(&filter.tenant)).with(text(&filter.workflow));
    let statement = statement.with(number(most as u64));
    match (filter.parent, filter.status.map(Status::word)) {
        (Some(parent), status) => statement.with(status.unwrap_or_default()).with(parent.bytes().as_slice()),
        (None, Some(status)) => statement.with(status),
        (None, None) => statement,
    }
}

/// One run, with the same columns.
pub(super) fn run(run: RunId) -> Statement {
    const SQL: &str =
        "SELECT id, definition, workflow, tenant, principal, tag, priority, parent, created_at, finished_at,
            status, (SELECT max(sequence) FROM run_entry WHERE run = ?1), owner, reserved_money, reserved_tokens,
            spent_money, spent_tokens
        FROM run WHERE id = ?1";
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
