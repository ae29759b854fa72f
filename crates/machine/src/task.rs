//! What is called for a step.

use serde_json::{Map, Value};
use workflow::definition::{Action, Input, Need, Origin, ToolCall};
use workflow::plan::PlannedStep;
use workflow::template::Template;

/// A call of a tool, its templates filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The upstream.
    pub server: String,
    /// The tool, by the upstream's own name.
    pub tool: String,
    /// The arguments.
    pub arguments: Map<String, Value>,
}

/// What is called for a step, its templates filled in.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// A tool.
    Tool(Call),
    /// A model, with the names of `model_call`.
    Model(Map<String, Value>),
    /// Several models at once.
    Models {
        /// What each is asked.
        queries: Vec<Map<String, Value>>,
        /// How many must answer; without it all.
        at_least: Option<u32>,
    },
    /// A prompt of the library.
    Prompt {
        /// Its name.
        name: String,
        /// A version or a label.
        version: Option<String>,
        /// The model that is asked, if the step names one.
        model: Option<Value>,
        /// Whether a model is asked.
        ask: bool,
        /// The arguments.
        arguments: Map<String, Value>,
    },
    /// A plan of tool calls.
    Plan {
        /// The plan.
        plan: Value,
        /// The addresses of the tools that it may call.
        tools: Vec<String>,
    },
    /// Another workflow, as a run of its own: one for each idempotency key, however often it is asked for.
    Workflow {
        /// Its name.
        name: String,
        /// Its parameters.
        arguments: Map<String, Value>,
    },
}

/// What is called, or what it takes to say so.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// All is known.
    Ready(Task),
    /// Context from memory is needed first: put it into the values under `memory`, and ask [`Task::of`].
    Needs {
        /// What is needed.
        needs: Vec<Need>,
        /// What templates are given besides.
        context: Map<String, Value>,
    },
}

impl Task {
    /// What the step `planned` calls with these values for its templates. Nothing for steps that call nothing.
    ///
    /// # Errors
    /// As [`workflow::template::Template::render`].
    pub fn of(planned: &PlannedStep, context: &Map<String, Value>) -> base::Result<Option<Self>> {
        Ok(Some(match &planned.step.action {
            Action::Tool(call) => Task::Tool(Call::of(call, context)?),
            Action::ModelCall(inputs) => Task::Model(inputs.render(context)?),
            Action::ParallelQuery { queries, at_least } => Task::Models {
                queries: queries.iter().map(|query| query.render(context)).collect::<base::Result<_>>()?,
                at_least: *at_least,
            },
            Action::Prompt(prompt) => Task::Prompt {
                name: prompt.name.name.clone(),
                version: prompt.version.as_ref().map(|version| version.name.clone()),
                model: prompt.model.as_ref().map(|model| model.render(context)).transpose()?,
                ask: prompt.ask,
                arguments: prompt.inputs.render(context)?,
            },
            Action::Plan(call) => Task::Plan {
                plan: call.plan.render(context)?,
                tools: call.tools.iter().map(|tool| tool.name.clone()).collect(),
            },
            Action::Workflow(sub) => {
                Task::Workflow { name: sub.name.name.clone(), arguments: sub.inputs.render(context)? }
            }
            Action::Wait(_) | Action::Gate(_) | Action::Set(_) | Action::Switch { .. } | Action::Group => {
                return Ok(None);
            }
        }))
    }
}

/// The names that the templates of the call itself use, and those of searches that it needs. What else the step has, such as
/// the list of its items, is not copied for each of them.
pub(crate) fn uses(planned: &PlannedStep) -> Vec<String> {
    let searches = planned.needs.iter().filter_map(|need| match &need.from {
        Origin::Search { query, .. } => Some(query),
        _ => None,
    });
    let called: Vec<&Template> = match &planned.step.action {
        Action::Tool(call) => call.inputs.templates(),
        Action::ModelCall(inputs) => inputs.templates(),
        Action::ParallelQuery { queries, .. } => queries.iter().flat_map(|query| query.templates()).collect(),
        Action::Prompt(prompt) => {
            let model = prompt.model.iter().flat_map(Input::templates);
            prompt.inputs.templates().into_iter().chain(model).collect()
        }
        Action::Plan(call) => call.plan.templates(),
        Action::Workflow(sub) => sub.inputs.templates(),
        Action::Wait(_) | Action::Gate(_) | Action::Set(_) | Action::Switch { .. } | Action::Group => Vec::new(),
    };
    called.into_iter().chain(searches).flat_map(Template::uses).collect()
}

impl Call {
    /// The call with these values for its templates.
    ///
    /// # Errors
    /// As [`workflow::template::Template::render`].
    pub(crate) fn of(call: &ToolCall, context: &Map<String, Value>) -> base::Result<Self> {
        Ok(Self { server: call.server.clone(), tool: call.tool.clone(), arguments: call.inputs.render(context)? })
    }
}
