//! The store of journals on `store::Db`: what is acknowledged is on the disk, and appends of many runs share a commit.

mod leases;
mod listing;
mod tables;

use crate::changes::{self, Beside, Change, Prepared};
use crate::limits::{BATCH, ENTRIES, RUNS};
use crate::wake::Bell;
use crate::{
    Append, Author, Claim, Created, Definition, Digest, Due, Entry, Filter, Held, JournalError, JournalStore, Kind,
    Lease, NewRun, Page, Payload, Recorded, Rest, Result, Run, RunId, Signal, Signalled, StepPath, Timer, Wait, Wake,
    Wanted, Watch,
};
use std::time::Duration;
use store::{Db, Outcome, Statement};

/// The journals in a [`Db`].
///
/// They belong into a file of their own: a unit of work waits for the disk once, together with all that wait at the same time,
/// and what else the hub writes is larger and less urgent.
pub struct StoredJournal {
    db: Db,
    bell: Bell,
}

/// What a statement of an append is for, to say why it did not match.
enum Part {
    Payload(Digest),
    Entry(Option<StepPath>),
    Cancelled,
    Pause(bool),
    Change,
}

impl StoredJournal {
    /// The journals in `db`, whose tables are made if they are not there.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(db: Db) -> base::Result<Self> {
        tables::open(&db).await?;
        Ok(Self { db, bell: Bell::new() })
    }

    /// Takes all runs from whoever has them, from `now` on, in milliseconds since 1970. Only who knows that no other process has
    /// the store does so when it begins: whoever had them is gone, and nobody needs to wait for the end of their leases.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn take_over(&self, now: u64) -> base::Result<()> {
        self.db.execute(vec![tables::revoke_all(now)]).await?.done()?;
        Ok(())
    }

    async fn create(&self, mut run: NewRun) -> Result<Created> {
        changes::check_new(&run)?;
        let follow = changes::of(&run.first, None);
        let ended = changes::ends(&run.first).then(|| run.last());
        let entries = run.beginning().into_iter().chain(std::mem::take(&mut run.first));
        let mut prepared = entries.map(changes::prepare).collect::<Result<Vec<Prepared>>>()?;
        let (mut unit, mut parts) = payloads(&prepared);
        unit.push(tables::create(&run, run.claimable_at()?));
        parts.push(Part::Change);
        for (entry, sequence) in prepared.iter_mut().zip(1..) {
            parts.push(part(entry));
            unit.push(tables::next_entry(run.id, sequence, entry));
        }
        follow_up(run.id, follow, &mut unit, &mut parts);
        let Outcome::Mismatch { statement, .. } = self.db.execute(unit).await? else {
            self.bell.ring(Wake { run: run.id, ready: run.lease.is_none(), ended });
            return Ok(Created::New(run.id));
        };
        match parts.into_iter().nth(statement) {
            Some(Part::Payload(digest)) => return Err(JournalError::PayloadUnknown(digest)),
            Some(Part::Entry(Some(step))) => return Err(JournalError::ResultRecorded { run: run.id, step }),
            _ => {}
        }
        if let Some(key) = &run.deduplication
            && let Some(existing) = self.created_with(&run.tenant, key).await?
        {
            return Ok(Created::Existing(existing));
        }
        if self.db.query(tables::definition(run.definition)).await?.is_empty() {
            return Err(JournalError::DefinitionUnknown(run.definition));
        }
        Err(JournalError::Invalid(format!("there is a run {} already", run.id)))
    }

    async fn add(&self, append: Append) -> Result<u64> {
        changes::check(&append)?;
        let Append { run, expected, author, entries, status } = append;
        let last = expected + entries.len() as u64;
        let at = entries.last().map_or(0, |entry| entry.at);
        let ended = changes::ends(&entries).then_some(last);
        let follow = changes::of(&entries, status);
        let (unit, parts) = unit(run, expected, author, entries, follow, at)?;
        match self.db.execute(unit).await? {
            Outcome::Done { .. } => {
                self.bell.ring(Wake { run, ready: author == Author::Outside, ended });
                Ok(last)
            }
            Outcome::Mismatch { statement, .. } => {
                Err(self.why_not(run, expected, author, parts.into_iter().nth(statement)).await?)
            }
        }
    }

    /// Why nothing was appended, as far as it can be seen afterwards.
    async fn why_not(&self, run: RunId, expected: u64, author: Author, part: Option<Part>) -> Result<JournalError> {
        let rows = self.db.query(tables::standing(run)).await?;
        let Some(row) = rows.first() else { return Ok(JournalError::RunUnknown(run)) };
        let (current, found) = (tables::unsigned(row.integer(0)?), tables::unsigned(row.integer(3)?));
        if row.optional_integer(2)?.is_some() {
            return Ok(JournalError::Finished(run));
        }
        if let Author::Lease(held) = author
            && (held != current || row.optional_text(1)?.is_none())
        {
            return Ok(JournalError::Fenced { run, held, current });
        }
        if found == expected {
            match part {
                Some(Part::Payload(digest)) => return Ok(JournalError::PayloadUnknown(digest)),
                Some(Part::Entry(Some(step))) => return Ok(JournalError::ResultRecorded { run, step }),
                Some(Part::Cancelled) => return Ok(JournalError::Repeated { run, word: "cancelled" }),
                Some(Part::Pause(paused)) => return Ok(changes::repeated(run, paused)),
                _ => {}
            }
        }
        Ok(JournalError::Conflict { run, expected, found })
    }

    async fn entries(&self, run: RunId, from: u64, most: usize) -> Result<Vec<Recorded>> {
        let rows = self.db.query(tables::entries(run, from, most.clamp(1, BATCH))).await?;
        if rows.is_empty() && self.db.query(tables::standing(run)).await?.is_empty() {
            return Err(JournalError::RunUnknown(run));
        }
        let read = |row: &store::Row| {
            let sequence = tables::unsigned(row.integer(0)?);
            Ok(Recorded { sequence, entry: Entry::decode(row.text(1)?)? })
        };
        rows.iter().map(read).collect()
    }

    async fn tell(&self, signal: Signal) -> Result<Signalled> {
        crate::checks::name("a key", &signal.deduplication)?;
        let Signal { run, at, name, deduplication, body } = signal;
        let entry = Entry::of_run(at, Kind::Signal { name }).with(body);
        entry.check()?;
        let mut prepared = changes::prepare(entry)?;
        let mut unit = vec![tables::signal_key(run, &deduplication)];
        unit.extend(prepared.beside.as_ref().map(tables::payload_beside));
        unit.push(tables::last_entry(run, &mut prepared));
        unit.push(tables::wake(run, at));
        if self.db.execute(unit).await?.is_done() {
            self.bell.ring(Wake::ready(run));
            return Ok(Signalled::Recorded);
        }
        let rows = self.db.query(tables::standing(run)).await?;
        let Some(row) = rows.first() else { return Err(JournalError::RunUnknown(run)) };
        if !self.db.query(tables::known_signal(run, &deduplication)).await?.is_empty() {
            return Ok(Signalled::Known);
        }
        if row.optional_integer(2)?.is_some() {
            return Err(JournalError::Finished(run));
        }
        if let Some(Beside::Known(digest)) = prepared.beside {
            return Err(JournalError::PayloadUnknown(digest));
        }
        Err(JournalError::Invalid(format!("the journal of run {run} has {ENTRIES} entries, and that is the most")))
    }

    async fn timers(&self, now: u64, most: usize) -> Result<Due> {
        let rows = self.db.query(tables::due(most.clamp(1, RUNS))).await?;
        let mut timers = rows.iter().map(timer).collect::<base::Result<Vec<_>>>()?;
        let due = timers.iter().take(most.clamp(1, RUNS)).take_while(|timer| timer.due <= now).count();
        let next = timers.get(due).map(|timer| timer.due);
        timers.truncate(due);
        Ok(Due { timers, next })
    }
}

fn timer(row: &store::Row) -> base::Result<Timer> {
    Ok(Timer {
        due: tables::unsigned(row.integer(0)?),
        run: tables::run_id(row, 1)?,
        step: StepPath::parse(row.text(2)?),
        timer: row.text(3)?.to_owned(),
    })
}

/// The statements that keep what stands beside entries, and what each is for.
fn payloads(prepared: &[Prepared]) -> (Vec<Statement>, Vec<Part>) {
    let beside = || prepared.iter().filter_map(|entry| entry.beside.as_ref());
    (beside().map(tables::payload_beside).collect(), beside().map(|beside| Part::Payload(beside.digest())).collect())
}

fn part(entry: &mut Prepared) -> Part {
    match (entry.step.take(), &entry.mark) {
        (None, Some(_)) => Part::Cancelled,
        (step, Some(_)) => Part::Entry(step),
        (_, None) => Part::Entry(None),
    }
}

/// The statements for what follows from entries, and what each is for.
fn follow_up(run: RunId, follow: Vec<Change>, unit: &mut Vec<Statement>, parts: &mut Vec<Part>) {
    for change in follow {
        match change {
            Change::SetTimer { step, timer, due } => unit.push(tables::set_timer(run, step.as_ref(), timer, due)),
            Change::ClearTimer { step, timer } => unit.push(tables::clear_timer(run, step.as_ref(), timer)),
            Change::Account(account) => unit.push(tables::account(run, account)),
            Change::Status(status) => unit.push(tables::stand(run, status)),
            Change::Pause(paused) => {
                parts.resize_with(unit.len(), || Part::Change);
                parts.push(Part::Pause(paused));
                unit.push(tables::pause(run, paused));
            }
            Change::Finish { status, at } => unit.extend(tables::finish(run, status, at)),
        }
    }
}

/// The statements of an append, and what each is for.
fn unit(
    run: RunId,
    expected: u64,
    author: Author,
    entries: Vec<Entry>,
    follow: Vec<Change>,
    at: u64,
) -> Result<(Vec<Statement>, Vec<Part>)> {
    let mut prepared = entries.into_iter().map(changes::prepare).collect::<Result<Vec<Prepared>>>()?;
    let (mut unit, mut parts) = payloads(&prepared);
    for (place, entry) in prepared.iter_mut().enumerate() {
        parts.push(part(entry));
        unit.push(match place as u64 {
            0 => tables::first_entry(run, expected, author, entry),
            place => tables::next_entry(run, expected + place + 1, entry),
        });
    }
    follow_up(run, follow, &mut unit, &mut parts);
    if author == Author::Outside {
        unit.push(tables::wake(run, at));
    }
    parts.resize_with(unit.len(), || Part::Change);
    Ok((unit, parts))
}

impl JournalStore for StoredJournal {
    fn define(&self, definition: Definition, at: u64) -> Wait<'_, ()> {
        Box::pin(async move {
            definition.check()?;
            self.db.execute(vec![tables::define(definition, at)]).await?.done()?;
            Ok(())
        })
    }

    fn definition(&self, hash: Digest) -> Wait<'_, Option<Definition>> {
        Box::pin(async move {
            let rows = self.db.query(tables::definition(hash)).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let text = |column| row.text(column).map(str::to_owned);
            Ok(Some(Definition { hash, workflow: text(0)?, source: text(1)?, plan: text(2)? }))
        })
    }

    fn create_run(&self, run: NewRun) -> Wait<'_, Created> {
        Box::pin(self.create(run))
    }

    fn created_with<'a>(&'a self, tenant: &'a str, key: &'a str) -> Wait<'a, Option<RunId>> {
        Box::pin(async move {
            let rows = self.db.query(tables::created_with(tenant, key)).await?;
            Ok(rows.first().map(|row| tables::run_id(row, 0)).transpose()?)
        })
    }

    fn append(&self, append: Append) -> Wait<'_, u64> {
        Box::pin(self.add(append))
    }

    fn load(&self, run: RunId, from: u64, most: usize) -> Wait<'_, Vec<Recorded>> {
        Box::pin(self.entries(run, from, most))
    }

    fn payload(&self, digest: Digest) -> Wait<'_, Payload> {
        Box::pin(async move {
            let rows = self.db.query(tables::payload(digest)).await?;
            let row = rows.first().ok_or(JournalError::PayloadUnknown(digest))?;
            Ok(Payload::Inline(row.text(0)?.into()))
        })
    }

    fn claim(&self, claim: Claim) -> Wait<'_, Vec<Lease>> {
        Box::pin(self.lease(claim))
    }

    fn renew(&self, leases: Vec<Held>, now: u64, time: Duration) -> Wait<'_, Vec<RunId>> {
        Box::pin(self.keep(leases, now, time))
    }

    fn release(&self, held: Held, rest: Rest) -> Wait<'_, ()> {
        Box::pin(self.give_back(held, rest))
    }

    fn revoke(&self, run: RunId, now: u64) -> Wait<'_, ()> {
        Box::pin(self.take_away(run, now))
    }

    fn due(&self, now: u64, most: usize) -> Wait<'_, Due> {
        Box::pin(self.timers(now, most))
    }

    fn signal(&self, signal: Signal) -> Wait<'_, Signalled> {
        Box::pin(self.tell(signal))
    }

    fn watch(&self, wanted: Wanted) -> Watch {
        self.bell.watch(wanted)
    }

    fn run(&self, run: RunId) -> Wait<'_, Run> {
        Box::pin(self.find(run))
    }

    fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Wait<'_, Page> {
        Box::pin(self.find_all(filter, after, most))
    }

    fn prune(&self, before: u64, most: usize) -> Wait<'_, usize> {
        Box::pin(self.forget(before, most))
    }
}

#[cfg(test)]
mod tests;
