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
    sender: broadcast::Sender<Wake>,
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
        Self { sender: broadcast::channel(KEPT).0 }
    }

    pub(crate) fn watch(&self) -> Watch {
        Watch { receiver: self.sender.subscribe() }
    }

    pub(crate) fn ring(&self, run: RunId, ready: bool) {
        // Nobody may watch.
        let _unheard = self.sender.send(Wake { run, ready });
    }
}
