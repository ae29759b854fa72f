//! The one task that raises grants in the store, and lowers them. Whoever waits at the same time shares one commit.

mod tables;

use crate::account::{Account, Job};
use crate::balance::Row;
use base::{Result, clock, task};
use std::time::Duration;
use store::{Db, Statement};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// After this time at the latest the store knows what was spent and what is granted without need, so that little is unaccounted for
/// after a crash.
const NOTE_AFTER: Duration = Duration::from_secs(1);

/// So many accounts share a commit.
const AT_ONCE: usize = 256;

struct Keeper {
    db: Db,
    jobs: mpsc::UnboundedReceiver<Job>,
    /// Accounts in which was spent, or given up, what the store does not know, and when it is to know.
    noted: Vec<Account>,
    due: Instant,
}

/// Makes the store ready and starts the task. It ends when nobody can ask it any more.
pub(crate) async fn start(db: Db, jobs: mpsc::UnboundedReceiver<Job>) -> Result<JoinHandle<()>> {
    tables::prepare(&db, clock::wall().as_secs()).await?;
    let keeper = Keeper { db, jobs, noted: Vec::new(), due: Instant::now() };
    Ok(task::spawn("spending-keeper", keeper.run()))
}

impl Keeper {
    async fn run(mut self) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                count = self.jobs.recv_many(&mut batch, AT_ONCE) => match count {
                    0 => break,
                    _ => self.work(&mut batch).await,
                },
                () = tokio::time::sleep_until(self.due), if !self.noted.is_empty() => self.write_notes().await,
            }
        }
    }

    async fn work(&mut self, batch: &mut Vec<Job>) {
        let mut raises = Vec::new();
        for job in batch.drain(..) {
            match job {
                // Of one that is asked for twice, after a failure, a second look could find less than the first.
                Job::Raise(account) if raises.iter().any(|known: &Account| known.order() == account.order()) => {}
                Job::Raise(account) => raises.push(account),
                Job::Note(account) => {
                    if self.noted.is_empty() {
                        self.due = Instant::now() + NOTE_AFTER;
                    }
                    self.noted.push(account);
                }
                Job::End { accounts, done } => {
                    self.raise(&std::mem::take(&mut raises)).await;
                    self.end(&accounts, done).await;
                }
            }
        }
        self.raise(&raises).await;
    }

    /// Raises the grants of accounts as far as they need it, all in one unit.
    async fn raise(&self, accounts: &[Account]) {
        let mut plans = Vec::with_capacity(accounts.len());
        for account in accounts {
            match self.load(account).await {
                Ok(()) => plans.push((account, account.plan())),
                Err(error) => account.tell(&[], &Err(error)),
            }
        }
        let result = self.write(plans.iter().map(|(account, rows)| (*account, rows.as_slice()))).await;
        if let Err(error) = &result {
            tracing::error!(%error, "what may be spent cannot be written, so requests wait or are refused");
        }
        for (account, rows) in plans {
            account.tell(&rows, &result);
        }
    }

    /// Reads what the store has of the period under way, if that is not known yet.
    async fn load(&self, account: &Account) -> Result<()> {
        let unknown = account.state().balance.unknown();
        if let Some((period, starts_at)) = unknown {
            // What was over before is final first: it may be the same period under another configuration.
            let rows = account.state().balance.plan();
            self.write(std::iter::once((account, rows.as_slice()))).await?;
            let row = tables::load(&self.db, account.name(), period, starts_at).await?;
            account.state().balance.load(row);
        }
        Ok(())
    }

    async fn write<'a>(&self, plans: impl Iterator<Item = (&'a Account, &'a [Row])>) -> Result<()> {
        let statements = plans.flat_map(|(account, rows)| rows.iter().map(|row| tables::write(account.name(), row)));
        let unit = statements.collect::<Result<Vec<Statement>>>()?;
        if !unit.is_empty() {
            self.db.execute(unit).await?.done()?;
        }
        Ok(())
    }

    async fn write_notes(&mut self) {
        let mut noted = std::mem::take(&mut self.noted);
        for some in noted.chunks_mut(AT_ONCE) {
            let rows = some.iter().filter_map(|account| account.note().map(|row| tables::note(account.name(), &row)));
            let done = match rows.collect::<Result<Vec<Statement>>>() {
                Ok(unit) => self.db.execute(unit).await.and_then(store::Outcome::done).map(drop),
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::warn!(%error, "what was spent cannot be written; a crash now would count more as spent");
            }
        }
    }

    async fn end(&self, accounts: &[Account], done: oneshot::Sender<Result<()>>) {
        let plans: Vec<(&Account, Vec<Row>)> = accounts.iter().map(|account| (account, account.close())).collect();
        let result = self.write(plans.iter().map(|(account, rows)| (*account, rows.as_slice()))).await;
        // Whoever asked may have gone.
        let _gone = done.send(result);
    }
}
