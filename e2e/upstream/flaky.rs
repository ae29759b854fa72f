//! Calls that fail as often as their caller wants, each time in one of many ways.
//!
//! `flaky` says nothing of itself, `flaky_read` that it changes nothing, `flaky_put` that twice is as once. All count
//! their calls by `key`, and fail the first `fail` of them, or a `share` of them by a fixed sequence.

use super::desk::lock;
use super::server::{Refusal, Server};
use serde_json::{Value, json};

/// The names of the tools that may fail.
pub(crate) const FLAKY: [&str; 3] = ["flaky", "flaky_read", "flaky_put"];

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum How {
    /// With a JSON-RPC error of this code.
    Error(i64),
    /// With a tool result that says so.
    ToolError,
    /// Never answers.
    Stall,
    /// Over HTTP: with this status, and perhaps `Retry-After`.
    Status(u16, Option<String>),
    /// Over HTTP: the connection ends without an answer.
    Reset,
    /// Over HTTP: with what is no message.
    Garbage,
    /// The process ends.
    Exit,
}

/// Counts a call of `message`; how it is to fail, if it is.
pub(crate) fn begin(server: &Server, message: &Value) -> Option<How> {
    let params = &message["params"];
    let is_flaky = message["method"] == "tools/call" && FLAKY.iter().any(|name| params["name"] == *name);
    let arguments = &params["arguments"];
    if !is_flaky {
        return None;
    }
    let key = arguments["key"].as_str().unwrap_or_default().to_owned();
    let number = {
        let mut counts = lock(&server.counts);
        let count = counts.entry(key).or_insert(0_u64);
        *count += 1;
        *count
    };
    let first = arguments["fail"].as_u64().is_some_and(|fail| number <= fail);
    let share = arguments["share"].as_f64().is_some_and(|share| chance(number) < share);
    (first || share).then(|| how(arguments))
}

fn how(arguments: &Value) -> How {
    match arguments["how"].as_str().unwrap_or("error") {
        "tool_error" => How::ToolError,
        "stall" => How::Stall,
        "reset" => How::Reset,
        "garbage" => How::Garbage,
        "exit" => How::Exit,
        "status" => {
            let status = arguments["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(503);
            How::Status(status, arguments["retry_after"].as_str().map(str::to_owned))
        }
        _ => How::Error(arguments["code"].as_i64().unwrap_or(-32603)),
    }
}

/// A number from 0 to below 1 that looks random and is the same each time: Sebastiano Vigna's SplitMix64.
pub(crate) fn chance(number: u64) -> f64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The answer of a call that fails with one, or works.
pub(crate) async fn answer(server: &Server, how: Option<How>, params: &Value) -> Result<Value, Refusal> {
    match how {
        Some(How::Error(code)) => Err(Refusal::new(code, "flaky by order")),
        Some(How::ToolError) => Ok(json!({"content": [{"type": "text", "text": "flaky by order"}], "isError": true})),
        Some(How::Exit) => std::process::exit(9),
        Some(_) => std::future::pending().await,
        None => {
            let key = params["arguments"]["key"].as_str().unwrap_or_default();
            let calls = lock(&server.counts).get(key).copied().unwrap_or_default();
            let value = json!({"calls": calls, "of": server.options.name, "echo": params["arguments"]["echo"]});
            Ok(json!({"content": [{"type": "text", "text": value.to_string()}], "structuredContent": value}))
        }
    }
}
