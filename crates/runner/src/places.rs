//! Runs that are begun where they are started.
//!
//! Whoever starts a run beside a worker with room creates it as that worker's, and hands it over: the disk is waited for once
//! and not twice, and nothing is read that was just written. Where there is no room, or other runs wait for it already, the run
//! waits with them.

use crate::orders::{Left, Orders};
use base::Result;
use journal::{Created, FIRST_FENCE, FirstLease, Held, JournalError, NewRun};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use workflow::Plan;

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
    worker: Option<Worker>,
}

/// The worker, as whoever starts a run knows it.
#[derive(Clone)]
struct Worker {
    begins: Arc<Begins>,
    hears: mpsc::UnboundedSender<Coming>,
}

/// How a worker begins a run that is yet to be created, with what it writes first.
pub(crate) type Begins = dyn Fn(&mut NewRun, Held, Arc<Plan>) -> Result<Begun, JournalError> + Send + Sync;

/// The worker takes runs as long as this is there.
pub(crate) struct Open<'a>(&'a Places);

/// A place that is kept for a run while it is created. The worker is told once what became of it, whatever happens.
pub(crate) struct Place {
    held: Held,
    worker: Worker,
    begun: Option<Begun>,
    is_told: bool,
}

/// What became of a run for which a place was kept.
pub(crate) enum Coming {
    /// It is the worker's.
    Begun(Begun),
    /// There is none.
    Nothing,
    /// Whoever started it has left, or the store has failed: there may be one, and nobody goes on with it.
    Unsure(Begun),
}

/// A run that was begun.
pub(crate) struct Begun {
    pub(crate) held: Held,
    pub(crate) orders: Arc<Orders>,
    /// Goes on with it, once it is there.
    pub(crate) going: Pin<Box<dyn Future<Output = Result<Left>> + Send>>,
}

impl Places {
    /// Runs are handed to the worker that hears `hears` from now on, as soon as it has said that it has room.
    pub(crate) fn open(&self, begins: Arc<Begins>, hears: mpsc::UnboundedSender<Coming>) -> Open<'_> {
        *self.free() = Free { worker: Some(Worker { begins, hears }), ..Free::default() };
        Open(self)
    }

    /// A place for the run `run` that is to be created.
    pub(crate) fn take(&self, run: journal::RunId) -> Option<Place> {
        let mut free = self.free();
        let worker = free.worker.clone().filter(|_| free.room > free.coming)?;
        free.coming += 1;
        drop(free);
        Some(Place { held: Held { run, fence: FIRST_FENCE }, worker, begun: None, is_told: false })
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open<'_> {
    /// There is room for so many runs now, after the worker was told `told` times what became of others. Gives how many are on their
    /// way.
    pub(crate) fn has_room(&self, room: usize, told: usize) -> usize {
        let mut free = self.0.free();
        free.coming = free.coming.saturating_sub(told);
        free.room = room;
        free.coming
    }

    /// No further run is handed over. Whether there are some of which the worker was not told yet, after it was told of `told`.
    pub(crate) fn close(&self, told: usize) -> bool {
        self.has_room(0, told) > 0
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

    /// Begins the run, which is yet to be created with what is written into it here.
    ///
    /// # Errors
    /// What it begins with does not fit to the plan.
    pub(crate) fn begin(&mut self, new: &mut NewRun, plan: &Arc<Plan>) -> Result<(), JournalError> {
        self.begun = Some((self.worker.begins)(new, self.held, Arc::clone(plan))?);
        Ok(())
    }

    /// Tells the worker what became of the run.
    pub(crate) fn became(mut self, created: &Result<Created, JournalError>) {
        let coming = match (created, self.begun.take()) {
            (Ok(Created::New(_)), Some(begun)) => Coming::Begun(begun),
            (Err(JournalError::Store(_)), Some(begun)) => Coming::Unsure(begun),
            _ => Coming::Nothing,
        };
        self.tell(coming);
    }

    fn tell(&mut self, coming: Coming) {
        self.is_told = true;
        // Of a worker that is gone the leases end.
        let _unheard = self.worker.hears.send(coming);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_told {
            let coming = self.begun.take().map_or(Coming::Nothing, Coming::Unsure);
            self.tell(coming);
        }
    }
}

#[cfg(test)]
mod tests;
