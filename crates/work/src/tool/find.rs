//! The tools that a hub lists, and the one that an address names.

use super::address::{self, Address};
use base::config::nearest;
use base::{Code, Error, Result};
use console::output::one_line;
use hubs::client::{self, HubClient};
use mcp::Method;
use serde_json::{Map, Value};

/// How long servers may take to start, in seconds, before a command goes on without them.
const SETTLE: u32 = 60;

/// How often the one server that a command needs is waited for that long. Its own limit ends its start before.
const ROUNDS: usize = 10;

/// A tool as the hub lists it.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    /// How to name it: `mcp://server/tool`.
    pub(super) address: String,
    /// Its server; nothing when a view gave the tool a name that does not tell.
    pub(super) server: Option<String>,
    /// The name under which it is listed and called.
    pub(super) name: String,
    /// All that the server says of it.
    pub(super) item: Map<String, Value>,
}

/// A server as the hub tells of it.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Its name.
    pub(super) name: String,
    /// Where it stands, in a word.
    pub(super) state: String,
    /// Why it does not work, if it does not.
    pub(super) error: Option<Error>,
    /// Its tools that wait for an approval, by their own names, and why each does.
    pub(super) quarantined: Vec<(String, Error)>,
}

/// All servers and all tools.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The servers in the order of the configuration.
    pub(super) servers: Vec<Server>,
    /// The tools in the order of their servers.
    pub(super) tools: Vec<Tool>,
    /// What is wrong with the views.
    pub(super) faults: Vec<Error>,
}

impl Server {
    /// Whether its tools cannot be called now, though they are meant to be.
    pub(super) fn is_out(&self) -> bool {
        matches!(self.state.as_str(), "backing_off" | "refused") || (self.state == "degraded" && self.error.is_some())
    }

    /// Whether it is still being started.
    pub(super) fn is_starting(&self) -> bool {
        self.state == "starting"
    }
}

impl Tool {
    /// The description; the title where there is none.
    pub(super) fn description(&self) -> &str {
        let text = |key: &str| self.item.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        text("description").or_else(|| text("title")).unwrap_or_default()
    }

    /// What the server says of the tool's effects. Hints, not promises.
    pub(super) fn hints(&self) -> Vec<&'static str> {
        let hints = self.item.get("annotations");
        let said = |key: &str| hints.and_then(|hints| hints.get(key)).and_then(Value::as_bool) == Some(true);
        let reads = said("readOnlyHint");
        let mut words = Vec::new();
        if reads {
            words.push("read-only");
        }
        // What only reads destroys nothing, whatever else it says.
        if said("destructiveHint") && !reads {
            words.push("destructive");
        }
        words
    }

    /// What it takes.
    pub(super) fn schema(&self) -> &Value {
        self.item.get("inputSchema").unwrap_or(&Value::Null)
    }

    /// The tool as `--json` shows it: the address and the server, then all that the server says of it.
    pub(super) fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("address".to_owned(), self.address.clone().into());
        object.insert("name".to_owned(), self.name.clone().into());
        object.insert("server".to_owned(), self.server.clone().into());
        for (key, value) in &self.item {
            object.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Value::Object(object)
    }
}

/// Asks the hub for its servers and tools. With `wait`, servers that are being started are waited for.
pub(super) async fn all(client: &HubClient, wait: bool) -> Result<Found> {
    let settle = if wait { format!("?settle={SETTLE}") } else { String::new() };
    let said = client.get(&format!("/api/v1/servers{settle}")).await?;
    let items = client.list(&Method::ToolsList).await?;
    Ok(found(&said, items))
}

/// The names of all servers. With `wait`, those that are being started are waited for.
pub(super) async fn servers(client: &HubClient, wait: bool) -> Result<Vec<String>> {
    let settle = if wait { format!("?settle={SETTLE}") } else { String::new() };
    let said = client.get(&format!("/api/v1/servers{settle}")).await?;
    Ok(found(&said, Vec::new()).servers.into_iter().map(|server| server.name).collect())
}

/// A tool that waits for an approval.
fn waiting(said: &Value) -> Option<(String, Error)> {
    if said["kind"].as_str().is_some_and(|kind| kind != "tool") {
        return None;
    }
    Some((said["tool"].as_str()?.to_owned(), client::coded(&said["error"])?))
}

fn found(said: &Value, items: Vec<Value>) -> Found {
    let servers = said["servers"].as_array().into_iter().flatten().filter_map(|server| {
        Some(Server {
            name: server["name"].as_str()?.to_owned(),
            state: server["state"].as_str().unwrap_or_default().to_owned(),
            error: client::coded(&server["error"]),
            quarantined: server["quarantined"].as_array().into_iter().flatten().filter_map(waiting).collect(),
        })
    });
    let servers: Vec<Server> = servers.collect();
    let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
    let tools = items.into_iter().filter_map(|item| {
        let Value::Object(item) = item else { return None };
        let name = item.get("name")?.as_str()?.to_owned();
        let (server, address) = address::of_listed(&name, &names);
        Some(Tool { address, server: server.map(str::to_owned), name, item })
    });
    let tools = tools.collect();
    let faults = said["faults"].as_array().into_iter().flatten().filter_map(client::coded).collect();
    Found { servers, tools, faults }
}

/// The tool that `address` names. A server that is being started is waited for.
pub(super) async fn one(client: &HubClient, address: &Address) -> Result<Tool> {
    let mut found = all(client, client.is_local()).await?;
    let starting = |found: &Found| {
        let of_interest = |server: &&Server| address.server.as_ref().is_none_or(|name| *name == server.name);
        found.servers.iter().filter(of_interest).any(Server::is_starting)
    };
    for _ in 0..ROUNDS {
        if found.pick(address).is_some() || !starting(&found) {
            break;
        }
        found = all(client, true).await?;
    }
    match found.pick(address) {
        Some(tool) => Ok(tool.clone()),
        None => Err(found.missing(address)),
    }
}

impl Found {
    fn pick(&self, address: &Address) -> Option<&Tool> {
        let listed = address.listed();
        self.tools.iter().find(|tool| tool.name == listed)
    }

    /// Why there is no such tool.
    fn missing(&self, address: &Address) -> Error {
        let shown = one_line(&address.to_string(), 120);
        let unknown = |next: String| Error::new(Code::UnknownTool, format!("there is no tool `{shown}`"), next);
        let all = || self.tools.iter().map(|tool| tool.address.as_str());
        let Some(name) = &address.server else {
            let near = nearest(&address.tool, self.tools.iter().map(|tool| bare(&tool.name)));
            let near = near.and_then(|near| self.tools.iter().find(|tool| bare(&tool.name) == near));
            return unknown(match near {
                Some(tool) => format!("did you mean {}?", tool.address),
                None => "write mcp://SERVER/TOOL; `tutti tool list` shows them all".to_owned(),
            });
        };
        let Some(server) = self.servers.iter().find(|server| server.name == *name) else {
            let known = self.servers.iter().map(|server| server.name.as_str());
            return client::unknown_server(name, known);
        };
        let listed = address.listed();
        let is_meant = |tool: &str| tools::naming::exposed(name, tool) == listed;
        if let Some((_, error)) = server.quarantined.iter().find(|(tool, _)| is_meant(tool)) {
            return error.clone();
        }
        let own: Vec<&Tool> = self.tools.iter().filter(|tool| tool.server.as_ref() == Some(name)).collect();
        if let (true, Some(error)) = (own.is_empty(), &server.error) {
            return error.clone();
        }
        if server.state == "disabled" {
            let message = format!("there is no tool `{shown}`: `{name}` is switched off in the configuration");
            return Error::new(Code::UpstreamDisabled, message, format!("take `enabled: false` out of `{name}`"));
        }
        let near = nearest(&address.tool, own.iter().map(|tool| bare(&tool.name)));
        match near {
            Some(near) => unknown(format!("did you mean mcp://{name}/{near}?")),
            None if own.len() <= 8 && !own.is_empty() => {
                let names: Vec<&str> = own.iter().map(|tool| tool.address.as_str()).collect();
                unknown(format!("tools of `{name}`: {}", names.join(", ")))
            }
            None if all().next().is_none() => unknown("no server has any tool".to_owned()),
            None => unknown(format!("`tutti tool list --server {name}` shows its tools")),
        }
    }
}

/// The name of a tool without its server.
fn bare(name: &str) -> &str {
    name.split_once(tools::naming::SEPARATOR).map_or(name, |(_, tool)| tool)
}

#[cfg(test)]
mod tests;
