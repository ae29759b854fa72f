//! The runner, and what all its parts share.

use crate::limits::PAGE;
use crate::look::Looks;
use crate::options::Options;
use crate::outside::Outside;
use crate::places::Places;
use crate::plans::{Plans, Served};
use base::Result;
use journal::{Entry, Filter, JournalError, JournalStore, Page, Payload, Recorded, Run, RunId};
use machine::{State, Unfit};
use memory::Memory;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// The time, in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Starts runs, tells of them, takes what people decide, and carries them out while [`JournalRunner::work`] runs. Cheap to clone.
#[derive(Clone)]
pub struct JournalRunner {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) store: Arc<dyn JournalStore>,
    pub(crate) outside: Arc<dyn Outside>,
    pub(crate) memory: Memory,
    pub(crate) options: Options,
    pub(crate) plans: Plans,
    pub(crate) places: Places,
    pub(crate) looks: Looks,
    pub(crate) calls: Semaphore,
    /// Whether somebody works: there is one for each runner.
    pub(crate) working: AtomicBool,
    /// Whether those who start runs decide at gates that name nobody.
    starters: AtomicBool,
    clock: Clock,
}

impl JournalRunner {
    /// A runner on the runs of `store`, which calls `outside`.
    pub fn new(store: Arc<dyn JournalStore>, outside: Arc<dyn Outside>, memory: Memory, options: Options) -> Self {
        let clock = || u64::try_from(base::clock::wall().as_millis()).unwrap_or(u64::MAX);
        Self::with_clock(store, outside, memory, options, Arc::new(clock))
    }

    /// As [`JournalRunner::new`], with a clock of its own: for tests.
    pub fn with_clock(
        store: Arc<dyn JournalStore>,
        outside: Arc<dyn Outside>,
        memory: Memory,
        options: Options,
        clock: Clock,
    ) -> Self {
        let calls = Semaphore::new(options.calls.max(1));
        let (plans, places, looks) = (Plans::default(), Places::default(), Looks::default());
        let (working, starters) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Shared { store, outside, memory, options, plans, places, looks, calls, working, starters, clock };
        Self { shared: Arc::new(shared) }
    }

    /// From now on these workflows can be started, and no others. Runs go on as they began.
    pub fn serve(&self, workflows: Vec<Served>) {
        self.shared.plans.serve(workflows);
    }

    /// Whether those who start runs may decide at the gates of these that name nobody. Without more they may not: whoever wants
    /// something is not the one who checks it.
    pub fn trust_starters(&self, trusted: bool) {
        self.shared.starters.store(trusted, Ordering::Relaxed);
    }

    /// Watches all runs.
    pub fn watch(&self) -> journal::Watch {
        self.shared.store.watch(journal::Wanted::All)
    }

    /// The workflows that can be started, by name.
    pub fn workflows(&self) -> Arc<BTreeMap<String, Served>> {
        self.shared.plans.all()
    }

    /// The memory of runs and people.
    pub fn memory(&self) -> &Memory {
        &self.shared.memory
    }

    /// A run, as lists show it.
    ///
    /// # Errors
    /// [`base::Code::RunUnknown`].
    pub async fn run(&self, run: RunId) -> Result<Run> {
        Ok(self.shared.store.run(run).await?)
    }

    /// Runs, the newest first, from behind `after` on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Result<Page> {
        Ok(self.shared.store.list(filter, after, most).await?)
    }

    /// Forgets up to `most` runs that ended before `before`, in milliseconds since 1970. Gives how many there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prune(&self, before: u64, most: usize) -> Result<usize> {
        Ok(self.shared.store.prune(before, most).await?)
    }
}

impl Shared {
    pub(crate) fn trusts_starters(&self) -> bool {
        self.starters.load(Ordering::Relaxed)
    }

    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// All entries of a run from the place `from` on, with their payloads.
    pub(crate) async fn entries(&self, run: RunId, from: u64) -> Result<Vec<Recorded>, JournalError> {
        let mut all = Vec::new();
        let mut next = from;
        loop {
            let page = self.store.load(run, next, PAGE).await?;
            let full = page.len() >= PAGE;
            next += page.len() as u64;
            for mut recorded in page {
                self.whole(&mut recorded.entry).await?;
                all.push(recorded);
            }
            if !full {
                return Ok(all);
            }
        }
    }

    /// Puts the payload into an entry that only names it.
    pub(crate) async fn whole(&self, entry: &mut Entry) -> Result<(), JournalError> {
        if let Some(Payload::Stored { digest, .. }) = entry.payload {
            entry.payload = Some(self.store.payload(digest).await?);
        }
        Ok(())
    }

    /// A run as its journal has it, and the journal.
    pub(crate) async fn folded(&self, run: RunId) -> Result<(State, Vec<Recorded>)> {
        let listed = self.store.run(run).await?;
        let plan = self.plans.of(&*self.store, listed.definition).await?;
        let entries = self.entries(run, 1).await?;
        let state = State::fold(plan, run, entries.iter().map(|recorded| &recorded.entry)).map_err(unfit)?;
        Ok((state, entries))
    }
}

/// An entry that cannot be applied though its payload is there: it is not what this release writes.
pub(crate) fn unfit(unfit: Unfit) -> base::Error {
    let why = match unfit {
        Unfit::Unreadable(why) => why,
        Unfit::PayloadNeeded(digest) => format!("the value {digest} is missing"),
    };
    JournalError::Unreadable(format!("an entry of the journal cannot be read: {why}")).into()
}
