//! Calls that wait for a person because whoever runs the hub wants it so.

use super::tools::{NOW, Told, finish, run};
use crate::simulate::Simulation;
use crate::{Command, Free, Task, Work, decide};
use journal::{Decision, End, Entry, Kind, Payload};
use serde_json::{Value, json};
use std::sync::Arc;
use workflow::approval::Approvals;
use workflow::{Catalogue, Effect, Known, Plan, Source, Tool, read};

struct Asks(Approvals);

impl Catalogue for Asks {
    fn tool(&self, _: &str, _: &str) -> Known<Tool> {
        Known::Unknown
    }

    fn approvals(&self) -> Option<&Approvals> {
        Some(&self.0)
    }
}

fn start(edit: bool, steps: &str, p: impl Into<Value>) -> Simulation {
    let approvals = Approvals { effects: vec![Effect::Unsafe], expires: Some(60_000), edit, ..Approvals::default() };
    let text = format!("name: w\nparams: {{ p: {{ required: false }} }}\n{steps}");
    let workflow = read("w.yaml", &text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).remove(0);
    let plan = Plan::of(&workflow, &Source::new("w.yaml", &text), &Asks(approvals));
    let plan = Arc::new(plan.unwrap_or_else(|errors| panic!("{errors:#?}")));
    Simulation::start(plan, run(), &json!({ "p": p.into() }), NOW).unwrap()
}

const SEND: &str = "steps:\n- { name: send, tool: mcp://mail/send, inputs: { to: '{{ params.p }}' }, retry: 3 }\n\
    output: '{{ steps.send.output.with.to }}'\n";

/// The question that is asked first.
fn question(simulation: &mut Simulation) -> Command {
    simulation.advance(&Free).unwrap();
    assert!(simulation.calls().is_empty(), "nothing is sent before");
    let opened = simulation.state().open_gates().next().expect("a gate");
    let command = Command::OpenGate {
        path: opened.0.clone(),
        prompt: String::new(),
        show: simulation.state().shown_at(&opened.0).unwrap().clone(),
        gate: opened.1,
        approvers: Vec::new(),
    };
    assert_eq!(simulation.state().status(), journal::Status::Waiting);
    command
}

fn approve(simulation: &mut Simulation, command: &Command, edited: Option<Value>) {
    let Command::OpenGate { path, gate, .. } = command else { panic!("{command:?}") };
    let decision = Decision { actor: "anna".to_owned(), reason: None };
    let mut entry =
        Entry::of_step(simulation.now(), path.clone(), 0, Kind::GateApproved { decision, gate: gate.clone() });
    entry.payload = edited.map(|value| Payload::new(&value.to_string()).unwrap());
    simulation.append(vec![entry]).unwrap();
}

/// What is sent next.
fn sent(simulation: &Simulation) -> Vec<Value> {
    let commands = decide(simulation.state(), simulation.now(), &Free);
    let calls = commands.iter().filter_map(|command| match command {
        Command::Run { work: Work::Ready(Task::Tool(call)), .. } => Some(Value::Object(call.arguments.clone())),
        Command::Run { work: Work::Ready(Task::Plan { plan, .. }), .. } => Some(plan.clone()),
        _ => None,
    });
    calls.collect()
}

#[test]
fn a_call_waits_and_what_was_seen_is_sent() {
    let mut simulation = start(false, SEND, json!("all"));
    let asked = question(&mut simulation);
    let Command::OpenGate { show, gate, .. } = &asked else { panic!() };
    assert_eq!((show, gate.expires), (&json!({"to": "all"}), Some(NOW + 60_000)));
    // What may not be changed is not approved by changing it.
    approve(&mut simulation, &asked, Some(json!({"to": "me"})));
    assert!(sent(&simulation).is_empty());
    approve(&mut simulation, &asked, None);
    assert_eq!(sent(&simulation), [json!({"to": "all"})]);
    assert!(simulation.state().open_gates().next().is_none());
    // One approval holds for all attempts, and a second one changes nothing.
    approve(&mut simulation, &asked, None);
    let mut told = Told::fails(&[("send", &["T-0204"])]);
    assert_eq!(finish(&mut simulation, &mut told), (End::Succeeded, json!("all")));
    assert_eq!(told.calls, ["send:1", "send:2"]);
    let opened = simulation.journal().iter().filter(|entry| matches!(entry.kind, Kind::GateOpened(_)));
    assert_eq!(opened.count(), 1);
}

#[test]
fn what_was_changed_is_sent() {
    let mut simulation = start(true, SEND, json!("all"));
    let asked = question(&mut simulation);
    approve(&mut simulation, &asked, Some(json!({"to": "me"})));
    assert_eq!(sent(&simulation), [json!({"to": "me"})]);
    let (end, value) = finish(&mut simulation, &mut Told::default());
    assert_eq!((end, value), (End::Succeeded, json!("me")));
    let mut simulation = start(true, SEND, json!("all"));
    let asked = question(&mut simulation);
    approve(&mut simulation, &asked, Some(json!("no object")));
    assert!(sent(&simulation).is_empty());
    assert_eq!(finish(&mut simulation, &mut Told::default()).1["code"], "T-1210");
}

#[test]
fn nothing_is_sent_without_a_yes() {
    let mut told = Told { no: true, ..Told::default() };
    let (end, value) = finish(&mut start(false, SEND, json!("all")), &mut told);
    assert_eq!((end, &value["code"], told.calls.len()), (End::Failed, &json!("T-1210"), 0));
    let mut simulation = start(false, SEND, json!("all"));
    let asked = question(&mut simulation);
    simulation.set_clock(NOW + 60_000);
    simulation.advance(&Free).unwrap();
    approve(&mut simulation, &asked, None);
    assert!(sent(&simulation).is_empty(), "it comes too late");
    assert_eq!(finish(&mut simulation, &mut Told::default()).1["code"], "T-1210");
}

#[test]
fn a_plan_of_calls_is_seen_as_a_whole() {
    let steps = "steps:\n- { name: all, plan: { plan: '{{ params.p }}', tools: ['mcp://s/*'] } }\n";
    let plan = json!({"steps": [{"name": "a", "tool": "mcp://s/a"}]});
    let mut simulation = start(false, steps, plan.clone());
    let asked = question(&mut simulation);
    approve(&mut simulation, &asked, None);
    assert_eq!(sent(&simulation), [plan]);
}

#[test]
fn each_item_and_what_undoes_it_waits_by_itself() {
    let steps = "steps:\n- { name: each, for_each: params.p, tool: mcp://s/a, inputs: { x: '{{ item }}' }, \
        compensate: { tool: mcp://s/b, inputs: { x: '{{ item }}' } } }\n\
        - { name: last, tool: mcp://s/c, after: [each] }\n";
    let mut told = Told::fails(&[("last", &["T-0205"])]);
    let mut simulation = start(false, steps, json!([1, 2]));
    assert_eq!(finish(&mut simulation, &mut told).0, End::Failed);
    let opened = simulation.journal().iter().filter(|entry| matches!(entry.kind, Kind::GateOpened(_)));
    let paths: Vec<String> = opened.filter_map(|entry| Some(entry.step.as_ref()?.to_string())).collect();
    assert_eq!(paths.len(), 5, "{paths:?}");
    assert_eq!(told.calls.len(), 5, "{:?}", told.calls);
}
