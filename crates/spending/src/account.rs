//! A budget that is in use: its balance behind a lock that is held for a moment only.

use crate::balance::{Answer, Balance, Row};
use crate::budget::{Budget, Standing};
use base::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

/// A budget that requests reserve in. Clones are cheap and share it.
#[derive(Clone)]
pub struct Account(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    /// Locks of several accounts are taken in this order.
    order: u64,
    state: Mutex<State>,
    /// Rung for all when a grant was raised, or could not be.
    granted: Notify,
    /// Rung for the first in the queue when a reservation was given back.
    freed: Notify,
    /// The queue of those who wait for that: one of them at a time looks.
    turns: Arc<Semaphore>,
    jobs: mpsc::UnboundedSender<Job>,
}

/// What lies behind the lock.
pub(crate) struct State {
    pub(crate) balance: Balance,
    /// How many wait until reservations are given back.
    pub(crate) waiting: usize,
    /// How many needed a larger grant and have not reserved yet: what they got is not to be given up before they do.
    pending: usize,
    /// Whether the keeper was asked for a grant and has not looked yet.
    asked: bool,
    /// Whether the keeper knows that more was spent, or less is needed, than the store says.
    noted: bool,
    /// How often the store failed, and how it did last.
    failures: u64,
    failure: Option<Error>,
}

/// What the keeper of grants is asked for.
pub(crate) enum Job {
    /// A grant, or to look what the store has.
    Raise(Account),
    /// To write some time soon what was spent, and to give up what is granted without need.
    Note(Account),
    /// To write the last that there is to say of accounts.
    End { accounts: Vec<Account>, done: oneshot::Sender<Result<()>> },
}

impl Account {
    pub(crate) fn new(budget: &Budget, order: u64, now: u64, jobs: mpsc::UnboundedSender<Job>) -> Self {
        let state = State {
            balance: Balance::new(budget, now),
            waiting: 0,
            pending: 0,
            asked: false,
            noted: false,
            failures: 0,
            failure: None,
        };
        Self(Arc::new(Inner {
            name: budget.name.as_str().into(),
            order,
            state: Mutex::new(state),
            granted: Notify::new(),
            freed: Notify::new(),
            turns: Arc::new(Semaphore::new(1)),
            jobs,
        }))
    }

    /// The name of the budget.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// How it stands now.
    pub fn standing(&self) -> Standing {
        self.state().balance.standing(&self.0.name)
    }

    pub(crate) fn order(&self) -> u64 {
        self.0.order
    }

    pub(crate) fn freed(&self) -> &Notify {
        &self.0.freed
    }

    pub(crate) fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.turns)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody else has it.
    pub(crate) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    pub(crate) fn configure(&self, budget: &Budget, now: u64) {
        self.state().balance.configure(budget, now);
        self.0.freed.notify_one();
    }

    /// Asks the keeper to look at it, if `state` says that it has not been asked.
    pub(crate) fn ask(&self, state: &mut State) {
        if !state.asked {
            state.asked = true;
            // Without a keeper the ledger is gone, and who waits hears of it.
            let _gone = self.0.jobs.send(Job::Raise(self.clone()));
        }
    }

    /// Has the keeper look soon at what was spent and what is granted, if `state` says that it is not going to.
    fn have_noted(&self, state: &mut State) {
        if !state.noted {
            state.noted = true;
            let _gone = self.0.jobs.send(Job::Note(self.clone()));
        }
    }

    /// Settles a reservation of `most` at `actual`.
    pub(crate) fn settle(&self, epoch: u64, most: u64, actual: u64) {
        let mut state = self.state();
        state.balance.settle(epoch, most, actual);
        if state.balance.has_plans() {
            self.ask(&mut state);
        }
        if actual > 0 || state.is_ample() {
            self.have_noted(&mut state);
        }
        let heard = state.waiting > 0;
        drop(state);
        if heard {
            self.0.freed.notify_one();
        }
    }

    /// Waits until a grant may be large enough for `most`: whoever asked then looks again.
    pub(crate) async fn more(&self, most: u64) -> Result<()> {
        let _wish = Wish::new(self, most);
        let failures = self.state().failures;
        loop {
            // Heard from here on, so that what happens between the look and the wait is not missed.
            let granted = self.0.granted.notified();
            {
                let mut state = self.state();
                if let Some(error) = state.failure.as_ref().filter(|_| state.failures > failures) {
                    return Err(error.clone());
                }
                if state.balance.check(most) != Answer::Short {
                    return Ok(());
                }
                self.ask(&mut state);
            }
            if self.0.jobs.is_closed() {
                return Err(Error::internal("the keeper of grants has ended before the ledger"));
            }
            granted.await;
        }
    }

    /// Waits until it is known what the store has of the period under way.
    pub(crate) async fn ready(&self) -> Result<()> {
        self.more(0).await
    }

    /// What the keeper is to write. From here on it may be asked again.
    pub(crate) fn plan(&self) -> Vec<Row> {
        let mut state = self.state();
        state.asked = false;
        state.balance.plan()
    }

    /// What the keeper did came to this.
    pub(crate) fn tell(&self, rows: &[Row], result: &Result<()>) {
        let mut state = self.state();
        match result {
            Ok(()) => state.balance.committed(rows),
            Err(error) => {
                state.asked = false;
                state.failures += 1;
                state.failure = Some(error.clone());
            }
        }
        drop(state);
        self.0.granted.notify_waiters();
    }

    /// What is spent, and granted with need, for the keeper to write; nothing if the store is not known yet.
    pub(crate) fn note(&self) -> Option<Row> {
        let mut state = self.state();
        state.noted = false;
        if state.is_ample() {
            state.balance.relax();
        }
        state.balance.unknown().is_none().then(|| state.balance.row())
    }

    /// Ends it; what is to be written last.
    pub(crate) fn close(&self) -> Vec<Row> {
        let rows = self.state().balance.close();
        self.0.granted.notify_waiters();
        self.0.freed.notify_one();
        rows
    }
}

impl State {
    /// Whether more is granted than anybody needs.
    fn is_ample(&self) -> bool {
        self.pending == 0 && self.balance.is_ample()
    }
}

/// Somebody needs a larger grant, until it was of use or turned out to be of none.
pub(crate) struct Pending(Account);

impl Pending {
    pub(crate) fn new(account: Account) -> Self {
        account.state().pending += 1;
        Self(account)
    }

    /// Whether it is for this account.
    pub(crate) fn is_for(&self, account: &Account) -> bool {
        self.0.order() == account.order()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.pending -= 1;
        if state.is_ample() {
            self.0.have_noted(&mut state);
        }
    }
}

/// Somebody waits for a grant.
struct Wish<'a> {
    account: &'a Account,
    most: u64,
}

impl<'a> Wish<'a> {
    fn new(account: &'a Account, most: u64) -> Self {
        account.state().balance.want(most);
        Self { account, most }
    }
}

impl Drop for Wish<'_> {
    fn drop(&mut self) {
        self.account.state().balance.unwant(self.most);
    }
}
