//! Whatever is killed when, nothing is overspent.

use super::{NOW, ledger};
use crate::Hold;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
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
