//! What people are told of a run.

use crate::look::Look;
use crate::runner::JournalRunner;
use crate::times::Times;
pub use crate::times::Tokens;
pub(crate) use crate::times::{result, value};
use base::Result;
use journal::{Run, RunId, StepPath};
use machine::{Progress, State};
use serde::Serialize;
use serde_json::{Value, json};

/// A run and its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// The run, as lists show it.
    pub run: Run,
    /// What it was given, defaults filled in.
    pub params: Value,
    /// What it gave, or the detail of its error; nothing before its end.
    pub result: Option<Value>,
    /// Its steps that are known by now, each item and round by itself, in the order in which they came to be.
    pub steps: Vec<StepShown>,
    /// Gates at which somebody is to decide.
    pub gates: Vec<GateShown>,
    /// Steps of which somebody must say whether they were carried out.
    pub doubts: Vec<String>,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepShown {
    /// Which: `name`, `name[3]`, `name#2`.
    pub path: String,
    /// The step that it stands within, in the plan.
    pub within: Option<String>,
    /// How it stands: `waiting`, `running`, `at_gate`, `in_doubt`, `succeeded`, `failed`, `skipped`, `cancelled`.
    pub status: &'static str,
    /// How many attempts there were.
    pub attempts: u32,
    /// When its first attempt began, in milliseconds since 1970; nothing where the journal does not say it.
    pub began_at: Option<u64>,
    /// When it ended, in milliseconds since 1970.
    pub ended_at: Option<u64>,
    /// What counts as its output.
    pub output: Option<Value>,
    /// Why it failed: `code` and `message`.
    pub error: Option<Value>,
    /// What of the context came into its prompt.
    pub context: Option<Tokens>,
}

/// A gate at which somebody is to decide.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateShown {
    /// The step.
    pub path: String,
    /// What the person is asked.
    pub prompt: String,
    /// What else the person is shown.
    pub show: Value,
    /// The digest of both: a decision names it, so that nobody decides on something else than they saw.
    pub arguments: String,
    /// Since when it waits, in milliseconds since 1970.
    pub since: u64,
    /// Until when somebody may decide, in milliseconds since 1970.
    pub expires_at: Option<u64>,
    /// Who may decide; empty: whoever may approve at all.
    pub approvers: Vec<String>,
    /// Whether what is shown may be changed.
    pub edit: bool,
}

/// What people are asked by a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Asking {
    /// The run, as lists show it.
    pub run: Run,
    /// Gates at which somebody is to decide.
    pub gates: Vec<GateShown>,
    /// Steps of which somebody must say whether they were carried out.
    pub doubts: Vec<String>,
}

/// An entry of a journal, for whoever follows a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its place, from 1.
    pub sequence: u64,
    /// The entry as one line of JSON, with its payload.
    pub json: String,
    /// Whether it is the last.
    pub last: bool,
}

impl JournalRunner {
    /// A run and its steps.
    ///
    /// # Errors
    /// [`base::Code::RunUnknown`]; its journal cannot be read.
    pub async fn inspect(&self, run: RunId) -> Result<Inspected> {
        let tell = |listed: &Run, look: &Look| {
            let state = &look.state;
            let step = |(path, progress)| shown(state, path, &progress, look.times.get(path));
            Inspected {
                run: listed.clone(),
                params: Value::Object(state.params().clone()),
                result: look.result.clone(),
                steps: state.steps().map(step).collect(),
                gates: gates(look),
                doubts: doubts(state),
            }
        };
        self.shared.look(run, tell).await
    }

    /// What people are asked by a run. It takes no longer where a run has many steps that were looked at before.
    ///
    /// # Errors
    /// As [`JournalRunner::inspect`].
    pub async fn asking(&self, run: RunId) -> Result<Asking> {
        let tell =
            |listed: &Run, look: &Look| Asking { run: listed.clone(), gates: gates(look), doubts: doubts(&look.state) };
        self.shared.look(run, tell).await
    }
}

fn shown(state: &State, path: &StepPath, progress: &Progress, times: Option<&Times>) -> StepShown {
    let planned = state.planned(path);
    let within = planned.and_then(|planned| planned.parent).and_then(|parent| state.plan().steps().get(parent));
    let (status, ended) = match *progress {
        Progress::Waiting => ("waiting", false),
        Progress::Running => ("running", false),
        Progress::AtGate => ("at_gate", false),
        Progress::InDoubt => ("in_doubt", false),
        Progress::Ended(ended) => (ended.word(), true),
    };
    StepShown {
        path: path.to_string(),
        within: within.map(|step| step.step.name.clone()),
        status,
        attempts: times.map_or(0, |times| times.attempts),
        began_at: times.and_then(|times| times.began_at),
        ended_at: times.and_then(|times| times.ended_at).filter(|_| ended),
        output: state.output(path).cloned().filter(|output| !output.is_null()),
        error: state.fault(path).map(machine::Fault::value),
        context: times.and_then(|times| times.context),
    }
}

fn doubts(state: &State) -> Vec<String> {
    state.doubts().map(|path| path.to_string()).collect()
}

fn gates(look: &Look) -> Vec<GateShown> {
    let state = &look.state;
    let gate = |(path, gate): (StepPath, journal::Gate)| {
        let (since, shown) = look.shown.get(&path).cloned().unwrap_or_default();
        let rule = state.gate_rule(&path);
        GateShown {
            path: path.to_string(),
            prompt: shown["prompt"].as_str().unwrap_or_default().to_owned(),
            show: shown["show"].clone(),
            arguments: gate.arguments.to_string(),
            since,
            expires_at: gate.expires,
            approvers: rule.map(|rule| rule.approvers.to_vec()).unwrap_or_default(),
            edit: rule.is_some_and(|rule| rule.edit),
        }
    };
    state.open_gates().map(gate).collect()
}

impl Inspected {
    /// The run as JSON: what commands and the API give.
    pub fn to_json(&self) -> Value {
        let mut whole = about(&self.run);
        whole["params"] = self.params.clone();
        whole["result"] = self.result.clone().unwrap_or_default();
        whole["steps"] = json!(self.steps);
        whole["gates"] = json!(self.gates);
        whole["in_doubt"] = json!(self.doubts);
        whole
    }
}

/// A run as JSON, as lists show it. Times are in milliseconds since 1970, money in nano-dollars.
pub fn about(run: &Run) -> Value {
    json!({
        "id": run.id.to_string(),
        "workflow": run.workflow,
        "definition": run.definition.to_string(),
        "status": run.status.word(),
        "tenant": run.tenant,
        "principal": run.principal,
        "parent": run.parent.map(|parent| parent.to_string()),
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "entries": run.last,
        "spent": {"nano_dollars": run.spent.money, "tokens": run.spent.tokens},
        "reserved": {"nano_dollars": run.reserved.money, "tokens": run.reserved.tokens},
    })
}
