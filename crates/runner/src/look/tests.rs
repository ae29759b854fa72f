use super::{Look, Looks, of_payload};
use crate::limits::LOOKS_BYTES;
use crate::tests::served;
use journal::{Digest, Entry, Kind, Payload, RunId, StepPath};
use machine::{State, weight};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// Keeps what it is given twice more: as items, and as what they give.
const COPIES: &str = "
name: copies
params: { p: { type: array } }
steps:
  - { name: each, for_each: { items: '{{ params.p }}', max: 20000 }, set: { x: '{{ item }}' } }
  - { name: wait, wait: { signal: go } }
";

fn run(number: u8) -> RunId {
    RunId::new(1, [number; 10])
}

fn look(text: &str, number: u8, params: &Value) -> Look {
    let mut look = Look::of(State::of(Arc::clone(&served(text).plan), run(number)));
    let started = Kind::Started { definition: Digest::of(b""), parent: None };
    look.note(&Entry::of_run(1, started).with(Payload::new(&params.to_string()).unwrap())).unwrap();
    look
}

/// A hundred kilobytes of text that is fifty thousand values.
fn numbers() -> Value {
    json!({"p": [vec![0; 50_000]]})
}

#[test]
fn a_run_weighs_what_its_values_take_and_not_their_text() {
    let mut look = look(COPIES, 1, &numbers());
    let least = 50_000 * size_of::<Value>() as u64;
    // The parameter, the items, and what the item gave.
    assert!((3 * least..10 * least).contains(&look.weigh()), "{} of {least}", look.weigh());
    assert_eq!(look.weigh(), look.weigh());
}

#[test]
fn what_comes_later_weighs_too() {
    let mut look = look(COPIES, 1, &json!({"p": []}));
    let before = look.weigh();
    let body = Payload::new(&numbers().to_string()).unwrap();
    for name in ["a", "b"] {
        let signal = Entry::of_run(1, Kind::Signal { name: name.to_owned() }).with(body.clone());
        look.note(&signal).unwrap();
    }
    assert!(look.weigh() > before + 2 * 50_000 * size_of::<Value>() as u64);
    let noise = Entry::of_step(1, StepPath::new("wait").unwrap(), 0, Kind::Expanded);
    for _ in 0..100 {
        let before = look.weigh();
        look.note(&noise).unwrap();
        assert!(look.weigh().abs_diff(before) < before, "it is about the same");
    }
}

#[test]
fn runs_with_many_small_values_leave_no_room_for_others() {
    let looks = Looks::default();
    for number in 0..16 {
        let mut look = look(COPIES, number, &numbers());
        looks.place(run(number));
        looks.weigh(run(number), look.weigh());
        assert!(looks.count() as u64 * look.weigh() <= LOOKS_BYTES);
    }
    assert!((1..8).contains(&looks.count()), "{}", looks.count());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,9}".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".{0,5}", inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_weighs_more_than_its_text_lets_expect(value in values()) {
        let payload = Payload::new(&value.to_string()).unwrap();
        prop_assert!(weight(&value) <= of_payload(&payload), "{} {}", weight(&value), of_payload(&payload));
    }
}
