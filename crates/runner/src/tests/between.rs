//! A store of journals, and what happens before and after each change of it.

use journal::{
    Append, Claim, Created, Definition, Digest, Due, Filter, Held, JournalStore, Lease, NewRun, Page, Payload,
    Recorded, Rest, Run, RunId, Signal, Signalled, Wait, Wanted, Watch,
};
use std::time::Duration;

/// What happens between the changes of a store.
pub(super) trait Hook: Send + Sync {
    /// Before a change, which may be an append.
    fn before<'a>(&'a self, store: &'a dyn JournalStore, append: Option<&'a Append>) -> Wait<'a, ()>;

    /// After a change, however it went; it may be that a run was given back.
    fn after(&self, released: Option<Rest>);

    /// After entries of a run were read.
    fn read<'a>(&'a self, _: &'a dyn JournalStore, _: RunId) -> Wait<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A store with something between its changes.
pub(super) struct Between<S, H> {
    pub(super) store: S,
    pub(super) hook: H,
}

impl<S: JournalStore, H: Hook> Between<S, H> {
    fn around<'a, T: Send + 'a>(&'a self, change: Wait<'a, T>) -> Wait<'a, T> {
        Box::pin(async move {
            self.hook.before(&self.store, None).await?;
            let outcome = change.await;
            self.hook.after(None);
            outcome
        })
    }
}

impl<S: JournalStore, H: Hook> JournalStore for Between<S, H> {
    fn define(&self, definition: Definition, at: u64) -> Wait<'_, ()> {
        self.around(self.store.define(definition, at))
    }

    fn definition(&self, hash: Digest) -> Wait<'_, Option<Definition>> {
        self.store.definition(hash)
    }

    fn create_run(&self, run: NewRun) -> Wait<'_, Created> {
        self.around(self.store.create_run(run))
    }

    fn created_with<'a>(&'a self, tenant: &'a str, key: &'a str) -> Wait<'a, Option<RunId>> {
        self.store.created_with(tenant, key)
    }

    fn append(&self, append: Append) -> Wait<'_, u64> {
        Box::pin(async move {
            self.hook.before(&self.store, Some(&append)).await?;
            let outcome = self.store.append(append).await;
            self.hook.after(None);
            outcome
        })
    }

    fn load(&self, run: RunId, from: u64, most: usize) -> Wait<'_, Vec<Recorded>> {
        Box::pin(async move {
            let entries = self.store.load(run, from, most).await;
            self.hook.read(&self.store, run).await?;
            entries
        })
    }

    fn payload(&self, digest: Digest) -> Wait<'_, Payload> {
        self.store.payload(digest)
    }

    fn claim(&self, claim: Claim) -> Wait<'_, Vec<Lease>> {
        Box::pin(async move {
            let leases = self.store.claim(claim).await?;
            // How often nothing is to be had is chance, and changes nothing.
            if !leases.is_empty() {
                self.hook.after(None);
            }
            Ok(leases)
        })
    }

    fn renew(&self, leases: Vec<Held>, now: u64, time: Duration) -> Wait<'_, Vec<RunId>> {
        self.store.renew(leases, now, time)
    }

    fn release(&self, held: Held, rest: Rest) -> Wait<'_, ()> {
        Box::pin(async move {
            self.hook.before(&self.store, None).await?;
            let outcome = self.store.release(held, rest).await;
            self.hook.after(outcome.is_ok().then_some(rest));
            outcome
        })
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

    fn watch(&self, wanted: Wanted) -> Watch {
        self.store.watch(wanted)
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
