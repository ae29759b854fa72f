use super::*;

#[test]
fn both_the_number_and_the_money_have_a_bound() {
    let allowance = Arc::new(Allowance::default());
    let half = Shares { requests: 0.5, money: 0.5 };
    // Half of what may be saved up is there from the beginning, but no money.
    assert!(allowance.spend(half, 100).is_none());
    let stakes: Vec<Stake> = std::iter::from_fn(|| allowance.spend(half, 0)).take(20).collect();
    assert_eq!(stakes.len(), 5);
    drop(stakes);
    for _ in 0..4 {
        allowance.came(half);
        allowance.earning(half).cost(100);
    }
    let stake = allowance.spend(half, 100).unwrap();
    assert!(allowance.spend(half, 101).is_none());
    // What was not spent in the end may be spent again; what was is gone.
    drop(stake);
    let stake = allowance.spend(half, 200).unwrap();
    stake.cost(150);
    allowance.came(half);
    allowance.came(half);
    assert!(allowance.spend(half, 51).is_none());
    assert!(allowance.spend(half, 50).is_some());
}
