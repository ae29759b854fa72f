//! How a case went.

use crate::limits;
use crate::suite::{Ending, NOT_BEGUN};
use journal::{End, StepPath};
use machine::simulate::Simulation;
use machine::{Ended, Progress, Task};
use memory::Receipt;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A call that a run made.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    /// The step: `name`, `name[3]`, `name#2`, `name~undo`.
    pub path: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// When, in milliseconds after the start of the run.
    pub at: u64,
    /// What was called: `mcp://files/read_file`, `model_call default`.
    pub what: String,
    /// With which arguments, all templates filled in.
    pub arguments: Value,
}

/// The context that a step was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The step.
    pub path: String,
    /// What came in, and what did not.
    pub receipt: Receipt,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// How it stands: `succeeded`, `failed`, `cancelled`, `waiting`.
    pub(crate) ending: Ending,
    /// What it gave, or the detail of its error; null where it waits.
    pub result: Value,
    /// How long it took on its own clock, in milliseconds.
    pub took: u64,
    /// How each step stands, with its output and its error.
    pub(crate) steps: Vec<Stood>,
    /// Calls, in their order: at most as many as a report tells.
    pub calls: Vec<Called>,
    /// How many calls there were of each step, by its path.
    pub(crate) counts: BTreeMap<String, u32>,
    /// The context of steps.
    pub given: Vec<Given>,
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stood {
    pub(crate) path: String,
    pub(crate) status: &'static str,
    pub(crate) output: Value,
    pub(crate) error: Value,
}

impl Called {
    /// The call that a task is.
    pub(crate) fn of(path: &StepPath, attempt: u32, at: u64, task: &Task) -> Self {
        let model = |inputs: &Map<String, Value>| {
            inputs.get("model").and_then(Value::as_str).map(|model| format!(" {model}")).unwrap_or_default()
        };
        let (what, arguments) = match task {
            Task::Tool(call) => (format!("mcp://{}/{}", call.server, call.tool), Value::Object(call.arguments.clone())),
            Task::Model(inputs) => (format!("model_call{}", model(inputs)), Value::Object(inputs.clone())),
            Task::Models { queries, .. } => {
                (format!("parallel_query of {}", queries.len()), json!({"queries": queries}))
            }
            Task::Prompt { name, arguments, .. } => (format!("prompt {name}"), Value::Object(arguments.clone())),
            Task::Plan { plan, tools } => ("plan".to_owned(), json!({"plan": plan, "tools": tools})),
            Task::Workflow { name, arguments } => (format!("workflow {name}"), Value::Object(arguments.clone())),
        };
        Self { path: path.to_string(), attempt, at, what, arguments }
    }

    /// The call as JSON.
    pub fn to_json(&self) -> Value {
        let Called { path, attempt, at, what, arguments } = self;
        json!({"step": path, "attempt": attempt, "at_ms": at, "what": what, "arguments": arguments})
    }
}

impl Course {
    pub(crate) fn new() -> Self {
        Self {
            ending: Ending::Waiting,
            result: Value::Null,
            took: 0,
            steps: Vec::new(),
            calls: Vec::new(),
            counts: BTreeMap::new(),
            given: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, called: Called) {
        *self.counts.entry(called.path.clone()).or_default() += 1;
        if self.calls.len() < limits::CALLS {
            self.calls.push(called);
        }
    }

    /// Takes note of how the run stands, when nothing more happens.
    pub(crate) fn finish(&mut self, simulation: &Simulation, start: u64) {
        let state = simulation.state();
        self.ending = match state.end() {
            Some(End::Succeeded) => Ending::Succeeded,
            Some(End::Failed) => Ending::Failed,
            Some(End::Cancelled) => Ending::Cancelled,
            None => Ending::Waiting,
        };
        self.result = simulation.result().unwrap_or_default();
        self.took = simulation.now().saturating_sub(start);
        let stood = |(path, progress): (&StepPath, Progress)| Stood {
            path: path.to_string(),
            status: word(&progress),
            output: state.output(path).cloned().unwrap_or_default(),
            error: state.fault(path).map(machine::Fault::value).unwrap_or_default(),
        };
        self.steps = state.steps().map(stood).collect();
    }

    /// How the step at `path` stands.
    pub(crate) fn status(&self, path: &str) -> &'static str {
        self.steps.iter().find(|stood| stood.path == path).map_or(NOT_BEGUN, |stood| stood.status)
    }

    /// How the run stands, as one word.
    pub fn end(&self) -> &'static str {
        self.ending.word()
    }
}

fn word(progress: &Progress) -> &'static str {
    match progress {
        Progress::Waiting => NOT_BEGUN,
        Progress::Running => "running",
        Progress::AtGate => "waiting",
        Progress::InDoubt => "in_doubt",
        Progress::Ended(ended) => Ended::word(*ended),
    }
}
