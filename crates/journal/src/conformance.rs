//! What every store of journals must hold, as checks that its tests run.
//!
//! A store passes when [`run`] finds no failure. Each check gets a new, empty store and says what it wanted and what it found.
//! [`interleave`] is one more, for properties: two workers, a clock that jumps and events from outside, in any order.

mod appending;
mod ending;
mod interleaving;
mod leasing;
mod listing;
mod racing;
mod running;
mod signalling;
mod timing;
pub(crate) mod tools;

#[cfg(test)]
pub(crate) use appending::one_of_each;
pub use interleaving::interleave;

use crate::{JournalError, JournalStore};
use std::fmt::{Display, Formatter, Result as Written};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A store under test.
pub type Store = Arc<dyn JournalStore>;

/// What takes time here.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a check gives.
pub type Checked<T = ()> = Result<T, Failure>;

/// Makes stores to check.
pub trait Factory: Send + Sync {
    /// A store without runs.
    fn empty(&self) -> Doing<'_, Store>;

    /// What is there after `store` was closed and opened anew; nothing for a store that keeps nothing then.
    fn reopened(&self, store: Store) -> Doing<'_, Option<Store>>;
}

/// What every store must hold.
pub struct Check {
    /// As a sentence.
    pub name: &'static str,
    check: fn(Store) -> Doing<'static, Checked>,
}

/// What a store does not hold: what was wanted, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl Display for Failure {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str(&self.0)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self(format!("it failed: {error:?}"))
    }
}

macro_rules! checks {
    ($($name:literal => $check:path),* $(,)?) => {
        /// All checks, but for those that close the store.
        pub const CHECKS: &[Check] = &[$(Check { name: $name, check: |store| Box::pin($check(store)) }),*];
    };
}

checks! {
    "a definition stays as it was first kept" => running::definitions,
    "a run needs its definition, and names that can be told" => running::needs,
    "a run is created once for each key of a tenant" => running::once,
    "a new run has its first entry and can be claimed" => running::first,
    "a run may begin with results of steps" => running::past,
    "what was never kept is unknown" => running::unknown,
    "entries come back as they were appended, whatever their kind" => appending::kinds,
    "entries are loaded from any place on, in parts" => appending::parts,
    "entries are added after the last one that is known, or not at all" => appending::places,
    "of a batch all is done or nothing" => appending::whole,
    "a step has one result, and an attempt fails once" => appending::results,
    "a large payload is kept beside its entries, once" => appending::payloads,
    "what is too large or malformed is refused" => appending::limits,
    "what is said from outside needs no lease, and nothing else" => appending::outside,
    "a run is cancelled once, and paused and resumed in turn" => appending::repeated,
    "what people decide leaves room for the end of a run" => appending::decisions,
    "the budget's sums follow from the journal" => appending::budget,
    "a run at its end stays as it is" => ending::finished,
    "runs that ended are forgotten, with what no other has" => ending::pruned,
    "one worker has a run at a time" => leasing::one,
    "a run may be a worker's from the beginning" => leasing::from_the_beginning,
    "a worker that has a run from the beginning may begin it at once" => leasing::begun,
    "a worker whose lease went to another is refused" => leasing::zombie,
    "a lease that is renewed stays" => leasing::renewed,
    "runs are given out by tag, priority and time" => leasing::order,
    "a run that was given back waits, or goes on" => leasing::given_back,
    "a run is taken from its worker" => leasing::revoked,
    "a clock that jumps an hour ahead takes runs, and no results" => leasing::ahead,
    "a clock that jumps an hour back holds no run for an hour" => leasing::back,
    "what leases and claims may ask for is limited" => leasing::limits,
    "timers are due in their order" => timing::order,
    "a timer is replaced, cleared and fired" => timing::changes,
    "a run that waits for a timer is claimed when it is due" => timing::claims,
    "a clock that jumps fires no timer twice" => timing::jumps,
    "an event is recorded once for each key" => signalling::once,
    "an event wakes a run that waits" => signalling::wakes,
    "an event comes between what a worker knows and what it appends" => signalling::between,
    "who watches is told" => signalling::watched,
    "who watches for some news is not told of others" => signalling::wanted,
    "runs are listed from the newest on, in pages" => listing::pages,
    "lists of one principal have pages of their own" => listing::pages_of_one,
    "lists are filtered" => listing::filters,
    "of several workers that ask at once each run goes to one" => racing::claims,
    "of several appends at one place one is added" => racing::appends,
    "of several runs with one key one is created" => racing::creations,
    "two workers and a clock that jumps leave one result for each step" => interleaving::some,
}

/// Runs all checks. Gives the failures: what does not hold, and why.
pub async fn run(factory: &dyn Factory) -> Vec<(&'static str, Failure)> {
    let mut failures = Vec::new();
    for check in CHECKS {
        if let Err(failure) = (check.check)(factory.empty().await).await {
            failures.push((check.name, failure));
        }
    }
    if let Err(failure) = running::reopened(factory).await {
        failures.push(("what was acknowledged is there after the store was opened anew", failure));
    }
    failures
}
