//! What runs set aside of their budget, and that nothing of it is forgotten.

use super::tools::{NOW, Told, finish, run, start};
use crate::simulate::{Answer, Script, Simulation};
use crate::{Command, FOR_CONTEXT, Fault, Free, Price, Prices, Work, decide};
use journal::{Amount, Decision, Effect, End, Entry, Kind, StepPath};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Each model call takes this at most.
struct Each(u64);

impl Prices for Each {
    fn price(&self, _: usize, _: &Work) -> Price {
        Price::fixed(amount(self.0))
    }
}

/// Each call takes between so much and so much.
struct Between(u64, u64);

impl Prices for Between {
    fn price(&self, _: usize, _: &Work) -> Price {
        Price { least: amount(self.0), most: amount(self.1) }
    }
}

const fn amount(tokens: u64) -> Amount {
    Amount { money: tokens.saturating_mul(3), tokens }
}

fn cancelled(at: u64) -> Entry {
    Entry::of_run(at, Kind::Cancelled(Decision { actor: "ada".to_owned(), reason: None }))
}

/// What the entries set aside, what they gave back of it, and what they spent.
fn account(journal: &[Entry]) -> (Amount, Amount, Amount) {
    let mut sums = [Amount::default(); 3];
    let mut add = |place: usize, amount: Amount| {
        sums[place].money += amount.money;
        sums[place].tokens += amount.tokens;
    };
    for entry in journal {
        match entry.kind {
            Kind::Reserved(amount) => add(0, amount),
            Kind::Settled { reserved, spent } => {
                add(1, reserved);
                add(2, spent);
            }
            _ => {}
        }
    }
    sums.into()
}

const ASKS: &str =
    "steps:\n- { name: a, tool: model_call, inputs: { model: m, prompt: x } }\nbudget: { tokens: 250 }\n";

#[test]
fn what_a_crash_has_taken_counts_as_spent_before_anything_else_is_called() {
    let mut run = start(ASKS, Value::Null);
    run.advance(&Each(100)).unwrap();
    let mut run = run.crash().unwrap();
    let path = StepPath::new("a").unwrap();
    let settle = Command::Settle { path, reserved: amount(100), spent: amount(100) };
    assert_eq!(decide(run.state(), NOW, &Each(100)), [settle]);
    assert_eq!(run.go_on(&mut Told::default(), &Each(100)).unwrap(), Some(End::Succeeded));
    assert_eq!(run.state().used(), (amount(0), amount(200)));
}

#[test]
fn what_is_set_aside_when_a_run_is_cancelled_is_settled_before_its_end() {
    for crashes in [false, true] {
        let mut run = start(ASKS, Value::Null);
        run.advance(&Each(100)).unwrap();
        run.append(vec![cancelled(NOW)]).unwrap();
        if crashes {
            run = run.crash().unwrap();
        } else {
            assert!(
                matches!(decide(run.state(), NOW, &Each(100))[..], [Command::Stop { .. }]),
                "it comes back at once"
            );
        }
        assert_eq!(run.go_on(&mut Told::default(), &Each(100)).unwrap(), Some(End::Cancelled));
        assert_eq!(run.state().used(), (amount(0), amount(100)));
    }
}

/// What the commands set aside.
fn asides(commands: &[Command]) -> Vec<Option<u64>> {
    let aside = |command: &Command| match command {
        Command::Run { reserve, .. } => Some(reserve.map(|amount| amount.tokens)),
        _ => None,
    };
    commands.iter().filter_map(aside).collect()
}

#[test]
fn as_much_is_set_aside_as_is_left_between_the_least_and_the_most() {
    let text = "steps:\n- { name: a, for_each: [1, 2, 3], tool: model_call, inputs: { model: m, prompt: x } }\n";
    let aside = |budget: &str, prices: &dyn Prices| {
        let run = start(&format!("{text}{budget}"), Value::Null);
        asides(&decide(run.state(), NOW, prices))
    };
    assert_eq!(aside("", &Between(100, 500)), [None, None, None], "nothing is limited");
    assert_eq!(aside("budget: { tokens: 2000 }\n", &Between(100, 500)), [Some(500), Some(500), Some(500)]);
    assert_eq!(aside("budget: { tokens: 800 }\n", &Between(100, 500)), [Some(500), Some(300)], "the third waits");
    assert_eq!(aside("budget: { tokens: 599 }\n", &Between(100, 500)), [Some(500)]);
    assert_eq!(aside("budget: { tokens: 99 }\n", &Between(100, 500)), []);
    assert_eq!(aside("budget: { money: 1 }\n", &Between(100, 500)), [Some(100), Some(100), Some(100)], "not limited");
}

const WITHIN: &str = "steps:\n\
    - { name: a, workflow: inner }\n\
    - { name: b, tool: model_call, inputs: { model: m, prompt: x } }\n\
    budget: { tokens: 150 }\n";

#[test]
fn what_is_set_aside_for_a_run_within_stays_so_over_a_crash_and_others_wait_for_it() {
    let mut run = start(WITHIN, Value::Null);
    run.advance(&Each(100)).unwrap();
    let mut run = run.crash().unwrap();
    let commands = decide(run.state(), NOW, &Each(100));
    assert!(matches!(&commands[..], [Command::Run { kept: true, .. }]), "{commands:?}");
    assert_eq!(asides(&commands), [Some(100)]);
    run.advance(&Each(100)).unwrap();
    assert_eq!(run.state().used(), (amount(100), amount(0)), "it is set aside once");
    run.append(vec![cancelled(NOW)]).unwrap();
    let mut run = run.crash().unwrap();
    assert_eq!(run.go_on(&mut Told::default(), &Each(100)).unwrap(), Some(End::Cancelled));
    assert_eq!(run.state().used(), (amount(0), amount(100)));
}

#[test]
fn a_run_within_for_which_nothing_was_set_aside_goes_on_as_it_was_begun() {
    let mut run = start(&WITHIN.replace("- { name: b", "- { name: b, after: [a]"), Value::Null);
    run.advance(&Free).unwrap();
    let run = run.crash().unwrap();
    assert_eq!(asides(&decide(run.state(), NOW, &Each(u64::MAX))), [None]);
}

#[test]
fn a_run_within_that_failed_is_paid_once_for_all_attempts() {
    let text = WITHIN
        .replace("workflow: inner", "workflow: inner, retry: 3")
        .replace("- { name: b", "- { name: b, after: [a]");
    let mut run = start(&text, Value::Null);
    run.advance(&Each(100)).unwrap();
    run.answer(0, Answer::Fault(Fault { code: "T-0204".to_owned(), message: "gone".to_owned() })).unwrap();
    while run.calls().is_empty() {
        run.set_clock(run.state().next_due().unwrap_or(NOW));
        run.advance(&Each(100)).unwrap();
    }
    assert_eq!(asides(run.calls()), [None]);
    assert_eq!(run.state().used(), (amount(0), amount(100)));
}

#[test]
fn a_run_within_that_has_no_limit_is_not_begun_in_a_run_that_has_one() {
    let mut run = start(WITHIN, Value::Null);
    assert_eq!(run.go_on(&mut Told::default(), &Each(u64::MAX)).unwrap(), Some(End::Failed));
    let error = run.result().unwrap();
    assert_eq!(error["code"], "T-1214");
    assert!(error["message"].as_str().unwrap().contains("give it a `budget`"), "{error}");
}

const WITH_CONTEXT: &str = "steps:\n\
    - { name: a, tool: mcp://s/a, effect: read }\n\
    - { name: b, tool: model_call, effect: unsafe, memory: { needs: [\"tool_output(a)\"] }, inputs: { model: m, prompt: \"{{ memory.a_output }}\" } }\n\
    budget: { tokens: 1000 }\n";

/// A run that makes the context of `b`, for which it has set aside 100 tokens, and 7 more for its call.
fn in_context() -> (Simulation, StepPath) {
    in_context_of(WITH_CONTEXT)
}

fn in_context_of(text: &str) -> (Simulation, StepPath) {
    let mut run = start(text, Value::Null);
    run.advance(&Each(7)).unwrap();
    run.answer(0, Answer::Value(json!("text"))).unwrap();
    run.advance(&Each(7)).unwrap();
    let path = StepPath::new("b").unwrap();
    let (name, value) = FOR_CONTEXT;
    let reserved = Entry::of_step(NOW, path.clone(), 1, Kind::Reserved(amount(100))).encode();
    let reserved = Entry::decode(&reserved.replacen('{', &format!("{{\"{name}\":{value},"), 1)).unwrap();
    run.append(vec![reserved]).unwrap();
    (run, path)
}

#[test]
fn a_step_without_its_context_is_not_in_doubt_and_its_call_cost_nothing() {
    let (run, path) = in_context();
    assert!(!run.journal().iter().any(|entry| matches!(entry.kind, Kind::Attempted { .. })), "nothing is sent yet");
    let mut after = run.crash().unwrap();
    let settle = Command::Settle { path, reserved: amount(107), spent: amount(100) };
    assert_eq!(decide(after.state(), NOW, &Each(7)), [settle]);
    assert_eq!(after.go_on(&mut Told::default(), &Each(7)).unwrap(), Some(End::Succeeded));
    assert_eq!(after.state().used(), (amount(0), amount(107)));
}

#[test]
fn what_a_crash_took_of_a_context_is_nothing_that_the_run_within_took() {
    let call = "tool: model_call, effect: unsafe,";
    let text = WITH_CONTEXT.replace(call, "workflow: inner,").replace("model: m, prompt:", "prompt:");
    let (run, path) = in_context_of(&text);
    let mut after = run.crash().unwrap();
    while after.state().used().0 != amount(0) {
        assert!(after.advance(&Each(7)).unwrap() > 0);
    }
    assert!(after.state().used().1.tokens >= 100, "it counts");
    assert_eq!(after.state().spent_within(&path), amount(0));
}

#[test]
fn a_step_that_has_its_context_is_in_doubt_after_a_crash() {
    let (mut run, path) = in_context();
    run.given(0).unwrap();
    let intents =
        run.journal().iter().filter(|entry| matches!(entry.kind, Kind::Attempted { effect: Effect::Unsafe, .. }));
    assert_eq!(intents.count(), 1);
    let mut after = run.crash().unwrap();
    let settle = Command::Settle { path: path.clone(), reserved: amount(107), spent: amount(107) };
    assert!(decide(after.state(), NOW, &Each(7)).contains(&settle));
    while after.advance(&Each(7)).unwrap() > 0 {}
    assert_eq!(after.state().doubts().collect::<Vec<_>>(), [path]);
}

#[test]
fn a_step_that_is_not_wanted_while_its_context_is_made_sends_nothing() {
    let (mut run, path) = in_context();
    run.append(vec![cancelled(NOW)]).unwrap();
    run.given(0).unwrap();
    assert!(!run.state().is_sent(&path, 1));
    let (mut run, _) = in_context();
    run.given(0).unwrap();
    assert!(run.state().is_sent(&path, 1));
    run.append(vec![cancelled(NOW)]).unwrap();
    assert_eq!(finish(&mut run, &mut Told::default()).0, End::Cancelled);
}

/// Answers what it is asked in some order, now and then with a fault.
struct Made {
    order: Vec<u8>,
    at: usize,
}

impl Made {
    fn next(&mut self) -> u8 {
        self.at += 1;
        self.order.get(self.at % self.order.len().max(1)).copied().unwrap_or_default()
    }
}

impl Script for Made {
    fn answer(&mut self, _: &Command) -> Answer {
        let fault = |code: &str| Answer::Fault(Fault { code: code.to_owned(), message: "made".to_owned() });
        match self.next() % 8 {
            0 => fault("T-0304"),
            1 => fault("T-0204"),
            2 => Answer::Doubt,
            _ => Answer::Value(json!("said")),
        }
    }

    fn first(&mut self, calls: usize) -> usize {
        usize::from(self.next()) % calls
    }
}

/// Model calls of all effects, with and without context, one after the other and side by side.
fn graph(kinds: &[u8], budget: u16) -> String {
    let mut text = "steps:\n".to_owned();
    for (index, kind) in kinds.iter().enumerate() {
        let effect = ["read", "read", "idempotent", "unsafe"][usize::from(kind % 4)];
        let mut more = format!("effect: {effect}");
        if kind & 4 > 0 {
            more += ", on_error: continue, retry: 3";
        }
        if kind & 8 > 0 && index > 0 {
            more += &format!(", after: [s{}]", index - 1);
        }
        let call = "tool: model_call, inputs: { model: m, prompt: x }";
        text += &match kind / 64 {
            0 => format!("- {{ name: s{index}, {call}, {more} }}\n"),
            1 => format!("- {{ name: s{index}, for_each: [1, 2, 3], {call}, {more} }}\n"),
            2 => format!(
                "- {{ name: s{index}, tool: model_call, memory: {{ needs: [parameters] }}, inputs: {{ model: m, prompt: \"{{{{ memory.parameters }}}}\" }}, {more} }}\n"
            ),
            3 if kind & 16 > 0 => format!("- {{ name: s{index}, workflow: inner, {more} }}\n"),
            _ => format!("- {{ name: s{index}, {call}, compensate: {{ tool: mcp://s/undo }}, {more} }}\n"),
        };
    }
    format!("{text}budget: {{ tokens: {budget} }}\n")
}

/// What happens to a run before it goes on by itself.
#[derive(Debug, Clone, Copy)]
enum Event {
    Goes,
    HasContext,
    Dies,
    IsCancelled,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = prop_oneof![8 => Just(Event::Goes), 2 => Just(Event::HasContext), 2 => Just(Event::Dies), 1 => Just(Event::IsCancelled)];
    prop::collection::vec(one, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_run_takes_more_than_its_budget_and_nothing_is_set_aside_at_its_end(most in 100_u64..400, kinds in prop::collection::vec(any::<u8>(), 1..6), budget in 1_u16..1_500, order in prop::collection::vec(any::<u8>(), 1..20), events in events()) {
        let text = graph(&kinds, budget);
        let mut simulation = Simulation::start(super::tools::plan(&text), run(), &json!({ "p": "text" }), NOW).unwrap();
        let mut script = Made { order, at: 0 };
        for event in events {
            match event {
                Event::Goes => drop(simulation.one(&mut script, &Between(100, most)).unwrap()),
                Event::HasContext => simulation.given(0).unwrap(),
                Event::Dies => simulation = simulation.crash().unwrap(),
                Event::IsCancelled if simulation.state().end().is_none() => {
                    let at = simulation.now();
                    simulation.append(vec![cancelled(at)]).unwrap();
                }
                Event::IsCancelled => {}
            }
            let (reserved, spent) = simulation.state().used();
            prop_assert!(reserved.tokens + spent.tokens <= u64::from(budget), "{}", text);
        }
        let end = simulation.go_on(&mut script, &Between(100, most)).unwrap();
        prop_assert!(end.is_some(), "{}", text);
        let (reserved, returned, spent) = account(simulation.journal());
        prop_assert_eq!(simulation.state().used(), (Amount::default(), spent), "{}", text);
        prop_assert_eq!(reserved, returned, "nothing is given back twice\n{}", text);
    }
}
