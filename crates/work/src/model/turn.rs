//! One question to a model, through the hub, and its answer as it comes.

use base::{Code, Error, Result, clock};
use console::output::clean;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hubs::client::HubClient;
use hubs::client::exchange::Answer;
use serde_json::{Value, json};
use std::time::Duration;

/// The path of the dialect that is spoken.
const PATH: &str = "/v1/chat/completions";
/// The header that says which deployment answered.
const DEPLOYMENT: &str = "x-tutti-deployment";
/// The header that says what became of the request at each.
const ATTEMPTS: &str = "x-tutti-attempts";
/// The header that names an answer, so that it can be said how good it was.
const ANSWER: &str = "x-tutti-answer";
/// The header that has the code of an error.
const CODE: &str = "x-tutti-code";
/// The header that names the run that a request is part of.
const RUN: &str = "x-tutti-run";
/// The header that says with which version of a prompt a request was made.
const PROMPT: &str = "x-tutti-prompt";
/// The header that says whether a kept answer will do.
const CACHE: &str = "x-tutti-cache";

/// How a question is sent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Way<'a> {
    /// The run under which it is in the books.
    pub(crate) run: Option<&'a str>,
    /// The version of a prompt that it is made with, as the hub reads it.
    pub(crate) prompt: Option<&'a str>,
    /// Whether the model is to answer itself, where a kept answer would tell nothing of it.
    pub(crate) fresh: bool,
}

/// The most that an answer may say, in bytes.
const LONGEST: usize = 16 << 20;

/// What became of a question.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// What was said.
    pub(crate) text: String,
    /// The deployment that answered.
    pub(crate) deployment: Option<String>,
    /// Under which id the hub is told how good the answer was, where it learns of that.
    pub(crate) id: Option<String>,
    /// What became of the question at each deployment: its name, and a word or a code.
    pub(crate) attempts: Vec<(String, String)>,
    /// After which time the first token came, which may be of a thought.
    pub(crate) first: Option<Duration>,
    /// How long all of it took.
    pub(crate) lasted: Duration,
    /// How many tokens were read.
    pub(crate) input: Option<u64>,
    /// How many tokens were written.
    pub(crate) output: Option<u64>,
    /// Why it is not whole.
    pub(crate) error: Option<Error>,
}

impl Turn {
    /// How many tokens came in a second, behind the first.
    pub(crate) fn per_second(&self) -> Option<f64> {
        let rest = self.lasted.checked_sub(self.first?).filter(|rest| !rest.is_zero())?;
        Some((self.output? as f64 / rest.as_secs_f64() * 10.0).round() / 10.0)
    }

    /// The attempts, as JSON.
    pub(crate) fn attempts_json(&self) -> Value {
        let attempt = |(name, what): &(String, String)| json!({"deployment": name, "outcome": what});
        self.attempts.iter().map(attempt).collect()
    }

    /// All of it, as JSON: what was asked of `model`, and what it cost.
    pub(crate) fn to_json(&self, model: &str, cost: &Value) -> Value {
        json!({
            "model": model,
            "ok": self.error.is_none(),
            "deployment": self.deployment,
            "first_token": self.first.map(seconds),
            "seconds": seconds(self.lasted),
            "tokens_per_second": self.per_second(),
            "tokens": {"input": self.input, "output": self.output},
            "cost": cost,
            "answer": self.text,
            "id": self.id,
            "attempts": self.attempts_json(),
            "error": self.error.as_ref().map(Error::to_json),
        })
    }

    /// Takes in an event; answers whether it says that something of the answer has come.
    fn take(&mut self, event: &Value) -> Option<String> {
        if let Some(said) = event.get("error").filter(|error| !error.is_null()) {
            self.error = Some(refusal(None, said, None));
            return None;
        }
        let usage = &event["usage"];
        self.input = usage["prompt_tokens"].as_u64().or(self.input);
        self.output = usage["completion_tokens"].as_u64().or(self.output);
        let choice = &event["choices"][0];
        let said = [&choice["delta"], &choice["message"]].into_iter().find(|said| said.is_object())?;
        let text = said["content"].as_str().unwrap_or_default();
        let thought = ["reasoning_content", "reasoning"].iter().any(|name| said[*name].as_str().is_some_and(is_there));
        (!text.is_empty() || thought).then(|| text.to_owned())
    }
}

/// A time in seconds, to the millisecond.
pub(crate) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

/// What a run cost that began within the time `since`, such as `1h`, as the hub has it in its books. Nothing where it does
/// not say.
pub(crate) async fn cost(client: &HubClient, run: &str, since: &str) -> Value {
    let said = client.get(&format!("/api/v1/usage?since={since}&by=run")).await.unwrap_or_default();
    let mut rows = said["usage"].as_array().into_iter().flatten();
    rows.find(|row| row["run"] == run).map(|row| row["cost"].clone()).unwrap_or_default()
}

fn is_there(text: &str) -> bool {
    !text.is_empty()
}

/// Asks what `body` says, and tells each piece of the answer as it comes. What went wrong is in the turn, beside what had come
/// by then.
pub(crate) async fn ask(
    client: &HubClient,
    body: &Value,
    way: Way<'_>,
    turn: &mut Turn,
    said: &mut (dyn FnMut(&str) + Send),
) {
    let began = clock::now();
    let done = converse(client, body, way, turn, said).await;
    turn.lasted = clock::now().saturating_duration_since(began);
    if let Err(error) = done {
        turn.error = Some(error);
    }
}

async fn converse(
    client: &HubClient,
    body: &Value,
    way: Way<'_>,
    turn: &mut Turn,
    said: &mut (dyn FnMut(&str) + Send),
) -> Result<()> {
    let began = clock::now();
    let mut headers = HeaderMap::new();
    for (name, value) in [(RUN, way.run), (PROMPT, way.prompt)] {
        let value = value.and_then(|value| HeaderValue::from_str(value).ok());
        headers.extend(value.map(|value| (HeaderName::from_static(name), value)));
    }
    if way.fresh {
        headers.insert(CACHE, HeaderValue::from_static("off"));
    }
    let answer = client.send(PATH, headers, body).await?;
    turn.deployment = header(&answer, DEPLOYMENT).map(str::to_owned);
    turn.id = header(&answer, ANSWER).map(str::to_owned);
    turn.attempts = attempts(header(&answer, ATTEMPTS).unwrap_or_default());
    if !answer.is_events() || !answer.status.is_success() {
        let (status, code) = (answer.status, header(&answer, CODE).map(str::to_owned));
        let body: Value = base::json::from_text(&answer.text_within(LONGEST).await?).unwrap_or_default();
        if !status.is_success() {
            return Err(refusal(Some(status), &body["error"], code.as_deref()));
        }
        return hear(turn, &body, began, said);
    }
    let mut events = answer.events();
    while let Some(data) = events.next().await? {
        // The rest is read too: with its end what it cost is settled.
        if data.trim() != "[DONE]" {
            hear(turn, &base::json::from_text(&data).unwrap_or_default(), began, said)?;
        }
    }
    Ok(())
}

fn hear(turn: &mut Turn, event: &Value, began: std::time::Instant, said: &mut (dyn FnMut(&str) + Send)) -> Result<()> {
    let Some(text) = turn.take(event) else { return Ok(()) };
    turn.first.get_or_insert_with(|| clock::now().saturating_duration_since(began));
    if turn.text.len() + text.len() > LONGEST {
        let message = format!("the model said more than {} MiB", LONGEST >> 20);
        return Err(Error::new(Code::HubAnswer, message, "ask for less at once"));
    }
    turn.text.push_str(&text);
    said(&text);
    Ok(())
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads `openai/gpt-5 T-0908, local/qwen3 answered`.
fn attempts(text: &str) -> Vec<(String, String)> {
    let one = |text: &str| {
        let given_up = text.strip_suffix(" given up").map(|name| (name, "given up"));
        given_up.or_else(|| text.rsplit_once(' ')).map(|(name, what)| (name.to_owned(), what.to_owned()))
    };
    text.split(", ").filter_map(one).collect()
}

/// The error that an answer in OpenAI's dialect stands for. The hub writes what happened, its code, and what to do in one
/// text; where a provider says what is wrong, the header names the hub's code for it.
fn refusal(status: Option<StatusCode>, said: &Value, code: Option<&str>) -> Error {
    let message = clean(said["message"].as_str().or(said.as_str()).unwrap_or("the hub does not say what is wrong"));
    let named = code.or_else(|| said["code"].as_str()).filter(|code| code.starts_with("T-"));
    let Some(code) = named.and_then(Code::find) else {
        let status = status.map(|status| format!(" (HTTP status {})", status.as_u16())).unwrap_or_default();
        return Error::new(Code::HubAnswer, format!("{message}{status}"), "the message is the provider's own");
    };
    match message.split_once(&format!(" ({}). Next: ", code.id())) {
        Some((what, next)) => Error::new(code, what, next),
        None => {
            Error::new(code, message, format!("the message is the provider's own; see `tutti explain {}`", code.id()))
        }
    }
}

#[cfg(test)]
mod tests;
