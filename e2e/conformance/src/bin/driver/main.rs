//! What the conformance suite starts as the client: a hub in front of the suite's server, and calls through that hub.
//!
//! `driver TUTTI URL`: `TUTTI` is the binary under test, `URL` the suite's server. The scenario, what it tells its client
//! and the version of the protocol come in the environment, as the suite has it. Under test is what the hub says to the
//! suite's server; the client in front of the hub is the official SDK.

#![expect(deprecated, reason = "what legacy clients can do is what is tested: sampling and roots")]

mod answers;
mod calls;
mod hub;
mod login;
mod samples;

use anyhow::{Context, Result, bail};
use hub::Hub;
use serde_json::Value;
use std::process::ExitCode;

/// What the suite wants.
pub(crate) struct Scenario {
    /// Its name, such as `auth/basic-cimd`.
    pub(crate) name: String,
    /// What it tells its client; null when nothing.
    pub(crate) context: Value,
    /// Whether the version of the protocol is 2026-07-28 or newer.
    pub(crate) is_modern: bool,
}

impl Scenario {
    fn of_environment() -> Result<Self> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let context = variable("MCP_CONFORMANCE_CONTEXT");
        let context = if context.is_empty() { Value::Null } else { serde_json::from_str(&context)? };
        let is_modern = variable("MCP_CONFORMANCE_PROTOCOL_VERSION").as_str() >= "2026-07-28";
        Ok(Self { name: variable("MCP_CONFORMANCE_SCENARIO"), context, is_modern })
    }

    /// Whether the suite's server wants a login.
    pub(crate) fn logs_in(&self) -> bool {
        self.name.starts_with("auth/")
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [tutti, url] = words.as_slice() else { bail!("give the binary and the address of the server") };
    let scenario = Scenario::of_environment().context("the suite's variables are not understood")?;
    let hub = Hub::start(tutti, url, &scenario).await?;
    let mut result = calls::make(&hub, &scenario).await;
    if scenario.logs_in() {
        // A server may want another login in the middle, for more rights or at another place; it is not asked for ever.
        for _ in 0..login::MOST {
            if !hub.needs_login().await? {
                break;
            }
            login::log_in(&hub).await?;
            result = calls::make(&hub, &scenario).await;
        }
    }
    hub.stop().await?;
    result
}
