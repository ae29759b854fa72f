//! The budgets in use, and the record of what was spent.

use crate::account::{Account, Job};
use crate::budget::{Budget, Standing};
use crate::hold::{Hold, Parts};
use crate::keeper;
use crate::records::{Question, Record, Recorder, Row};
use base::{Code, Error, Result, clock};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Db;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// All budgets, and the record of what was spent. See the crate for what is promised.
///
/// One that is dropped without [`Ledger::close`] leaves the store like one that was killed.
pub struct Ledger {
    accounts: Mutex<Accounts>,
    jobs: mpsc::UnboundedSender<Job>,
    recorder: Recorder,
    keeper: JoinHandle<()>,
}

#[derive(Default)]
struct Accounts {
    all: HashMap<String, Entry>,
    /// How many there ever were.
    count: u64,
    closed: bool,
}

struct Entry {
    account: Account,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// There because of [`Ledger::configure`], and goes with it.
    Configured,
    /// There because of [`Ledger::open_budget`].
    Opened,
    /// Not needed any more, but perhaps requests under way hold something of it.
    Retired,
}

impl Accounts {
    /// What is known of a budget stays, and the rest is as it says.
    fn put(&mut self, budget: &Budget, kind: Kind, jobs: &mpsc::UnboundedSender<Job>) -> Account {
        let now = clock::wall().as_secs();
        if let Some(entry) = self.all.get_mut(&budget.name) {
            entry.kind = kind;
            entry.account.configure(budget, now);
            return entry.account.clone();
        }
        self.count += 1;
        let account = Account::new(budget, self.count, now, jobs.clone());
        self.all.insert(budget.name.clone(), Entry { account: account.clone(), kind });
        account
    }

    /// Takes out the budgets that are not needed any more and of which nobody holds anything.
    fn sweep(&mut self) -> Vec<Account> {
        let idle = |_: &String, entry: &mut Entry| entry.kind == Kind::Retired && entry.account.is_alone();
        self.all.extract_if(idle).map(|(_, entry)| entry.account).collect()
    }
}

impl Ledger {
    /// Opens the ledger in `db`, without budgets. What a killed hub had been granted counts as spent from here on. In one
    /// store there may be one ledger at a time.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn open(db: &Db) -> Result<Self> {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let keeper = keeper::start(db.clone(), waiting).await?;
        let recorder = Recorder::start(db.clone()).await?;
        Ok(Self { accounts: Mutex::default(), jobs, recorder, keeper })
    }

    /// Sets which budgets there are, in place of those that were set before; those of [`Ledger::open_budget`] stay. What
    /// stays keeps what it has spent and reserved, and a new limit holds at once. Requests that hold something of a budget
    /// that is gone settle in it all the same.
    ///
    /// # Errors
    ///
    /// [`Code::ConfigNameClash`] if two have the same name, and those of the store; then nothing has changed, or the limits
    /// hold and what was spent before is looked up with the next request.
    pub async fn configure(&self, budgets: Vec<Budget>) -> Result<()> {
        let mut names = std::collections::HashSet::new();
        if let Some(twice) = budgets.iter().find(|budget| !names.insert(budget.name.as_str())) {
            let message = format!("there are two budgets with the name {}", twice.name);
            return Err(Error::new(Code::ConfigNameClash, message, "give one of them another name"));
        }
        let (accounts, ended) = {
            let mut known = self.accounts()?;
            for entry in known.all.values_mut().filter(|entry| entry.kind == Kind::Configured) {
                entry.kind = Kind::Retired;
            }
            let put = |budget| known.put(budget, Kind::Configured, &self.jobs);
            let accounts: Vec<Account> = budgets.iter().map(put).collect();
            (accounts, self.end(known.sweep()))
        };
        finished(ended).await?;
        for account in accounts {
            account.ready().await?;
        }
        Ok(())
    }

    /// Adds one budget, such as that of a run, or changes it. It stays until [`Ledger::retire`].
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn open_budget(&self, budget: &Budget) -> Result<Account> {
        let account = self.accounts()?.put(budget, Kind::Opened, &self.jobs);
        account.ready().await?;
        Ok(account)
    }

    /// The budget of this name is not needed any more. What was spent in it stays in the store.
    ///
    /// # Errors
    ///
    /// Those of the store; then what was granted counts as spent if the budget is opened again.
    pub async fn retire(&self, name: &str) -> Result<()> {
        let ended = {
            let mut known = self.accounts()?;
            if let Some(entry) = known.all.get_mut(name) {
                entry.kind = Kind::Retired;
            }
            self.end(known.sweep())
        };
        finished(ended).await
    }

    /// The budget of this name, to reserve in. Whoever keeps it keeps it from being forgotten after it was retired.
    pub fn account(&self, name: &str) -> Option<Account> {
        let known = self.lock();
        known.all.get(name).filter(|entry| entry.kind != Kind::Retired).map(|entry| entry.account.clone())
    }

    /// Reserves `most` nano-dollars in each of `accounts`, or in none. Where grants suffice, which is nearly always, this
    /// takes a lock for each account and waits for nothing.
    ///
    /// Where it would fit if requests under way needed less than they hold, it waits in line for that, no longer than
    /// `patience`; with a patience of zero it does not wait.
    ///
    /// # Errors
    ///
    /// [`Code::BudgetSpent`] if it does not fit; [`Code::Interrupted`] after [`Ledger::close`];
    /// [`Code::ConfigInvalidValue`] for more than eight accounts; those of the store if a grant cannot be written.
    pub async fn reserve(&self, accounts: &[Account], most: u64, patience: Duration) -> Result<Hold> {
        Parts::new(accounts)?.reserve(most, patience).await
    }

    /// How all budgets stand, by name.
    pub fn budgets(&self) -> Vec<Standing> {
        let known = self.lock();
        let current = known.all.values().filter(|entry| entry.kind != Kind::Retired);
        let mut standings: Vec<Standing> = current.map(|entry| entry.account.standing()).collect();
        drop(known);
        standings.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        standings
    }

    /// Keeps a record of a request; it is written within a second. Where the store does not keep up it is counted in
    /// [`Ledger::dropped`] and forgotten.
    pub fn record(&self, record: Record) {
        self.recorder.record(record);
    }

    /// How many records were forgotten since the ledger was opened.
    pub fn dropped(&self) -> u64 {
        self.recorder.dropped()
    }

    /// Writes the records that wait.
    ///
    /// # Errors
    ///
    /// Those of the store; the records go on waiting.
    pub async fn flush(&self) -> Result<()> {
        self.recorder.flush().await
    }

    /// What was used and spent, as far as it is written, in groups, the most expensive first.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn usage(&self, question: &Question) -> Result<Vec<Row>> {
        self.recorder.usage(question).await
    }

    /// The last records that are written, the newest first, at most `most`; the last ten thousand or so are kept.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn recent(&self, most: usize) -> Result<Vec<Record>> {
        self.recorder.recent(most).await
    }

    /// Ends in order: writes all records, and takes back what was granted and not used. Nothing is reserved from then on.
    /// What requests under way hold stays granted, and counts as unaccounted for when the store is opened again.
    ///
    /// # Errors
    ///
    /// Those of the store; then it is as if the hub had been killed.
    pub async fn close(&self) -> Result<()> {
        let flushed = self.recorder.close().await;
        let ended = {
            let mut known = self.lock();
            known.closed = true;
            let accounts = known.all.values().map(|entry| entry.account.clone()).collect();
            self.end(accounts)
        };
        let ended = finished(ended).await;
        self.keeper.abort();
        flushed.and(ended)
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accounts(&self) -> Result<MutexGuard<'_, Accounts>> {
        let known = self.lock();
        if known.closed {
            let message = "the hub is ending, so its budgets are not changed any more";
            return Err(Error::new(Code::Interrupted, message, "try again when the hub has started anew"));
        }
        Ok(known)
    }

    /// Has the last written that there is to say of `accounts`. Asked for while the list of accounts is locked, so that
    /// one that is opened anew is read after that.
    fn end(&self, accounts: Vec<Account>) -> Option<oneshot::Receiver<Result<()>>> {
        if accounts.is_empty() {
            return None;
        }
        let (done, ended) = oneshot::channel();
        // Without a keeper the receiver says so.
        let _gone = self.jobs.send(Job::End { accounts, done });
        Some(ended)
    }
}

async fn finished(ended: Option<oneshot::Receiver<Result<()>>>) -> Result<()> {
    match ended {
        None => Ok(()),
        Some(ended) => ended.await.unwrap_or_else(|_| Err(Error::internal("the keeper of grants has ended too early"))),
    }
}

#[cfg(test)]
pub(crate) mod tests;
