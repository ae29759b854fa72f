//! Properties over random graphs: any order of answers, and a crash after any entry.

use super::tools::{NOW, finish, plan, plan_of, run};
use crate::node::Standing;
use crate::simulate::graphs::{self, Shape, text};
use crate::simulate::{Answer, Script, Simulation};
use crate::{Command, Free, State, Task, Work};
use journal::{Effect, End, Entry, Kind, Resolution, StepPath};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The answer to a call is made of the call alone, but for faults that pass.
struct Made {
    order: Vec<u8>,
    at: usize,
}

impl Script for Made {
    fn answer(&mut self, command: &Command) -> Answer {
        let Command::Run { path, attempt, work: Work::Ready(Task::Tool(call)), .. } = command else {
            panic!("{command:?}")
        };
        graphs::answer(path, *attempt, call)
    }

    fn first(&mut self, calls: usize) -> usize {
        self.at += 1;
        self.order.get(self.at % self.order.len().max(1)).map_or(0, |one| usize::from(*one)) % calls
    }

    fn resolve(&mut self, _: &StepPath) -> Option<(Resolution, Value)> {
        Some((Resolution::Retry, Value::Null))
    }
}

fn made(order: &[u8]) -> Made {
    Made { order: order.to_vec(), at: 0 }
}

fn begin(text: &str, p: u8) -> Simulation {
    Simulation::start(plan(text), run(), &json!({ "p": p }), NOW).unwrap()
}

/// No step is called before those that it waits for are at their end.
fn breaks_no_edge(state: &State) {
    for node in state.nodes.iter().filter(|node| node.is_whole() && !matches!(node.standing, Standing::Waiting(_))) {
        let Some(frame) = node.parent.and_then(|parent| state.frames.get(&parent)) else { continue };
        for edge in &state.plan.steps()[node.place].waits {
            let other = &state.nodes[frame[&edge.on]];
            assert!(matches!(other.standing, Standing::Done(_)), "{:?} before {:?}", node.path, other.path);
        }
    }
}

/// No result twice, and no unsafe effect twice without a word on it.
fn holds(journal: &[Entry]) {
    let mut done = BTreeSet::new();
    let mut sent: BTreeMap<StepPath, bool> = BTreeMap::new();
    for entry in journal {
        let Some(step) = entry.step.clone() else { continue };
        match entry.kind {
            Kind::Succeeded => assert!(done.insert(step.clone()), "{step} is done twice"),
            Kind::Attempted { effect: Effect::Unsafe, .. } => {
                assert_ne!(sent.insert(step.clone(), true), Some(true), "{step} is sent twice");
            }
            Kind::Failed { .. } | Kind::Resolved { .. } => {
                sent.insert(step, false);
            }
            _ => {}
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u16>(), 0..3)), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_answers_gives_the_same(shape in shapes(), p in 0_u8..4, orders in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 3)) {
        let text = text(&shape);
        let mut all = Vec::new();
        for order in &orders {
            let mut simulation = begin(&text, p);
            let mut script = made(order);
            while simulation.one(&mut script, &Free).unwrap() {
                breaks_no_edge(simulation.state());
            }
            prop_assert_eq!(simulation.state().end(), Some(End::Succeeded), "{:?}\n{}", simulation.result(), text);
            holds(simulation.journal());
            all.push(simulation.result());
        }
        prop_assert!(all.iter().all(|one| *one == all[0]), "{:#?}\n{}", all, text);
        let mut checked = begin(&text, p);
        prop_assert_eq!(Some(finish(&mut checked, &mut made(&orders[0])).1), all.remove(0));
    }

    #[test]
    fn a_crash_after_any_entry_changes_nothing(shape in shapes(), p in 0_u8..4, order in prop::collection::vec(any::<u8>(), 1..20), jump in -3_600_000_i64..3_600_000) {
        let text = text(&shape);
        let mut whole = begin(&text, p);
        whole.go_on(&mut made(&order), &Free).unwrap();
        for length in 1..=whole.journal().len() {
            let journal = whole.journal()[..length].to_vec();
            // The clock of the machine that goes on is another's.
            let now = journal.last().unwrap().at.saturating_add_signed(jump);
            // Nobody approves what has expired: the clock goes on from when the gate was opened.
            let now = if text.contains("expires") { journal.last().unwrap().at } else { now };
            let mut again = Simulation::resume(plan_of(&whole), run(), journal, now).unwrap();
            let end = again.go_on(&mut made(&order), &Free).unwrap();
            prop_assert_eq!(end, Some(End::Succeeded), "{:?}\n{}", again.result(), text);
            prop_assert_eq!(again.result(), whole.result(), "cut at {}\n{}", length, text);
            holds(again.journal());
        }
    }

    #[test]
    fn crashes_again_and_again_change_nothing(shape in shapes(), p in 0_u8..4, order in prop::collection::vec(any::<u8>(), 1..20), crashes in prop::collection::vec(1_usize..12, 0..8)) {
        let text = text(&shape);
        let mut whole = begin(&text, p);
        whole.go_on(&mut made(&order), &Free).unwrap();
        let (mut often, mut script) = (begin(&text, p), made(&order));
        for steps in crashes {
            for _ in 0..steps {
                often.one(&mut script, &Free).unwrap();
            }
            often = often.crash().unwrap();
        }
        prop_assert_eq!(often.go_on(&mut script, &Free).unwrap(), Some(End::Succeeded), "{:?}\n{}", often.result(), text);
        prop_assert_eq!(often.result(), whole.result(), "{}", text);
        holds(often.journal());
    }

    #[test]
    fn a_run_that_fails_ends_too(shape in shapes(), p in 0_u8..4, order in prop::collection::vec(any::<u8>(), 1..20), cut in any::<prop::sample::Index>(), cancel in any::<bool>()) {
        let text = format!("{}- {{ name: last, tool: mcp://s/fail }}\n", text(&shape));
        let mut whole = begin(&text, p);
        let mut script = made(&order);
        if cancel {
            whole.one(&mut script, &Free).unwrap();
            whole.one(&mut script, &Free).unwrap();
            let decision = journal::Decision { actor: "ada".to_owned(), reason: None };
            if whole.state().end().is_none() {
                whole.append(vec![Entry::of_run(whole.now(), Kind::Cancelled(decision))]).unwrap();
            }
        }
        let (end, _) = finish(&mut whole, &mut script);
        prop_assert!(end != End::Succeeded);
        holds(whole.journal());
        let journal = whole.journal()[..=cut.index(whole.journal().len())].to_vec();
        let mut again = Simulation::resume(plan_of(&whole), run(), journal, whole.now()).unwrap();
        let end = again.go_on(&mut script, &Free).unwrap();
        prop_assert!(end.is_some_and(|end| end != End::Succeeded), "{:?}\n{}", end, text);
        holds(again.journal());
    }
}
