//! Whatever is killed when, nothing is overspent.

use super::{NOW, ledger};
use crate::Hold;
use base::environment::Environment;
use base::task::spawn_light;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use store::Db;

const LIMIT: u64 = 20_000;

#[derive(Debug, Clone)]
enum Step {
    Reserve(u64),
    Settle(usize, u64),
    Release(usize),
    Drop(usize),
    Yield,
    /// After so many turns of other tasks, so that the store may be at anything.
    Kill(usize),
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1u64..300).prop_map(Step::Reserve),
        5 => (any::<usize>(), 0u64..=100).prop_map(|(hold, part)| Step::Settle(hold, part)),
        1 => any::<usize>().prop_map(Step::Release),
        1 => any::<usize>().prop_map(Step::Drop),
        2 => Just(Step::Yield),
        1 => (0usize..20).prop_map(Step::Kill),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 100..300)
}

/// Takes out one of `holds`.
fn one(holds: &mut Vec<Hold>, which: usize) -> Option<Hold> {
    (!holds.is_empty()).then(|| holds.swap_remove(which % holds.len()))
}

/// What is truly sent while `steps` are done on ledgers that follow one another in one store.
async fn sent(steps: &[Step]) -> u64 {
    let db = Db::memory().await.unwrap();
    let (mut current, mut accounts) = ledger(&db, &[("key:alice", LIMIT), ("team:research", 2 * LIMIT)]).await;
    let (mut holds, mut sent) = (Vec::new(), 0);
    for step in steps {
        match *step {
            Step::Reserve(most) => holds.extend(current.reserve(&accounts, most, NOW).await.ok()),
            Step::Settle(hold, part) => {
                if let Some(hold) = one(&mut holds, hold) {
                    let actual = hold.most() * part / 100;
                    sent += actual;
                    hold.settle(actual);
                }
            }
            Step::Release(hold) => one(&mut holds, hold).into_iter().for_each(Hold::release),
            Step::Drop(hold) => sent += one(&mut holds, hold).map_or(0, |hold| hold.most()),
            Step::Yield => tokio::task::yield_now().await,
            Step::Kill(_) | Step::Close => {
                if let Step::Kill(turns) = *step {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                } else {
                    current.close().await.unwrap();
                }
                // What was under way was sent, and nobody hears what it cost.
                sent += holds.iter().map(Hold::most).sum::<u64>();
                current.kill().await;
                holds.drain(..).for_each(std::mem::forget);
                (current, accounts) = ledger(&db, &[("key:alice", LIMIT), ("team:research", 2 * LIMIT)]).await;
            }
        }
    }
    sent += holds.iter().map(Hold::most).sum::<u64>();
    let standing = accounts[0].standing();
    assert!(standing.spent + standing.reserved >= sent, "{standing:?} of {sent}");
    sent
}

#[test]
fn over_100_seeds_nothing_is_overspent() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut most = 0;
    for seed in 0..100u8 {
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let sent = runtime.block_on(sent(&steps));
        assert!(sent <= LIMIT, "seed {seed}: {sent} of {LIMIT}");
        most = most.max(sent);
    }
    assert!(most > LIMIT / 2, "the budget was hardly touched: {most}");
}

/// Set in the process that is going to be killed: the path of its store.
const VICTIM: &str = "TUTTI_TEST_SPENDING_VICTIM";
const COST: u64 = 1_000;
const REQUESTS: u64 = 2_000;

#[test]
fn over_kill_9_nothing_is_overspent() {
    let environment = Environment::of_process().unwrap();
    if let Some(path) = environment.get(VICTIM) {
        return spend_for_ever(Path::new(path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tutti.db");
    let mut sent = 0;
    for after in [1, 30, 200, 7, 500, u64::MAX] {
        sent += kill_after(after, &path);
    }
    assert!(sent <= REQUESTS, "{sent} of {REQUESTS}");
    assert!(sent > REQUESTS / 2, "{sent} of {REQUESTS}");
}

/// Runs this test as a process that spends, kills it, and returns how many requests it has sent.
fn kill_after(count: u64, path: &Path) -> u64 {
    let test = "ledger::tests::crash::over_kill_9_nothing_is_overspent";
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(VICTIM, path);
    let mut victim = program.stdout(Stdio::piped()).spawn().unwrap();
    let mut sent = 0;
    for line in BufReader::new(victim.stdout.take().unwrap()).lines() {
        // The test harness puts text of its own before the first.
        sent += u64::from(line.unwrap().ends_with("sent a request"));
        if sent == count {
            victim.kill().unwrap();
        }
    }
    // One that was quicker than the kill has ended by itself.
    assert!(victim.wait().unwrap().success() || count < u64::MAX);
    sent
}

fn spend_for_ever(path: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async {
        let db = Db::open(path).await.unwrap();
        let (ledger, accounts) = ledger(&db, &[("key:alice", REQUESTS * COST)]).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (ledger, accounts) = (Arc::clone(&ledger), accounts.clone());
                spawn_light(async move {
                    while let Ok(hold) = ledger.reserve(&accounts, COST, NOW).await {
                        writeln!(std::io::stdout().lock(), "sent a request").unwrap();
                        hold.settle(COST);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
