//! Two workers with clocks of their own, and events between them, in any order.

use super::tools::{BEGIN, HOUR, LEASE, TAG, created, from_outside, same, there};
use super::{Checked, Failure, Store};
use crate::{
    Append, Author, Claim, Decision, Entry, Held, JournalError, Kind, Payload, Rest, Results, RunId, Signal, Status,
    StepPath,
};
use std::collections::{HashMap, HashSet};

/// The steps that the workers do.
const STEPS: [&str; 3] = ["a", "b[0]", "b[1]"];
/// The most that is done.
const MOST: usize = 400;

/// A worker, with what it believes.
struct Worker {
    name: &'static str,
    clock: u64,
    held: Option<Held>,
    /// The last entry that it has read.
    known: u64,
    results: Results,
    attempts: HashMap<StepPath, u32>,
}

/// What each that was acknowledged must be found as.
type Acknowledged = Vec<(u64, Entry)>;

/// Does with one run what `choices` say, each byte one thing, and looks at the journal after that: what was acknowledged is
/// where it was, no step has two results and no attempt two ends, and no worker appended after another had got the run.
///
/// # Errors
/// What does not hold.
pub async fn interleave(store: Store, choices: &[u8]) -> Checked {
    let run = created(&store, 1).await?;
    let worker = |name| Worker {
        name,
        clock: BEGIN + 10,
        held: None,
        known: 0,
        results: Results::default(),
        attempts: HashMap::new(),
    };
    let mut workers = [worker("first"), worker("second")];
    let mut acknowledged = Acknowledged::new();
    let mut newest = 0;
    for (place, choice) in choices.iter().take(MOST).enumerate() {
        let [first, second] = &mut workers;
        let worker = if choice & 1 == 0 { first } else { second };
        match choice >> 1 {
            0..=15 => worker.advance(u64::from(*choice) * 1000),
            16..=19 => worker.advance(HOUR),
            20..=23 => worker.clock -= HOUR.min(worker.clock - BEGIN),
            24..=39 => worker.claim(&store, &mut newest).await?,
            40..=47 => worker.renew(&store).await?,
            48..=55 => worker.release(&store, run).await?,
            56..=60 => signal(&store, run, place).await?,
            61..=63 => pause(&store, run, worker.clock).await?,
            what => worker.work(&store, usize::from(what), newest, &mut acknowledged).await?,
        }
    }
    look(&store, run, &acknowledged).await
}

impl Worker {
    const fn advance(&mut self, time: u64) {
        self.clock = self.clock.saturating_add(time);
    }

    async fn claim(&mut self, store: &Store, newest: &mut u64) -> Checked {
        let tags = vec![TAG.to_owned()];
        let claim = Claim { worker: self.name.to_owned(), tags, most: 10, time: LEASE, now: self.clock };
        if let Some(lease) = store.claim(claim).await?.first() {
            same("a fence that is higher than all before", lease.held.fence > *newest, true)?;
            *newest = lease.held.fence;
            self.held = Some(lease.held);
            self.read(store, lease.held.run).await?;
        }
        Ok(())
    }

    async fn renew(&mut self, store: &Store) -> Checked {
        if let Some(held) = self.held
            && store.renew(vec![held], self.clock, LEASE).await? == [held.run]
        {
            self.held = None;
        }
        Ok(())
    }

    async fn release(&mut self, store: &Store, run: RunId) -> Checked {
        let Some(held) = self.held else { return Ok(()) };
        let rest = if self.clock.is_multiple_of(2) {
            Rest::Ready { at: self.clock }
        } else {
            Rest::Waiting { expected: self.known, status: Status::Waiting }
        };
        match store.release(held, rest).await {
            Ok(()) | Err(JournalError::Fenced { .. }) => self.held = None,
            Err(JournalError::Conflict { .. }) => self.read(store, run).await?,
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    /// Reads what is new in the journal.
    async fn read(&mut self, store: &Store, run: RunId) -> Checked {
        for recorded in store.load(run, self.known + 1, 1000).await? {
            same("the place of an entry", recorded.sequence, self.known + 1)?;
            self.known = recorded.sequence;
            self.results.note(&recorded.entry);
        }
        Ok(())
    }

    /// Ends an attempt of a step, as a worker does that may have been away: it appends by what it knows, and looks when it is
    /// told that there is more. A worker that lost the run goes on trying, as one does that does not know.
    async fn work(&mut self, store: &Store, what: usize, newest: u64, acknowledged: &mut Acknowledged) -> Checked {
        let Some(held) = self.held else { return Ok(()) };
        let path = there("a step", STEPS.get(what % STEPS.len()).and_then(|text| StepPath::parse(text)))?;
        let attempt = self.attempts.entry(path.clone()).or_default();
        // Now and then the end of the same attempt comes a second time.
        *attempt = (*attempt + u32::from(what.is_multiple_of(2))).max(1);
        let kind = match what % 5 {
            0 => Kind::Failed { code: "T-0204".to_owned(), message: self.name.to_owned() },
            _ => Kind::Succeeded,
        };
        let payload = Payload::new(&format!("\"{} {}\"", self.name, self.clock))?;
        let entry = Entry::of_step(self.clock, path, *attempt, kind).with(payload);
        for _ in 0..2 {
            let entries = self.results.admit(vec![entry.clone()]);
            let append = Append {
                run: held.run,
                expected: self.known,
                author: Author::Lease(held.fence),
                entries: entries.clone(),
                status: Some(Status::Running),
            };
            match store.append(append).await {
                Ok(last) => {
                    same("the fence of whoever appends", held.fence, newest)?;
                    self.known = last;
                    entries.iter().for_each(|entry| self.results.note(entry));
                    acknowledged.extend(entries.into_iter().map(|entry| (last, entry)));
                    return Ok(());
                }
                Err(JournalError::Conflict { run, .. }) => self.read(store, run).await?,
                Err(JournalError::Fenced { .. }) => return Ok(()),
                Err(other) => return Err(other.into()),
            }
        }
        Err(Failure("an append by what was just read is refused, and nobody else is there".to_owned()))
    }
}

async fn signal(store: &Store, run: RunId, place: usize) -> Checked {
    let (deduplication, body) = (format!("{}", place % 7), Payload::new("1")?);
    store.signal(Signal { run, at: BEGIN, name: "paid".to_owned(), deduplication, body }).await?;
    Ok(())
}

async fn pause(store: &Store, run: RunId, at: u64) -> Checked {
    let decision = Decision { actor: "ada".to_owned(), reason: None };
    let last = store.run(run).await?.last;
    match store.append(from_outside(run, last, vec![Entry::of_run(at, Kind::Paused(decision))])).await {
        // It is paused once.
        Ok(_) | Err(JournalError::Repeated { .. }) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

async fn look(store: &Store, run: RunId, acknowledged: &Acknowledged) -> Checked {
    let journal = store.load(run, 1, 1000).await?;
    let (mut done, mut ended) = (HashSet::new(), HashSet::new());
    for (place, recorded) in journal.iter().enumerate() {
        same("a place", recorded.sequence, place as u64 + 1)?;
        let Entry { step, attempt, kind, .. } = &recorded.entry;
        let is_result = matches!(kind, Kind::Succeeded | Kind::Failed { .. });
        if is_result && !ended.insert((step, attempt)) {
            return Err(Failure(format!("attempt {attempt} of {step:?} ended twice: {journal:?}")));
        }
        if *kind == Kind::Succeeded && !done.insert(step) {
            return Err(Failure(format!("{step:?} has two results: {journal:?}")));
        }
    }
    for (place, entry) in acknowledged {
        let found = journal.iter().find(|recorded| recorded.sequence == *place).map(|recorded| &recorded.entry);
        same("what was acknowledged", found, Some(entry))?;
    }
    same("how long the journal is", store.run(run).await?.last, journal.len() as u64)
}

/// A few long ones, each byte made of the one before, so that all stores meet the same.
pub(super) async fn some(store: Store) -> Checked {
    let mut state: u32 = 1;
    let choices: Vec<u8> = (0..MOST)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    interleave(store.clone(), &choices).await?;
    let words = super::tools::words(&*store, super::tools::name(1)).await?;
    for word in ["succeeded", "failed", "orphaned", "signal", "paused"] {
        same(&format!("that `{word}` happened"), words.iter().any(|found| found == word), true)?;
    }
    Ok(())
}
