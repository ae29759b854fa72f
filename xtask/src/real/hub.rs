//! The hub under test: started, asked for its address, told to stop.

use super::Folders;
use crate::failure::{Failure, Result};
use crate::{process, system};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A hub is ready in well under a second; this is for a machine that is busy with everything else.
const START: Duration = Duration::from_secs(60);
/// How long a hub may take to stop its servers and itself.
const STOP: Duration = Duration::from_secs(60);
const QUICK: Duration = Duration::from_secs(10);
/// How long the cold start of all servers may take. Those in Python need up to 20 seconds each on a busy machine.
const SETTLE: Duration = Duration::from_secs(180);

/// A running hub. One that is dropped is killed, so that a failure leaves nothing behind.
pub(super) struct Hub {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Hub {
    /// Starts `binary` with `config` on a free port and waits for its address, the first line that it prints.
    pub(super) fn start(binary: &Path, config: &Path, folders: &Folders) -> Result<Self> {
        let log = folders.packages.join("tutti.log");
        let stderr = File::create(&log).map_err(|error| {
            Failure::new(format!("cannot write {}: {error}", log.display()), "check the path and the disk")
        })?;
        let mut command = process::command(binary, ["up", "--listen", "127.0.0.1:0", "--json", "--config"]);
        command.arg(config).stdout(Stdio::piped()).stderr(stderr);
        command.env("REAL_SERVERS_BIN", folders.packages.join("bin")).env("REAL_SERVERS_DATA", &folders.data);
        // A key of the developer's would shut the clients out.
        command.env("TUTTI_HOME", &folders.home).env_remove("TUTTI_KEY");
        let mut child = process::spawn(&mut command)?;
        let first = first_line(&mut child);
        let mut hub = Self { child, url: String::new(), log };
        hub.url = first.as_deref().and_then(url_of).ok_or_else(|| hub.not_ready(first.as_deref()))?;
        Ok(hub)
    }

    /// The address that clients connect to.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until no server is being started any more, and gives how many work. Clients that come earlier see the
    /// tools of those that are up by then, which is right for the hub and no use to a test.
    pub(super) fn settle(&self) -> Result<usize> {
        let next = format!("see the hub's log: {}", self.log.display());
        let failed = |why: String| Failure::new(format!("the hub does not say how its servers are: {why}"), &next);
        let path = format!("/api/v1/servers?settle={}", SETTLE.as_secs());
        let answer = get(&self.url, &path).map_err(|error| failed(error.to_string()))?;
        let value: Value =
            serde_json::from_str(body(&answer)).map_err(|error| failed(format!("{error} in {answer}")))?;
        let servers = value["servers"].as_array().ok_or_else(|| failed(answer.clone()))?;
        Ok(servers.iter().filter(|server| server["state"] == "ready").count())
    }

    /// The id of the process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file with what the hub writes to stderr.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Tells the hub to stop and waits until it has.
    pub(super) fn stop(mut self) -> Result<()> {
        let id = self.id().to_string();
        process::read(&mut process::command("kill", ["-TERM", &id]), QUICK, "see whether the hub ended by itself")?;
        let status = process::wait_for(&mut self.child, STOP)?;
        let next = format!("see the hub's log: {}", self.log.display());
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Failure::new(format!("the hub was told to stop and ended with {status}"), next)),
            None => Err(Failure::new(format!("the hub did not stop within {} s of SIGTERM", STOP.as_secs()), next)),
        }
    }

    fn not_ready(&self, first: Option<&str>) -> Failure {
        let log = system::text_if_any(&self.log).unwrap_or_default();
        let printed = first.map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
        let message =
            format!("tutti did not print its address; it printed {printed} and\n{}", process::last_lines(&log, 20));
        Failure::new(message, "start it by hand: target/debug/tutti up --config examples/real-servers/tutti.yaml")
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        process::kill(&mut self.child);
    }
}

/// The answer to a `GET` of `path` at the host of `url`, with its head.
fn get(url: &str, path: &str) -> std::io::Result<String> {
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(SETTLE + QUICK))?;
    // HTTP/1.0, so that the body comes in one piece and the connection ends with it.
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What follows the head of an answer.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The first line of stdout. All others are read as well, so that the hub never waits for a reader.
fn first_line(child: &mut Child) -> Option<String> {
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
            // Nobody listens after the first line, and that is fine.
            let _ = sender.send(line);
        }
    });
    receiver.recv_timeout(START).ok()
}

fn url_of(line: &str) -> Option<String> {
    serde_json::from_str::<Value>(line).ok()?["url"].as_str().map(str::to_owned)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
