//! Where a process may be killed.

use super::super::between::Hook;
use journal::{Append, JournalStore, Rest, Wait};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the points of a life, and ends it at one.
pub(super) struct Points {
    passed: AtomicU64,
    /// Behind which entry the worker left the run.
    rests: AtomicU64,
    /// Where the process is killed; 0 for nowhere.
    kill: u64,
}

impl Points {
    pub(super) fn of(kill: u64) -> Arc<Self> {
        Arc::new(Self { passed: AtomicU64::new(0), rests: AtomicU64::new(0), kill })
    }

    pub(super) fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }

    /// Whether the worker left the run behind its entry `last`: then it has nothing to do for it.
    pub(super) fn rests_behind(&self, last: u64) -> bool {
        self.rests.load(Ordering::SeqCst) == last
    }

    /// The process may be killed here.
    pub(super) fn pass(&self) {
        if self.passed.fetch_add(1, Ordering::SeqCst) + 1 == self.kill {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
        }
    }
}

impl Hook for Arc<Points> {
    fn before<'a>(&'a self, _: &'a dyn JournalStore, _: Option<&'a Append>) -> Wait<'a, ()> {
        Box::pin(async {
            self.pass();
            Ok(())
        })
    }

    fn after(&self, released: Option<Rest>) {
        if let Some(Rest::Waiting { expected, .. }) = released {
            self.rests.store(expected, Ordering::SeqCst);
        }
        self.pass();
    }
}
