//! A program that serves and says where: started, asked for its address, told to stop. The hub is one.

use crate::failure::{Failure, Result};
use crate::{http, process, system};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A server is ready in well under a second; this is for a machine that is busy with everything else.
const START: Duration = Duration::from_secs(60);
/// How long a hub may take to stop its servers and itself.
const STOP: Duration = Duration::from_secs(60);
const QUICK: Duration = Duration::from_secs(10);
/// How long the cold start of all servers may take. Those in Python need up to 20 seconds each on a busy machine.
const SETTLE: Duration = Duration::from_secs(180);

/// A running program that serves. One that is dropped is killed, so that a failure leaves nothing behind.
pub(crate) struct Served {
    name: &'static str,
    child: Child,
    url: String,
    log: PathBuf,
}

/// How a hub is started.
pub(crate) struct Hub<'a> {
    /// The program.
    pub(crate) binary: &'a Path,
    /// Its configuration.
    pub(crate) config: &'a Path,
    /// Its state.
    pub(crate) home: &'a Path,
    /// The file that gets what it writes to stderr.
    pub(crate) log: PathBuf,
    /// Variables that the configuration names.
    pub(crate) variables: &'a [(&'a str, PathBuf)],
}

impl Hub<'_> {
    /// Starts the hub on a free port.
    pub(crate) fn start(self) -> Result<Served> {
        let mut command = process::command(self.binary, ["up", "--listen", "127.0.0.1:0", "--json", "--config"]);
        command.arg(self.config).envs(self.variables.iter().map(|(name, value)| (name, value)));
        // A key of the developer's would shut the clients out.
        command.env("TUTTI_HOME", self.home).env_remove("TUTTI_KEY");
        Served::start("tutti", &mut command, self.log)
    }
}

impl Served {
    /// Starts `command` and waits for its address, which is in the first line that it prints. `log` gets its stderr.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let stderr = File::create(&log).map_err(|error| {
            Failure::new(format!("cannot write {}: {error}", log.display()), "check the path and the disk")
        })?;
        let by_hand = process::describe(command);
        let mut child = process::spawn(command.stdout(Stdio::piped()).stderr(stderr))?;
        let first = first_line(&mut child);
        let mut served = Self { name, child, url: String::new(), log };
        served.url = first.as_deref().and_then(url_of).ok_or_else(|| served.not_ready(first.as_deref(), &by_hand))?;
        Ok(served)
    }

    /// The address that clients connect to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the hub that this is starts no server any more, and gives how many work. Clients that come earlier
    /// see the tools of those that are up by then, which is right for the hub and no use to a test.
    pub(crate) fn settle(&self) -> Result<usize> {
        let next = format!("see the hub's log: {}", self.log.display());
        let failed = |why: String| Failure::new(format!("the hub does not say how its servers are: {why}"), &next);
        let path = format!("/api/v1/servers?settle={}", SETTLE.as_secs());
        let answer = http::get(&self.url, &path, SETTLE + QUICK).map_err(|error| failed(error.to_string()))?;
        let value: Value =
            serde_json::from_str(http::body(&answer)).map_err(|error| failed(format!("{error} in {answer}")))?;
        let servers = value["servers"].as_array().ok_or_else(|| failed(answer.clone()))?;
        Ok(servers.iter().filter(|server| server["state"] == "ready").count())
    }

    /// Whether the program still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file with what the program writes to stderr.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Tells the program to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let (id, name) = (self.id().to_string(), self.name);
        let next = format!("see whether {name} ended by itself");
        process::read(&mut process::command("kill", ["-TERM", &id]), QUICK, &next)?;
        let status = process::wait_for(&mut self.child, STOP)?;
        let next = format!("see its log: {}", self.log.display());
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Failure::new(format!("{name} was told to stop and ended with {status}"), next)),
            None => Err(Failure::new(format!("{name} did not stop within {} s of SIGTERM", STOP.as_secs()), next)),
        }
    }

    fn not_ready(&self, first: Option<&str>, by_hand: &str) -> Failure {
        let log = system::text_if_any(&self.log).unwrap_or_default();
        let printed = first.map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
        let said = process::last_lines(&log, 20);
        let message = format!("{} did not print its address; it printed {printed} and\n{said}", self.name);
        Failure::new(message, format!("start it by hand: {by_hand}"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        process::kill(&mut self.child);
    }
}

/// The first line of stdout. All others are read as well, so that the program never waits for a reader.
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
