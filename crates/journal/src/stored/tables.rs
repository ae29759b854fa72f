//! Runs and their journals as tables.
//!
//! What changes with each entry is one row of `run_entry` alone: whether it may be added is a condition of the statement that
//! adds it. `run.claimable_at` is the one time from which a worker may have a run: of a new one at once, of one that a worker
//! has when its lease ends, of one that waits when its next timer is due, of any other never.

use crate::changes::{Account, Beside, Prepared};
use crate::limits::ENTRIES;
use crate::{Author, Definition, Digest, FIRST_FENCE, Held, NewRun, RunId, Status, StepPath};
use base::Result;
use store::{Db, Expect, Row, Statement};

/// The tables, and how they changed.
pub(super) const STEPS: &[&str] = &[
    "
CREATE TABLE run_definition (
    hash BYTEA NOT NULL PRIMARY KEY,
    workflow TEXT NOT NULL,
    source TEXT NOT NULL,
    plan TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE run_payload (
    digest BYTEA NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE run (
    id BYTEA NOT NULL PRIMARY KEY,
    fence BIGINT NOT NULL,
    owner TEXT,
    claimable_at BIGINT,
    finished_at BIGINT,
    status TEXT NOT NULL,
    reserved_money BIGINT NOT NULL,
    reserved_tokens BIGINT NOT NULL,
    spent_money BIGINT NOT NULL,
    spent_tokens BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    definition BYTEA NOT NULL REFERENCES run_definition (hash),
    parent BYTEA,
    workflow TEXT NOT NULL,
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    tag TEXT NOT NULL,
    deduplication TEXT
);
CREATE UNIQUE INDEX run_deduplication ON run (tenant, deduplication) WHERE deduplication IS NOT NULL;
CREATE INDEX run_claimable ON run (tag, claimable_at) WHERE claimable_at IS NOT NULL;
CREATE INDEX run_status ON run (status, id);
CREATE INDEX run_parent ON run (parent, id) WHERE parent IS NOT NULL;
CREATE INDEX run_definition_used ON run (definition);
CREATE INDEX run_finished ON run (finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE run_entry (
    run BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    mark TEXT,
    payload BYTEA REFERENCES run_payload (digest),
    entry TEXT NOT NULL,
    PRIMARY KEY (run, sequence)
);
CREATE UNIQUE INDEX run_entry_mark ON run_entry (run, mark) WHERE mark IS NOT NULL;
CREATE INDEX run_entry_payload ON run_entry (payload) WHERE payload IS NOT NULL;
CREATE TABLE run_timer (
    run BYTEA NOT NULL,
    step TEXT NOT NULL,
    timer TEXT NOT NULL,
    due BIGINT NOT NULL,
    PRIMARY KEY (run, step, timer)
);
CREATE INDEX run_timer_due ON run_timer (due);
CREATE TABLE run_signal (
    run BYTEA NOT NULL,
    deduplication TEXT NOT NULL,
    PRIMARY KEY (run, deduplication)
)",
    r#"
ALTER TABLE run ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;
UPDATE run SET paused = 1 WHERE finished_at IS NULL AND 1 = (
    SELECT entry LIKE '{"v":1,"kind":"paused",%' FROM run_entry
    WHERE run_entry.run = run.id AND (entry LIKE '{"v":1,"kind":"paused",%' OR entry LIKE '{"v":1,"kind":"resumed",%')
    ORDER BY sequence DESC LIMIT 1
)"#,
    "CREATE INDEX run_principal ON run (principal, id)",
];

/// Makes the tables, or brings them up to date.
pub(super) async fn open(db: &Db) -> Result<()> {
    db.migrate("runs", STEPS).await
}

/// A time or a number as the store has it.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number of the store as it was given.
pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

fn of_run(sql: &'static str, run: RunId) -> Statement {
    Statement::new(sql).with(run.bytes().as_slice())
}

fn of_step(step: Option<&StepPath>) -> String {
    step.map(StepPath::to_string).unwrap_or_default()
}

/// Keeps a definition, unless it is there.
pub(super) fn define(definition: Definition, at: u64) -> Statement {
    const SQL: &str = "INSERT INTO run_definition (hash, workflow, source, plan, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let Definition { hash, workflow, source, plan } = definition;
    let statement = Statement::new(SQL).with(hash.bytes().as_slice()).with(workflow);
    statement.with(source).with(plan).with(number(at))
}

/// A definition.
pub(super) fn definition(hash: Digest) -> Statement {
    const SQL: &str = "SELECT workflow, source, plan FROM run_definition WHERE hash = ?1";
    Statement::new(SQL).with(hash.bytes().as_slice())
}

/// Keeps a payload, or looks whether it is there. It stands in the unit before the entry that has it.
pub(super) fn payload_beside(beside: &Beside) -> Statement {
    const KEEP: &str = "INSERT INTO run_payload (digest, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    const LOOK: &str = "SELECT 1 FROM run_payload WHERE digest = ?1";
    let digest = beside.digest();
    match beside {
        Beside::Kept(_, body) => Statement::new(KEEP).with(digest.bytes().as_slice()).with(&**body),
        Beside::Known(_) => Statement::new(LOOK).with(digest.bytes().as_slice()).expecting(Expect::Rows(1)),
    }
}

/// The text of a payload.
pub(super) fn payload(digest: Digest) -> Statement {
    Statement::new("SELECT body FROM run_payload WHERE digest = ?1").with(digest.bytes().as_slice())
}

/// A run that a worker may have from `claimable_at` on, of a definition that must be there, unless there is one with its key.
pub(super) fn create(run: &NewRun, claimable_at: u64) -> Statement {
    const SQL: &str = "INSERT INTO run (id, fence, owner, claimable_at, finished_at, status, reserved_money,
            reserved_tokens, spent_money, spent_tokens, created_at, priority, definition, parent, workflow, tenant,
            principal, tag, deduplication)
        SELECT ?1, ?11, ?12, ?13, NULL, ?3, 0, 0, 0, 0, ?2, ?4, hash, ?6, workflow, ?7, ?8, ?9, ?10
        FROM run_definition WHERE hash = ?5 ON CONFLICT DO NOTHING";
    let statement = of_run(SQL, run.id).with(number(run.at)).with(Status::Running.word()).with(run.priority);
    let statement = statement.with(run.definition.bytes().as_slice());
    let statement = statement.with(run.parent.map(|parent| parent.bytes().to_vec()));
    let statement = statement.with(run.tenant.as_str()).with(run.principal.as_str()).with(run.tag.as_str());
    let statement = statement.with(run.deduplication.clone());
    let fence = run.lease.as_ref().map_or(0, |_| FIRST_FENCE);
    let statement = statement.with(number(fence)).with(run.lease.as_ref().map(|lease| lease.worker.clone()));
    statement.with(number(claimable_at)).expecting(Expect::Rows(1))
}

/// The run that a tenant created with a key.
pub(super) fn created_with(tenant: &str, key: &str) -> Statement {
    Statement::new("SELECT id FROM run WHERE tenant = ?1 AND deduplication = ?2").with(tenant).with(key)
}

/// The first of the entries that are appended: only after `expected`, and by the right of `author`.
pub(super) fn first_entry(run: RunId, expected: u64, author: Author, entry: &mut Prepared) -> Statement {
    const LEASED: &str = "INSERT INTO run_entry (run, sequence, mark, payload, entry)
        SELECT ?1, ?2 + 1, ?3, ?4, ?5 FROM run
        WHERE id = ?1 AND fence = ?6 AND owner IS NOT NULL AND finished_at IS NULL
            AND (SELECT max(sequence) FROM run_entry WHERE run = ?1) = ?2
        ON CONFLICT DO NOTHING";
    const OUTSIDE: &str = "INSERT INTO run_entry (run, sequence, mark, payload, entry)
        SELECT ?1, ?2 + 1, ?3, ?4, ?5 FROM run
        WHERE id = ?1 AND finished_at IS NULL AND (SELECT max(sequence) FROM run_entry WHERE run = ?1) = ?2
        ON CONFLICT DO NOTHING";
    match author {
        Author::Lease(fence) => entry_values(of_run(LEASED, run).with(number(expected)), entry).with(number(fence)),
        Author::Outside => entry_values(of_run(OUTSIDE, run).with(number(expected)), entry),
    }
}

/// An entry whose place is free if the one before it was.
pub(super) fn next_entry(run: RunId, sequence: u64, entry: &mut Prepared) -> Statement {
    const SQL: &str = "INSERT INTO run_entry (run, sequence, mark, payload, entry) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING";
    entry_values(of_run(SQL, run).with(number(sequence)), entry)
}

/// An entry at the end of a journal, whatever stands before it.
pub(super) fn last_entry(run: RunId, entry: &mut Prepared) -> Statement {
    const SQL: &str = "INSERT INTO run_entry (run, sequence, mark, payload, entry)
        SELECT ?1, 1 + (SELECT max(sequence) FROM run_entry WHERE run = ?1), ?3, ?4, ?5 FROM run
        WHERE id = ?1 AND finished_at IS NULL AND (SELECT max(sequence) FROM run_entry WHERE run = ?1) < ?2
        ON CONFLICT DO NOTHING";
    entry_values(of_run(SQL, run).with(number(ENTRIES)), entry)
}

fn entry_values(statement: Statement, entry: &mut Prepared) -> Statement {
    let payload = entry.beside.as_ref().map(|beside| beside.digest().bytes().to_vec());
    let statement = statement.with(entry.mark.take()).with(payload);
    statement.with(std::mem::take(&mut entry.text)).expecting(Expect::Rows(1))
}

/// The entries of a run.
pub(super) fn entries(run: RunId, from: u64, most: usize) -> Statement {
    const SQL: &str =
        "SELECT sequence, entry FROM run_entry WHERE run = ?1 AND sequence >= ?2 ORDER BY sequence LIMIT ?3";
    of_run(SQL, run).with(number(from)).with(number(most as u64))
}

/// Whether a run is there, and what decides about appending: its fence, whether somebody has it, whether it is at its end, and
/// its last entry.
pub(super) fn standing(run: RunId) -> Statement {
    const SQL: &str = "SELECT fence, owner, finished_at, (SELECT max(sequence) FROM run_entry WHERE run = ?1)
        FROM run WHERE id = ?1";
    of_run(SQL, run)
}

/// A timer runs.
pub(super) fn set_timer(run: RunId, step: Option<&StepPath>, timer: String, due: u64) -> Statement {
    const SQL: &str = "INSERT INTO run_timer (run, step, timer, due) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (run, step, timer) DO UPDATE SET due = excluded.due";
    of_run(SQL, run).with(of_step(step)).with(timer).with(number(due))
}

/// A timer runs no more.
pub(super) fn clear_timer(run: RunId, step: Option<&StepPath>, timer: String) -> Statement {
    const SQL: &str = "DELETE FROM run_timer WHERE run = ?1 AND step = ?2 AND timer = ?3";
    of_run(SQL, run).with(of_step(step)).with(timer)
}

/// The timers that are due, and the first that is not.
pub(super) fn due(most: usize) -> Statement {
    const SQL: &str = "SELECT due, run, step, timer FROM run_timer ORDER BY due, run, step, timer LIMIT ?1";
    Statement::new(SQL).with(number(most as u64).saturating_add(1))
}

/// What is added to the sums of the budget.
pub(super) fn account(run: RunId, account: Account) -> Statement {
    const SQL: &str =
        "UPDATE run SET reserved_money = reserved_money + ?2 - ?3, reserved_tokens = reserved_tokens + ?4 - ?5,
        spent_money = spent_money + ?6, spent_tokens = spent_tokens + ?7 WHERE id = ?1";
    let Account { reserved, returned, spent } = account;
    let statement = of_run(SQL, run).with(number(reserved.money)).with(number(returned.money));
    let statement = statement.with(number(reserved.tokens)).with(number(returned.tokens));
    statement.with(number(spent.money)).with(number(spent.tokens))
}

/// How a run stands.
pub(super) fn stand(run: RunId, status: Status) -> Statement {
    of_run("UPDATE run SET status = ?2 WHERE id = ?1", run).with(status.word())
}

/// A run is paused, or goes on: if it was not so before.
pub(super) fn pause(run: RunId, paused: bool) -> Statement {
    const SQL: &str = "UPDATE run SET paused = ?2 WHERE id = ?1 AND paused <> ?2";
    of_run(SQL, run).with(i64::from(paused)).expecting(Expect::Rows(1))
}

/// A run is at its end: nobody has it any more, and none of its timers runs.
pub(super) fn finish(run: RunId, status: Status, at: u64) -> [Statement; 2] {
    const END: &str = "UPDATE run SET status = ?2, finished_at = ?3, claimable_at = NULL, owner = NULL WHERE id = ?1";
    let end = of_run(END, run).with(status.word()).with(number(at));
    [end, of_run("DELETE FROM run_timer WHERE run = ?1", run)]
}

/// A worker may have a run at once, if none has it.
pub(super) fn wake(run: RunId, at: u64) -> Statement {
    const SQL: &str = "UPDATE run SET claimable_at = ?2 WHERE id = ?1 AND owner IS NULL
        AND (claimable_at IS NULL OR claimable_at > ?2)";
    of_run(SQL, run).with(number(at))
}

/// Remembers the key of an event, unless it is known.
pub(super) fn signal_key(run: RunId, key: &str) -> Statement {
    const SQL: &str = "INSERT INTO run_signal (run, deduplication) SELECT id, ?2 FROM run WHERE id = ?1
        ON CONFLICT DO NOTHING";
    of_run(SQL, run).with(key).expecting(Expect::Rows(1))
}

/// The key of an event.
pub(super) fn known_signal(run: RunId, key: &str) -> Statement {
    of_run("SELECT 1 FROM run_signal WHERE run = ?1 AND deduplication = ?2", run).with(key)
}

/// Runs with this tag that a worker may have at `now`, with their fences, priorities and times. Also those whose lease ends
/// later than any can that is given out now, after `far`: the clock was set back. There may be `most` of each.
pub(super) fn claimable(tag: &str, now: u64, far: u64, most: usize) -> Statement {
    const SQL: &str = "SELECT * FROM (SELECT id, fence, definition, priority, claimable_at FROM run
            WHERE tag = ?1 AND claimable_at <= ?2 ORDER BY priority DESC, claimable_at, id LIMIT ?4)
        UNION ALL SELECT * FROM (SELECT id, fence, definition, priority, claimable_at FROM run
            WHERE tag = ?1 AND claimable_at > ?3 AND owner IS NOT NULL
            ORDER BY priority DESC, claimable_at, id LIMIT ?4)";
    Statement::new(SQL).with(tag).with(number(now)).with(number(far)).with(number(most as u64))
}

/// Gives a run to a worker, if nobody else got it meanwhile.
pub(super) fn lease(seen: Held, worker: &str, now: u64, far: u64, until: u64) -> Statement {
    const SQL: &str = "UPDATE run SET fence = fence + 1, owner = ?3, claimable_at = ?6 WHERE id = ?1 AND fence = ?2
        AND (claimable_at <= ?4 OR (claimable_at > ?5 AND owner IS NOT NULL))";
    let statement = of_run(SQL, seen.run).with(number(seen.fence)).with(worker);
    statement.with(number(now)).with(number(far)).with(number(until))
}

/// Keeps a lease for longer.
pub(super) fn renew(held: Held, until: u64) -> Statement {
    const SQL: &str = "UPDATE run SET claimable_at = ?3 WHERE id = ?1 AND fence = ?2 AND owner IS NOT NULL";
    of_run(SQL, held.run).with(number(held.fence)).with(number(until))
}

/// Gives a run back until its next timer, if its journal is as the worker knows it.
pub(super) fn release_waiting(held: Held, expected: u64, status: Status) -> Statement {
    const SQL: &str =
        "UPDATE run SET owner = NULL, status = ?4, claimable_at = (SELECT min(due) FROM run_timer WHERE run = ?1)
        WHERE id = ?1 AND fence = ?2 AND owner IS NOT NULL
            AND (SELECT max(sequence) FROM run_entry WHERE run = ?1) = ?3";
    let statement = of_run(SQL, held.run).with(number(held.fence)).with(number(expected));
    statement.with(status.word()).expecting(Expect::Rows(1))
}

/// Gives a run back for another worker to go on.
pub(super) fn release_ready(held: Held, at: u64) -> Statement {
    const SQL: &str =
        "UPDATE run SET owner = NULL, claimable_at = ?3 WHERE id = ?1 AND fence = ?2 AND owner IS NOT NULL";
    of_run(SQL, held.run).with(number(held.fence)).with(number(at)).expecting(Expect::Rows(1))
}

/// Takes a run from whoever has it. One at its end stays there.
pub(super) fn revoke(run: RunId, now: u64) -> Statement {
    const SQL: &str = "UPDATE run SET fence = fence + 1, owner = NULL, claimable_at = ?2
        WHERE id = ?1 AND owner IS NOT NULL AND finished_at IS NULL";
    of_run(SQL, run).with(number(now))
}

/// Takes all runs from whoever has them.
pub(super) fn revoke_all(now: u64) -> Statement {
    const SQL: &str = "UPDATE run SET fence = fence + 1, owner = NULL, claimable_at = ?1
        WHERE owner IS NOT NULL AND finished_at IS NULL";
    Statement::new(SQL).with(number(now))
}

/// A run's name in a column.
pub(super) fn run_id(row: &Row, column: usize) -> Result<RunId> {
    let bytes = row.blob(column)?;
    RunId::from_bytes(bytes).ok_or_else(|| base::Error::internal(format!("a run has a name of {} bytes", bytes.len())))
}

/// A digest in a column.
pub(super) fn digest(row: &Row, column: usize) -> Result<Digest> {
    let bytes = row.blob(column)?;
    Digest::from_bytes(bytes).ok_or_else(|| base::Error::internal(format!("a digest has {} bytes", bytes.len())))
}
