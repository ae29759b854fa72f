//! The store of journals in memory, for tests of what uses one: it says what a store does in plain code.

mod kept;
mod state;

use crate::changes;
use crate::wake::Bell;
use crate::{
    Append, Author, Claim, Created, Definition, Digest, Due, Filter, Held, JournalStore, Lease, NewRun, Page, Payload,
    Recorded, Rest, Run, RunId, Signal, Signalled, Wait, Wake, Wanted, Watch,
};
use state::State;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Journals that go with the last reference to them.
pub struct MemoryJournal {
    state: Mutex<State>,
    bell: Bell,
}

impl MemoryJournal {
    /// A store without runs.
    pub fn new() -> Self {
        Self { state: Mutex::default(), bell: Bell::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new()
    }
}

fn done<'a, T: Send + 'a>(result: crate::Result<T>) -> Wait<'a, T> {
    Box::pin(ready(result))
}

impl JournalStore for MemoryJournal {
    fn define(&self, definition: Definition, at: u64) -> Wait<'_, ()> {
        done(self.state().define(definition, at))
    }

    fn definition(&self, hash: Digest) -> Wait<'_, Option<Definition>> {
        done(Ok(self.state().definition(hash)))
    }

    fn create_run(&self, run: NewRun) -> Wait<'_, Created> {
        let ready = run.lease.is_none();
        let ended = changes::ends(&run.first).then(|| run.last());
        let created = self.state().create(run);
        if let Ok(Created::New(run)) = created {
            self.bell.ring(Wake { run, ready, ended });
        }
        done(created)
    }

    fn created_with<'a>(&'a self, tenant: &'a str, key: &'a str) -> Wait<'a, Option<RunId>> {
        done(Ok(self.state().created_with(tenant, key)))
    }

    fn append(&self, append: Append) -> Wait<'_, u64> {
        let (run, author, ends) = (append.run, append.author, changes::ends(&append.entries));
        let last = self.state().append(append);
        if let Ok(last) = last {
            self.bell.ring(Wake { run, ready: author == Author::Outside, ended: ends.then_some(last) });
        }
        done(last)
    }

    fn load(&self, run: RunId, from: u64, most: usize) -> Wait<'_, Vec<Recorded>> {
        done(self.state().load(run, from, most))
    }

    fn payload(&self, digest: Digest) -> Wait<'_, Payload> {
        done(self.state().payload(digest))
    }

    fn claim(&self, claim: Claim) -> Wait<'_, Vec<Lease>> {
        done(self.state().claim(&claim))
    }

    fn renew(&self, leases: Vec<Held>, now: u64, time: Duration) -> Wait<'_, Vec<RunId>> {
        done(self.state().renew(&leases, now, time))
    }

    fn release(&self, held: Held, rest: Rest) -> Wait<'_, ()> {
        let released = self.state().release(held, rest);
        if released.is_ok() {
            self.bell.ring(Wake { run: held.run, ready: matches!(rest, Rest::Ready { .. }), ended: None });
        }
        done(released)
    }

    fn revoke(&self, run: RunId, now: u64) -> Wait<'_, ()> {
        let revoked = self.state().revoke(run, now);
        if revoked.is_ok() {
            self.bell.ring(Wake::ready(run));
        }
        done(revoked)
    }

    fn due(&self, now: u64, most: usize) -> Wait<'_, Due> {
        done(Ok(self.state().due(now, most)))
    }

    fn signal(&self, signal: Signal) -> Wait<'_, Signalled> {
        let run = signal.run;
        let signalled = self.state().signal(signal);
        if signalled == Ok(Signalled::Recorded) {
            self.bell.ring(Wake::ready(run));
        }
        done(signalled)
    }

    fn watch(&self, wanted: Wanted) -> Watch {
        self.bell.watch(wanted)
    }

    fn run(&self, run: RunId) -> Wait<'_, Run> {
        done(self.state().run(run))
    }

    fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Wait<'_, Page> {
        done(Ok(self.state().list(&filter, after, most)))
    }

    fn prune(&self, before: u64, most: usize) -> Wait<'_, usize> {
        done(Ok(self.state().prune(before, most)))
    }
}

#[cfg(test)]
mod tests;
