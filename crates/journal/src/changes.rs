//! What follows from entries, beside the journal: decided here once for all stores, so that it could be made anew of the
//! journal.

use crate::limits::{BATCH, DECISIONS, ENDING, ENTRIES, LARGEST_BATCH};
use crate::{
    Amount, Append, Author, Entry, FIRST_FENCE, JournalError, Kind, NewRun, Payload, Result, RunId, Status, StepPath,
};

/// Something that follows from entries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A timer runs, in place of one of the same name.
    SetTimer { step: Option<StepPath>, timer: String, due: u64 },
    /// A timer runs no more.
    ClearTimer { step: Option<StepPath>, timer: String },
    /// The budget.
    Account(Account),
    /// How the run stands.
    Status(Status),
    /// Whether the run is paused from now on: only where it was not, or was.
    Pause(bool),
    /// The run is at its end, since a time.
    Finish { status: Status, at: u64 },
}

/// What is added to the budget's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Account {
    /// What was set aside.
    pub(crate) reserved: Amount,
    /// What was given back of that.
    pub(crate) returned: Amount,
    /// What was spent.
    pub(crate) spent: Amount,
}

/// Whether the entries may be appended, as far as they alone tell.
///
/// # Errors
/// [`JournalError::Invalid`].
pub(crate) fn check(append: &Append) -> Result<()> {
    if append.status.is_some_and(Status::is_final) {
        return Err(JournalError::Invalid("how a run ends follows from `finished`".to_owned()));
    }
    check_entries(append.run, append.expected, append.author, &append.entries)
}

/// Whether the run may be created, as far as it alone tells.
///
/// # Errors
/// [`JournalError::Invalid`].
pub(crate) fn check_new(run: &NewRun) -> Result<()> {
    run.check()?;
    match (run.first.as_slice(), &run.lease) {
        ([], _) => Ok(()),
        (_, None) => Err(JournalError::Invalid("a run that nobody has yet is to have entries of a worker".to_owned())),
        (first, Some(_)) => check_entries(run.id, 1 + run.past.len() as u64, Author::Lease(FIRST_FENCE), first),
    }
}

fn check_entries(run: RunId, expected: u64, author: Author, entries: &[Entry]) -> Result<()> {
    let refuse = |cause: String| Err(JournalError::Invalid(cause));
    if entries.is_empty() || entries.len() > BATCH {
        return refuse(format!("{} entries are to be appended, and it must be 1 to {BATCH}", entries.len()));
    }
    let most = entries.iter().map(|entry| most(entry, author)).min().unwrap_or(ENTRIES);
    if expected.saturating_add(entries.len() as u64) > most {
        return refuse(format!("the journal of run {run} would have more than {most} entries"));
    }
    entries.iter().try_for_each(Entry::check)?;
    let bytes: u64 =
        entries.iter().filter_map(|entry| entry.payload.as_ref()?.inline()).map(|json| json.len() as u64).sum();
    if bytes > LARGEST_BATCH {
        return refuse(format!("{bytes} bytes are to be appended at once, and the most is {LARGEST_BATCH}"));
    }
    if let Some(entry) = entries.iter().find(|entry| matches!(entry.kind, Kind::Started { .. })) {
        return refuse(format!("an entry `{}` is made with the run alone", entry.kind.word()));
    }
    let (before_last, _) = entries.split_at(entries.len() - 1);
    if before_last.iter().any(|entry| matches!(entry.kind, Kind::Finished(_))) {
        return refuse("an entry stands after `finished`".to_owned());
    }
    if let Some(entry) = entries.iter().find(|entry| author == Author::Outside && !entry.kind.is_from_outside()) {
        return refuse(format!("an entry `{}` needs a lease", entry.kind.word()));
    }
    Ok(())
}

/// Up to which length of a journal the entry is taken. What is of no use to a run that is about to end has no place behind the last
/// that goes on, and what people decide leaves half of that to the worker. Of the rest of what is said from outside there is one
/// `cancelled` for each run, and one `resumed` for each `paused`.
const fn most(entry: &Entry, author: Author) -> u64 {
    match (&entry.kind, author) {
        (Kind::Signal { .. } | Kind::Paused(_), _) => ENTRIES,
        (Kind::Cancelled(_), Author::Outside) if entry.step.is_some() => ENTRIES,
        (Kind::GateApproved { .. } | Kind::GateRejected { .. } | Kind::Resolved { .. }, Author::Outside) => {
            ENTRIES + DECISIONS
        }
        _ => ENTRIES + ENDING,
    }
}

/// What an entry that pauses a run or lets it go on says that holds already.
pub(crate) const fn repeated(run: RunId, paused: bool) -> JournalError {
    JournalError::Repeated { run, word: if paused { "paused" } else { "resumed" } }
}

/// A run that is left for a while was said to be at its end.
pub(crate) fn no_rest(status: Status) -> JournalError {
    JournalError::Invalid(format!("a run that is `{}` is at its end, and waits for nothing", status.word()))
}

/// Whether the run is at its end with these entries, which may be appended.
pub(crate) fn ends(entries: &[Entry]) -> bool {
    entries.last().is_some_and(|entry| matches!(entry.kind, Kind::Finished(_)))
}

/// What follows from `entries`, in the order in which it is to be done. Of the budget there is one change at most.
pub(crate) fn of(entries: &[Entry], status: Option<Status>) -> Vec<Change> {
    let mut changes: Vec<Change> = status.map(Change::Status).into_iter().collect();
    let mut account = Account::default();
    for entry in entries {
        match &entry.kind {
            Kind::TimerSet { timer, due } => {
                changes.push(Change::SetTimer { step: entry.step.clone(), timer: timer.clone(), due: *due });
            }
            Kind::TimerFired { timer } | Kind::TimerCleared { timer } => {
                changes.push(Change::ClearTimer { step: entry.step.clone(), timer: timer.clone() });
            }
            Kind::Reserved(amount) => account.reserved = sum(account.reserved, *amount),
            Kind::Settled { reserved, spent } => {
                account.returned = sum(account.returned, *reserved);
                account.spent = sum(account.spent, *spent);
            }
            Kind::Paused(_) => changes.push(Change::Pause(true)),
            Kind::Resumed(_) => changes.push(Change::Pause(false)),
            Kind::Finished(end) => changes.push(Change::Finish { status: (*end).into(), at: entry.at }),
            _ => {}
        }
    }
    if account != Account::default() {
        changes.push(Change::Account(account));
    }
    changes
}

/// Entries as they stand in a journal: their texts, and what is kept beside them.
pub(crate) struct Prepared {
    /// The text of the entry.
    pub(crate) text: String,
    /// What no other entry of the run may have.
    pub(crate) mark: Option<String>,
    /// The step whose result it is.
    pub(crate) step: Option<StepPath>,
    /// The payload that is not in the text.
    pub(crate) beside: Option<Beside>,
}

/// A payload that is not in its entry.
pub(crate) enum Beside {
    /// It is new, or there already.
    Kept(crate::Digest, std::sync::Arc<str>),
    /// It must be there already.
    Known(crate::Digest),
}

/// An entry as it stands in a journal.
///
/// # Errors
/// [`JournalError::Invalid`]: it is too large.
pub(crate) fn prepare(mut entry: Entry) -> Result<Prepared> {
    let (payload, kept) = entry.payload.take().map_or((None, None), |payload| {
        let (payload, kept) = payload.split();
        (Some(payload), kept)
    });
    entry.payload = payload;
    let beside = match (&entry.payload, kept) {
        (_, Some((digest, json))) => Some(Beside::Kept(digest, json)),
        (Some(Payload::Stored { digest, .. }), None) => Some(Beside::Known(*digest)),
        _ => None,
    };
    let mark = crate::results::mark(&entry);
    Ok(Prepared { text: entry.encode_checked()?, mark, step: entry.step, beside })
}

impl Entry {
    /// Whether a journal takes the entry, apart from where: its names, its size.
    ///
    /// # Errors
    /// [`JournalError::Invalid`].
    pub fn check_whole(&self) -> Result<()> {
        self.check()?;
        prepare(self.clone()).map(drop)
    }
}

impl Beside {
    pub(crate) const fn digest(&self) -> crate::Digest {
        match self {
            Beside::Kept(digest, _) | Beside::Known(digest) => *digest,
        }
    }
}

/// The sum of two amounts.
pub(crate) const fn sum(left: Amount, right: Amount) -> Amount {
    Amount { money: left.money.saturating_add(right.money), tokens: left.tokens.saturating_add(right.tokens) }
}

#[cfg(test)]
mod tests;
