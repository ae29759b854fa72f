//! The hub under test: started, asked for its address, told to stop.

use super::Folders;
use crate::failure::{Failure, Result};
use crate::{process, system};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A hub is ready in well under a second; this is for a machine that is busy with everything else.
const START: Duration = Duration::from_secs(60);
/// How long a hub may take to stop its servers and itself.
const STOP: Duration = Duration::from_secs(30);
const QUICK: Duration = Duration::from_secs(10);
/// How a hub ends that was told to: well, or as an interrupted command (`T-0002`).
const GOOD_ENDS: [i32; 2] = [0, 130];

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
            Some(status) if status.code().is_some_and(|code| GOOD_ENDS.contains(&code)) => Ok(()),
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
