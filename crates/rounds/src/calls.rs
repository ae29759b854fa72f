//! What is done in a talk: tools are called, several at once. A call that fails is told to the model, and to nobody else.

use super::past::Past;
use super::result;
use super::shorter::Shortening;
use super::talk::{Act, Call, Talk, words};
use base::ports::{KeptTurn, ModelTools, Spoken, Wait};
use base::{Code, Error, Result, clock, random};
use conversation::answer::Reply;
use conversation::item::ToolResult;
use futures_util::stream::{self, StreamExt as _};
use http::HeaderMap;
use llm::answer::Answer;
use llm::caller::Caller;
use llm::gateway::Gateway;
use llm::request::Asked;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// How many calls of one turn are made at once.
const AT_ONCE: usize = 8;

/// Who asks, and with which tools.
#[derive(Clone)]
pub struct Client {
    /// Its headers.
    pub given: HeaderMap,
    /// The tools that models may call for it.
    pub tools: Arc<dyn ModelTools>,
    /// For whom it asks.
    pub caller: Caller,
    /// What was done for it before.
    pub past: Arc<Past>,
    /// How a talk that is recorded is made shorter; without it none is.
    pub shortening: Option<Shortening>,
}

/// What a talk is carried out with.
pub(super) struct Means {
    pub(super) gateway: Gateway,
    pub(super) client: Client,
    /// Until when tools may be called.
    pub(super) until: Instant,
}

impl Means {
    /// Asks the model for a round, where that is within what the rounds may take together.
    pub(super) async fn ask(&self, asked: &Asked) -> (Result<Answer>, HeaderMap) {
        let Client { caller, given, .. } = &self.client;
        match self.gateway.check_within(asked, caller) {
            Ok(()) => self.gateway.ask(asked, caller, given).await,
            Err(error) => (Err(error), HeaderMap::new()),
        }
    }
}

/// The most bytes of a result that are kept of a talk that is recorded.
const KEPT: usize = 512 << 10;

/// What came of a call.
struct Answered {
    /// As the model is told it, and how many bytes of the result that is.
    told: (ToolResult, usize),
    /// The name of the tool and the words of the whole result, of a talk that is recorded.
    whole: Option<Spoken>,
}

/// Calls the tools, and has the model told what came of it.
pub(super) async fn answer_all(means: &Means, talk: &mut Talk, calls: Vec<Call>) {
    let room = talk.room(calls.len());
    let mut spoken = match means.client.tools.record() {
        Some(_) => talk.words().map(Spoken::Words).into_iter().chain(calls.iter().map(spoken)).collect(),
        None => Vec::new(),
    };
    let each = calls.into_iter().map(|call| answer_one(means, call, room));
    let results: Vec<Answered> = stream::iter(each).buffered(AT_ONCE).collect().await;
    let (results, whole): (Vec<_>, Vec<_>) = results.into_iter().map(|one| (one.told, one.whole)).unzip();
    spoken.extend(whole.into_iter().flatten());
    let is_late = Instant::from_std(clock::now()) >= means.until;
    let kept = record(means, spoken).await;
    tracing::debug!(model = talk.client().model, calls = results.len(), is_late, "a model has called tools");
    talk.answered(results, is_late, &kept);
}

/// Has what was said kept, if somebody does, and tells where. What goes wrong there changes nothing.
pub(super) async fn record(means: &Means, spoken: Vec<Spoken>) -> Vec<Option<KeptTurn>> {
    let Some(record) = means.client.tools.record().filter(|_| !spoken.is_empty()) else { return Vec::new() };
    match record.add(spoken).await {
        Ok(kept) => kept,
        Err(error) => {
            tracing::warn!(code = error.code().id(), "what a model and its tools say is not kept: {error}");
            Vec::new()
        }
    }
}

fn spoken(call: &Call) -> Spoken {
    Spoken::Call(call.tool.clone(), call.written.clone())
}

async fn answer_one(means: &Means, call: Call, room: usize) -> Answered {
    let Call { id, name, tool, act, .. } = call;
    let outcome = match act {
        Act::Tool(arguments) => in_time(means, means.client.tools.call(&tool, &arguments)).await,
        Act::Recall(original) => return give_back(means, (id, name), &original, room).await,
        Act::Refused(error) => Err(error),
    };
    let is_recorded = means.client.tools.record().is_some();
    let kept = |result: &ToolResult| is_recorded.then(|| Spoken::Result(tool, words(&result.content)));
    match outcome {
        Ok(result) => {
            let whole = is_recorded.then(|| result::told(None, String::new(), &result, KEPT).0);
            Answered { whole: whole.as_ref().and_then(kept), told: result::told(id, name, &result, room) }
        }
        Err(error) => {
            let told = result::refused(id, name, &error);
            Answered { whole: kept(&told), told: (told, 0) }
        }
    }
}

/// What comes of a call, if that is before the time for all of them is over.
async fn in_time(means: &Means, call: Wait<'_, String>) -> Result<String> {
    timeout_at(means.until, call).await.unwrap_or_else(|_| {
        let message = "the time for tools of this request is over";
        Err(Error::new(Code::ModelToolLimit, message, "answer with what you have"))
    })
}

/// Gives back what was left out. What is kept of that is where it stands, so that nothing is kept twice.
async fn give_back(means: &Means, (id, name): (Option<String>, String), original: &KeptTurn, room: usize) -> Answered {
    let outcome = match means.client.tools.record() {
        Some(record) => in_time(means, record.recall(&original.handle, room)).await,
        None => Err(Error::internal("a talk that nobody keeps has nothing to give back")),
    };
    match outcome {
        Ok(text) => {
            let again = format!("[turn {} again, which has the handle {}]", original.number, original.handle);
            Answered { whole: Some(Spoken::Result(name.clone(), again)), told: result::again(id, name, text) }
        }
        Err(error) => {
            let told = result::refused(id, name.clone(), &error);
            Answered { whole: Some(Spoken::Result(name, words(&told.content))), told: (told, 0) }
        }
    }
}

/// Keeps what the client cannot send back, if there is something.
pub(super) fn keep(means: &Means, talk: &mut Talk) {
    if let Some(past) = talk.past() {
        means.client.past.keep(&means.client.caller.principal, talk.dialect(), &talk.client(), past);
    }
}

/// What an answer is made with.
pub(super) fn reply(talk: &Talk) -> Result<Reply> {
    let id = random::bytes::<12>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Reply { id, created: clock::wall().as_secs(), request: talk.client() })
}
