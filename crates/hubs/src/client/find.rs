//! Where the hub is that a command talks to.

use super::address::Address;
use super::answer;
use super::exchange::Endpoint;
use crate::context::Context;
use crate::running;
use assembly::config;
use assembly::wiring;
use base::{Error, Result, Secret};
use http::{HeaderMap, Method as Verb};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Db;

/// How long a hub may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// What answers at an address.
enum Probe {
    /// A hub.
    Hub,
    /// A hub that does not let this command in, and why.
    Refused(Error),
    /// Something else, and what is wrong with it.
    Other(Error),
    /// Nothing, and why.
    Nothing(Error),
}

/// The hub that was named, or one that runs for the configuration of this folder, or one at the default address.
/// Nothing when none runs; an error when the one that was named does not answer or does not let the command in.
pub async fn find(context: &Context) -> Result<Option<Arc<Endpoint>>> {
    if let Some(endpoint) = named(context)? {
        return probed(endpoint).await.map(Some);
    }
    if let Some(endpoint) = announced(context)? {
        match probe(&endpoint).await {
            Probe::Hub => return Ok(Some(endpoint)),
            Probe::Refused(error) => return Err(error),
            // A file that was left by a hub that was killed, or whose address somebody else took.
            Probe::Other(_) | Probe::Nothing(_) => {}
        }
    }
    at_default(context).await
}

/// The hub that was named, or else the one that has the store of this home: what lies there belongs to it, whichever folder
/// it serves. What goes there may be a secret, so that a hub that is merely at the default address is none.
pub(super) async fn of_store(context: &Context) -> Result<Option<Arc<Endpoint>>> {
    if let Some(endpoint) = named(context)? {
        return probed(endpoint).await.map(Some);
    }
    let holder = Db::holder(&wiring::store_path(&context.environment));
    let hub = running::all(&context.environment).into_iter().find(|hub| Some(hub.pid) == holder);
    let Some(running) = hub else { return Ok(None) };
    let key = configured(context).or_else(|| variable(context));
    let endpoint = Endpoint::new(Address::parse(&running.url)?, key.as_ref())?;
    match probe(&endpoint).await {
        Probe::Hub => Ok(Some(endpoint)),
        Probe::Refused(error) => Err(error),
        // It ended a moment ago.
        Probe::Other(_) | Probe::Nothing(_) => Ok(None),
    }
}

/// The endpoint, if a hub is there that lets this command in.
async fn probed(endpoint: Arc<Endpoint>) -> Result<Arc<Endpoint>> {
    match probe(&endpoint).await {
        Probe::Hub => Ok(endpoint),
        Probe::Refused(error) | Probe::Other(error) | Probe::Nothing(error) => Err(error),
    }
}

/// The hub that --url or TUTTI_URL names.
pub fn named(context: &Context) -> Result<Option<Arc<Endpoint>>> {
    let Some(url) = &context.url else { return Ok(None) };
    let address = Address::parse(url)?;
    let key = key_for(&address, variable(context), || configured(context));
    Endpoint::new(address, key.as_ref()).map(Some)
}

/// The key that a hub is shown which somebody named. That of the configuration belongs to the hub of the configuration;
/// somebody else's hub, on another machine, does not get it.
fn key_for(
    address: &Address,
    variable: Option<Secret<String>>,
    configured: impl FnOnce() -> Option<Secret<String>>,
) -> Option<Secret<String>> {
    variable.or_else(|| if address.is_loopback() { configured() } else { None })
}

/// The hub that runs for the configuration of this folder, as it said itself when it started. Without a configuration
/// here, the only one that runs on this machine.
fn announced(context: &Context) -> Result<Option<Arc<Endpoint>>> {
    let (folder, is_configured) = folder(context);
    let Some(running) = running::find(&context.environment, &folder) else { return Ok(None) };
    if is_configured && !running.serves(&folder) {
        return Ok(None);
    }
    let key = configured(context).or_else(|| variable(context));
    Endpoint::new(Address::parse(&running.url)?, key.as_ref()).map(Some)
}

/// The hub at the default address: one in a container, for instance, of which no file tells. Nobody named it, so it is
/// shown no key.
async fn at_default(context: &Context) -> Result<Option<Arc<Endpoint>>> {
    let address = Address::parse(&wiring::DEFAULT_LISTEN.to_string())?;
    let (folder, _) = folder(context);
    let of_another_folder = running::all(&context.environment)
        .iter()
        .any(|running| !running.serves(&folder) && Address::parse(&running.url).is_ok_and(|other| other == address));
    if of_another_folder {
        return Ok(None);
    }
    let endpoint = Endpoint::new(address, None)?;
    match probe(&endpoint).await {
        Probe::Hub => Ok(Some(endpoint)),
        Probe::Refused(error) => {
            let url = endpoint.address().url();
            tracing::info!(%error, "a hub at the default address does not let this command in");
            context.output.message(&format!("note: a hub at {url} wants a key; to use it, name it with --url {url}"));
            Ok(None)
        }
        Probe::Other(_) | Probe::Nothing(_) => Ok(None),
    }
}

/// The folder of the configuration, and whether there is one.
pub fn folder(context: &Context) -> (PathBuf, bool) {
    let here = context.environment.working_directory();
    let file = config::find(&context.environment, context.config.as_deref());
    match file.as_deref().and_then(std::path::Path::parent) {
        Some(folder) => (folder.to_owned(), true),
        // The file of another client is a configuration too.
        None => (here.to_owned(), here.join("mcp.json").is_file()),
    }
}

/// The key in TUTTI_KEY.
fn variable(context: &Context) -> Option<Secret<String>> {
    let key = context.environment.get("TUTTI_KEY").map(str::trim).filter(|key| !key.is_empty());
    key.map(|key| Secret::new(key.to_owned()))
}

/// The key in the configuration, or in the `.env` file beside it. A configuration with faults has none: whoever names a
/// hub need not have a configuration at all.
fn configured(context: &Context) -> Option<Secret<String>> {
    let loaded = context.load().ok()?;
    let of_dot_env = || loaded.environment.get("TUTTI_KEY").filter(|key| !key.is_empty()).map(str::to_owned);
    loaded.key.clone().or_else(|| of_dot_env().map(Secret::new))
}

async fn probe(endpoint: &Arc<Endpoint>) -> Probe {
    let url = endpoint.address().url();
    let asked = async {
        let answer = Endpoint::send(endpoint, Verb::GET, "/healthz", HeaderMap::new(), String::new()).await?;
        let status = answer.status;
        Ok((status, answer.text().await?))
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Err(_) => Probe::Nothing(endpoint.unreachable(&format!("no answer within {PATIENCE:?}"))),
        Ok(Err(error)) => Probe::Nothing(error),
        Ok(Ok((status, body))) if status.is_success() => {
            let said: Value = base::json::from_text(&body).unwrap_or_default();
            let is_hub = said["status"] == "ok" && said["version"].is_string();
            if is_hub { Probe::Hub } else { Probe::Other(answer::refused(status, "it is no Tutti hub", &url)) }
        }
        Ok(Ok((status, body))) => {
            let error = answer::refused(status, &body, &url);
            if error.code() == base::Code::HubAnswer { Probe::Other(error) } else { Probe::Refused(error) }
        }
    }
}

#[cfg(test)]
mod tests;
