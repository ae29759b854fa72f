//! The servers behind the hub: half over stdio, half over HTTP, half of each in either era.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::Command;

use super::Plan;
use crate::{client::Client, fake::Record, session::Era, target::Target};

/// How long the hub may take until it knows all tools.
const READY_LIMIT: Duration = Duration::from_secs(60);

pub struct Fleet {
    pub servers: Vec<Server>,
    fake: PathBuf,
    scratch: PathBuf,
}

pub struct Server {
    pub name: String,
    arguments: Vec<String>,
    record: PathBuf,
    pid: PathBuf,
    /// The process, for HTTP; one over stdio is the hub's.
    target: Option<Target>,
    url: Option<String>,
}

impl Fleet {
    pub async fn start(plan: &Plan, scratch: &Path) -> Result<Self> {
        let mut fleet = Self { servers: Vec::new(), fake: plan.fake.clone(), scratch: scratch.to_owned() };
        for place in 0..plan.upstreams {
            let name = name(place);
            let (record, pid) = (scratch.join(format!("{name}.calls")), scratch.join(format!("{name}.pid")));
            let era = if (place / 2).is_multiple_of(2) { Era::Legacy } else { Era::Modern };
            let arguments = [
                ("--name", name.clone()),
                ("--era", era.name().to_owned()),
                ("--faults", plan.faults.to_string()),
                ("--seed", plan.seed.to_string()),
                ("--latency", "20".to_owned()),
                ("--record", record.to_string_lossy().into_owned()),
                ("--pid", pid.to_string_lossy().into_owned()),
            ];
            let arguments = arguments.into_iter().flat_map(|(key, value)| [key.to_owned(), value]).collect();
            let mut server = Server { name, arguments, record, pid, target: None, url: None };
            if place.is_multiple_of(2) {
                let target = fleet.start_http(&server, 0).await?;
                server.url = Some(target.url.clone());
                server.target = Some(target);
            }
            fleet.servers.push(server);
        }
        Ok(fleet)
    }

    async fn start_http(&self, server: &Server, port: u16) -> Result<Target> {
        let mut command = Command::new(&self.fake);
        command.args(&server.arguments).args(["--port", &port.to_string()]);
        Target::start_with_input(&server.name, "", command, &self.scratch, Stdio::piped()).await
    }

    /// The configuration of the hub: nothing but where the servers are.
    pub fn configuration(&self, plan: &Plan) -> String {
        let entry = |server: &Server| match &server.url {
            Some(url) => (server.name.clone(), json!({ "url": url })),
            None => (server.name.clone(), json!({ "command": plan.fake, "args": server.arguments })),
        };
        let servers: serde_json::Map<String, Value> = self.servers.iter().map(entry).collect();
        json!({ "servers": servers }).to_string()
    }

    /// Waits until clients see the tools of all servers.
    pub async fn wait_until_listed(&self, hub: &str) -> Result<()> {
        let begun = Instant::now();
        let mut seen = 0;
        while begun.elapsed() < READY_LIMIT {
            let reply = Client::open(hub, Era::Modern).await?.request("tools/list", json!({})).await?;
            let result = reply.answers.first().map(|answer| &answer["result"]);
            seen = result.and_then(|result| result["tools"].as_array()).map_or(0, Vec::len);
            if seen >= self.servers.len() * 3 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("after {READY_LIMIT:?} the hub lists {seen} tools of {} servers", self.servers.len())
    }

    /// Kills one server. One over HTTP comes back after `pause`; one over stdio is the hub's to start.
    pub async fn kill(&mut self, place: usize, pause: Duration) -> Result<()> {
        let Some(target) = self.servers[place].target.take() else { return self.servers[place].kill_child() };
        let port = target.url.rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok());
        drop(target);
        tokio::time::sleep(pause).await;
        let started = self.start_http(&self.servers[place], port.context("an address without a port")?).await?;
        self.servers[place].target = Some(started);
        Ok(())
    }

    /// The tokens of all calls that arrived anywhere.
    pub fn attempts(&self) -> Result<Vec<String>> {
        let mut attempts = Vec::new();
        for server in &self.servers {
            attempts.extend(Record::read(&server.record)?);
        }
        Ok(attempts)
    }
}

impl Server {
    /// Kills the process that the hub has started, if it is there.
    fn kill_child(&self) -> Result<()> {
        let text = std::fs::read_to_string(&self.pid).unwrap_or_default();
        let Ok(pid) = text.parse::<u32>() else { return Ok(()) };
        // Its number may be another's by now.
        if !super::command_line(pid).contains(&*self.record.to_string_lossy()) {
            return Ok(());
        }
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no number of a process")?;
        match kill_process(pid, Signal::KILL) {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            killed => killed.with_context(|| format!("cannot kill {}", self.name)),
        }
    }
}

/// What a server is called.
pub fn name(place: usize) -> String {
    format!("u{place:02}")
}
