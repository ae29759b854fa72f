//! Who reads the context of a step, and what its call takes at most.

use crate::lent;
use crate::model::Question;
use crate::summary::literal;
use context::tokens::Family;
use journal::Amount;
use llm::gateway::DEAREST;
use llm::{Asked, Caller, Gateway};
use machine::{Price, Task, Work};
use runner::Reads;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tools::Hub;
use workflow::Plan;
use workflow::definition::{Action, Inputs};
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
pub(crate) fn price(shop: Shop<'_>, plan: &Plan, step: &PlannedStep, work: &Work) -> Price {
    match work {
        Work::Ready(task) => of_task(shop, plan, task, 0),
        Work::Needs { context, .. } => {
            let mut context = context.clone();
            // What is needed is counted below: here it is enough that templates find something under its name.
            let named = step.needs.iter().map(|need| (need.name.clone(), Value::from("")));
            context.insert("memory".to_owned(), Value::Object(named.collect()));
            let budget = step.step.memory.as_ref().and_then(|memory| memory.budget);
            let window = reads(shop.gateway, plan, step).window;
            let tokens = memory::tokens(budget, window).and_then(|tokens| u64::try_from(tokens).ok());
            let given = tokens.or(window).unwrap_or(CONTEXT);
            match Task::of(step, &context) {
                Ok(Some(task)) => of_task(shop, plan, &task, given),
                // What templates cannot make without the context is not known before, and may be as long again.
                _ => of_action(shop, plan, step, &context, given.saturating_add(CONTEXT)),
            }
        }
    }
}

/// Where steps find what they ask, and lend.
#[derive(Clone, Copy)]
pub(crate) struct Shop<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) gateway: &'a Gateway,
}

fn of_task(shop: Shop<'_>, plan: &Plan, task: &Task, more: u64) -> Price {
    match task {
        Task::Model(inputs) => of_question(shop, plan, inputs, more),
        Task::Models { queries, .. } => sum(queries.iter().map(|query| of_question(shop, plan, query, more))),
        Task::Prompt { model, ask: true, arguments, .. } => {
            let size = Value::Object(arguments.clone()).to_string().len();
            of_prompt(shop, plan, model.clone(), more.saturating_add(number(size)))
        }
        Task::Prompt { .. } | Task::Tool(_) | Task::Plan { .. } | Task::Workflow { .. } => Price::default(),
    }
}

/// What a step takes of which not all templates can be filled in: as if what they make were nothing, and `more` tokens.
fn of_action(shop: Shop<'_>, plan: &Plan, step: &PlannedStep, context: &Map<String, Value>, more: u64) -> Price {
    let of = |inputs: &Inputs| match known(inputs, context) {
        Some(inputs) => of_question(shop, plan, &inputs, more),
        None => Price::fixed(unknown(more)),
    };
    match &step.step.action {
        Action::ModelCall(inputs) => of(inputs),
        Action::ParallelQuery { queries, .. } => sum(queries.iter().map(of)),
        Action::Prompt(prompt) if prompt.ask => match prompt.model.as_ref().map(|model| model.render(context)) {
            Some(Err(_)) => Price::fixed(unknown(more)),
            model => of_prompt(shop, plan, model.and_then(Result::ok), more),
        },
        _ => Price::default(),
    }
}

/// The inputs that can be made; nothing where it is not known which model is asked. Something is asked in any case.
fn known(inputs: &Inputs, context: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut known = Map::new();
    for (name, input) in &inputs.0 {
        match (name.as_str(), input.render(context)) {
            (_, Ok(value)) => drop(known.insert(name.clone(), value)),
            ("model" | "provider", Err(_)) => return None,
            ("tools", Err(_)) => drop(known.insert(name.clone(), json!(["mcp://*"]))),
            (_, Err(_)) => {}
        }
    }
    known.entry("prompt").or_insert_with(|| "what is asked".into());
    Some(known)
}

/// What a prompt of the library takes whose arguments have so many tokens.
fn of_prompt(shop: Shop<'_>, plan: &Plan, model: Option<Value>, more: u64) -> Price {
    let mut inputs = Map::new();
    inputs.insert("prompt".to_owned(), "the prompt".into());
    inputs.extend(model.map(|model| ("model".to_owned(), model)));
    of_question(shop, plan, &inputs, more.saturating_add(number(PROMPT)))
}

/// What a question with these inputs takes, and so many tokens more. With tools it is asked at least once, and at most as often as
/// models may call tools; their definitions are read each time.
pub(crate) fn of_question(shop: Shop<'_>, plan: &Plan, inputs: &Map<String, Value>, more: u64) -> Price {
    let Ok(question) = Question::of(inputs, plan) else { return Price::default() };
    let Ok(asked) = question.asked() else { return Price::default() };
    if question.tools.is_empty() {
        return Price::fixed(of_request(shop.gateway, &asked, more));
    }
    let settings = shop.gateway.tools();
    let more = more.saturating_add(lent::tokens(shop.hub, &question.tools, settings.top));
    let least = of_request(shop.gateway, &asked, more);
    // The last request reads all that was said and told before.
    let said = least.tokens.saturating_mul(number(settings.rounds));
    let told = number(settings.results).saturating_add(TOOL.saturating_mul(number(settings.top)));
    let last = of_request(shop.gateway, &asked, more.saturating_add(said).saturating_add(told));
    let requests = number(settings.rounds).saturating_add(1);
    let of_all = |one: u64| one.saturating_mul(requests);
    Price { least, most: Amount { money: of_all(last.money), tokens: of_all(last.tokens) } }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn sum(prices: impl Iterator<Item = Price>) -> Price {
    prices
        .fold(Price::default(), |sum, one| Price { least: plus(sum.least, one.least), most: plus(sum.most, one.most) })
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

/// What a request takes with so many tokens, of whatever model.
const fn unknown(tokens: u64) -> Amount {
    Amount { money: tokens.saturating_mul(DEAREST), tokens }
}

#[cfg(test)]
mod tests;
