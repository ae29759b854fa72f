//! What a step does.

use super::{Input, Inputs, Name};
use crate::template::Template;
use serde::{Deserialize, Serialize};

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Calls a tool of an upstream: `tool: mcp://server/tool`.
    Tool(ToolCall),
    /// Asks a model: `tool: model_call`. The names are those of [`crate::keys`].
    ModelCall(Inputs),
    /// Asks several models at once: `tool: parallel_query`.
    ParallelQuery {
        /// What each is asked.
        queries: Vec<Inputs>,
        /// How many must answer; without it all.
        at_least: Option<u32>,
    },
    /// Fills in a prompt of the library, and asks a model with it.
    Prompt(Prompt),
    /// Carries out a plan of tool calls.
    Plan(PlanCall),
    /// Runs another workflow within this run.
    Workflow(SubWorkflow),
    /// Waits.
    Wait(Wait),
    /// Waits for a person.
    Gate(Gate),
    /// Makes values.
    Set(Inputs),
    /// Does the steps of one of its branches.
    Switch {
        /// The value that decides, compared as a text.
        on: Template,
    },
    /// Does the steps of its one branch.
    Group,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The upstream.
    pub server: String,
    /// The tool, by the upstream's own name.
    pub tool: String,
    /// Its arguments.
    pub inputs: Inputs,
    /// Where the address stands.
    #[serde(skip)]
    pub at: crate::source::Spot,
}

impl Action {
    /// Whether it asks a model that is lent tools: what is called then is not known before.
    pub fn lends_tools(&self) -> bool {
        let lends = |inputs: &Inputs| inputs.get("tools").is_some();
        match self {
            Self::ModelCall(inputs) => lends(inputs),
            Self::ParallelQuery { queries, .. } => queries.iter().any(lends),
            _ => false,
        }
    }
}

impl ToolCall {
    /// The address: `mcp://server/tool`.
    pub fn address(&self) -> String {
        format!("mcp://{}/{}", self.server, self.tool)
    }
}

/// A prompt of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// Its name.
    pub name: Name,
    /// A version or a label; without it the newest.
    pub version: Option<Name>,
    /// The model that is asked; without it the prompt's own, then the workflow's.
    pub model: Option<Input>,
    /// Whether a model is asked; if not, the messages themselves are the output.
    pub ask: bool,
    /// The arguments.
    pub inputs: Inputs,
}

/// A plan of tool calls that is made while the run goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanCall {
    /// The plan.
    pub plan: Input,
    /// The addresses of the tools that it may call, with `*` for any characters.
    pub tools: Vec<Name>,
}

/// Another workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubWorkflow {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub inputs: Inputs,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// So many milliseconds.
    For(u64),
    /// A moment: RFC 3339, or seconds since 1970.
    Until(Input),
    /// Something from outside.
    Signal {
        /// What it is called.
        name: String,
        /// How long it is waited for, in milliseconds; then the step fails.
        timeout: Option<u64>,
    },
}

/// A person decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What the person is asked.
    pub prompt: Template,
    /// What else the person is shown.
    pub show: Option<Input>,
    /// Who may decide: names of keys, users or roles. Empty: whoever may approve at all.
    pub approvers: Vec<String>,
    /// How long it waits, in milliseconds.
    pub expires: Option<u64>,
    /// What happens then.
    pub on_expiry: OnExpiry,
    /// Whether the person may change what is shown, which then is the output.
    pub edit: bool,
}

/// What happens to a gate that nobody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// It is rejected, and the step fails.
    Reject,
    /// It is approved.
    Approve,
}

/// What happens to an attempt of which nobody knows whether it was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InDoubt {
    /// A person is asked.
    Ask,
    /// It is sent again.
    Retry,
    /// The step fails.
    Fail,
    /// A tool is asked whether it was carried out.
    Probe(ToolCall),
}
