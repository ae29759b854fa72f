//! Clients of both eras that call tools all the time, each call with a token of its own.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::task::JoinSet;

use super::{Plan, fleet};
use crate::{
    client::{Client, Reply},
    seeded::Seeded,
    session::Era,
};

/// The longest that a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest pause between two calls of a client.
const PAUSE_MILLISECONDS: u64 = 120;

/// What was asked, and what came of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// `r` for a tool that only reads, `i` for one that may be repeated, `w` for others; then what is unique.
    pub token: String,
    pub server: String,
    pub began: Duration,
    pub took: Duration,
    pub ending: Ending,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The token came back, once.
    Answered,
    /// It came back more than once.
    Twice,
    /// Another token came back.
    Foreign(String),
    /// An error, or nothing: its code, and what it says.
    Failed(String, String),
}

/// Drives all clients until the time is up and their last calls have ended.
pub async fn run(plan: &Plan, url: &str, begun: Instant) -> Result<Vec<Call>> {
    let mut clients = JoinSet::new();
    for place in 0..plan.sessions {
        clients.spawn(client(plan.clone(), url.to_owned(), place, begun));
    }
    let mut calls = Vec::new();
    while let Some(done) = clients.join_next().await {
        calls.extend(done.context("a client stopped")??);
    }
    Ok(calls)
}

async fn client(plan: Plan, url: String, place: usize, begun: Instant) -> Result<Vec<Call>> {
    let era = if place.is_multiple_of(2) { Era::Legacy } else { Era::Modern };
    let mut client = Client::open(&url, era).await?;
    let mut seeded = Seeded::new(plan.seed, &format!("client {place}"));
    let mut calls = Vec::new();
    while begun.elapsed() < plan.length {
        let server = fleet::name(seeded.below(plan.upstreams as u64) as usize);
        // Of ten calls one is of the tool that nobody may repeat.
        let (tool, letter) = match seeded.below(10) {
            0 => ("tool_2", 'w'),
            drawn if drawn.is_multiple_of(2) => ("tool_0", 'r'),
            _ => ("tool_1", 'i'),
        };
        let token = format!("{letter}-{place}-{}", calls.len());
        let began = begun.elapsed();
        let tool = format!("{server}__{tool}");
        let asked = client.call(&tool, json!({ "message": token }));
        let ending = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(reply)) => judge(&reply, &token),
            Ok(Err(error)) => Ending::Failed("connection".to_owned(), format!("{error:#}")),
            Err(_) => Ending::Failed("patience".to_owned(), format!("nothing within {PATIENCE:?}")),
        };
        if matches!(&ending, Ending::Failed(code, _) if code == "connection" || code == "patience") {
            client.reconnect().await?;
        }
        calls.push(Call { token, server, began, took: begun.elapsed() - began, ending });
        tokio::time::sleep(Duration::from_millis(seeded.below(PAUSE_MILLISECONDS))).await;
    }
    Ok(calls)
}

fn judge(reply: &Reply, token: &str) -> Ending {
    let [answer] = reply.answers.as_slice() else {
        if reply.answers.len() > 1 {
            return Ending::Twice;
        }
        return Ending::Failed("nothing".to_owned(), format!("status {} without an answer", reply.status));
    };
    if let Some(error) = answer.get("error") {
        let own = error["data"]["code"].as_str().map(str::to_owned);
        let code = own.unwrap_or_else(|| error["code"].to_string());
        return Ending::Failed(code, error["message"].to_string());
    }
    match answer["result"]["content"][0]["text"].as_str() {
        Some(text) if text == token => Ending::Answered,
        other => Ending::Foreign(other.unwrap_or("no text").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Duration, Ending, Reply, judge};

    fn ending(answers: Vec<Value>) -> Ending {
        judge(&Reply { answers, status: 200, took: Duration::ZERO }, "r-1-2")
    }

    #[test]
    fn only_the_own_token_once_is_an_answer() {
        let answer = |text: &str| json!({ "id": 1, "result": { "content": [{ "type": "text", "text": text }] } });
        assert_eq!(ending(vec![answer("r-1-2")]), Ending::Answered);
        assert_eq!(ending(vec![answer("r-1-2"), answer("r-1-2")]), Ending::Twice);
        assert_eq!(ending(vec![answer("r-2-2")]), Ending::Foreign("r-2-2".to_owned()));
        assert!(matches!(ending(vec![]), Ending::Failed(..)));
        let error = json!({ "error": { "code": -32000, "message": "m", "data": { "code": "T-0001" } } });
        assert_eq!(ending(vec![error]), Ending::Failed("T-0001".to_owned(), "\"m\"".to_owned()));
    }
}
