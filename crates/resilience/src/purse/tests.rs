use super::Purse;
use proptest::prelude::*;

#[test]
fn a_share_of_what_is_spent_may_be_spent_once() {
    let mut purse = Purse::default();
    assert!(!purse.take(100), "nothing was earned yet");
    assert!(purse.take(0), "what costs nothing may always be done");
    (0..49).for_each(|_| purse.earn(100, 0.02));
    assert!(!purse.take(100));
    purse.earn(100, 0.02);
    assert!(purse.take(100) && !purse.take(1));
    // It cost less than was set aside, and then more.
    purse.settle(100, 40);
    assert_eq!(purse.left(), 60);
    assert!(purse.take(60));
    purse.settle(60, 160);
    assert_eq!(purse.left(), -100);
    (0..50).for_each(|_| purse.earn(100, 0.02));
    assert!(!purse.take(1), "what was owed has to be earned first");
}

#[test]
fn little_is_saved_up() {
    let mut purse = Purse::default();
    (0..1_000_000).for_each(|_| purse.earn(100, 1.0));
    assert_eq!(purse.left(), 1_000);
    purse.earn(u64::MAX, 1.0);
    purse.settle(u64::MAX, 0);
    purse.settle(0, u64::MAX);
    assert!(!purse.take(u64::MAX));
}

proptest! {
    #[test]
    fn never_more_is_spent_than_was_earned(
        steps in prop::collection::vec((any::<bool>(), 0..1_000_000_u64), 0..200),
        share in 0.0..1.0_f64,
    ) {
        let (mut purse, mut earned, mut spent) = (Purse::default(), 0.0, 0);
        for (earns, amount) in steps {
            if earns {
                purse.earn(amount, share);
                earned += amount as f64 * share;
            } else if purse.take(amount) {
                purse.settle(amount, amount);
                spent += amount;
            }
            prop_assert!(spent as f64 <= earned, "{spent} of {earned}");
        }
    }
}
