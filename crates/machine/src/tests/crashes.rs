//! Gates, effects in doubt, cancellation, pauses and budgets.

use super::tools::{NOW, Told, done, finish, run, start};
use crate::simulate::{Answer, Script, Simulation};
use crate::{Command, Fault, Free, Price, Prices, Progress, Work, decide};
use journal::{Amount, Decision, Digest, End, Entry, Gate, Kind, Payload, Resolution, Status, StepPath};
use serde_json::{Value, json};

const GATE: &str = "steps:\n- { name: g, gate: { prompt: \"Publish {{ params.p }}?\", show: { x: \"{{ params.p }}\" }, edit: true, expires: 1h } }\noutput: \"{{ steps.g.output }}\"\n";

fn decision() -> Decision {
    Decision { actor: "ada".to_owned(), reason: Some("because".to_owned()) }
}

fn at_gate(text: &str) -> (Simulation, StepPath, Gate) {
    let mut run = start(text, json!("it"));
    run.advance(&Free).unwrap();
    let (path, gate) = run.state().open_gates().next().unwrap();
    assert_eq!(run.state().status(), Status::Waiting);
    (run, path, gate)
}

fn approve(run: &mut Simulation, gate: Gate, edited: Option<&str>, at: u64) {
    let mut entry =
        Entry::of_step(at, StepPath::new("g").unwrap(), 0, Kind::GateApproved { decision: decision(), gate });
    entry.payload = edited.map(|text| Payload::new(text).unwrap());
    run.append(vec![entry]).unwrap();
}

#[test]
fn a_gate_takes_a_decision_on_what_it_shows_and_no_other() {
    let (mut run, path, gate) = at_gate(GATE);
    assert_eq!(gate.expires, Some(NOW + 3_600_000));
    let other = || gate.clone();
    approve(&mut run, Gate { arguments: Digest::of(b"other"), ..other() }, None, NOW);
    approve(&mut run, Gate { plan: Digest::of(b"other"), ..other() }, None, NOW);
    // Too late, by the clock of whoever wrote it.
    approve(&mut run, gate.clone(), None, NOW + 3_600_000);
    assert!(run.state().steps().any(|(step, progress)| *step == path && progress == Progress::AtGate));
    approve(&mut run, gate, None, NOW + 1);
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!({"x": "it"})));
    // Its expiry is not waited for any more.
    assert!(run.journal().iter().any(|entry| matches!(entry.kind, Kind::TimerCleared { .. })));
}

#[test]
fn what_is_shown_may_be_edited_where_the_gate_says_so() {
    let (mut run, _, gate) = at_gate(GATE);
    approve(&mut run, gate, Some("{\"x\":\"that\"}"), NOW);
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!({"x": "that"})));
    let (mut run, _, gate) = at_gate(&GATE.replace("edit: true", "edit: false"));
    approve(&mut run, gate, Some("{\"x\":\"that\"}"), NOW);
    assert_eq!(run.state().open_gates().count(), 1);
}

#[test]
fn nobody_deciding_is_a_no() {
    let (mut run, ..) = at_gate(GATE);
    run.set_clock(NOW + 3_600_000);
    let (end, value) = finish(&mut run, &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1210")));
    let (mut run, ..) = at_gate(&GATE.replace("expires: 1h", "expires: 1h, on_expiry: approve"));
    run.set_clock(NOW + 7_200_000);
    assert_eq!(finish(&mut run, &mut Told::default()).0, End::Succeeded);
    assert_eq!(done(GATE, json!(1), &mut Told { no: true, ..Told::default() }).0, End::Failed);
}

/// Says what became of effects in doubt.
struct Doubts(Resolution, Value, Told);

impl Script for Doubts {
    fn answer(&mut self, command: &Command) -> Answer {
        self.2.answer(command)
    }

    fn resolve(&mut self, _: &StepPath) -> Option<(Resolution, Value)> {
        Some((self.0, self.1.clone()))
    }
}

fn crashed(rule: &str, effect: &str) -> Simulation {
    let text = format!(
        "steps:\n- {{ name: a, tool: mcp://s/a, effect: {effect}, on_in_doubt: {rule} }}\noutput: \"{{{{ steps.a.output.did }}}}\"\n"
    );
    let mut run = start(&text, Value::Null);
    run.advance(&Free).unwrap();
    assert_eq!(run.calls().len(), 1);
    run.crash().unwrap()
}

fn attempts(run: &Simulation) -> usize {
    run.journal().iter().filter(|entry| matches!(entry.kind, Kind::Attempted { .. })).count()
}

#[test]
fn an_unsafe_effect_in_doubt_is_decided_by_its_rule() {
    let happened = json!({"did": "before"});
    let mut run = crashed("ask", "unsafe");
    run.advance(&Free).unwrap();
    assert_eq!(run.state().status(), Status::InDoubt);
    assert!(decide(run.state(), run.now(), &Free).is_empty(), "nothing goes on until somebody says");
    let mut script = Doubts(Resolution::Happened, happened.clone(), Told::default());
    assert_eq!(finish(&mut run, &mut script), (End::Succeeded, json!("before")));
    assert!(script.2.calls.is_empty());
    let mut script = Doubts(Resolution::Happened, happened, Told::default());
    let probe = "{ probe: { tool: mcp://s/look } }";
    assert_eq!(finish(&mut crashed(probe, "unsafe"), &mut script), (End::Succeeded, json!("before")));
    let mut run = crashed("retry", "unsafe");
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!("a")));
    assert_eq!(attempts(&run), 2);
    let keys: Vec<_> = run
        .journal()
        .iter()
        .filter_map(|entry| match entry.kind {
            Kind::Attempted { key, .. } => Some(key),
            _ => None,
        })
        .collect();
    assert_eq!(keys[0], keys[1]);
    let (end, value) = finish(&mut crashed("fail", "unsafe"), &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1213")));
    // What may happen twice is simply sent again.
    let mut run = crashed("ask", "idempotent");
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!("a")));
    assert_eq!(attempts(&run), 1);
}

#[test]
fn an_answer_in_doubt_is_not_a_failure() {
    struct Lost(u32);
    impl Script for Lost {
        fn answer(&mut self, _: &Command) -> Answer {
            self.0 += 1;
            if self.0 == 1 { Answer::Doubt } else { Answer::Value(json!({"did": self.0})) }
        }
    }
    let text = "steps:\n- { name: a, tool: mcp://s/a, retry: 5 }\noutput: \"{{ steps.a.output.did }}\"\n";
    assert_eq!(done(text, Value::Null, &mut Lost(0)), (End::Succeeded, json!(2)));
}

#[test]
fn a_cancelled_run_ends_what_it_sent_and_undoes_what_it_did() {
    let text = "steps:\n- { name: a, tool: mcp://s/a, compensate: { tool: mcp://s/undo } }\n- { name: b, after: a, tool: mcp://s/b }\n- { name: r, after: a, tool: mcp://s/r, effect: read }\n- { name: c, after: b, tool: mcp://s/c }\n";
    let mut run = start(text, Value::Null);
    run.advance(&Free).unwrap();
    run.answer(0, Answer::Value(json!(1))).unwrap();
    run.advance(&Free).unwrap();
    run.append(vec![Entry::of_run(NOW, Kind::Cancelled(decision()))]).unwrap();
    let commands = decide(run.state(), NOW, &Free);
    let stopped: Vec<String> = commands
        .iter()
        .filter_map(|command| match command {
            Command::Stop { path } => Some(path.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(stopped, ["b", "r"]);
    let mut told = Told::default();
    let (end, value) = finish(&mut run, &mut told);
    assert_eq!((end, &value["code"]), (End::Cancelled, &json!("T-1215")));
    assert_eq!(told.calls, ["b:1", "r:1", "a~undo:1"], "the unsafe one is waited for before anything is undone");
}

#[test]
fn a_paused_run_begins_nothing() {
    let mut run = start("steps:\n- { name: a, tool: mcp://s/a }\n", Value::Null);
    run.append(vec![Entry::of_run(NOW, Kind::Paused(decision()))]).unwrap();
    assert!(decide(run.state(), NOW, &Free).is_empty());
    assert_eq!(run.state().status(), Status::Paused);
    run.append(vec![Entry::of_run(NOW, Kind::Resumed(decision()))]).unwrap();
    assert_eq!(finish(&mut run, &mut Told::default()).0, End::Succeeded);
}

/// Each model call takes this at most.
struct Each(u64);

impl Prices for Each {
    fn price(&self, _: usize, _: &Work) -> Price {
        Price::fixed(Amount { money: self.0, tokens: self.0 })
    }
}

#[test]
fn nothing_is_called_that_cannot_be_paid() {
    let text = "steps:\n- { name: a, for_each: [1, 2, 3, 4], tool: model_call, inputs: { model: m, prompt: x }, on_error: continue }\nbudget: { tokens: 250 }\n";
    let mut run = start(text, Value::Null);
    run.advance(&Each(100)).unwrap();
    assert_eq!(run.calls().len(), 2, "the others wait for what may come back");
    let path = StepPath::new("a").unwrap().item(0);
    let reserved = Amount { money: 100, tokens: 100 };
    // The first took little: there is room for one more.
    let settled = Kind::Settled { reserved, spent: Amount { money: 5, tokens: 5 } };
    let result = Entry::of_step(NOW, path.clone(), 1, Kind::Succeeded).with(Payload::new("1").unwrap());
    run.append(vec![Entry::of_step(NOW, path, 1, settled), result]).unwrap();
    run.advance(&Each(100)).unwrap();
    assert_eq!(run.calls().len(), 3);
    run.answer(2, Answer::Value(json!(2))).unwrap();
    run.answer(1, Answer::Value(json!(2))).unwrap();
    while run.one(&mut Told::default(), &Each(100)).unwrap() {}
    assert_eq!(run.state().end(), Some(End::Failed), "whatever `on_error` says");
    assert_eq!(run.result().unwrap()["code"], "T-1214");
    assert_eq!(run.state().used().1.tokens, 205);
}

#[test]
fn what_a_crash_left_set_aside_is_spent() {
    let text = "steps:\n- { name: a, tool: model_call, inputs: { model: m, prompt: x } }\nbudget: { tokens: 250 }\n";
    let mut run = start(text, Value::Null);
    for left in [Some(End::Succeeded), Some(End::Failed)] {
        while run.calls().is_empty() {
            run.advance(&Each(100)).unwrap();
        }
        run = run.crash().unwrap();
        let mut other = run.crash().unwrap();
        assert_eq!(other.go_on(&mut Told::default(), &Each(100)).unwrap(), left);
        assert!(other.state().used().0.tokens + other.state().used().1.tokens <= 250);
    }
}

#[test]
fn time_passes_only_while_nobody_is_asked() {
    let text = "steps:\n- { name: g, gate: \"?\" }\n- { name: a, after: g, wait: 50m }\nbudget: { time: 1h }\n";
    let mut run = start(text, Value::Null);
    while run.advance(&Free).unwrap() > 0 {}
    // Nothing is written down while it waits, however long that is.
    assert_eq!(run.state().next_due(), None);
    run.set_clock(NOW + 10 * 3_600_000);
    assert_eq!(run.advance(&Free).unwrap(), 0);
    assert!(run.state().end().is_none());
    assert_eq!(finish(&mut run, &mut Told::default()).0, End::Succeeded);
    let (end, value) = done(&text.replace("50m", "70m"), Value::Null, &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1214")));
}

#[test]
fn wrong_arguments_end_the_run() {
    let text = "name: w\nparams: { n: { type: integer } }\nsteps:\n- { name: a, set: { x: 1 } }\n";
    let workflow = workflow::read("w.yaml", text).unwrap().remove(0);
    let plan = workflow::Plan::of(&workflow, &workflow::Source::new("w.yaml", text), &workflow::Nothing).unwrap();
    let mut simulation = Simulation::start(plan.into(), run(), &json!({"n": "x"}), NOW).unwrap();
    let (end, value) = finish(&mut simulation, &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1110")));
}

#[test]
fn faults_pass_or_do_not() {
    let passes = |code: &str| Fault { code: code.to_owned(), message: String::new() }.may_pass();
    assert!(["T-0204", "T-0908", "T-0907", "X-1"].into_iter().all(passes));
    assert!(!["T-0304", "T-1111", "T-1210", "T-0405"].into_iter().any(passes));
}

#[test]
fn the_first_result_counts_also_of_an_attempt_that_was_given_up() {
    let mut run = crashed("retry", "unsafe");
    while run.calls().is_empty() {
        assert!(run.advance(&Free).unwrap() > 0);
    }
    let path = StepPath::new("a").unwrap();
    let late = Entry::of_step(NOW, path, 1, Kind::Succeeded).with(Payload::new("{\"did\":\"late\"}").unwrap());
    run.append(vec![late]).unwrap();
    assert!(matches!(decide(run.state(), NOW, &Free)[..], [Command::Stop { .. }, Command::Finish { .. }]));
    assert_eq!(finish(&mut run, &mut Told::default()), (End::Succeeded, json!("late")));
}

#[test]
fn what_ends_a_run_comes_before_calls() {
    // The input of `b` cannot be made, so that nobody wants what `c` would do.
    let text = "steps:\n- { name: b, tool: mcp://s/b, inputs: { x: \"{{ params.p + 1 }}\" } }\n- { name: c, tool: mcp://s/c }\n- { name: d, wait: 1h }\n";
    let mut run = start(text, json!([]));
    let mut told = Told::default();
    assert_eq!(finish(&mut run, &mut told).0, End::Failed);
    assert!(told.calls.is_empty());
}

#[test]
fn many_items_take_as_long_as_they_are_many() {
    let text = "steps:\n- { name: a, for_each: { items: params.p, max: 20000, concurrency: 8 }, tool: mcp://s/a, effect: read, output: \"{{ item }}\" }\noutput: \"{{ steps.a.output | length }}\"\n";
    let items: Vec<u32> = (0..10_000).collect();
    let mut run = start(text, json!(items));
    let mut script = Told::default();
    while run.one(&mut script, &Free).unwrap() {}
    assert_eq!(run.result(), Some(json!(10_000)));
    assert_eq!(run.journal().len(), 10_002);
}

#[test]
fn a_run_whose_time_is_up_waits_for_what_it_sent() {
    let text = "steps:\n- { name: a, tool: mcp://s/a }\nbudget: { time: 1h }\n";
    let mut run = start(text, Value::Null);
    while run.advance(&Free).unwrap() > 0 {}
    run.set_clock(NOW + 3_600_000);
    while run.advance(&Free).unwrap() > 0 {}
    assert!(run.state().end().is_none());
    let length = run.journal().len();
    run.set_clock(NOW + 7_200_000);
    assert!(decide(run.state(), run.now(), &Free).is_empty());
    assert_eq!(run.journal().len(), length);
    let (end, value) = finish(&mut run, &mut Told::default());
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1214")));
}
