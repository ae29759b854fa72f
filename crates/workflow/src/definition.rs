//! What a workflow file says, typed.
//!
//! Everything here is data: it can be compared, written as JSON and read again. Where something stood in its file is kept
//! beside it ([`Spot`]) and is no part of what it says.

mod action;
mod memory;
mod rules;
mod trigger;

use crate::effect::Effect;
use crate::source::Spot;
use crate::template::Template;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use action::{Action, Gate, InDoubt, OnExpiry, PlanCall, Prompt, SubWorkflow, ToolCall, Wait};
pub use memory::{Fit, Limit, Memory, Need, Origin, Transcript, Write};
pub use rules::{Backoff, ForEach, ItemFailure, OnError, Repeat, Retry, RunBudget};
pub use trigger::{Schedule, Triggers, Webhook};

/// A workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What a run must be given.
    pub params: Vec<Parameter>,
    /// The model of steps that name none.
    pub model: Option<DefaultModel>,
    /// What is done.
    pub steps: Vec<Step>,
    /// What a run gives; without it, the outputs of the steps that no other step uses.
    pub output: Option<Input>,
    /// The JSON Schema of what a run gives.
    pub output_schema: Option<Value>,
    /// What a run may use up.
    pub budget: RunBudget,
    /// What starts a run by itself.
    pub triggers: Triggers,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}

/// The model of steps that name none: `main_llm` of the older form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultModel {
    /// The provider, where the model is no route.
    pub provider: Option<String>,
    /// The route, or the provider's model.
    pub model: String,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}

/// A parameter of a workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it must be there: unless `required: false` or a default is written.
    pub required: bool,
    /// What it is where it is not given.
    pub default: Option<Value>,
    /// Its JSON Schema.
    pub schema: Value,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}

/// One node of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its name: the only step of the workflow that is called so.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it does.
    pub action: Action,
    /// The steps within it: those of a group, or of each case of a `switch`. Empty in a plan, whose branches name them.
    pub body: Vec<Branch>,
    /// It is done only if this holds; otherwise its output is null.
    pub when: Option<Template>,
    /// It is done for each of some items.
    pub for_each: Option<ForEach>,
    /// It is done again until something holds.
    pub repeat: Option<Repeat>,
    /// When it is tried again.
    pub retry: Option<Retry>,
    /// How long one attempt may take, in milliseconds.
    pub timeout: Option<u64>,
    /// What happens when it fails for good.
    pub on_error: OnError,
    /// What undoes it when the run fails later.
    pub compensate: Option<ToolCall>,
    /// What doing it twice means, where it is stricter than what is known of what it calls.
    pub effect: Option<Effect>,
    /// What happens to an attempt of which nobody knows whether it was carried out.
    pub on_in_doubt: Option<InDoubt>,
    /// Steps that it waits for without using what they give.
    pub after: Vec<Name>,
    /// The context that it needs, and what of it is remembered.
    pub memory: Option<Memory>,
    /// What counts as its output, made of `result`.
    pub output: Option<Input>,
    /// The JSON Schema of its output.
    pub output_schema: Option<Value>,
    /// Where its name stands.
    #[serde(skip)]
    pub at: Spot,
}

/// Steps within a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// When they are done.
    pub case: Case,
    /// What is done.
    pub steps: Vec<Step>,
}

/// When the steps of a branch are done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// With their step: a group.
    Always,
    /// When the value of the `switch`, as a text, is this one.
    Is(String),
    /// When it is none of the others.
    Otherwise,
}

/// A name that refers to something, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Where it stands.
    #[serde(skip)]
    pub at: Spot,
}

/// A value with templates in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A value as it stands.
    Value(Value),
    /// What a template makes.
    Template(Template),
    /// A list.
    List(Vec<Input>),
    /// A map, in the order of the file.
    Map(Inputs),
}

/// Values under names, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inputs(pub Vec<(String, Input)>);

impl Inputs {
    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Input> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Input {
    /// All templates in it.
    pub fn templates(&self) -> Vec<&Template> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a Template>) {
        match self {
            Input::Value(_) => {}
            Input::Template(template) => found.push(template),
            Input::List(items) => items.iter().for_each(|item| item.collect(found)),
            Input::Map(inputs) => inputs.0.iter().for_each(|(_, value)| value.collect(found)),
        }
    }

    /// The text, if it is one without a template.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Input::Value(value) => value.as_str(),
            _ => None,
        }
    }

    /// The value that it makes of `context`.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render(&self, context: &serde_json::Map<String, Value>) -> base::Result<Value> {
        match self {
            Input::Value(value) => Ok(value.clone()),
            Input::Template(template) => template.render(context),
            Input::List(items) => items.iter().map(|item| item.render(context)).collect(),
            Input::Map(inputs) => inputs.render(context).map(Value::Object),
        }
    }
}

impl Inputs {
    /// The values that they make of `context`.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render(&self, context: &serde_json::Map<String, Value>) -> base::Result<serde_json::Map<String, Value>> {
        self.0.iter().map(|(name, value)| Ok((name.clone(), value.render(context)?))).collect()
    }

    /// All templates in them.
    pub fn templates(&self) -> Vec<&Template> {
        self.0.iter().flat_map(|(_, value)| value.templates()).collect()
    }
}
