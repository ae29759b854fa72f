//! What the tests share.

use crate::simulate::{Answer, Script, Simulation};
use crate::{Command, Fault, Free, State, Task, Work, decide};
use journal::{End, RunId, StepPath};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use workflow::{Nothing, Plan, Source, read};

pub(super) const NOW: u64 = 1_800_000_000_000;

pub(super) fn plan(text: &str) -> Arc<Plan> {
    let text = format!("name: w\nparams: {{ p: {{ required: false }} }}\n{text}");
    let workflow = read("w.yaml", &text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).remove(0);
    let plan = Plan::of(&workflow, &Source::new("w.yaml", &text), &Nothing);
    Arc::new(plan.unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")))
}

pub(super) fn run() -> RunId {
    RunId::new(NOW, [7; 10])
}

pub(super) fn start(text: &str, p: impl Into<Value>) -> Simulation {
    Simulation::start(plan(text), run(), &json!({ "p": p.into() }), NOW).unwrap()
}

/// Answers as it is told; what it is not told, with what was called.
#[derive(Default)]
pub(super) struct Told {
    /// The codes with which the first attempts of a step fail.
    pub(super) faults: BTreeMap<String, Vec<&'static str>>,
    pub(super) no: bool,
    pub(super) order: Vec<usize>,
    /// Which calls there were, in their order.
    pub(super) calls: Vec<String>,
}

impl Told {
    pub(super) fn fails(faults: &[(&str, &[&'static str])]) -> Self {
        let faults = faults.iter().map(|(path, codes)| ((*path).to_owned(), codes.to_vec())).collect();
        Self { faults, ..Self::default() }
    }
}

impl Script for Told {
    fn answer(&mut self, command: &Command) -> Answer {
        let Command::Run { path, attempt, work, .. } = command else { panic!("{command:?}") };
        self.calls.push(format!("{path}:{attempt}"));
        if let Some(codes) = self.faults.get(&path.to_string())
            && let Some(code) = codes.get(*attempt as usize - 1)
        {
            return Answer::Fault(Fault { code: (*code).to_owned(), message: "told to".to_owned() });
        }
        let Work::Ready(Task::Tool(call)) = work else { return Answer::Value(json!("said")) };
        Answer::Value(json!({ "did": call.tool, "with": call.arguments }))
    }

    fn first(&mut self, calls: usize) -> usize {
        self.order.pop().unwrap_or_default() % calls
    }

    fn decide(&mut self, _: &StepPath) -> Option<bool> {
        Some(!self.no)
    }
}

/// Carries the run out to its end, and holds after each step what always holds.
pub(super) fn finish(simulation: &mut Simulation, script: &mut dyn Script) -> (End, Value) {
    let mut rounds = 0;
    while simulation.one(script, &Free).unwrap() {
        rounds += 1;
        assert!(rounds < 20_000, "the run does not end");
        let commands = decide(simulation.state(), simulation.now(), &Free);
        assert_eq!(commands, decide(simulation.state(), simulation.now(), &Free));
        for command in &commands {
            let mut state = simulation.state().clone();
            state.begin(command);
            let again = decide(&state, simulation.now(), &Free);
            assert!(!command.is_call() || !again.contains(command), "{command:?}");
        }
        if rounds < 200 {
            let mut incremental = simulation.state().clone();
            incremental.forget();
            let folded = State::fold(plan_of(simulation), run(), simulation.journal()).unwrap();
            assert!(incremental == folded, "folding anew gives something else");
        }
    }
    let end = simulation.state().end().unwrap_or_else(|| panic!("stuck: {:#?}", simulation.state().active));
    (end, simulation.result().unwrap())
}

pub(super) fn plan_of(simulation: &Simulation) -> Arc<Plan> {
    Arc::clone(&simulation.state().plan)
}

/// The run of `text` with `p`, carried out.
pub(super) fn done(text: &str, p: Value, script: &mut dyn Script) -> (End, Value) {
    finish(&mut start(text, p), script)
}

pub(super) fn succeeds(text: &str, p: Value) -> Value {
    let (end, value) = done(text, p, &mut Told::default());
    assert_eq!(end, End::Succeeded, "{value}");
    value
}
