mod crash;

use super::Ledger;
use crate::account::Pending;
use crate::{Account, Budget, Period};
use base::Code;
use base::task::spawn_light;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Statement};

pub(crate) const NOW: Duration = Duration::ZERO;
/// Longer than any test takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn budget(name: &str, limit: u64) -> Budget {
    Budget { name: name.to_owned(), limit, period: Period::Total }
}

pub(crate) async fn ledger(db: &Db, budgets: &[(&str, u64)]) -> (Arc<Ledger>, Vec<Account>) {
    let ledger = Ledger::open(db).await.unwrap();
    ledger.configure(budgets.iter().map(|(name, limit)| budget(name, *limit)).collect()).await.unwrap();
    let accounts = budgets.iter().map(|(name, _)| ledger.account(name).unwrap()).collect();
    (Arc::new(ledger), accounts)
}

impl Ledger {
    /// Ends as `kill -9` does: nothing more is written.
    pub(crate) async fn kill(&self) {
        self.keeper.abort();
        self.recorder.kill();
        while !self.keeper.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_at_once_exactly_as_many_pass_as_there_is_money_for() {
    for fits in [0, 1, 7, 64, 150, 199, 200] {
        let db = Db::memory().await.unwrap();
        let (ledger, accounts) = ledger(&db, &[("key:alice", fits * 1_000), ("team:research", 1_000_000)]).await;
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let (ledger, accounts) = (Arc::clone(&ledger), accounts.clone());
                spawn_light(async move {
                    match ledger.reserve(&accounts, 1_000, NOW).await {
                        Ok(hold) => {
                            tokio::task::yield_now().await;
                            hold.settle(1_000);
                            true
                        }
                        Err(error) => {
                            assert_eq!(error.code(), Code::BudgetSpent);
                            false
                        }
                    }
                })
            })
            .collect();
        let mut passed = 0;
        for task in tasks {
            passed += u64::from(task.await.unwrap());
        }
        assert_eq!(passed, fits);
        let spent: Vec<u64> = ledger.budgets().iter().map(|standing| standing.spent).collect();
        assert_eq!(spent, [fits * 1_000, fits * 1_000]);
    }
}

#[tokio::test]
async fn all_budgets_are_reserved_in_or_none() {
    let db = Db::memory().await.unwrap();
    let (ledger, accounts) = ledger(&db, &[("key:alice", 1_000), ("team:research", 100)]).await;
    let error = ledger.reserve(&accounts, 101, LONG).await.unwrap_err();
    assert!(
        error.message().starts_with("the budget team:research, which others share, has too little left"),
        "{error}"
    );
    let twice: Vec<Account> = accounts.iter().chain(&accounts).rev().cloned().collect();
    let hold = ledger.reserve(&twice, 100, NOW).await.unwrap();
    assert_eq!(ledger.budgets().iter().map(|standing| standing.reserved).collect::<Vec<_>>(), [100, 100]);
    hold.release();
    assert_eq!(ledger.budgets().iter().map(|standing| standing.reserved).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(ledger.budgets().iter().map(|standing| standing.spent).collect::<Vec<_>>(), [0, 0]);
    drop(ledger.reserve(&accounts, 60, NOW).await.unwrap());
    assert_eq!(ledger.budgets().iter().map(|standing| standing.spent).collect::<Vec<_>>(), [60, 60]);
    assert_eq!(ledger.reserve(&[], 1, NOW).await.unwrap().most(), 1);
}

#[tokio::test]
async fn who_is_patient_gets_what_others_give_back_in_the_order_of_coming() {
    let db = Db::memory().await.unwrap();
    let (ledger, accounts) = ledger(&db, &[("key:alice", 100)]).await;
    let first = ledger.reserve(&accounts, 100, NOW).await.unwrap();
    assert_eq!(ledger.reserve(&accounts, 50, NOW).await.unwrap_err().retry_after(), Some(Duration::from_secs(1)));
    let mut waiting: Vec<_> = [40, 30, 20].map(|most| Box::pin(ledger.reserve(&accounts, most, LONG))).into();
    for wait in &mut waiting {
        assert!(is_pending(wait).await);
    }
    first.settle(30);
    let mut holds = Vec::new();
    for wait in waiting.drain(..2) {
        holds.push(wait.await.unwrap());
    }
    let mut last = waiting.pop().unwrap();
    assert!(is_pending(&mut last).await);
    // Whoever comes later goes behind, also where there would be room.
    holds.pop().unwrap().settle(10);
    let mut late = Box::pin(ledger.reserve(&accounts, 1, LONG));
    assert!(is_pending(&mut late).await);
    holds.push(last.await.unwrap_or_else(|error| panic!("{error}")));
    drop(late);
    let standing = accounts[0].standing();
    assert!(standing.spent + standing.reserved <= 100, "{standing:?}");
    let error = ledger.reserve(&accounts, 90, LONG).await.unwrap_err();
    assert_eq!((error.code(), error.retry_after()), (Code::BudgetSpent, None));
}

/// Whether a future has nothing yet, after all other tasks had their turn.
async fn is_pending<F: Future + Unpin>(future: &mut F) -> bool {
    for _ in 0..20 {
        tokio::task::yield_now().await;
        let ready = std::future::poll_fn(|context| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready())
        });
        if ready.await {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn patience_ends() {
    let db = Db::memory().await.unwrap();
    let (ledger, accounts) = ledger(&db, &[("key:alice", 100)]).await;
    let _hold = ledger.reserve(&accounts, 100, NOW).await.unwrap();
    let error = ledger.reserve(&accounts, 1, Duration::from_millis(1)).await.unwrap_err();
    assert_eq!(error.code(), Code::BudgetSpent);
    assert_eq!(accounts[0].state().waiting, 0);
}

#[tokio::test]
async fn what_is_configured_anew_keeps_what_it_has() {
    let db = Db::memory().await.unwrap();
    let (ledger, accounts) = ledger(&db, &[("key:alice", 100), ("key:bob", 100)]).await;
    let hold = ledger.reserve(&accounts, 60, NOW).await.unwrap();
    ledger.configure(vec![budget("key:alice", 80)]).await.unwrap();
    assert_eq!(ledger.budgets().len(), 1);
    assert!(ledger.account("key:bob").is_none());
    assert_eq!(ledger.reserve(&accounts[..1], 21, NOW).await.unwrap_err().code(), Code::BudgetSpent);
    hold.settle(50);
    drop(accounts);
    // The one that is gone is forgotten, its grant taken back, and comes back with what was spent.
    ledger.configure(vec![budget("key:alice", 80)]).await.unwrap();
    ledger.configure(vec![budget("key:alice", 80), budget("key:bob", 70)]).await.unwrap();
    let standings = ledger.budgets();
    assert_eq!(standings.iter().map(|standing| standing.spent).collect::<Vec<_>>(), [50, 50]);
    assert_eq!(standings.iter().map(|standing| standing.unaccounted).collect::<Vec<_>>(), [0, 0]);
    let twice = vec![budget("key:bob", 1), budget("key:bob", 1)];
    assert_eq!(ledger.configure(twice).await.unwrap_err().code(), Code::ConfigNameClash);
}

#[tokio::test]
async fn a90_what_others_were_refused_costs_nothing_after_a_kill() {
    const LEFT: u64 = 640_000 - 1_000;
    let db = Db::memory().await.unwrap();
    let (first, accounts) = ledger(&db, &[("key:alice", 1_000), ("team:research", 640_000)]).await;
    // All ask at once, and the budget of the key is enough for one.
    let ask = || {
        let (ledger, accounts) = (Arc::clone(&first), accounts.clone());
        spawn_light(async move { ledger.reserve(&accounts, 1_000, NOW).await.map(|hold| hold.settle(1_000)).is_ok() })
    };
    let asked: Vec<_> = std::iter::repeat_with(ask).take(500).collect();
    let mut passed = 0;
    for one in asked {
        passed += usize::from(one.await.unwrap());
    }
    assert_eq!(passed, 1);
    let given_up = async {
        let granted = || Statement::new("SELECT granted FROM budget_period WHERE name = 'team:research'");
        while db.query(granted()).await.unwrap()[0].integer(0).unwrap() > 100_000 {}
    };
    tokio::time::timeout(LONG, given_up).await.unwrap();
    first.kill().await;
    let (_second, accounts) = ledger(&db, &[("team:research", 640_000)]).await;
    let standing = accounts[0].standing();
    assert!(standing.unaccounted <= LEFT / 64 && standing.spent == 1_000 + standing.unaccounted, "{standing:?}");
}

#[tokio::test]
async fn what_was_granted_stays_while_another_budget_is_waited_for() {
    let db = Db::memory().await.unwrap();
    let (_ledger, accounts) = ledger(&db, &[("key:alice", 640_000)]).await;
    let account = &accounts[0];
    let pending = Pending::new(account.clone());
    account.more(500_000).await.unwrap();
    assert!(account.note().unwrap().granted >= 500_000);
    drop(pending);
    assert_eq!(account.note().unwrap().granted, 10_000);
}

#[tokio::test]
async fn a_budget_of_a_run_comes_and_goes() {
    let db = Db::memory().await.unwrap();
    let (ledger, _) = ledger(&db, &[]).await;
    let account = ledger.open_budget(&budget("run:1", 100)).await.unwrap();
    ledger.reserve(std::slice::from_ref(&account), 60, NOW).await.unwrap().settle(40);
    ledger.configure(Vec::new()).await.unwrap();
    assert_eq!(ledger.budgets().len(), 1);
    drop(account);
    ledger.retire("run:1").await.unwrap();
    assert!(ledger.budgets().is_empty());
    let account = ledger.open_budget(&budget("run:1", 100)).await.unwrap();
    assert!(account.standing().spent >= 40);
}

#[tokio::test]
async fn an_end_in_order_costs_nothing() {
    let db = Db::memory().await.unwrap();
    let (first, accounts) = ledger(&db, &[("key:alice", 6_400)]).await;
    first.reserve(&accounts, 60, NOW).await.unwrap().settle(40);
    let _lost = first.reserve(&accounts, 7, NOW).await.unwrap();
    assert!(accounts[0].standing().granted > 47);
    first.close().await.unwrap();
    assert_eq!(first.reserve(&accounts, 1, LONG).await.unwrap_err().code(), Code::Interrupted);
    assert_eq!(first.configure(Vec::new()).await.unwrap_err().code(), Code::Interrupted);
    let (_second, accounts) = ledger(&db, &[("key:alice", 6_400)]).await;
    let standing = accounts[0].standing();
    assert_eq!((standing.spent, standing.granted, standing.unaccounted), (47, 47, 7));
}

#[tokio::test]
async fn where_grants_cannot_be_written_nothing_is_reserved() {
    let db = Db::memory().await.unwrap();
    let (ledger, accounts) = ledger(&db, &[("key:alice", 6_400)]).await;
    db.close().await;
    assert_eq!(ledger.reserve(&accounts, 60, NOW).await.unwrap_err().code(), Code::StoreFailed);
    assert_eq!(accounts[0].standing().reserved, 0);
}

#[tokio::test]
async fn requests_write_nothing_on_their_way() {
    let db = Db::memory().await.unwrap();
    let (ledger, accounts) = ledger(&db, &[("key:alice", 64_000_000), ("team:research", 64_000_000)]).await;
    let before = db.counts().commits;
    for _ in 0..10_000 {
        ledger.reserve(&accounts, 100, NOW).await.unwrap().settle(100);
    }
    let commits = db.counts().commits - before;
    assert!(commits < 20, "{commits} commits");
}
