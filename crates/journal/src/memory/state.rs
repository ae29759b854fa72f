//! What the store in memory holds.

use super::kept::Kept;
use crate::changes::{self, Beside, Prepared};
use crate::checks::milliseconds;
use crate::lease::{check, latest};
use crate::limits::{BATCH, ENTRIES, RUNS};
use crate::{
    Append, Author, Claim, Created, Definition, Digest, Due, Entry, Filter, Held, JournalError, Kind, Lease, NewRun,
    Page, Payload, Recorded, Rest, Result, Run, RunId, Signal, Signalled, StepPath, Timer,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
pub(super) struct State {
    /// With the times at which they were kept.
    definitions: HashMap<Digest, (Definition, u64)>,
    payloads: HashMap<Digest, Arc<str>>,
    runs: BTreeMap<RunId, Kept>,
}

impl State {
    pub(super) fn define(&mut self, definition: Definition, at: u64) -> Result<()> {
        definition.check()?;
        self.definitions.entry(definition.hash).or_insert((definition, at));
        Ok(())
    }

    pub(super) fn definition(&self, hash: Digest) -> Option<Definition> {
        self.definitions.get(&hash).map(|(definition, _)| definition.clone())
    }

    pub(super) fn created_with(&self, tenant: &str, key: &str) -> Option<RunId> {
        let same = |kept: &&Kept| kept.run.tenant == tenant && kept.deduplication.as_deref() == Some(key);
        self.runs.values().find(same).map(|kept| kept.run.id)
    }

    pub(super) fn create(&mut self, mut new: NewRun) -> Result<Created> {
        changes::check_new(&new)?;
        let follow = changes::of(&new.first, None);
        let entries = new.beginning().into_iter().chain(std::mem::take(&mut new.first));
        let beginning = entries.map(changes::prepare).collect::<Result<Vec<_>>>()?;
        self.check_payloads(&beginning)?;
        if let Some(existing) = new.deduplication.as_deref().and_then(|key| self.created_with(&new.tenant, key)) {
            return Ok(Created::Existing(existing));
        }
        let Some((definition, _)) = self.definitions.get(&new.definition) else {
            return Err(JournalError::DefinitionUnknown(new.definition));
        };
        if self.runs.contains_key(&new.id) {
            return Err(JournalError::Invalid(format!("there is a run {} already", new.id)));
        }
        let id = new.id;
        let mut kept = Kept::new(new, definition.workflow.clone())?;
        kept.check_marks(&beginning)?;
        beginning.into_iter().for_each(|entry| kept.push(entry, &mut self.payloads));
        follow.into_iter().for_each(|change| kept.follow(change));
        self.runs.insert(id, kept);
        Ok(Created::New(id))
    }

    pub(super) fn append(&mut self, append: Append) -> Result<u64> {
        changes::check(&append)?;
        let Append { run, expected, author, entries, status } = append;
        let follow = changes::of(&entries, status);
        let at = entries.last().map_or(0, |entry| entry.at);
        let prepared = entries.into_iter().map(changes::prepare).collect::<Result<Vec<_>>>()?;
        let kept = self.runs.get(&run).ok_or(JournalError::RunUnknown(run))?;
        kept.check_author(author)?;
        let found = kept.run.last;
        if found != expected {
            return Err(JournalError::Conflict { run, expected, found });
        }
        self.check_payloads(&prepared)?;
        let kept = self.runs.get_mut(&run).ok_or(JournalError::RunUnknown(run))?;
        kept.check_marks(&prepared)?;
        kept.check_pauses(&follow)?;
        prepared.into_iter().for_each(|entry| kept.push(entry, &mut self.payloads));
        follow.into_iter().for_each(|change| kept.follow(change));
        if author == Author::Outside {
            kept.wake(at);
        }
        Ok(kept.run.last)
    }

    fn check_payloads(&self, entries: &[Prepared]) -> Result<()> {
        let new: HashSet<Digest> = entries.iter().filter_map(|entry| kept_by(entry.beside.as_ref()?)).collect();
        let missing = |beside: &Beside| match beside {
            Beside::Known(digest) => !self.payloads.contains_key(digest) && !new.contains(digest),
            Beside::Kept(..) => false,
        };
        let mut beside = entries.iter().filter_map(|entry| entry.beside.as_ref());
        beside
            .find(|beside| missing(beside))
            .map_or(Ok(()), |beside| Err(JournalError::PayloadUnknown(beside.digest())))
    }

    pub(super) fn load(&self, run: RunId, from: u64, most: usize) -> Result<Vec<Recorded>> {
        let kept = self.runs.get(&run).ok_or(JournalError::RunUnknown(run))?;
        let lines = (1..).zip(&kept.journal).filter(|(sequence, _)| *sequence >= from).take(most.clamp(1, BATCH));
        lines.map(|(sequence, line)| Ok(Recorded { sequence, entry: Entry::decode(&line.text)? })).collect()
    }

    pub(super) fn payload(&self, digest: Digest) -> Result<Payload> {
        self.payloads.get(&digest).cloned().map(Payload::Inline).ok_or(JournalError::PayloadUnknown(digest))
    }

    pub(super) fn claim(&mut self, claim: &Claim) -> Result<Vec<Lease>> {
        let time = check(claim)?;
        let (until, far) = (claim.now.saturating_add(time), latest(claim.now, time));
        let free =
            |kept: &Kept| kept.claimable_at.is_some_and(|at| at <= claim.now || at > far && kept.run.worker.is_some());
        let mut free: Vec<_> =
            self.runs.values_mut().filter(|kept| claim.tags.contains(&kept.run.tag) && free(kept)).collect();
        free.sort_by_key(|kept| (Reverse(kept.run.priority), kept.claimable_at, kept.run.id));
        let take = |kept: &mut Kept| {
            kept.fence += 1;
            kept.claimable_at = Some(until);
            kept.run.worker = Some(claim.worker.clone());
            let held = Held { run: kept.run.id, fence: kept.fence };
            Lease { held, definition: kept.run.definition, until }
        };
        Ok(free.into_iter().take(claim.most.min(RUNS)).map(take).collect())
    }

    pub(super) fn renew(&mut self, leases: &[Held], now: u64, time: Duration) -> Result<Vec<RunId>> {
        let until = now.saturating_add(milliseconds(time)?);
        let mut lost = Vec::new();
        for held in leases {
            let kept = self.runs.get_mut(&held.run).filter(|kept| kept.check_author(Author::Lease(held.fence)).is_ok());
            match kept {
                Some(kept) => kept.claimable_at = Some(until),
                None => lost.push(held.run),
            }
        }
        Ok(lost)
    }

    pub(super) fn release(&mut self, held: Held, rest: Rest) -> Result<()> {
        let run = held.run;
        let kept = self.runs.get_mut(&run).ok_or(JournalError::RunUnknown(run))?;
        kept.check_author(Author::Lease(held.fence))?;
        kept.claimable_at = match rest {
            Rest::Waiting { status, .. } if status.is_final() => return Err(changes::no_rest(status)),
            Rest::Waiting { expected, .. } if expected != kept.run.last => {
                return Err(JournalError::Conflict { run, expected, found: kept.run.last });
            }
            Rest::Waiting { status, .. } => {
                kept.run.status = status;
                kept.timers.values().min().copied()
            }
            Rest::Ready { at } => Some(at),
        };
        kept.run.worker = None;
        Ok(())
    }

    pub(super) fn revoke(&mut self, run: RunId, now: u64) -> Result<()> {
        let kept = self.runs.get_mut(&run).ok_or(JournalError::RunUnknown(run))?;
        if kept.run.worker.take().is_some() {
            kept.fence += 1;
            kept.claimable_at = Some(now);
        }
        Ok(())
    }

    pub(super) fn due(&self, now: u64, most: usize) -> Due {
        let timers = self.runs.iter().flat_map(|(run, kept)| {
            let timer = |((step, timer), due): (&(Option<StepPath>, String), &u64)| Timer {
                due: *due,
                run: *run,
                step: step.clone(),
                timer: timer.clone(),
            };
            kept.timers.iter().map(timer)
        });
        let mut timers: Vec<Timer> = timers.collect();
        timers.sort();
        let due = timers.iter().take(most.clamp(1, RUNS)).take_while(|timer| timer.due <= now).count();
        let next = timers.get(due).map(|timer| timer.due);
        timers.truncate(due);
        Due { timers, next }
    }

    pub(super) fn signal(&mut self, signal: Signal) -> Result<Signalled> {
        crate::checks::name("a key", &signal.deduplication)?;
        let Signal { run, at, name, deduplication, body } = signal;
        let entry = Entry::of_run(at, Kind::Signal { name }).with(body);
        entry.check()?;
        let prepared = changes::prepare(entry)?;
        let kept = self.runs.get(&run).ok_or(JournalError::RunUnknown(run))?;
        if kept.signals.contains(&deduplication) {
            return Ok(Signalled::Known);
        }
        kept.check_author(Author::Outside)?;
        if kept.run.last >= ENTRIES {
            let cause = format!("the journal of run {run} has {ENTRIES} entries, and that is the most");
            return Err(JournalError::Invalid(cause));
        }
        self.check_payloads(std::slice::from_ref(&prepared))?;
        let kept = self.runs.get_mut(&run).ok_or(JournalError::RunUnknown(run))?;
        kept.signals.insert(deduplication);
        kept.push(prepared, &mut self.payloads);
        kept.wake(at);
        Ok(Signalled::Recorded)
    }

    pub(super) fn run(&self, run: RunId) -> Result<Run> {
        self.runs.get(&run).map(|kept| kept.run.clone()).ok_or(JournalError::RunUnknown(run))
    }

    pub(super) fn list(&self, filter: &Filter, after: Option<RunId>, most: usize) -> Page {
        let Filter { tenant, principal, workflow, status, parent } = filter;
        let fits = |run: &&Run| {
            after.is_none_or(|after| run.id < after)
                && tenant.as_ref().is_none_or(|tenant| run.tenant == *tenant)
                && principal.as_ref().is_none_or(|principal| run.principal == *principal)
                && workflow.as_ref().is_none_or(|workflow| run.workflow == *workflow)
                && status.is_none_or(|status| run.status == status)
                && parent.is_none_or(|parent| run.parent == Some(parent))
        };
        let mut fitting = self.runs.values().rev().map(|kept| &kept.run).filter(fits);
        let runs: Vec<Run> = fitting.by_ref().take(most.clamp(1, RUNS)).cloned().collect();
        let next = runs.last().filter(|_| fitting.next().is_some()).map(|run| run.id);
        Page { runs, next }
    }

    pub(super) fn prune(&mut self, before: u64, most: usize) -> usize {
        let ended = |kept: &Kept| Some((kept.run.finished_at.filter(|at| *at < before)?, kept.run.id));
        let mut ended: Vec<_> = self.runs.values().filter_map(ended).collect();
        ended.sort_unstable();
        ended.truncate(most.min(RUNS));
        for (_, run) in &ended {
            self.runs.remove(run);
        }
        let used: HashSet<Digest> =
            self.runs.values().flat_map(|kept| kept.journal.iter().filter_map(|line| line.payload)).collect();
        self.payloads.retain(|digest, _| used.contains(digest));
        let defined: HashSet<Digest> = self.runs.values().map(|kept| kept.run.definition).collect();
        self.definitions.retain(|hash, (_, at)| *at >= before || defined.contains(hash));
        ended.len()
    }
}

const fn kept_by(beside: &Beside) -> Option<Digest> {
    match beside {
        Beside::Kept(digest, _) => Some(*digest),
        Beside::Known(_) => None,
    }
}
