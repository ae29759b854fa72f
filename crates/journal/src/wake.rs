//! News of runs for whoever waits for them.

use crate::RunId;
use tokio::sync::broadcast;

/// How much news is kept for a watcher that is slow. It is told when it has missed some.
const KEPT: usize = 4096;

/// Something new about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wake {
    /// The run.
    pub run: RunId,
    /// Whether a worker may have it now, or who has it should look into its journal.
    pub ready: bool,
    /// The place of its last entry, if it is at its end.
    pub ended: Option<u64>,
}

/// What of the news somebody wants. Each step of a run is news: who wants other news alone is not woken by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    All,
    /// Runs that are [`Wake::ready`].
    Ready,
    /// Runs that are at their end.
    Ended,
}

/// What a watcher is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Something about a run.
    Run(Wake),
    /// There was more than was kept for this watcher, who should look for itself.
    Missed,
}

/// Watches runs.
#[derive(Debug)]
pub struct Watch {
    receiver: broadcast::Receiver<Wake>,
}

/// Tells all watchers.
#[derive(Debug)]
pub(crate) struct Bell {
    all: broadcast::Sender<Wake>,
    ready: broadcast::Sender<Wake>,
    ended: broadcast::Sender<Wake>,
}

impl Watch {
    /// The next news; nothing once the store is closed.
    pub async fn next(&mut self) -> Option<News> {
        match self.receiver.recv().await {
            Ok(wake) => Some(News::Run(wake)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(News::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// What is there already, without waiting.
    pub fn waiting(&mut self) -> Option<News> {
        match self.receiver.try_recv() {
            Ok(wake) => Some(News::Run(wake)),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(News::Missed),
            Err(_) => None,
        }
    }
}

impl Bell {
    pub(crate) fn new() -> Self {
        let sender = || broadcast::channel(KEPT).0;
        Self { all: sender(), ready: sender(), ended: sender() }
    }

    pub(crate) fn watch(&self, wanted: Wanted) -> Watch {
        let sender = match wanted {
            Wanted::All => &self.all,
            Wanted::Ready => &self.ready,
            Wanted::Ended => &self.ended,
        };
        Watch { receiver: sender.subscribe() }
    }

    pub(crate) fn ring(&self, wake: Wake) {
        let wanted = [(&self.all, true), (&self.ready, wake.ready), (&self.ended, wake.ended.is_some())];
        for (sender, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
            // Nobody may watch.
            let _unheard = sender.send(wake);
        }
    }
}

impl Wake {
    /// A worker may have the run, or who has it should look into its journal.
    pub(crate) const fn ready(run: RunId) -> Self {
        Self { run, ready: true, ended: None }
    }
}
