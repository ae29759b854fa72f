//! Random units against a map that does the same.

use super::in_memory;
use crate::{Db, Expect, Outcome, Statement};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::{prop_assert_eq, prop_oneof, proptest};
use std::collections::BTreeMap;
use std::sync::mpsc;

type Model = BTreeMap<i64, String>;

#[derive(Debug, Clone)]
enum Action {
    /// Insert or replace.
    Put(i64, u8),
    /// Insert if absent, else fail on the constraint.
    InsertOrFail(i64, u8),
    /// Insert if absent, with what is expected of it.
    InsertIfAbsent(i64, u8, Expect),
    /// Delete all keys from here on.
    DeleteFrom(i64, Expect),
    /// Look how many keys there are from here on.
    CountFrom(i64, Expect),
}

/// What a unit comes to: an outcome, or nothing where it fails.
type Answer = Option<Outcome>;

fn key() -> impl Strategy<Value = i64> {
    0..6_i64
}

fn expectation() -> impl Strategy<Value = Expect> {
    prop_oneof![3 => Just(Expect::Any), 1 => (0..3_usize).prop_map(Expect::Rows), 1 => (0..3_usize).prop_map(Expect::AtLeast)]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (key(), any::<u8>()).prop_map(|(key, value)| Action::Put(key, value)),
        1 => (key(), any::<u8>()).prop_map(|(key, value)| Action::InsertOrFail(key, value)),
        2 => (key(), any::<u8>(), expectation()).prop_map(|(key, value, expect)| Action::InsertIfAbsent(key, value, expect)),
        2 => (key(), expectation()).prop_map(|(key, expect)| Action::DeleteFrom(key, expect)),
        2 => (key(), expectation()).prop_map(|(key, expect)| Action::CountFrom(key, expect)),
    ]
}

impl Action {
    fn statement(&self) -> Statement {
        match self {
            Action::Put(key, value) => Statement::new(
                "INSERT INTO numbers (number, name) VALUES (?1, ?2) ON CONFLICT (number) DO UPDATE SET name = excluded.name",
            )
            .with(*key)
            .with(value.to_string()),
            Action::InsertOrFail(key, value) => {
                Statement::new("INSERT INTO numbers (number, name) VALUES (?1, ?2)").with(*key).with(value.to_string())
            }
            Action::InsertIfAbsent(key, value, expect) => {
                Statement::new("INSERT INTO numbers (number, name) VALUES (?1, ?2) ON CONFLICT (number) DO NOTHING")
                    .with(*key)
                    .with(value.to_string())
                    .expecting(*expect)
            }
            Action::DeleteFrom(key, expect) => {
                Statement::new("DELETE FROM numbers WHERE number >= ?1").with(*key).expecting(*expect)
            }
            Action::CountFrom(key, expect) => {
                Statement::new("SELECT name FROM numbers WHERE number >= ?1").with(*key).expecting(*expect)
            }
        }
    }

    /// How many rows the action matches and what it expects, or nothing where it fails.
    fn apply(&self, model: &mut Model) -> Option<(usize, Expect)> {
        match self {
            Action::Put(key, value) => {
                model.insert(*key, value.to_string());
                Some((1, Expect::Any))
            }
            Action::InsertOrFail(key, _) if model.contains_key(key) => None,
            Action::InsertOrFail(key, value) => {
                model.insert(*key, value.to_string());
                Some((1, Expect::Any))
            }
            Action::InsertIfAbsent(key, _, expect) if model.contains_key(key) => Some((0, *expect)),
            Action::InsertIfAbsent(key, value, expect) => {
                model.insert(*key, value.to_string());
                Some((1, *expect))
            }
            Action::DeleteFrom(key, expect) => Some((model.split_off(key).len(), *expect)),
            Action::CountFrom(key, expect) => Some((model.range(key..).count(), *expect)),
        }
    }
}

fn apply(unit: &[Action], model: &mut Model) -> Answer {
    let mut changed = model.clone();
    let mut rows = Vec::new();
    for (statement, action) in unit.iter().enumerate() {
        let (matched, expect) = action.apply(&mut changed)?;
        if !expect.allows(matched) {
            return Some(Outcome::Mismatch { statement, rows: matched });
        }
        rows.push(matched);
    }
    *model = changed;
    Some(Outcome::Done { rows })
}

/// Hands all units in before the writer may take one, so that they share transactions.
async fn run(db: &Db, units: &[Vec<Action>]) -> Vec<Answer> {
    let (release, released) = mpsc::channel::<()>();
    db.sqlite().inspect(move |_| assert!(released.recv().is_err())).await;
    let mut waiting = Vec::new();
    for unit in units {
        let statements = unit.iter().map(Action::statement).collect();
        waiting.push(db.sqlite().submit(statements).await.unwrap());
    }
    drop(release);
    let mut answers = Vec::new();
    for answer in waiting {
        answers.push(answer.await.unwrap().ok());
    }
    answers
}

async fn contents(db: &Db) -> Model {
    let rows = db.query(Statement::new("SELECT number, name FROM numbers")).await.unwrap();
    rows.iter().map(|row| (row.integer(0).unwrap(), row.text(1).unwrap().to_owned())).collect()
}

proptest! {
    #[test]
    fn units_do_what_a_map_does(rounds in vec(vec(vec(action(), 0..5), 1..12), 1..4)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let db = in_memory().await;
            let mut model = Model::new();
            for units in rounds {
                let expected: Vec<_> = units.iter().map(|unit| apply(unit, &mut model)).collect();
                prop_assert_eq!(run(&db, &units).await, expected);
                prop_assert_eq!(contents(&db).await, model.clone());
            }
            Ok(())
        })?;
    }
}
