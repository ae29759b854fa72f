//! Records that wait to be written.

use super::Record;
use base::Result;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// So many records are worth a commit before its time.
pub(super) const GROUP: usize = 1_000;

/// So many may wait.
pub(super) const MOST: usize = 16 * GROUP;

/// The records that wait, and how whoever writes them hears of it. A record rings twice in a group at most: requests pay
/// for a push, not for waking a task.
#[derive(Default)]
pub(super) struct Buffer {
    waiting: Mutex<Waiting>,
    /// Rung by the first record of a group.
    pub(super) begun: Notify,
    /// Rung when it is not to wait any longer.
    pub(super) hurry: Notify,
}

#[derive(Default)]
struct Waiting {
    records: Vec<Record>,
    /// Those who want to know that all before is written.
    asking: Vec<oneshot::Sender<Result<()>>>,
    closed: bool,
    dropped: u64,
}

/// What is to be written now.
pub(super) struct Group {
    pub(super) records: Vec<Record>,
    pub(super) asking: Vec<oneshot::Sender<Result<()>>>,
    pub(super) closed: bool,
}

impl Buffer {
    pub(super) fn push(&self, record: Record) {
        let mut waiting = self.lock();
        if waiting.closed || waiting.records.len() >= MOST {
            waiting.dropped += 1;
            return;
        }
        waiting.records.push(record);
        let count = waiting.records.len();
        drop(waiting);
        match count {
            1 => self.begun.notify_one(),
            GROUP => self.hurry.notify_one(),
            _ => {}
        }
    }

    /// Has everything written at once; what comes of it arrives later. `close`: nothing is taken any more.
    pub(super) fn ask(&self, close: bool) -> oneshot::Receiver<Result<()>> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.lock();
        waiting.asking.push(sender);
        waiting.closed |= close;
        drop(waiting);
        self.begun.notify_one();
        self.hurry.notify_one();
        receiver
    }

    pub(super) fn take(&self) -> Group {
        let mut waiting = self.lock();
        let room = Vec::with_capacity(waiting.records.len().min(GROUP));
        Group {
            records: std::mem::replace(&mut waiting.records, room),
            asking: std::mem::take(&mut waiting.asking),
            closed: waiting.closed,
        }
    }

    /// Takes back what could not be written, before what came since, as far as there is room.
    pub(super) fn put_back(&self, mut records: Vec<Record>) {
        let mut waiting = self.lock();
        let newer = std::mem::take(&mut waiting.records);
        let room = MOST.saturating_sub(records.len());
        waiting.dropped += newer.len().saturating_sub(room) as u64;
        records.extend(newer.into_iter().take(room));
        waiting.records = records;
        drop(waiting);
        self.begun.notify_one();
    }

    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
