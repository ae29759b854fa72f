//! Following a run while it goes on.

use crate::about::Event;
use crate::limits::LOOK;
use crate::runner::{JournalRunner, Shared};
use base::Result;
use base::ports::Wait;
use journal::{Kind, News, Recorded, Run, RunId, Wanted, Watch};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// The entries of a run, from one on, those to come included.
pub trait Following: Send {
    /// The next entry; nothing behind the last.
    fn next(&mut self) -> Wait<'_, Option<Event>>;
}

/// The entries of a run in a store of journals.
struct Entries {
    shared: Arc<Shared>,
    watch: Watch,
    run: RunId,
    next: u64,
    ready: VecDeque<Recorded>,
    over: bool,
}

/// What came in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// The first entry that is not there yet.
    pub next: u64,
    /// Whether a gate was opened.
    pub gates: bool,
    /// Whether the run is at its end.
    pub over: bool,
}

impl JournalRunner {
    /// Follows a run from its entry `from` on, from 1.
    ///
    /// # Errors
    /// [`base::Code::RunUnknown`].
    pub async fn follow(&self, run: RunId, from: u64) -> Result<Box<dyn Following>> {
        // Before it is looked at, so that nothing is missed between.
        let watch = self.shared.store.watch(Wanted::All);
        self.shared.store.run(run).await?;
        let (shared, ready) = (Arc::clone(&self.shared), VecDeque::new());
        Ok(Box::new(Entries { shared, watch, run, next: from.max(1), ready, over: false }))
    }

    /// What came in a run from its entry `from` on, from 1, as far as gates are concerned. No values are read.
    ///
    /// # Errors
    /// [`base::Code::RunUnknown`]; those of the store.
    pub async fn came_since(&self, run: RunId, from: u64) -> Result<Came> {
        let over = self.shared.store.run(run).await?.status.is_final();
        let mut came = Came { next: from.max(1), gates: false, over };
        loop {
            let page = self.shared.store.load(run, came.next, crate::limits::PAGE).await?;
            came.next += page.len() as u64;
            came.gates |= page.iter().any(|recorded| matches!(recorded.entry.kind, Kind::GateOpened(_)));
            if page.len() < crate::limits::PAGE {
                return Ok(came);
            }
        }
    }

    /// Waits for the end of a run. Gives how it ended, and its output or the detail of its error.
    ///
    /// # Errors
    /// [`base::Code::RunUnknown`]; those of the store.
    pub async fn ended(&self, run: RunId) -> Result<(Run, Value)> {
        self.shared.ended(run).await
    }
}

impl Shared {
    pub(crate) async fn ended(&self, run: RunId) -> Result<(Run, Value)> {
        let mut watch = self.store.watch(Wanted::Ended);
        let mut over = None;
        let (listed, last) = loop {
            if let Some(last) = over {
                // Both at once: each is a wait for a thread that reads.
                break tokio::try_join!(self.store.run(run), self.entries(run, last))?;
            }
            let listed = self.store.run(run).await?;
            if listed.status.is_final() {
                let last = self.entries(run, listed.last).await?;
                break (listed, last);
            }
            over = something(&mut watch, run).await;
        };
        let result = last.last().and_then(|recorded| crate::about::result(&recorded.entry));
        Ok((listed, result.unwrap_or_default()))
    }
}

/// Waits until there may be something new about a run. Gives the place of its last entry, if it is told that it is at its end.
async fn something(watch: &mut Watch, run: RunId) -> Option<u64> {
    let news = async {
        loop {
            match watch.next().await {
                Some(News::Run(wake)) if wake.run != run => {}
                Some(News::Run(wake)) => return wake.ended,
                Some(News::Missed) => return None,
                // The store is closed: nothing comes any more, but what waits may still be ended.
                None => std::future::pending::<()>().await,
            }
        }
    };
    // News may be lost, and come from other processes not at all.
    tokio::time::timeout(LOOK.min(std::time::Duration::from_secs(1)), news).await.ok().flatten()
}

impl Following for Entries {
    fn next(&mut self) -> Wait<'_, Option<Event>> {
        Box::pin(self.following())
    }
}

impl Entries {
    async fn following(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(recorded) = self.ready.pop_front() {
                self.next = recorded.sequence + 1;
                self.over = matches!(recorded.entry.kind, Kind::Finished(_));
                let json = recorded.entry.encode();
                return Ok(Some(Event { sequence: recorded.sequence, json, last: self.over }));
            }
            if self.over {
                return Ok(None);
            }
            let page = self.shared.store.load(self.run, self.next, crate::limits::PAGE).await?;
            if page.is_empty() {
                let listed = self.shared.store.run(self.run).await?;
                if listed.status.is_final() && self.next > listed.last {
                    return Ok(None);
                }
                something(&mut self.watch, self.run).await;
            }
            for mut recorded in page {
                self.shared.whole(&mut recorded.entry).await?;
                self.ready.push_back(recorded);
            }
        }
    }
}
