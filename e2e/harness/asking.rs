//! Clients that answer what servers ask in the middle of a call.

use super::check::within;
use super::client::{Client, Era};
use super::reply::Reply;
use serde_json::{Value, json};

/// How a call ended, and what the client was asked before.
pub(crate) struct Asked {
    pub(crate) reply: Reply,
    /// The method and params of each request.
    pub(crate) asked: Vec<(String, Value)>,
}

/// The most rounds of one call.
const ROUNDS: usize = 20;

impl Client {
    /// Calls a tool and answers what the server asks: `answer` gives the result for a method and params, or an error.
    pub(crate) async fn call_and_answer(
        &self,
        tool: &str,
        arguments: Value,
        answer: impl Fn(&str, &Value) -> Result<Value, Value>,
    ) -> Asked {
        let params = json!({"name": tool, "arguments": arguments});
        match self.era {
            Era::Legacy => self.converse("tools/call", params, answer).await,
            Era::Modern => self.call_in_rounds(params, answer).await,
        }
    }

    /// Answers requests that come on the stream of the call.
    pub(crate) async fn converse(
        &self,
        method: &str,
        params: Value,
        answer: impl Fn(&str, &Value) -> Result<Value, Value>,
    ) -> Asked {
        let (id, mut asked) = (self.fresh_id(), Vec::new());
        let message = self.message(&id, method, params);
        let mut stream = within("the head of the answer", self.post(&message).open()).await;
        if !stream.is_event_stream() {
            let (status, raw) = (stream.status, stream.finish().await.text());
            let message = serde_json::from_str(&raw).unwrap_or_else(|error| panic!("{error}: {raw}"));
            return Asked { reply: Reply { status, raw, message, before: Vec::new() }, asked };
        }
        loop {
            let message = stream.next_message("a request or the answer").await;
            let Some(method) = message["method"].as_str() else {
                let reply = Reply { status: stream.status, raw: message.to_string(), message, before: Vec::new() };
                assert_eq!(reply.message["id"], id, "the answer is to this call: {}", reply.raw);
                return Asked { reply, asked };
            };
            if message.get("id").is_none() {
                continue;
            }
            asked.push((method.to_owned(), message["params"].clone()));
            let mut back = json!({"jsonrpc": "2.0", "id": message["id"]});
            match answer(method, &message["params"]) {
                Ok(result) => back["result"] = result,
                Err(error) => back["error"] = error,
            }
            let taken = self.post(&back).send().await;
            assert_eq!(taken.status, 202, "an answer to a server is taken: {}", taken.text());
        }
    }

    /// Sends the call again with the answers, as often as it takes.
    async fn call_in_rounds(&self, mut params: Value, answer: impl Fn(&str, &Value) -> Result<Value, Value>) -> Asked {
        let mut asked = Vec::new();
        for _ in 0..ROUNDS {
            let reply = self.request("tools/call", params.clone()).await;
            let result = &reply.message["result"];
            if result["resultType"] != "input_required" {
                return Asked { reply, asked };
            }
            let mut responses = json!({});
            for (name, request) in result["inputRequests"].as_object().into_iter().flatten() {
                let method = request["method"].as_str().expect("an input request has a method");
                asked.push((method.to_owned(), request["params"].clone()));
                // There is no way to say no but to leave it out.
                if let Ok(given) = answer(method, &request["params"]) {
                    responses[name] = given;
                }
            }
            params["inputResponses"] = responses;
            params["requestState"] = result["requestState"].clone();
        }
        panic!("still asked after {ROUNDS} rounds")
    }
}
