//! A run in memory.

use crate::changes::{Beside, Change, Prepared, sum};
use crate::{Amount, Author, Digest, FIRST_FENCE, JournalError, NewRun, Result, Run, RunId, StepPath};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A run.
pub(super) struct Kept {
    pub(super) run: Run,
    pub(super) fence: u64,
    /// From when on a worker may have it.
    pub(super) claimable_at: Option<u64>,
    pub(super) deduplication: Option<String>,
    pub(super) journal: Vec<Line>,
    paused: bool,
    /// What no two entries may have.
    marks: HashSet<String>,
    pub(super) timers: BTreeMap<(Option<StepPath>, String), u64>,
    pub(super) signals: BTreeSet<String>,
}

/// An entry as text, so that tests read what a store on disk would give.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) payload: Option<Digest>,
}

impl Kept {
    pub(super) fn new(new: NewRun, workflow: String) -> Result<Self> {
        let claimable_at = Some(new.claimable_at()?);
        let fence = new.lease.as_ref().map_or(0, |_| FIRST_FENCE);
        let run = Run { last: 0, ..new.listed(workflow) };
        Ok(Self {
            run,
            fence,
            claimable_at,
            deduplication: new.deduplication,
            journal: Vec::new(),
            paused: false,
            marks: HashSet::new(),
            timers: BTreeMap::new(),
            signals: BTreeSet::new(),
        })
    }

    /// Whether `author` may do something with the run.
    pub(super) fn check_author(&self, author: Author) -> Result<()> {
        let run: RunId = self.run.id;
        if self.run.finished_at.is_some() {
            return Err(JournalError::Finished(run));
        }
        match author {
            Author::Lease(held) if held != self.fence || self.run.worker.is_none() => {
                Err(JournalError::Fenced { run, held, current: self.fence })
            }
            _ => Ok(()),
        }
    }

    /// Whether none of the entries is a second result.
    pub(super) fn check_marks(&self, entries: &[Prepared]) -> Result<()> {
        let mut new = HashSet::new();
        let second = |entry: &&Prepared| {
            entry.mark.as_ref().is_some_and(|mark| self.marks.contains(mark) || !new.insert(mark.clone()))
        };
        let run = self.run.id;
        match entries.iter().find(second).map(|entry| entry.step.clone()) {
            Some(Some(step)) => Err(JournalError::ResultRecorded { run, step }),
            Some(None) => Err(JournalError::Repeated { run, word: "cancelled" }),
            None => Ok(()),
        }
    }

    /// Whether what is said of pauses does not hold already.
    pub(super) fn check_pauses(&self, changes: &[Change]) -> Result<()> {
        let mut now = self.paused;
        for change in changes {
            if let Change::Pause(paused) = change {
                if *paused == now {
                    return Err(crate::changes::repeated(self.run.id, *paused));
                }
                now = *paused;
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, entry: Prepared, payloads: &mut HashMap<Digest, Arc<str>>) {
        let payload = entry.beside.as_ref().map(Beside::digest);
        if let Some(Beside::Kept(digest, json)) = entry.beside {
            payloads.insert(digest, json);
        }
        self.marks.extend(entry.mark);
        self.journal.push(Line { text: entry.text, payload });
        self.run.last += 1;
    }

    /// Does what follows from entries.
    pub(super) fn follow(&mut self, change: Change) {
        match change {
            Change::SetTimer { step, timer, due } => drop(self.timers.insert((step, timer), due)),
            Change::ClearTimer { step, timer } => drop(self.timers.remove(&(step, timer))),
            Change::Status(status) => self.run.status = status,
            Change::Pause(paused) => self.paused = paused,
            Change::Account(account) => {
                let reserved = sum(self.run.reserved, account.reserved);
                self.run.reserved = Amount {
                    money: reserved.money.saturating_sub(account.returned.money),
                    tokens: reserved.tokens.saturating_sub(account.returned.tokens),
                };
                self.run.spent = sum(self.run.spent, account.spent);
            }
            Change::Finish { status, at } => {
                self.run.status = status;
                self.run.finished_at = Some(at);
                self.run.worker = None;
                self.claimable_at = None;
                self.timers.clear();
            }
        }
    }

    /// A worker may have the run from `at` on, if none has it.
    pub(super) fn wake(&mut self, at: u64) {
        if self.run.worker.is_none() {
            self.claimable_at = Some(self.claimable_at.map_or(at, |earlier| earlier.min(at)));
        }
    }
}
