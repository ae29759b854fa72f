//! Logging in, in the place of a person: `tutti server login` says where, and the suite's authorization server consents
//! at once and sends the browser back.

use crate::hub::{Hub, NAME};
use anyhow::{Context, Result};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// A person has enough of a server that wants a login again after so many.
pub(crate) const MOST: usize = 3;
/// How long a login may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Logs in. That a login fails is for the suite to judge, so it is told and is no failure.
pub(crate) async fn log_in(hub: &Hub) -> Result<()> {
    tokio::time::timeout(LIMIT, consent(hub)).await.context("the login takes too long")?
}

async fn consent(hub: &Hub) -> Result<()> {
    let mut command = hub.command(&["server", "login", NAME, "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the login")?;
    let stdout = child.stdout.take().context("the login has no stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    let first = lines.next_line().await?.unwrap_or_default();
    eprintln!("login: {first}");
    let first: Value = serde_json::from_str(&first).unwrap_or_default();
    if let Some(url) = first["url"].as_str() {
        let landed = reqwest::get(url).await.map(|answer| answer.status());
        eprintln!("the browser ended at: {landed:?}");
        if !landed.is_ok_and(|status| status.is_success()) {
            child.start_kill()?;
        }
    }
    while let Some(line) = lines.next_line().await? {
        eprintln!("login: {line}");
    }
    eprintln!("the login ended with {}", child.wait().await?);
    Ok(())
}
