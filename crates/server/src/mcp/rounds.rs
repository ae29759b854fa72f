//! Calls of modern clients that wait for input from them (multi round-trip requests, specification 2026-07-28).
//!
//! A modern client is not sent requests: its call is answered with what it is to answer, and it sends the call again
//! with the answers and a state. Where the upstream is modern too, the state holds the upstream's; where it is legacy,
//! the call is kept here and the state says which one it is. The state is sealed: nobody else can use it, nor use it for
//! another call, nor after its time.

use super::input;
use super::pending::{Input, Pending};
use base::seal::Sealer;
use base::{Code, Error, Result, clock, random};
use mcp::{Message, Method, raw, write};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tools::Ask;

/// The calls that wait, and what makes and reads states.
pub(crate) struct Rounds {
    sealer: Sealer,
    parked: Mutex<HashMap<String, Parked>>,
}

struct Parked {
    pending: Pending,
    asks: Vec<Ask>,
    at: Instant,
}

/// What a state leads to.
pub(crate) enum Opened {
    /// A call that was kept, with what it was waiting for.
    Parked(Box<Pending>, Vec<Ask>),
    /// The state of a modern upstream: raw JSON, a string.
    Upstreams(String),
    /// The call begins anew: what it needed has been done elsewhere.
    Anew,
}

/// The most calls that wait.
const PARKED: usize = 1024;

/// How long a call waits, and how long any state is good.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

impl Rounds {
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self { sealer, parked: Mutex::default() }
    }

    /// Keeps a call until the client answers `asks`; gives the result that asks for them, as raw JSON. `call` is the
    /// digest of the request, `principal` who sent it.
    pub(crate) fn park(&self, mut pending: Pending, asks: Vec<Ask>, call: &str, principal: &str) -> Result<String> {
        pending.park();
        let name = random::hex::<16>()?;
        let state = self.seal(&json!({"parked": name}), call, principal)?;
        let result = input_required(asks.iter(), &raw::quote(&state));
        let mut parked = self.lock();
        let now = clock::now();
        parked.retain(|_, parked| now.saturating_duration_since(parked.at) < PATIENCE);
        if parked.len() >= PARKED {
            let message = format!("{PARKED} calls wait for answers of clients, as many as the hub keeps");
            return Err(Error::new(Code::TooBusy, message, "try again later"));
        }
        parked.insert(name, Parked { pending, asks, at: now });
        Ok(result)
    }

    /// Replaces the state in the result of a modern upstream by one that is bound to its call.
    pub(crate) fn wrap(&self, result: &str, call: &str, principal: &str) -> Result<String> {
        let Some(state) = raw::get(result, "requestState") else { return Ok(result.to_owned()) };
        let sealed = self.seal(&json!({"upstream": state}), call, principal)?;
        let mut splice = raw::Splice::new(result);
        splice.replace(state, raw::quote(&sealed));
        Ok(splice.finish().into_owned())
    }

    /// A state with which the same call begins anew.
    pub(crate) fn anew(&self, call: &str, principal: &str) -> Result<String> {
        self.seal(&json!({"anew": true}), call, principal)
    }

    /// What `state` leads to. A state leads to a kept call once.
    pub(crate) fn open(&self, state: &str, call: &str, principal: &str) -> Result<Opened> {
        let bound = bound(call, principal);
        let value: Option<Value> =
            self.sealer.open(state, bound.as_bytes()).and_then(|plain| base::json::from_bytes(&plain).ok());
        let value = value.filter(is_fresh).ok_or_else(invalid)?;
        if let Some(state) = value["upstream"].as_str() {
            return Ok(Opened::Upstreams(state.to_owned()));
        }
        if value["anew"] == true {
            return Ok(Opened::Anew);
        }
        let name = value["parked"].as_str().unwrap_or_default();
        let parked = self.lock().remove(name).ok_or_else(invalid)?;
        Ok(Opened::Parked(Box::new(parked.pending), parked.asks))
    }

    /// Gives up calls whose clients did not come back.
    pub(crate) fn sweep(&self) {
        let now = clock::now();
        self.lock().retain(|_, parked| now.saturating_duration_since(parked.at) < PATIENCE);
    }

    fn seal(&self, value: &Value, call: &str, principal: &str) -> Result<String> {
        let mut value = value.clone();
        value["until"] = (clock::wall() + PATIENCE).as_secs().into();
        self.sealer.seal(value.to_string().as_bytes(), bound(call, principal).as_bytes())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Parked>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The message that asks a modern client for `input`; the call is kept where it has to be.
pub(crate) fn ask(rounds: &Rounds, principal: &str, request: &Message, pending: Pending, input: Input) -> String {
    let id = pending.id().to_owned();
    let call = request.method().map(|method| digest(method, request.body().unwrap_or("{}"))).unwrap_or_default();
    let result = match input {
        Input::Asks(asks) => rounds.park(pending, asks, &call, principal),
        Input::Result(result) => rounds.wrap(&result, &call, principal),
        Input::Addresses(asks) => {
            rounds.anew(&call, principal).map(|state| input_required(asks.iter(), &raw::quote(&state)))
        }
    };
    match result {
        Ok(result) => write::result(&id, &result),
        Err(error) => write::error(&id, &error),
    }
}

/// Gives the call what the client answered. What it left out it is asked again.
pub(crate) fn take_answers(pending: &mut Pending, asks: Vec<Ask>, responses: &str) -> Vec<Ask> {
    let mut missing = Vec::new();
    for ask in asks {
        match raw::get(responses, &name_of(&ask)).filter(|response| raw::is_object(response)) {
            Some(response) => pending.reply(ask.key, Ok(response.to_owned())),
            None => missing.push(ask),
        }
    }
    missing
}

/// The result that asks a client for input. `state` is raw JSON.
pub(crate) fn input_required<'a>(asks: impl Iterator<Item = &'a Ask>, state: &str) -> String {
    let requests: Vec<String> = asks.map(|ask| input::request(&name_of(ask), ask)).collect();
    format!(r#"{{"resultType":"input_required","inputRequests":{{{}}},"requestState":{state}}}"#, requests.join(","))
}

fn name_of(ask: &Ask) -> String {
    format!("input-{}", ask.key)
}

/// A digest of what a request asks for, whatever it says of itself and of earlier rounds.
pub(crate) fn digest(method: &Method, params: &str) -> String {
    let own =
        raw::without(params, |member| ["_meta", "inputResponses", "requestState"].iter().any(|name| member.is(name)));
    // Read and written again, so that the order of members and white space make no difference.
    let canonical = base::json::from_text(&own).map_or_else(
        |_| own.to_string(),
        |mut value| {
            value.sort_all_objects();
            value.to_string()
        },
    );
    random::to_hex(&random::sha256(format!("{} {canonical}", method.name()).as_bytes()))
}

/// Whose a state is: a principal's, on one view only, because what another view hides must not be taken up again there.
pub(crate) fn holder(principal: &str, view: &str) -> String {
    format!("{principal} {view}")
}

fn bound(call: &str, principal: &str) -> String {
    format!("{call} {principal}")
}

fn is_fresh(value: &Value) -> bool {
    value["until"].as_u64().is_some_and(|until| clock::wall().as_secs() <= until)
}

fn invalid() -> Error {
    Error::new(
        Code::RequestStateInvalid,
        "the `requestState` does not belong to this call, was used already, or is too old",
        "send the call again without `requestState` and `inputResponses`",
    )
}

#[cfg(test)]
mod tests;
