//! Where a process may be killed: a store of journals that counts, and the end itself.

use journal::{
    Append, Claim, Created, Definition, Digest, Due, Filter, Held, JournalStore, Lease, NewRun, Page, Payload,
    Recorded, Rest, Run, RunId, Signal, Signalled, StoredJournal, Wait, Watch,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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

/// A store that has a point before and after each change.
pub(super) struct Deadly {
    pub(super) store: StoredJournal,
    pub(super) points: Arc<Points>,
}

impl Deadly {
    fn around<'a, T: Send + 'a>(&'a self, change: Wait<'a, T>) -> Wait<'a, T> {
        Box::pin(async move {
            self.points.pass();
            let outcome = change.await;
            self.points.pass();
            outcome
        })
    }
}

impl JournalStore for Deadly {
    fn define(&self, definition: Definition, at: u64) -> Wait<'_, ()> {
        self.around(self.store.define(definition, at))
    }

    fn definition(&self, hash: Digest) -> Wait<'_, Option<Definition>> {
        self.store.definition(hash)
    }

    fn create_run(&self, run: NewRun) -> Wait<'_, Created> {
        self.around(self.store.create_run(run))
    }

    fn append(&self, append: Append) -> Wait<'_, u64> {
        self.around(self.store.append(append))
    }

    fn load(&self, run: RunId, from: u64, most: usize) -> Wait<'_, Vec<Recorded>> {
        self.store.load(run, from, most)
    }

    fn payload(&self, digest: Digest) -> Wait<'_, Payload> {
        self.store.payload(digest)
    }

    fn claim(&self, claim: Claim) -> Wait<'_, Vec<Lease>> {
        Box::pin(async move {
            let leases = self.store.claim(claim).await?;
            // How often nothing is to be had is chance, and changes nothing.
            if !leases.is_empty() {
                self.points.pass();
            }
            Ok(leases)
        })
    }

    fn renew(&self, leases: Vec<Held>, now: u64, time: Duration) -> Wait<'_, Vec<RunId>> {
        self.store.renew(leases, now, time)
    }

    fn release(&self, held: Held, rest: Rest) -> Wait<'_, ()> {
        self.around(Box::pin(async move {
            self.store.release(held, rest).await?;
            if let Rest::Waiting { expected, .. } = rest {
                self.points.rests.store(expected, Ordering::SeqCst);
            }
            Ok(())
        }))
    }

    fn revoke(&self, run: RunId, now: u64) -> Wait<'_, ()> {
        self.around(self.store.revoke(run, now))
    }

    fn due(&self, now: u64, most: usize) -> Wait<'_, Due> {
        self.store.due(now, most)
    }

    fn signal(&self, signal: Signal) -> Wait<'_, Signalled> {
        self.around(self.store.signal(signal))
    }

    fn watch(&self) -> Watch {
        self.store.watch()
    }

    fn run(&self, run: RunId) -> Wait<'_, Run> {
        self.store.run(run)
    }

    fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Wait<'_, Page> {
        self.store.list(filter, after, most)
    }

    fn prune(&self, before: u64, most: usize) -> Wait<'_, usize> {
        self.around(self.store.prune(before, most))
    }
}
