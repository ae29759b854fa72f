//! The hub and its address, and whether its servers start.

use super::check::Check;
use crate::command::server::{enabled, tests};
use crate::command::{Context, Failures};
use assembly::wiring;
use base::visible::escaped;
use base::{Code, network};
use hubs::approval::named;
use hubs::client::address::Address;
use hubs::client::{HubClient, Wanted, folder};
use hubs::running;
use serde_json::Value;
use std::net::SocketAddr;

/// Everything about the hub.
pub(super) async fn checks(context: &Context, servers: bool) -> Vec<Check> {
    let mut checks = match &context.url {
        Some(url) => vec![reached(context, url).await],
        None => address(context).await.into_iter().collect(),
    };
    if servers {
        checks.extend(started(context).await);
    }
    checks.extend(tools(context).await);
    checks.extend(prices(context).await);
    checks
}

/// What a person should look at in the tools of the hub that runs.
async fn tools(context: &Context) -> Vec<Check> {
    let Ok(Some(client)) = HubClient::running(context).await else { return Vec::new() };
    let Ok(said) = client.get("/api/v1/servers").await else { return Vec::new() };
    said["servers"].as_array().into_iter().flatten().flat_map(tools_of).collect()
}

/// How old the prices of models are that the hub that runs goes by, where it reads them anew.
async fn prices(context: &Context) -> Option<Check> {
    let client = HubClient::running(context).await.ok()??;
    prices_of(&client.get("/api/v1/models").await.ok()?["prices"], base::clock::wall().as_secs())
}

fn prices_of(prices: &Value, now: u64) -> Option<Check> {
    const NAME: &str = "model prices";
    let from = escaped(prices["from"].as_str()?);
    let version = escaped(prices["version"].as_str().unwrap_or_default());
    let age = prices["at"].as_u64().map(|at| now.saturating_sub(at) / 3600);
    let held = match age {
        Some(0) => format!("{version}, read from {from} within the last hour"),
        Some(hours) => format!("{version}, read from {from} {hours} hours ago"),
        None => format!("{version}, that of the binary"),
    };
    Some(match prices["failure"]["message"].as_str() {
        Some(why) => {
            let next = prices["failure"]["next"].as_str().unwrap_or_default();
            Check::warn(NAME, format!("{}; what holds is {held}", escaped(why)), escaped(next))
        }
        None => Check::ok(NAME, held),
    })
}

fn tools_of(server: &Value) -> Vec<Check> {
    let server_name = server["name"].as_str().unwrap_or_default();
    let name = format!("tools {server_name}");
    let list = |key: &str, of: fn(&Value) -> Option<String>| -> Vec<String> {
        let all: Vec<String> = server[key].as_array().into_iter().flatten().filter_map(of).collect();
        let more = all.len().saturating_sub(SHOWN);
        let rest = (more > 0).then(|| format!("and {more} more"));
        all.into_iter().take(SHOWN).chain(rest).collect()
    };
    let tool = |value: &Value| Some(escaped(&named(value)?));
    let flag = |value: &Value| Some(escaped(&format!("{}: {}", named(value)?, value["warning"].as_str()?)));
    let (waiting, flagged) = (list("quarantined", tool), list("flagged", flag));
    let waiting = (!waiting.is_empty()).then(|| {
        let fix = format!("see what is different, and approve it: `tutti server approve {server_name}`");
        Check::warn(&name, format!("in quarantine: {}", waiting.join(", ")), fix)
    });
    let flagged = (!flagged.is_empty()).then(|| {
        let fix = format!("see all of it with `tutti tool lint --server {server_name}`; if {server_name} is not to be trusted, remove it");
        Check::warn(&name, flagged.join("; "), fix)
    });
    waiting.into_iter().chain(flagged).collect()
}

/// How many tools of a server are told of one by one.
const SHOWN: usize = 5;

/// The hub that was named.
async fn reached(context: &Context, url: &str) -> Check {
    match HubClient::running(context).await {
        Ok(_) => Check::ok("address", format!("the hub at {url} answers")),
        Err(Failures(errors)) => failed("address", &errors),
    }
}

/// Whether the hub can listen, or listens already. Nothing where the configuration cannot be read.
async fn address(context: &Context) -> Option<Check> {
    let loaded = context.load().ok()?;
    let (folder, _) = folder(context);
    let ours = running::all(&context.environment).into_iter().find(|hub| hub.serves(&folder));
    if let Some(hub) = ours {
        return Some(match HubClient::running(context).await {
            Ok(Some(client)) => Check::ok("address", format!("the hub runs at {} (process {})", client.url(), hub.pid)),
            Ok(None) => {
                let text =
                    format!("process {} says that it is the hub at {}, and it does not answer", hub.pid, hub.url);
                Check::fail("address", text, format!("stop it (kill {}) and start the hub again", hub.pid))
            }
            Err(Failures(errors)) => failed("address", &errors),
        });
    }
    let listen = loaded.listen.unwrap_or(wiring::DEFAULT_LISTEN);
    Some(match network::listen(listen).await {
        Ok(_) => Check::ok("address", format!("{listen} is free")),
        Err(error) if error.code() == Code::AddressInUse => taken(context, listen, &error),
        Err(error) => Check::failed("address", &error),
    })
}

/// The address is taken; perhaps by the hub of another folder.
fn taken(context: &Context, listen: SocketAddr, error: &base::Error) -> Check {
    let same = |hub: &running::Running| Address::parse(&hub.url).is_ok_and(|address| address.port == listen.port());
    match running::all(&context.environment).into_iter().find(same) {
        Some(hub) => {
            let text = format!("{listen} is taken by the hub of {} (process {})", hub.folder.display(), hub.pid);
            Check::fail("address", text, "stop that hub, or give this one another address under `listen`")
        }
        None => {
            Check::fail("address", error.message(), "stop what listens there, or choose another address under `listen`")
        }
    }
}

/// Starts every server.
async fn started(context: &Context) -> Vec<Check> {
    let done = HubClient::with(context, &Wanted::default(), async |client| {
        let names = enabled(client).await?;
        Ok(tests(client, names, |_| {}).await)
    })
    .await;
    match done {
        Ok(tests) => tests
            .iter()
            .map(|test| match &test.outcome {
                Ok(outcome) => Check::ok(&format!("start {}", test.name), outcome.words()),
                Err(error) => Check::failed(&format!("start {}", test.name), error),
            })
            .collect(),
        Err(Failures(errors)) => vec![failed("start", &errors)],
    }
}

fn failed(name: &str, errors: &[base::Error]) -> Check {
    match errors.first() {
        Some(error) => Check::failed(name, error),
        None => Check::fail(name, "it failed without saying why", "run it again with TUTTI_LOG=debug"),
    }
}
