//! Asking a model for a step, and what it answered.

use crate::acting::Acting;
use crate::model::Question;
use crate::reads;
use crate::toolset::Toolset;
use crate::transcript::Transcript;
use base::{Code, Error};
use http::HeaderMap;
use journal::Amount;
use llm::caller::{Spent, Took};
use llm::{Body, Gateway};
use machine::Fault;
use memory::transcript::Policy;
use rounds::{Client, Past, Served, Shortening, Wanted};
use runner::{Calling, Done, Failed};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tools::Hub;

/// The most characters of what a provider says went wrong.
const WORDS: usize = 1_000;

/// Asks a model, as part of the run that is `calling`. What it and its tools say is kept as `record`.
pub(crate) async fn ask(
    (hub, gateway): (&Hub, &Gateway),
    acting: &Acting,
    question: &Question,
    calling: &Calling,
    record: Option<Transcript>,
) -> Result<Done, Failed> {
    let asked = question.asked()?;
    // It takes no more than was set aside, of what is limited.
    let (budget, reserved) = (calling.plan.budget(), calling.reserved);
    let money = reserved.filter(|_| budget.money.is_some()).map(|reserved| reserved.money);
    let tokens = reserved.filter(|_| budget.tokens.is_some()).map(|reserved| reserved.tokens);
    let spent = Arc::new(Spent::within(money, tokens));
    let counted = Arc::clone(&spent);
    calling.so_far.counted(move || at_most(&counted, reserved));
    let caller = llm::Caller {
        run: Some(Arc::from(calling.run.to_string())),
        spent: Some(Arc::clone(&spent)),
        ..acting.models.clone()
    };
    let given = HeaderMap::new();
    let mut called = Arc::new(AtomicBool::new(false));
    let outcome = match Wanted::of(&asked, &given)? {
        None => gateway.ask(&asked, &caller, &given).await.0,
        Some(wanted) => {
            let tools = Arc::new(Toolset::of(hub, acting, &question.tools, calling.plan.approvals()).recorded(record));
            called = tools.called();
            let shortening = shortening(gateway, question, calling);
            let client = Client { given, tools, caller, past: Arc::new(Past::default()), shortening };
            match Box::pin(rounds::ask(gateway, &asked, &wanted, client)).await.0 {
                Ok(Served::Answer(answer)) => Ok(answer),
                Ok(Served::Rounds(..)) => Err(Error::internal("a stream came that nobody asked for")),
                Err(error) => Err(error),
            }
        }
    };
    let value = outcome.and_then(|answer| read(&answer, question.schema.as_ref()));
    // All that was asked on the way is paid by now, also what failed.
    let spent = at_most(&spent, reserved);
    match value {
        Ok(value) => Ok(Done { value, spent }),
        // What tools did before the answer failed is done, and would be done again, unless the run ends with it.
        Err(error) if called.load(Ordering::Relaxed) && error.code() != Code::RunBudget => {
            Err(Failed { spent: Some(spent), ..Failed::unknown(Fault::from(&error)) })
        }
        Err(error) => Err(Failed { spent: Some(spent), ..Failed::known(Fault::from(&error)) }),
    }
}

const fn amount(took: Took) -> Amount {
    Amount { money: took.nano_dollars, tokens: took.tokens }
}

/// The most that requests may have taken for which so much was set aside: what they took, and where answers were lost or are still to
/// come, the most of those. It is no more than what was set aside, unless so much is known.
fn at_most(spent: &Spent, reserved: Option<Amount>) -> Amount {
    let (took, most) = (amount(spent.took()), amount(spent.at_most()));
    let reserved = reserved.unwrap_or_default();
    let of = |took: u64, most: u64, reserved: u64| most.min(reserved.max(took));
    Amount { money: of(took.money, most.money, reserved.money), tokens: of(took.tokens, most.tokens, reserved.tokens) }
}

/// How the talk of a step with the tools that it lends is made shorter.
fn shortening(gateway: &Gateway, question: &Question, calling: &Calling) -> Option<Shortening> {
    let (_, planned) = calling.plan.step(machine::name_of(&calling.path))?;
    let said = planned.step.memory.as_ref().and_then(|memory| memory.transcript.as_ref());
    let reads = reads::of_model(gateway, question.model());
    Some(Shortening { policy: Policy::of(said, reads.window)?, family: reads.family })
}

/// The value of an answer: its text, or where it is held to a schema, what that says.
fn read(answer: &llm::Answer, schema: Option<&Value>) -> base::Result<Value> {
    let Body::Whole(bytes) = &answer.body else {
        return Err(Error::internal("a stream came that nobody asked for"));
    };
    let body = base::json::from_bytes(bytes).map_err(|error| broken(&format!("is no JSON: {error}")))?;
    if !answer.status.is_success() {
        let code = answer.headers.get("x-tutti-code").and_then(|code| code.to_str().ok()).and_then(Code::find);
        let said = body["error"]["message"].as_str().or_else(|| body["error"].as_str()).unwrap_or("it says not why");
        let said: String = said.chars().take(WORDS).collect();
        let next = "look at the provider, or ask another model";
        return Err(Error::new(code.unwrap_or(Code::ModelFailed), said, next));
    }
    let message = &body["choices"][0]["message"];
    if let Some(refusal) = message["refusal"].as_str().filter(|refusal| !refusal.is_empty()) {
        let refusal: String = refusal.chars().take(WORDS).collect();
        return Err(Error::new(Code::ModelRefused, format!("the model refused: {refusal}"), "ask for something else"));
    }
    let text = message["content"].as_str().ok_or_else(|| broken("has no text"))?;
    match schema {
        None => Ok(text.into()),
        Some(schema) => held(text, schema),
    }
}

/// The value that a text says, held against a schema. Some models put a fence around it.
fn held(text: &str, schema: &Value) -> base::Result<Value> {
    let text = text.trim();
    let fenced = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    let bare = fenced.and_then(|rest| rest.strip_suffix("```")).unwrap_or(text);
    let value = base::json::from_text(bare.trim()).map_err(|error| broken(&format!("is no JSON: {error}")))?;
    match schema::misfits(schema, &value, "the answer").first() {
        None => Ok(value),
        Some((place, why)) => Err(broken(&format!("does not fit its schema: {place} {why}"))),
    }
}

fn broken(why: &str) -> Error {
    Error::new(Code::ModelBroken, format!("the answer of the model {why}"), "ask again, or ask another model")
}

#[cfg(test)]
mod tests;
