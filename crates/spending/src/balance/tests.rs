use super::{Answer, Balance, Row};
use crate::{Budget, Period};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DAY: u64 = 86_400;

fn budget(limit: u64, period: Period) -> Budget {
    Budget { name: "key:alice".to_owned(), limit, period }
}

fn empty(period: Period, starts_at: u64) -> Row {
    Row { period, starts_at, granted: 0, spent: 0, unaccounted: 0 }
}

fn loaded(limit: u64) -> Balance {
    let mut balance = Balance::new(&budget(limit, Period::Total), 0);
    balance.load(empty(Period::Total, 0));
    balance
}

/// Does what the keeper does, with a store that works.
fn grant(balance: &mut Balance) -> usize {
    let rows = balance.plan();
    balance.committed(&rows);
    rows.len()
}

#[test]
fn nothing_is_reserved_before_it_is_granted() {
    let mut balance = Balance::new(&budget(100, Period::Total), 0);
    assert_eq!(balance.check(1), Answer::Short);
    assert!(balance.plan().is_empty());
    balance.load(empty(Period::Total, 0));
    assert_eq!(balance.check(100), Answer::Short);
    balance.want(100);
    let rows = balance.plan();
    assert_eq!(rows, [Row { granted: 100, ..empty(Period::Total, 0) }]);
    assert_eq!(balance.check(100), Answer::Short);
    balance.committed(&rows);
    assert_eq!(balance.check(100), Answer::Fits);
    assert_eq!(balance.check(101), Answer::Spent);
    balance.reserve(100);
    assert_eq!(balance.check(1), Answer::Held);
    assert_eq!(balance.check(0), Answer::Fits);
}

#[test]
fn grants_come_in_blocks_and_ahead_of_need() {
    let mut balance = loaded(64_000);
    balance.want(10);
    assert_eq!(grant(&mut balance), 1);
    balance.unwant(10);
    assert_eq!(balance.standing("").granted, 1_010);
    let mut commits = 0;
    for _ in 0..6_400 {
        assert_eq!(balance.check(10), Answer::Fits);
        let epoch = balance.reserve(10);
        if balance.has_plans() {
            commits += grant(&mut balance);
        }
        balance.settle(epoch, 10, 5);
    }
    assert_eq!(balance.standing("").spent, 32_000);
    assert!(commits < 100, "{commits}");
}

#[test]
fn who_spends_nothing_is_granted_nothing() {
    let mut balance = loaded(1_000);
    assert!(!balance.has_plans());
    assert_eq!(grant(&mut balance), 0);
}

#[test]
fn a_lower_limit_holds_at_once_and_a_higher_one_gives_room() {
    let mut balance = loaded(100);
    balance.want(60);
    grant(&mut balance);
    balance.unwant(60);
    let epoch = balance.reserve(60);
    balance.configure(&budget(50, Period::Total), 0);
    assert_eq!(balance.check(1), Answer::Held);
    balance.settle(epoch, 60, 50);
    assert_eq!(balance.check(1), Answer::Spent);
    balance.configure(&budget(60, Period::Total), 0);
    assert_eq!(balance.check(10), Answer::Fits);
    assert_eq!(balance.check(11), Answer::Spent);
}

#[test]
fn what_costs_more_than_it_reserved_counts_and_is_written() {
    let mut balance = loaded(100);
    balance.want(100);
    grant(&mut balance);
    balance.unwant(100);
    let epoch = balance.reserve(100);
    balance.settle(epoch, 100, 130);
    assert!(balance.has_plans());
    assert_eq!(balance.plan(), [Row { granted: 130, spent: 130, ..empty(Period::Total, 0) }]);
    assert_eq!(balance.check(0), Answer::Spent);
}

#[test]
fn a_period_that_is_over_settles_in_its_own_row() {
    let mut balance = Balance::new(&budget(100, Period::Day), 0);
    balance.load(empty(Period::Day, 0));
    balance.want(80);
    grant(&mut balance);
    balance.unwant(80);
    let epoch = balance.reserve(80);
    balance.advance(DAY - 1);
    assert_eq!(balance.check(30), Answer::Held);
    balance.advance(DAY);
    assert_eq!(balance.check(30), Answer::Short);
    assert_eq!(balance.unknown(), Some((Period::Day, DAY)));
    balance.load(empty(Period::Day, DAY));
    balance.settle(epoch, 80, 70);
    assert_eq!(balance.plan(), [Row { granted: 70, spent: 70, ..empty(Period::Day, 0) }]);
    assert_eq!(balance.standing("").spent, 0);
    balance.advance(0);
    assert_eq!(balance.standing("").resets_at, Some(2 * DAY));
}

#[test]
fn a_period_that_is_configured_again_counts_what_was_granted_in_it() {
    let mut balance = Balance::new(&budget(100, Period::Day), 0);
    balance.load(empty(Period::Day, 0));
    balance.want(80);
    let rows = balance.plan();
    balance.committed(&rows);
    balance.unwant(80);
    let epoch = balance.reserve(80);
    balance.configure(&budget(100, Period::Month), 0);
    balance.load(empty(Period::Month, 0));
    balance.configure(&budget(100, Period::Day), 0);
    balance.load(rows[0]);
    assert_eq!(balance.standing("").spent, rows[0].granted);
    balance.settle(epoch, 80, 10);
    assert_eq!(balance.plan().iter().find(|row| row.period == Period::Day), None);
}

#[test]
fn an_end_in_order_leaves_nothing_granted() {
    let mut balance = loaded(6_400);
    balance.want(10);
    grant(&mut balance);
    let (first, _second) = (balance.reserve(4), balance.reserve(5));
    balance.settle(first, 4, 3);
    assert_eq!(balance.close(), [Row { granted: 8, spent: 3, ..empty(Period::Total, 0) }]);
    assert_eq!(balance.check(0), Answer::Closed);
    balance.settle(first, 5, 4);
    assert!(!balance.has_plans());
}

#[test]
fn what_is_granted_without_need_is_given_up() {
    let mut balance = loaded(64_000);
    balance.want(40_000);
    grant(&mut balance);
    assert!(!balance.is_ample(), "somebody waits for it");
    balance.unwant(40_000);
    assert!(balance.is_ample());
    let epoch = balance.reserve(38_000);
    assert!(balance.is_ample());
    balance.relax();
    // What is reserved stays granted, and a part of the rest.
    assert_eq!((balance.standing("").granted, balance.is_ample()), (38_000 + 26_000 / 64, false));
    balance.settle(epoch, 38_000, 0);
    balance.relax();
    assert_eq!(balance.row(), Row { granted: 1_000, ..empty(Period::Total, 0) });
    assert_eq!(balance.check(1_001), Answer::Short);
    balance.close();
    balance.relax();
    assert_eq!(balance.standing("").granted, 0);
}

#[derive(Debug, Clone)]
enum Step {
    Reserve(u64),
    Settle {
        hold: usize,
        part: u64,
    },
    Plan,
    Commit,
    /// The store says that it failed, whether it has written or not.
    Fail(bool),
    /// What is not needed is given up, and the store has written that or not.
    Note(bool),
    Wait(u64),
    Limit(u64),
    Close,
    /// `kill -9`, before or after the store has written what is under way.
    Kill(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0u64..400).prop_map(Step::Reserve),
        6 => (any::<usize>(), 0u64..=100).prop_map(|(hold, part)| Step::Settle { hold, part }),
        6 => Just(Step::Plan),
        6 => Just(Step::Commit),
        1 => any::<bool>().prop_map(Step::Fail),
        2 => any::<bool>().prop_map(Step::Note),
        1 => (0u64..DAY).prop_map(Step::Wait),
        1 => (500u64..2_000).prop_map(Step::Limit),
        1 => Just(Step::Close),
        1 => any::<bool>().prop_map(Step::Kill),
    ];
    prop::collection::vec(step, 1..300)
}

/// A budget, its store, and what was truly sent in each period.
struct World {
    balance: Balance,
    disk: BTreeMap<u64, Row>,
    /// Rows that the keeper has handed to the store.
    under_way: Vec<Row>,
    holds: Vec<(u64, u64, u64)>,
    sent: BTreeMap<u64, u64>,
    limit: u64,
    now: u64,
}

impl World {
    fn new(limit: u64) -> Self {
        let balance = Balance::new(&budget(limit, Period::Day), 0);
        let (disk, sent) = (BTreeMap::new(), BTreeMap::new());
        World { balance, disk, under_way: Vec::new(), holds: Vec::new(), sent, limit, now: 0 }
    }

    fn starts_at(&self) -> u64 {
        self.balance.row().starts_at
    }

    fn plan(&mut self) {
        if let Some((period, starts_at)) = self.balance.unknown() {
            let over = self.balance.plan();
            self.disk.extend(over.iter().map(|row| (row.starts_at, *row)));
            let row = self.disk.get(&starts_at).copied().unwrap_or(empty(period, starts_at));
            self.balance.load(row);
        }
        self.under_way.append(&mut self.balance.plan());
    }

    fn write(&mut self, really: bool) {
        let rows = self.under_way.iter().filter(|_| really);
        self.disk.extend(rows.map(|row| (row.starts_at, *row)));
    }

    fn commit(&mut self) {
        self.write(true);
        self.balance.committed(&self.under_way);
        self.under_way.clear();
    }

    /// Reserves if it fits, and says whether it must.
    fn reserve(&mut self, most: u64) {
        self.balance.advance(self.now);
        if self.balance.check(most) == Answer::Short {
            self.balance.want(most);
            // Nothing is missing but a grant: it comes if the store works.
            let mut later = self.balance.clone();
            later.load(self.disk.get(&self.starts_at()).copied().unwrap_or(empty(Period::Day, self.starts_at())));
            if later.check(most) == Answer::Short {
                let rows = later.plan();
                later.committed(&rows);
                assert_eq!(later.check(most), Answer::Fits);
            }
            // One keeper: what is under way comes to its end first.
            if self.under_way.is_empty() {
                self.plan();
            }
            self.balance.unwant(most);
        }
        let standing = self.balance.standing("");
        if self.balance.check(most) == Answer::Fits {
            assert!(standing.spent + standing.reserved + most <= standing.granted.min(self.limit));
            let epoch = self.balance.reserve(most);
            self.holds.push((epoch, most, self.starts_at()));
        } else if self.balance.unknown().is_none() {
            let fits = standing.spent + standing.reserved + most <= self.limit;
            assert_eq!(fits, self.balance.check(most) == Answer::Short);
        }
    }

    fn settle(&mut self, hold: usize, part: u64) {
        if self.holds.is_empty() {
            return;
        }
        let (epoch, most, starts_at) = self.holds.swap_remove(hold % self.holds.len());
        let actual = most * part / 100;
        *self.sent.entry(starts_at).or_default() += actual;
        self.balance.settle(epoch, most, actual);
    }

    /// All that is under way was sent and nobody hears what it cost.
    fn restart(&mut self) {
        for (_, most, starts_at) in self.holds.drain(..) {
            *self.sent.entry(starts_at).or_default() += most;
        }
        for row in self.disk.values_mut() {
            row.unaccounted += row.granted - row.spent.min(row.granted);
            row.spent = row.spent.max(row.granted);
        }
        self.under_way.clear();
        self.balance = Balance::new(&budget(self.limit, Period::Day), self.now);
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Reserve(most) => self.reserve(most),
            Step::Settle { hold, part } => self.settle(hold, part),
            Step::Plan if self.under_way.is_empty() => self.plan(),
            Step::Plan | Step::Commit => self.commit(),
            Step::Fail(written) => {
                self.write(written);
                self.under_way.clear();
            }
            // One keeper does both.
            Step::Note(written) if self.under_way.is_empty() && self.balance.unknown().is_none() => {
                self.balance.relax();
                let row = self.balance.row();
                if let Some(kept) = self.disk.get_mut(&row.starts_at).filter(|_| written) {
                    (kept.spent, kept.granted) = (row.spent, row.granted);
                }
            }
            Step::Note(_) => {}
            Step::Wait(time) => self.now += time,
            // Only upwards: what is spent already is beyond a lower limit.
            Step::Limit(limit) => {
                self.limit = self.limit.max(limit);
                self.balance.configure(&budget(self.limit, Period::Day), self.now);
            }
            Step::Close => {
                self.commit();
                let rows = self.balance.close();
                self.disk.extend(rows.iter().map(|row| (row.starts_at, *row)));
                self.restart();
            }
            Step::Kill(written) => {
                self.write(written);
                self.restart();
            }
        }
    }
}

proptest! {
    /// Whatever happens in whatever order, no period costs more than its limit, the store knows of all that may have been
    /// spent, and what fits is given.
    #[test]
    fn a90_nothing_is_overspent(limit in 500u64..2_000, steps in steps()) {
        let mut world = World::new(limit);
        for step in &steps {
            world.step(step);
            for (starts_at, sent) in &world.sent {
                prop_assert!(*sent <= world.limit, "{sent} of {} in the period of {starts_at}", world.limit);
            }
            let standing = world.balance.standing("");
            prop_assert!(standing.spent + standing.reserved <= standing.granted);
            prop_assert!(standing.granted <= world.limit);
            let durable = world.disk.get(&world.starts_at()).map_or(0, |row| row.granted);
            prop_assert!(standing.granted <= durable, "{standing:?}, and the store has {durable}");
        }
    }

    /// As many requests as a budget is exactly enough for are given, whatever their number and order of settlement.
    #[test]
    fn what_fits_exactly_is_given(count in 1u64..300, cost in 1u64..10_000, late in any::<bool>()) {
        let mut balance = loaded(count * cost);
        let mut holds = Vec::new();
        for _ in 0..count {
            if balance.check(cost) == Answer::Short {
                balance.want(cost);
                grant(&mut balance);
                balance.unwant(cost);
            }
            prop_assert_eq!(balance.check(cost), Answer::Fits);
            let epoch = balance.reserve(cost);
            if late { holds.push(epoch) } else { balance.settle(epoch, cost, cost) }
        }
        prop_assert_ne!(balance.check(cost), Answer::Fits);
        for epoch in holds {
            balance.settle(epoch, cost, cost);
        }
        prop_assert_eq!(balance.check(1), Answer::Spent);
        prop_assert_eq!(balance.standing("").spent, count * cost);
    }
}
