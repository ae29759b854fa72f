//! What an upstream asks of the client during one call, whichever way it asks.
//!
//! A legacy upstream sends requests while the call is under way. A modern one ends the call with the questions and wants
//! it sent again with the answers (multi round-trip requests, specification 2026-07-28). Here both become the same: asks
//! with a key, each of which is answered once.

use crate::caller::{Ask, Reply};
use mcp::version::meta;
use mcp::{Method, raw};
use std::collections::VecDeque;

/// The asks of one call.
#[derive(Default)]
pub(super) struct Asks {
    last: u64,
    open: Vec<Open>,
    /// Not handed to the client yet.
    waiting: VecDeque<Ask>,
    round: Option<Round>,
    rounds: usize,
}

struct Open {
    key: u64,
    source: Source,
    /// The progress token of the upstream, raw JSON.
    token: Option<String>,
}

enum Source {
    /// A request with this raw JSON id.
    Request(String),
    /// An input request with this name.
    Input(String),
}

/// The questions of a modern upstream that belong together, and their answers so far.
#[derive(Default)]
struct Round {
    /// Raw JSON.
    state: Option<String>,
    /// Names and raw JSON.
    answers: Vec<(String, String)>,
}

/// What is to be done with an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// The upstream gets it as the answer to its request with this raw JSON id.
    Request(String, Reply),
    /// It was kept; more are to come, or the round is complete.
    Kept,
    /// A modern upstream cannot be told of this error, so the call ends with it.
    Fatal(String),
    /// There is no such ask.
    Unknown,
}

/// The most asks of one call at a time. Real servers ask one thing at a time, or a handful.
const AT_ONCE: usize = 16;

/// The most rounds of one call: a server that never has enough must end some time.
const ROUNDS: usize = 32;

/// Why what an upstream asks is not passed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// More at once than [`AT_ONCE`].
    Asks,
    /// More often than [`ROUNDS`].
    Rounds,
    /// Not readable.
    Shape,
}

impl Asks {
    /// Takes a request of a legacy upstream. `id` and `params` are raw JSON.
    pub(super) fn request(&mut self, id: &str, method: Method, params: &str) -> Result<(), Excess> {
        self.add(Source::Request(id.to_owned()), method, params.to_owned())
    }

    /// Takes the questions in `result`, which a modern upstream gave instead of an answer.
    pub(super) fn round(&mut self, result: &str) -> Result<(), Excess> {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            return Err(Excess::Rounds);
        }
        let state = raw::get(result, "requestState").map(str::to_owned);
        self.round = Some(Round { state, answers: Vec::new() });
        for member in raw::members(raw::get(result, "inputRequests").unwrap_or("{}")) {
            let name = raw::text(member.key).ok_or(Excess::Shape)?.into_owned();
            let method = raw::get(member.value, "method").and_then(raw::text).ok_or(Excess::Shape)?;
            let method = Method::from_name(&method);
            let params = raw::get(member.value, "params").unwrap_or("{}").to_owned();
            self.add(Source::Input(name), method, params)?;
        }
        Ok(())
    }

    fn add(&mut self, source: Source, method: Method, params: String) -> Result<(), Excess> {
        if self.open.len() >= AT_ONCE {
            return Err(Excess::Asks);
        }
        self.last += 1;
        let token = raw::at(&params, &["_meta", meta::PROGRESS_TOKEN]).map(str::to_owned);
        self.open.push(Open { key: self.last, source, token });
        self.waiting.push_back(Ask { key: self.last, method, params });
        Ok(())
    }

    /// The next ask for the client.
    pub(super) fn pop(&mut self) -> Option<Ask> {
        self.waiting.pop_front()
    }

    /// Whether the client was ever asked something.
    pub(super) fn any_made(&self) -> bool {
        self.last > 0
    }

    /// Whether the client still has to answer something.
    pub(super) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The ask that came as the request with this raw JSON id, which its upstream has withdrawn.
    pub(super) fn withdraw(&mut self, id: &str) -> Option<u64> {
        let at = self.open.iter().position(|open| matches!(&open.source, Source::Request(own) if own == id))?;
        let key = self.open.remove(at).key;
        self.waiting.retain(|ask| ask.key != key);
        Some(key)
    }

    /// The progress token that the upstream gave with an ask, raw JSON.
    pub(super) fn token(&self, key: u64) -> Option<&str> {
        self.open.iter().find(|open| open.key == key)?.token.as_deref()
    }

    /// Forgets what belonged to a connection that is gone.
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.waiting.clear();
        self.round = None;
    }

    /// Takes the client's answer to the ask `key`.
    pub(super) fn answer(&mut self, key: u64, reply: Reply) -> Answered {
        let Some(at) = self.open.iter().position(|open| open.key == key) else { return Answered::Unknown };
        match (self.open.remove(at).source, reply) {
            (Source::Request(id), reply) => Answered::Request(id, reply),
            (Source::Input(_), Err(error)) => Answered::Fatal(error),
            (Source::Input(name), Ok(result)) => {
                if let Some(round) = &mut self.round {
                    round.answers.push((name, result));
                }
                Answered::Kept
            }
        }
    }

    /// The params with which a call is sent again once all its questions are answered.
    pub(super) fn complete(&mut self, params: &str) -> Option<String> {
        if !self.open.is_empty() {
            return None;
        }
        let round = self.round.take()?;
        Some(answered(params, &round.answers, round.state.as_deref()))
    }
}

/// `params` with the answers to a round, and the state of the server. All but the names is raw JSON.
fn answered(params: &str, answers: &[(String, String)], state: Option<&str>) -> String {
    let bare = raw::without(params, |member| member.is("inputResponses") || member.is("requestState"));
    let mut splice = raw::Splice::new(&bare);
    if let Some(state) = state {
        splice.insert(&bare, "requestState", state);
    }
    if !answers.is_empty() {
        let members: Vec<String> =
            answers.iter().map(|(name, result)| format!("{}:{result}", raw::quote(name))).collect();
        splice.insert(&bare, "inputResponses", &format!("{{{}}}", members.join(",")));
    }
    splice.finish().into_owned()
}

#[cfg(test)]
mod tests;
