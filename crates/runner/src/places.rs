//! Runs that are begun where they are started.
//!
//! Whoever starts a run beside a worker with room creates it as that worker's, and hands it over: the disk is waited for once
//! and not twice, and nothing is read that was just written. Where there is no room, or other runs wait for it already, the run
//! waits with them.

use journal::{Created, Entry, FIRST_FENCE, FirstLease, Held, JournalError, NewRun, Run};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The places of the worker of a runner, while there is one.
#[derive(Default)]
pub(crate) struct Places {
    free: Mutex<Free>,
}

#[derive(Default)]
struct Free {
    /// How many runs there is room for, those that are on their way included.
    room: usize,
    /// How many are on their way.
    coming: usize,
    worker: Option<mpsc::UnboundedSender<Coming>>,
}

/// The worker takes runs as long as this is there.
pub(crate) struct Open<'a>(&'a Places);

/// A place that is kept for a run while it is created. The worker is told once what became of it, whatever happens.
pub(crate) struct Place {
    held: Held,
    worker: mpsc::UnboundedSender<Coming>,
    is_told: bool,
}

/// What became of a run for which a place was kept.
pub(crate) enum Coming {
    /// It is the worker's.
    Begun(Box<Begun>),
    /// There is none.
    Nothing,
    /// Whoever started it has left, or the store has failed: there may be one, and nobody has begun it.
    Unsure(Held),
}

/// A run as it is at its beginning.
pub(crate) struct Begun {
    pub(crate) held: Held,
    pub(crate) run: Run,
    pub(crate) entries: Vec<Entry>,
}

impl Places {
    /// Runs are handed to `worker` from now on, as soon as it has said that it has room.
    pub(crate) fn open(&self, worker: mpsc::UnboundedSender<Coming>) -> Open<'_> {
        *self.free() = Free { worker: Some(worker), ..Free::default() };
        Open(self)
    }

    /// A place for the run `run` that is to be created.
    pub(crate) fn take(&self, run: journal::RunId) -> Option<Place> {
        let mut free = self.free();
        let worker = free.worker.clone().filter(|_| free.room > free.coming)?;
        free.coming += 1;
        drop(free);
        Some(Place { held: Held { run, fence: FIRST_FENCE }, worker, is_told: false })
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open<'_> {
    /// There is room for so many runs now, after the worker was told `told` times what became of others.
    pub(crate) fn has_room(&self, room: usize, told: usize) {
        let mut free = self.0.free();
        free.coming = free.coming.saturating_sub(told);
        free.room = room;
    }

    /// No further run is handed over. Whether there are some of which the worker was not told yet, after it was told of `told`.
    pub(crate) fn close(&self, told: usize) -> bool {
        self.has_room(0, told);
        self.0.free().coming > 0
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        *self.0.free() = Free::default();
    }
}

impl Place {
    /// What the run is created with.
    pub(crate) fn lease(options: &crate::Options) -> FirstLease {
        FirstLease { worker: options.worker.clone(), time: options.lease }
    }

    /// Tells the worker what became of `new`, of the workflow with this name.
    pub(crate) fn became(mut self, new: &NewRun, workflow: &str, created: &Result<Created, JournalError>) {
        let held = self.held;
        self.tell(match created {
            Ok(Created::New(_)) => {
                let (run, entries) = (new.listed(workflow.to_owned()), new.beginning());
                Coming::Begun(Box::new(Begun { held, run, entries }))
            }
            Err(JournalError::Store(_)) => Coming::Unsure(held),
            Ok(Created::Existing(_)) | Err(_) => Coming::Nothing,
        });
    }

    fn tell(&mut self, coming: Coming) {
        self.is_told = true;
        // Of a worker that is gone the leases end.
        let _unheard = self.worker.send(coming);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_told {
            self.tell(Coming::Unsure(self.held));
        }
    }
}

#[cfg(test)]
mod tests;
