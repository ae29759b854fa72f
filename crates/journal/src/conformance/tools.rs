//! What the checks are made of.

use super::{Checked, Failure, Store};
use crate::{
    Append, Author, Claim, Definition, Digest, Entry, FirstLease, Held, JournalError, JournalStore, Kind, Lease,
    NewRun, Payload, RunId, StepPath,
};
use std::fmt::Debug;
use std::time::Duration;

/// When checks begin, in milliseconds since 1970.
pub(crate) const BEGIN: u64 = 1_800_000_000_000;
/// How long leases are.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// The same in milliseconds.
pub(super) const LEASE_MILLISECONDS: u64 = 30_000;
/// An hour, in milliseconds.
pub(super) const HOUR: u64 = 3_600_000;
/// The tag of the runs that checks make.
pub(super) const TAG: &str = "default";

/// Whether `found` is what was `wanted`.
#[expect(clippy::needless_pass_by_value, reason = "both are made for the comparison, and checks read better so")]
pub(crate) fn same<T: PartialEq + Debug>(what: &str, found: T, wanted: T) -> Checked {
    if found == wanted { Ok(()) } else { Err(Failure(format!("{what}: wanted {wanted:?}, found {found:?}"))) }
}

/// Whether it was refused as it should have been.
pub(crate) fn refused<T: Debug>(what: &str, found: Result<T, JournalError>, wanted: &JournalError) -> Checked {
    match found {
        Err(error) if error == *wanted => Ok(()),
        other => Err(Failure(format!("{what}: wanted {wanted:?}, found {other:?}"))),
    }
}

/// Whether it was refused as malformed, with a cause that has `part`.
pub(crate) fn invalid<T: Debug>(what: &str, found: Result<T, JournalError>, part: &str) -> Checked {
    match found {
        Err(JournalError::Invalid(cause)) if cause.contains(part) => Ok(()),
        other => Err(Failure(format!("{what}: wanted a refusal that says `{part}`, found {other:?}"))),
    }
}

/// What must be there.
pub(crate) fn there<T>(what: &str, found: Option<T>) -> Checked<T> {
    found.ok_or_else(|| Failure(format!("{what}: wanted something, found nothing")))
}

/// A value.
pub(crate) fn json(text: &str) -> Checked<Payload> {
    Ok(Payload::new(text)?)
}

/// A definition of the checks.
pub(crate) fn definition(workflow: &str) -> Definition {
    Definition {
        hash: Digest::of(workflow.as_bytes()),
        workflow: workflow.to_owned(),
        source: format!("name: {workflow}\n"),
        plan: format!("{{\"name\":\"{workflow}\"}}"),
    }
}

/// The name of the `number`th run.
pub(crate) fn name(number: u8) -> RunId {
    RunId::new(BEGIN + u64::from(number), [number; 10])
}

/// The `number`th run, of the workflow `report`, created as many milliseconds after the beginning.
pub(crate) fn new_run(number: u8) -> Checked<NewRun> {
    Ok(NewRun {
        id: name(number),
        at: BEGIN + u64::from(number),
        definition: definition("report").hash,
        tenant: "default".to_owned(),
        principal: "local".to_owned(),
        tag: TAG.to_owned(),
        priority: 0,
        parent: None,
        input: json("{\"topic\":\"tides\"}")?,
        trigger: None,
        past: Vec::new(),
        deduplication: None,
        lease: None,
        first: Vec::new(),
    })
}

/// Creates the `number`th run.
pub(crate) async fn created(store: &Store, number: u8) -> Checked<RunId> {
    store.define(definition("report"), BEGIN).await?;
    Ok(store.create_run(new_run(number)?).await?.id())
}

/// A lease of a run that is to be created.
pub(crate) fn lease(worker: &str, time: Duration) -> FirstLease {
    FirstLease { worker: worker.to_owned(), time }
}

/// A claim of the checks.
pub(crate) fn claim(worker: &str, now: u64) -> Claim {
    Claim { worker: worker.to_owned(), tags: vec![TAG.to_owned()], most: 100, time: LEASE, now }
}

/// What `worker` gets at `now`.
pub(crate) async fn claimed(store: &Store, worker: &str, now: u64) -> Checked<Vec<Lease>> {
    Ok(store.claim(claim(worker, now)).await?)
}

/// The runs of leases.
pub(crate) fn runs(leases: &[Lease]) -> Vec<RunId> {
    leases.iter().map(|lease| lease.held.run).collect()
}

/// Creates the `number`th run, and gives it to a worker at the same time.
pub(crate) async fn held(store: &Store, number: u8) -> Checked<Held> {
    let run = created(store, number).await?;
    let leases = claimed(store, "first", BEGIN + u64::from(number)).await?;
    let lease = there("a lease of a new run", leases.iter().find(|lease| lease.held.run == run))?;
    Ok(lease.held)
}

/// A step.
pub(crate) fn step(text: &str) -> Checked<StepPath> {
    there("a step", StepPath::parse(text))
}

/// An entry about a step.
pub(crate) fn about(text: &str, attempt: u32, kind: Kind) -> Checked<Entry> {
    Ok(Entry::of_step(BEGIN, step(text)?, attempt, kind))
}

/// What a worker appends.
pub(crate) fn by(held: Held, expected: u64, entries: Vec<Entry>) -> Append {
    Append { run: held.run, expected, author: Author::Lease(held.fence), entries, status: None }
}

/// What somebody outside appends.
pub(crate) fn from_outside(run: RunId, expected: u64, entries: Vec<Entry>) -> Append {
    Append { run, expected, author: Author::Outside, entries, status: None }
}

/// The words of the entries of a run.
pub(crate) async fn words(store: &dyn JournalStore, run: RunId) -> Checked<Vec<String>> {
    let entries = store.load(run, 1, 1000).await?;
    Ok(entries.iter().map(|recorded| recorded.entry.kind.word().to_owned()).collect())
}

/// A timer of a step.
pub(crate) fn timer_set(text: &str, timer: &str, due: u64) -> Checked<Entry> {
    about(text, 0, Kind::TimerSet { timer: timer.to_owned(), due })
}
