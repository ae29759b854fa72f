//! The hub under test, with the suite's server as its only upstream.

use crate::Scenario;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the hub may take for anything on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// What the suite's server is called.
pub(crate) const NAME: &str = "suite";

/// A running hub; its state goes with it.
pub(crate) struct Hub {
    tutti: String,
    child: Child,
    url: String,
    folder: TempDir,
}

impl Hub {
    /// Starts `tutti` in front of `url` and waits until it has got on with the server, or has not.
    pub(crate) async fn start(tutti: &str, url: &str, scenario: &Scenario) -> Result<Self> {
        let folder = TempDir::new().context("cannot make a folder")?;
        let config = folder.path().join("tutti.yaml");
        std::fs::write(&config, configuration(url, scenario).to_string()).context("cannot write the configuration")?;
        let mut command = Command::new(tutti);
        command.args(["up", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&config);
        command.env("TUTTI_HOME", folder.path().join("home")).env_remove("TUTTI_KEY").env("TUTTI_LOG", "info");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("cannot start the hub")?;
        let stdout = child.stdout.take().context("the hub has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(LIMIT, lines.next_line()).await.context("the hub says nothing")??;
        let first: Value =
            serde_json::from_str(&first.unwrap_or_default()).context("the hub's first line is no JSON")?;
        let url = first["url"].as_str().context("the hub's first line has no address")?.to_owned();
        // The pipe is read to its end, so that the hub never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let hub = Self { tutti: tutti.to_owned(), child, url, folder };
        eprintln!("the server is: {}", hub.server().await?);
        Ok(hub)
    }

    /// Where clients find the server under its own names.
    pub(crate) fn view(&self) -> String {
        format!("{}/{NAME}", self.url)
    }

    /// What the hub says of the server, once it is not starting it any more.
    pub(crate) async fn server(&self) -> Result<Value> {
        let base = self.url.trim_end_matches("/mcp");
        let address = format!("{base}/api/v1/servers?settle={}", LIMIT.as_secs());
        let answer = reqwest::get(&address).await?.text().await?;
        let answer: Value = serde_json::from_str(&answer).with_context(|| format!("{answer} is no JSON"))?;
        Ok(answer["servers"][0].clone())
    }

    /// Whether the server waits for a person who logs in.
    pub(crate) async fn needs_login(&self) -> Result<bool> {
        let server = self.server().await?;
        Ok(server["error"]["name"] == "login_needed" || server["error"].to_string().contains("login"))
    }

    /// A command of the same binary for this hub.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.tutti);
        command.args(words).env("TUTTI_URL", &self.url).env("TUTTI_HOME", self.folder.path().join("home"));
        command.env_remove("TUTTI_KEY").stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Tells the hub to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.child.id().context("the hub has ended by itself")?.to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await?;
        ensure!(told.success(), "the hub cannot be told to stop");
        let ended = tokio::time::timeout(LIMIT, self.child.wait()).await.context("the hub does not stop")??;
        ensure!(ended.success(), "the hub ended with {ended}");
        Ok(())
    }
}

/// The suite's server under its own names, which may ask clients for all that there is. JSON is YAML too.
fn configuration(url: &str, scenario: &Scenario) -> Value {
    let mut server = json!({ "url": url, "start": "eager", "offers": ["elicitation", "roots", "sampling"] });
    if scenario.logs_in() {
        server["auth"] = login(&scenario.context);
    }
    json!({ "servers": { NAME: server }, "views": { NAME: { "servers": [NAME], "names": "own" } } })
}

/// The document that names the suite's idea of a client; the suite knows its address and nobody fetches it.
const METADATA: &str = "https://conformance-test.local/client-metadata.json";

/// How to log in, from what the scenario gives its client.
fn login(context: &Value) -> Value {
    let mut auth = json!({ "type": "oauth" });
    let known = [
        ("client_id", "client_id"),
        ("client_secret", "client_secret"),
        ("private_key_pem", "private_key"),
        ("issuer", "issuer"),
    ];
    for (given, key) in known {
        if let Some(value) = context[given].as_str() {
            auth[key] = value.into();
        }
    }
    if context["client_id"].is_null() {
        auth["client_metadata_url"] = METADATA.into();
    } else if context["issuer"].is_null() {
        // A scenario with a person names the authorization server that the client is registered at.
        auth["grant"] = "client_credentials".into();
    }
    auth
}
