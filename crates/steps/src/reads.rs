//! Who reads the context of a step, and what its call takes at most.

use crate::model::Question;
use crate::summary::literal;
use context::tokens::Family;
use journal::Amount;
use llm::gateway::DEAREST;
use llm::{Asked, Caller, Gateway};
use machine::{Price, Task, Work};
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

/// How many tokens the context of a step has at most that has no budget of its own, where the window of its model is unknown.
const CONTEXT: u64 = 32_768;

/// How many tokens the description of a tool that is lent has, as a rule.
const TOOL: u64 = 4_096;

/// How many bytes a prompt of the library has besides its arguments, as a rule.
const PROMPT: usize = 16 << 10;

/// What is said of models that nobody knows.
const NOBODY: Reads = Reads { family: Family::Any, window: None };

/// Who reads the context of a step.
pub(crate) fn reads(gateway: &Gateway, plan: &Plan, step: &PlannedStep) -> Reads {
    literal(plan, step).map_or(NOBODY, |model| of_model(gateway, &model))
}

/// What the model of this name reads.
pub(crate) fn of_model(gateway: &Gateway, model: &str) -> Reads {
    let anyone = Caller::local(Arc::from("local"));
    let Ok(standing) = gateway.standing(model, &anyone) else { return NOBODY };
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

/// What the call of a step takes.
pub(crate) fn price(gateway: &Gateway, plan: &Plan, step: &PlannedStep, work: &Work) -> Price {
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
                _ => Price::fixed(unknown(given)),
            }
        }
    }
}

fn of_task(gateway: &Gateway, plan: &Plan, task: &Task, more: u64) -> Price {
    match task {
        Task::Model(inputs) => of_question(gateway, plan, inputs, more),
        Task::Models { queries, .. } => queries.iter().fold(Price::default(), |sum, query| {
            let one = of_question(gateway, plan, query, more);
            Price { least: plus(sum.least, one.least), most: plus(sum.most, one.most) }
        }),
        Task::Prompt { model, ask: true, arguments, .. } => {
            let mut inputs = Map::new();
            let size = Value::Object(arguments.clone()).to_string().len().saturating_add(PROMPT);
            inputs.insert("prompt".to_owned(), "the prompt".into());
            inputs.extend(model.iter().map(|model| ("model".to_owned(), model.clone())));
            of_question(gateway, plan, &inputs, more.saturating_add(u64::try_from(size).unwrap_or(u64::MAX)))
        }
        Task::Prompt { .. } | Task::Tool(_) | Task::Plan { .. } | Task::Workflow { .. } => Price::default(),
    }
}

/// What a question with these inputs takes, and so many tokens more. With tools it is asked at least once, and at most as often as
/// models may call tools.
pub(crate) fn of_question(gateway: &Gateway, plan: &Plan, inputs: &Map<String, Value>, more: u64) -> Price {
    let Ok(question) = Question::of(inputs, plan) else { return Price::default() };
    let Ok(asked) = question.asked() else { return Price::default() };
    let least = of_request(gateway, &asked, more);
    if question.tools.is_empty() {
        return Price::fixed(least);
    }
    let settings = gateway.tools();
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    // The last request reads all that was said and told before.
    let said = least.tokens.saturating_mul(number(settings.rounds));
    let told = number(settings.results).saturating_add(TOOL.saturating_mul(number(settings.top)));
    let last = of_request(gateway, &asked, more.saturating_add(said).saturating_add(told));
    let requests = number(settings.rounds).saturating_add(1);
    let of_all = |one: u64| one.saturating_mul(requests);
    Price { least, most: Amount { money: of_all(last.money), tokens: of_all(last.tokens) } }
}

/// What of `whole` each of several questions with these prices may take: its least, and a share of what is left then.
pub(crate) fn shares(prices: &[Price], whole: Amount) -> Vec<Amount> {
    let of = |whole: u64, of: fn(&Amount) -> u64| {
        let mut left = whole;
        let mut shares: Vec<u64> = prices.iter().map(|price| take(&mut left, of(&price.least))).collect();
        let room = |share: u64, price: &Price| of(&price.most).saturating_sub(share);
        let mut more = shares.iter().zip(prices).filter(|(share, price)| room(**share, price) > 0).count() as u64;
        for (share, price) in shares.iter_mut().zip(prices).filter(|(share, price)| room(**share, price) > 0) {
            let even = left / more.max(1);
            *share += take(&mut left, even.min(room(*share, price)));
            more = more.saturating_sub(1);
        }
        shares
    };
    let (money, tokens) = (of(whole.money, |amount| amount.money), of(whole.tokens, |amount| amount.tokens));
    money.into_iter().zip(tokens).map(|(money, tokens)| Amount { money, tokens }).collect()
}

fn take(left: &mut u64, wanted: u64) -> u64 {
    let taken = wanted.min(*left);
    *left -= taken;
    taken
}

/// The most that a request can take, and so many tokens more.
fn of_request(gateway: &Gateway, asked: &Asked, more: u64) -> Amount {
    let most = gateway.most(asked, more);
    Amount { money: most.money(), tokens: most.tokens }
}

const fn plus(left: Amount, right: Amount) -> Amount {
    Amount { money: left.money.saturating_add(right.money), tokens: left.tokens.saturating_add(right.tokens) }
}

fn unknown(given: u64) -> Amount {
    let tokens = given.saturating_add(CONTEXT);
    Amount { money: tokens.saturating_mul(DEAREST), tokens }
}

#[cfg(test)]
mod tests;
