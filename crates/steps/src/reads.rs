//! Who reads the context of a step, and what its call takes at most.

use crate::model::Question;
use crate::summary::literal;
use context::tokens::Family;
use journal::Amount;
use llm::{Asked, Caller, Gateway, Most};
use machine::{Task, Work};
use runner::Reads;
use serde_json::{Map, Value};
use std::sync::Arc;
use workflow::Plan;
use workflow::plan::PlannedStep;

/// Names of models and whose tokens they count. The first that stands in a name counts.
const FAMILIES: [(&str, Family); 18] = [
    ("gpt-oss", Family::O200k),
    ("gpt-4o", Family::O200k),
    ("gpt-4.1", Family::O200k),
    ("gpt-5", Family::O200k),
    ("o1", Family::O200k),
    ("o3", Family::O200k),
    ("o4-", Family::O200k),
    ("gpt-4", Family::Cl100k),
    ("gpt-3.5", Family::Cl100k),
    ("claude", Family::Claude),
    ("gemini", Family::Gemini),
    ("deepseek", Family::DeepSeek),
    ("qwen", Family::Qwen),
    ("qwq", Family::Qwen),
    ("mistral", Family::Mistral),
    ("ministral", Family::Mistral),
    ("llama-3", Family::Llama),
    ("llama3", Family::Llama),
];

/// What a token costs at most where nobody knows, in nano-dollars: what the dearest models take for what they write.
const DEAREST: u64 = 75_000;

/// How many tokens the context of a step has at most that has no budget of its own, where the window of its model is unknown.
const CONTEXT: u64 = 32_768;

/// How many bytes a prompt of the library has besides its arguments, as a rule.
const PROMPT: usize = 16 << 10;

/// Who reads the context of a step.
pub(crate) fn reads(gateway: &Gateway, plan: &Plan, step: &PlannedStep) -> Reads {
    let nobody = Reads { family: Family::Any, window: None };
    let Some(model) = literal(plan, step) else { return nobody };
    let anyone = Caller::local(Arc::from("local"));
    let Ok(standing) = gateway.standing(&model, &anyone) else { return nobody };
    // Any of them may answer, so that the least counts.
    let window = standing.deployments.iter().filter_map(|behind| behind.context.longest_input()).min();
    let mut families = standing.deployments.iter().map(|behind| family(&behind.deployment.model));
    let first = families.next().unwrap_or_default();
    let family = if families.all(|other| other == first) { first } else { Family::Any };
    Reads { family, window }
}

fn family(model: &str) -> Family {
    let name = model.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_in = |known: &str| if known.len() == 2 { name.starts_with(known) } else { name.contains(known) };
    FAMILIES.iter().find(|(known, _)| is_in(known)).map(|(_, family)| *family).unwrap_or_default()
}

/// The most that the call of a step can take.
pub(crate) fn most(gateway: &Gateway, plan: &Plan, step: &PlannedStep, work: &Work) -> Amount {
    match work {
        Work::Ready(task) => of_task(gateway, plan, task, 0),
        Work::Needs { context, .. } => {
            let mut context = context.clone();
            // What is needed is counted below: here it is enough that templates find something under its name.
            let named = step.needs.iter().map(|need| (need.name.clone(), Value::from("")));
            context.insert("memory".to_owned(), Value::Object(named.collect()));
            let budget = step.step.memory.as_ref().and_then(|memory| memory.budget);
            let window = reads(gateway, plan, step).window;
            let tokens = memory::tokens(budget, window).and_then(|tokens| u64::try_from(tokens).ok());
            let given = tokens.or(window).unwrap_or(CONTEXT);
            match Task::of(step, &context) {
                Ok(Some(task)) => of_task(gateway, plan, &task, given),
                // What templates cannot make without the context is not known before.
                _ => unknown(given),
            }
        }
    }
}

fn of_task(gateway: &Gateway, plan: &Plan, task: &Task, more: u64) -> Amount {
    match task {
        Task::Model(inputs) => of_question(gateway, plan, inputs, more),
        Task::Models { queries, .. } => queries.iter().fold(Amount::default(), |sum, query| {
            let one = of_question(gateway, plan, query, more);
            Amount { money: sum.money.saturating_add(one.money), tokens: sum.tokens.saturating_add(one.tokens) }
        }),
        Task::Prompt { model, ask: true, arguments, .. } => {
            let mut inputs = Map::new();
            let size = Value::Object(arguments.clone()).to_string().len().saturating_add(PROMPT);
            inputs.insert("prompt".to_owned(), "the prompt".into());
            inputs.extend(model.iter().map(|model| ("model".to_owned(), model.clone())));
            of_question(gateway, plan, &inputs, more.saturating_add(u64::try_from(size).unwrap_or(u64::MAX)))
        }
        Task::Prompt { .. } | Task::Tool(_) | Task::Plan { .. } | Task::Workflow { .. } => Amount::default(),
    }
}

/// The most that a question with these inputs can take, and so many tokens more.
pub(crate) fn of_question(gateway: &Gateway, plan: &Plan, inputs: &Map<String, Value>, more: u64) -> Amount {
    let asked = Question::of(inputs, plan).and_then(|question| question.asked());
    asked.map_or_else(|_| Amount::default(), |asked| of_request(gateway, &asked, more))
}

/// The most that a request can take, and so many tokens more.
pub(crate) fn of_request(gateway: &Gateway, asked: &Asked, more: u64) -> Amount {
    let Most { nano_dollars, tokens } = gateway.most(asked, more);
    Amount { money: nano_dollars.unwrap_or_else(|| tokens.saturating_mul(DEAREST)), tokens }
}

fn unknown(given: u64) -> Amount {
    let tokens = given.saturating_add(CONTEXT);
    Amount { money: tokens.saturating_mul(DEAREST), tokens }
}
