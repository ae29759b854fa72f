//! What is known of a run apart from its journal.

use crate::checks::{milliseconds, name};
use crate::limits::{DEFINITION, LARGEST_PAST, PAST};
use crate::{Amount, Digest, End, Entry, JournalError, Kind, Payload, Result, RunId};
use conversation::Raw;
use serde_json::Value;
use std::time::Duration;

/// What runs do: a workflow as it was when they started. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The digest of its canonical form, which names it.
    pub hash: Digest,
    /// The name of the workflow.
    pub workflow: String,
    /// The text as somebody wrote it.
    pub source: String,
    /// The plan made of it, as JSON.
    pub plan: String,
}

/// A run that is to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its name.
    pub id: RunId,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What it does; kept before with [`crate::JournalStore::define`].
    pub definition: Digest,
    /// Whose it is.
    pub tenant: String,
    /// Who started it.
    pub principal: String,
    /// Which workers may have it: those that ask for this tag.
    pub tag: String,
    /// Runs of a higher number are claimed first.
    pub priority: i32,
    /// The run of which it is a step.
    pub parent: Option<RunId>,
    /// What it is given.
    pub input: Payload,
    /// What started it, where nobody did so by name: templates know it as `run.trigger`.
    pub trigger: Option<Value>,
    /// What came to steps before it, as one that goes on from the middle of another has: results, failures, intents with
    /// them, decisions at gates, times that were over, and signals. At most [`crate::limits::PAST`], which are kept with the run or not at all.
    pub past: Vec<Entry>,
    /// Recognises, within the tenant, that the same run is to be created once more.
    pub deduplication: Option<String>,
    /// Who has it from the beginning, with the fence [`FIRST_FENCE`]; nobody where it waits for whoever claims it.
    pub lease: Option<FirstLease>,
    /// What the worker that has it from the beginning adds to its journal at once, as with [`crate::JournalStore::append`].
    pub first: Vec<Entry>,
}

/// The fence of a run that somebody has from the beginning.
pub const FIRST_FENCE: u64 = 1;

/// What a worker has who has a run from the beginning: it waits for the disk once and not twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstLease {
    /// The name of the worker, for people.
    pub worker: String,
    /// For how long, at most [`crate::limits::LEASE`].
    pub time: Duration,
}

/// What became of a run that was to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New(RunId),
    /// There is one with the same key for this tenant, which is this.
    Existing(RunId),
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Steps are done, or are to be.
    Running,
    /// It waits for a timer, an event or a person.
    Waiting,
    /// It waits for somebody to say what became of an effect.
    InDoubt,
    /// It waits to be resumed.
    Paused,
    /// It did what it should.
    Succeeded,
    /// It failed.
    Failed,
    /// It was cancelled.
    Cancelled,
}

/// What a list shows of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// What it does.
    pub definition: Digest,
    /// The name of the workflow.
    pub workflow: String,
    /// Whose it is.
    pub tenant: String,
    /// Who started it.
    pub principal: String,
    /// Which workers may have it.
    pub tag: String,
    /// Its priority.
    pub priority: i32,
    /// The run of which it is a step.
    pub parent: Option<RunId>,
    /// When it was created, in milliseconds since 1970.
    pub created_at: u64,
    /// When it ended, in milliseconds since 1970.
    pub finished_at: Option<u64>,
    /// How it stands.
    pub status: Status,
    /// The place of its last entry.
    pub last: u64,
    /// The worker that has it.
    pub worker: Option<String>,
    /// What of its budget is set aside.
    pub reserved: Amount,
    /// What of its budget is spent.
    pub spent: Amount,
}

/// Which runs are listed. An empty filter takes all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only those of this tenant.
    pub tenant: Option<String>,
    /// Only those that were started by this principal.
    pub principal: Option<String>,
    /// Only those of this workflow.
    pub workflow: Option<String>,
    /// Only those that stand so.
    pub status: Option<Status>,
    /// Only those that are steps of this run.
    pub parent: Option<RunId>,
}

/// A part of a list of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The runs, the newest first.
    pub runs: Vec<Run>,
    /// After which run the next page begins; nothing where this is the last.
    pub next: Option<RunId>,
}

impl Definition {
    pub(crate) fn check(&self) -> Result<()> {
        name("the name of a workflow", &self.workflow)?;
        for (what, text) in [("the text", &self.source), ("the plan", &self.plan)] {
            if text.len() > DEFINITION {
                let cause = format!("{what} of the workflow {} is larger than {DEFINITION} bytes", self.workflow);
                return Err(JournalError::Invalid(cause));
            }
        }
        Ok(())
    }
}

impl NewRun {
    pub(crate) fn check(&self) -> Result<()> {
        name("a tenant", &self.tenant)?;
        name("a principal", &self.principal)?;
        name("a tag", &self.tag)?;
        self.deduplication.iter().try_for_each(|key| name("a key", key))?;
        self.lease.iter().try_for_each(|lease| {
            name("a worker", &lease.worker)?;
            milliseconds(lease.time).map(drop)
        })?;
        let bytes: u64 =
            self.past.iter().filter_map(|entry| entry.payload.as_ref()?.inline()).map(|json| json.len() as u64).sum();
        if self.past.len() > PAST || bytes > LARGEST_PAST || !self.past.iter().all(|entry| entry.kind.is_of_the_past())
        {
            let cause = format!(
                "a run begins with results of steps and what else came to them, with {PAST} at most and no more than {LARGEST_PAST} bytes"
            );
            return Err(JournalError::Invalid(cause));
        }
        self.past.iter().try_for_each(Entry::check)?;
        self.input.check()
    }

    /// From when on a worker may have the run, in milliseconds since 1970.
    pub(crate) fn claimable_at(&self) -> Result<u64> {
        let time = self.lease.as_ref().map_or(Ok(0), |lease| milliseconds(lease.time))?;
        Ok(self.at.saturating_add(time))
    }

    /// The run of the workflow with this name as lists show it once it is created, but for what follows from `first`.
    pub fn listed(&self, workflow: String) -> Run {
        Run {
            id: self.id,
            definition: self.definition,
            workflow,
            tenant: self.tenant.clone(),
            principal: self.principal.clone(),
            tag: self.tag.clone(),
            priority: self.priority,
            parent: self.parent,
            created_at: self.at,
            finished_at: None,
            status: Status::Running,
            last: self.last(),
            worker: self.lease.as_ref().map(|lease| lease.worker.clone()),
            reserved: Amount::default(),
            spent: Amount::default(),
        }
    }

    /// The place of the last entry that it is created with.
    pub(crate) fn last(&self) -> u64 {
        1 + self.past.len() as u64 + self.first.len() as u64
    }

    /// The entries with which the journal begins, before `first`.
    pub fn beginning(&self) -> Vec<Entry> {
        let kind = Kind::Started { definition: self.definition, parent: self.parent };
        let mut started = Entry::of_run(self.at, kind).with(self.input.clone());
        started
            .more
            .extend(self.trigger.as_ref().map(|trigger| ("trigger".to_owned(), Raw::of_valid(&trigger.to_string()))));
        std::iter::once(started).chain(self.past.iter().cloned()).collect()
    }
}

impl Created {
    /// The run, new or not.
    pub const fn id(self) -> RunId {
        match self {
            Created::New(id) | Created::Existing(id) => id,
        }
    }
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 7] = [
        Status::Running,
        Status::Waiting,
        Status::InDoubt,
        Status::Paused,
        Status::Succeeded,
        Status::Failed,
        Status::Cancelled,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Waiting => "waiting",
            Status::InDoubt => "in_doubt",
            Status::Paused => "paused",
            Status::Succeeded => "succeeded",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// The status that `word` is for.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        matches!(self, Status::Succeeded | Status::Failed | Status::Cancelled)
    }
}

impl From<End> for Status {
    fn from(end: End) -> Self {
        match end {
            End::Succeeded => Status::Succeeded,
            End::Failed => Status::Failed,
            End::Cancelled => Status::Cancelled,
        }
    }
}
