//! What there is to call: asked while a plan is made.

use crate::approval::Approvals;
use crate::definition::{Parameter, RunBudget};
use crate::effect::{Effect, Hints};
use serde_json::Value;

/// What is known of something that a workflow names.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    /// It is there.
    Yes(T),
    /// It is not; these are, for a hint.
    No {
        /// Names of the same kind.
        known: Vec<String>,
    },
    /// It is there and may not be used.
    Forbidden {
        /// Why, as a sentence without a full stop.
        why: String,
    },
    /// Nobody can say now: nothing is checked.
    Unknown,
}

/// What is known of a tool.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tool {
    /// What it says of itself.
    pub hints: Hints,
    /// What the operator says of it, which counts more.
    pub effect: Option<Effect>,
    /// The JSON Schema of its arguments.
    pub input_schema: Option<Value>,
    /// The JSON Schema of its structured result.
    pub output_schema: Option<Value>,
}

impl Tool {
    /// Whether a call may destroy something. What the operator says of its effect counts more than what the tool says of itself;
    /// where neither says anything, it may.
    pub fn may_destroy(&self) -> bool {
        match self.effect {
            Some(effect) if effect <= Effect::Read => false,
            Some(_) => self.hints.destructive != Some(false),
            None => self.hints.may_destroy(),
        }
    }
}

/// What is known of another workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct SubWorkflowFacts {
    /// Its parameters.
    pub params: Vec<Parameter>,
    /// The JSON Schema of what it gives.
    pub output_schema: Option<Value>,
    /// The strictest effect of its steps.
    pub effect: Effect,
    /// The workflows that it runs itself.
    pub calls: Vec<String>,
    /// What it may take.
    pub budget: RunBudget,
}

/// What is known of a prompt of the library.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PromptFacts {
    /// Its parameters.
    pub params: Vec<Parameter>,
    /// The route or model that it names itself.
    pub route: Option<String>,
}

/// What is known of a route or model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModelFacts {
    /// How many tokens it reads.
    pub window: Option<u64>,
}

/// Tells what there is. It may answer [`Known::Unknown`] to everything: then only the workflow itself is checked.
pub trait Catalogue {
    /// A tool of an upstream. Names in [`Known::No`] are addresses.
    fn tool(&self, server: &str, tool: &str) -> Known<Tool>;

    /// Which calls wait for a person, whatever a file says.
    fn approvals(&self) -> Option<&Approvals> {
        None
    }

    /// Another workflow.
    fn workflow(&self, _name: &str) -> Known<SubWorkflowFacts> {
        Known::Unknown
    }

    /// A prompt of the library.
    fn prompt(&self, _name: &str) -> Known<PromptFacts> {
        Known::Unknown
    }

    /// The version of a prompt that a file names by its label, number or digest: whether it is the one that is served.
    fn prompt_version(&self, _prompt: &str, _version: &str) -> Known<bool> {
        Known::Unknown
    }

    /// Whether models are asked at all: where their answers are written down, a step needs no model.
    fn knows_models(&self) -> bool {
        false
    }

    /// A model: a route, or a model of a provider.
    fn model(&self, _provider: Option<&str>, _model: &str) -> Known<ModelFacts> {
        Known::Unknown
    }
}

/// A catalogue that knows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nothing;

impl Catalogue for Nothing {
    fn tool(&self, _: &str, _: &str) -> Known<Tool> {
        Known::Unknown
    }
}
