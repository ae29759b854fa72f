//! What a store of journals can.

use crate::{
    Created, Definition, Digest, Entry, Filter, NewRun, Page, Payload, Recorded, Result, Run, RunId, Status, Wanted,
    Watch,
};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// What a method of a store gives.
pub type Wait<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Keeps the journals of runs. All stores pass the same checks ([`crate::conformance`]).
///
/// No store asks for the time: it is handed in, in milliseconds since 1970. What returns well is on the disk, for stores that
/// have one. What fails has changed nothing, except [`crate::JournalError::Store`]: then it shows in the journal.
///
/// One worker has a run at a time, by a *lease* that ends by itself unless it is renewed. Each lease of a run has a higher
/// *fence* than the one before, and only the highest may append. So a worker that was away for too long, and does not know that
/// its run is another's, is refused. Clocks may jump: a lease then ends too early or is taken early, and the fence still holds.
pub trait JournalStore: Send + Sync {
    /// Keeps a definition. One with the same hash that is there already stays as it is.
    fn define(&self, definition: Definition, at: u64) -> Wait<'_, ()>;

    /// The definition with this hash.
    fn definition(&self, hash: Digest) -> Wait<'_, Option<Definition>>;

    /// Creates a run with its first entry, [`crate::Kind::Started`], so that a worker can have it at once. With a
    /// deduplication key that the tenant has used before there is no new one.
    ///
    /// # Errors
    /// [`crate::JournalError::DefinitionUnknown`], [`crate::JournalError::Invalid`].
    fn create_run(&self, run: NewRun) -> Wait<'_, Created>;

    /// The run that a tenant created with a deduplication key, if there is one.
    fn created_with<'a>(&'a self, tenant: &'a str, key: &'a str) -> Wait<'a, Option<RunId>>;

    /// Adds entries to a journal, all or none, with all that follows from them: timers, the budget, how the run stands. Gives
    /// the place of the last. Nothing else changes a journal.
    ///
    /// # Errors
    /// [`crate::JournalError::Conflict`] if there are other entries after `expected`, [`crate::JournalError::Fenced`] if the
    /// lease is over, [`crate::JournalError::Finished`], [`crate::JournalError::ResultRecorded`] for a second result,
    /// [`crate::JournalError::Repeated`] for what holds already, [`crate::JournalError::RunUnknown`],
    /// [`crate::JournalError::PayloadUnknown`], [`crate::JournalError::Invalid`].
    fn append(&self, append: Append) -> Wait<'_, u64>;

    /// The entries of a run from the place `from` on, at most `most` and at most [`crate::limits::BATCH`].
    ///
    /// # Errors
    /// [`crate::JournalError::RunUnknown`], [`crate::JournalError::Unreadable`].
    fn load(&self, run: RunId, from: u64, most: usize) -> Wait<'_, Vec<Recorded>>;

    /// The text of a payload that is not in its entry.
    ///
    /// # Errors
    /// [`crate::JournalError::PayloadUnknown`].
    fn payload(&self, digest: Digest) -> Wait<'_, Payload>;

    /// Gives a worker runs that have something to do and that nobody has, each with a new fence; those with the highest
    /// priority first, then those that wait longest.
    ///
    /// # Errors
    /// [`crate::JournalError::Invalid`].
    fn claim(&self, claim: Claim) -> Wait<'_, Vec<Lease>>;

    /// Keeps leases for `time` longer from `now` on. Gives the runs that are another's by now, or at their end.
    ///
    /// # Errors
    /// [`crate::JournalError::Invalid`].
    fn renew(&self, leases: Vec<Held>, now: u64, time: Duration) -> Wait<'_, Vec<RunId>>;

    /// Gives a run back.
    ///
    /// # Errors
    /// [`crate::JournalError::Fenced`]; with [`Rest::Waiting`], [`crate::JournalError::Conflict`] if there is something new
    /// in the journal, which must be looked at first.
    fn release(&self, held: Held, rest: Rest) -> Wait<'_, ()>;

    /// Takes a run from the worker that has it, and from whoever thinks so, from `now` on.
    ///
    /// # Errors
    /// [`crate::JournalError::RunUnknown`].
    fn revoke(&self, run: RunId, now: u64) -> Wait<'_, ()>;

    /// The timers that are due at `now`, of all runs, the earliest first, at most `most` of them.
    fn due(&self, now: u64, most: usize) -> Wait<'_, Due>;

    /// Tells a run of an event outside, once for each key. It is an entry in the journal at once.
    ///
    /// # Errors
    /// [`crate::JournalError::RunUnknown`], [`crate::JournalError::Finished`], [`crate::JournalError::Invalid`].
    fn signal(&self, signal: Signal) -> Wait<'_, Signalled>;

    /// News of runs from now on. They may be lost, so whoever waits looks for itself now and then.
    fn watch(&self, wanted: Wanted) -> Watch;

    /// A run.
    ///
    /// # Errors
    /// [`crate::JournalError::RunUnknown`].
    fn run(&self, run: RunId) -> Wait<'_, Run>;

    /// Runs, the newest first, from behind `after` on, at most `most` and at most [`crate::limits::RUNS`].
    fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Wait<'_, Page>;

    /// Forgets up to `most` runs that ended before `before`, with what no other run needs. Gives how many there were.
    fn prune(&self, before: u64, most: usize) -> Wait<'_, usize>;
}

/// Entries to be added to a journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    /// Whose journal.
    pub run: RunId,
    /// The place of the last entry that whoever appends knows.
    pub expected: u64,
    /// By what right.
    pub author: Author,
    /// The entries, in their order.
    pub entries: Vec<Entry>,
    /// How the run stands then, if that changes. How it ends follows from [`crate::Kind::Finished`].
    pub status: Option<Status>,
}

/// By what right somebody appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// They have the run, with this fence.
    Lease(u64),
    /// They say what people and events outside say ([`crate::Kind::is_from_outside`]). Then a worker gets the run, if none has it.
    Outside,
}

/// What a worker asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name, for people.
    pub worker: String,
    /// Only runs with one of these tags.
    pub tags: Vec<String>,
    /// At most so many runs, and at most [`crate::limits::RUNS`].
    pub most: usize,
    /// For how long, at most [`crate::limits::LEASE`]. All workers best have the same.
    pub time: Duration,
    /// The time.
    pub now: u64,
}

/// A run that a worker has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The run and the fence.
    pub held: Held,
    /// What it does.
    pub definition: Digest,
    /// Until when, unless it is renewed, in milliseconds since 1970.
    pub until: u64,
}

/// The right to go on with a run, as long as no higher fence was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Held {
    /// The run.
    pub run: RunId,
    /// Higher with each lease of the run.
    pub fence: u64,
}

/// How a worker leaves a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There is nothing to do before the next timer or event. A timer that is due is to be fired or cleared before.
    Waiting {
        /// The place of the last entry that the worker knows.
        expected: u64,
        /// How the run stands meanwhile; never how it ended.
        status: Status,
    },
    /// Another worker is to go on from this time on, in milliseconds since 1970.
    Ready {
        /// The time.
        at: u64,
    },
}

/// Timers that are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The earliest first.
    pub timers: Vec<Timer>,
    /// When the next one after these is due.
    pub next: Option<u64>,
}

/// A timer of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// From when on it is due, in milliseconds since 1970.
    pub due: u64,
    /// The run.
    pub run: RunId,
    /// The step; nothing for one of the run itself.
    pub step: Option<crate::StepPath>,
    /// Which timer of the step.
    pub timer: String,
}

/// An event outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// The run.
    pub run: RunId,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Its name.
    pub name: String,
    /// Recognises, within the run, that the same event comes once more.
    pub deduplication: String,
    /// What comes with it.
    pub body: Payload,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signalled {
    /// It is in the journal now.
    Recorded,
    /// It was there already.
    Known,
}
