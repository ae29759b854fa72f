//! A hub under load whose servers fail, and are killed one each second.

pub mod fleet;
pub mod killer;
pub mod load;
pub mod tally;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use crate::target::Target;
use fleet::Fleet;
use tally::{Report, Tally};

/// What is tried.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The hub.
    pub tutti: PathBuf,
    /// The servers behind it.
    pub fake: PathBuf,
    pub seed: u64,
    pub length: Duration,
    /// Servers behind the hub.
    pub upstreams: usize,
    /// Clients, each with a session of its own.
    pub sessions: usize,
    /// The share of calls that fail.
    pub faults: f64,
    /// How often a server is killed.
    pub kills: Duration,
}

/// How long the hub may take to end: it lets calls end that are under way.
const END_LIMIT: Duration = Duration::from_secs(45);
/// How long processes may take to go after the hub has.
const LEAVE_LIMIT: Duration = Duration::from_secs(10);

/// Runs the plan. All that it starts has ended when it is over.
pub async fn run(plan: &Plan) -> Result<Report> {
    let scratch = tempfile::tempdir().context("cannot make a scratch directory")?;
    let fleet = Fleet::start(plan, scratch.path()).await?;
    let hub = start_hub(plan, &fleet, scratch.path()).await?;
    fleet.wait_until_listed(&hub.url).await?;
    eprintln!("{} upstreams stand behind {}, load average {}", plan.upstreams, hub.url, load_average());
    let begun = Instant::now();
    let (calls, fleet) = tokio::join!(load::run(plan, &hub.url, begun), killer::run(plan, fleet, begun));
    let calls = calls?;
    let attempts = fleet.attempts()?;
    let processes = descendants(hub.pid);
    let ended = end(hub, scratch.path()).await?;
    drop(fleet);
    let orphans = left(&processes, scratch.path()).await;
    if !ended {
        eprintln!("the hub did not end within {END_LIMIT:?}");
    }
    eprintln!("it ran for {:?}, load average {}", begun.elapsed(), load_average());
    Ok(Tally { calls: &calls, attempts: &attempts }.report(orphans))
}

async fn start_hub(plan: &Plan, fleet: &Fleet, scratch: &Path) -> Result<Target> {
    let home = scratch.join("home");
    std::fs::create_dir(&home).context("cannot make a home for the hub")?;
    let config = scratch.join("tutti.yaml");
    std::fs::write(&config, fleet.configuration(plan)).context("cannot write a configuration")?;
    let mut command = Command::new(&plan.tutti);
    command.args(["up", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(config);
    command.env("TUTTI_HOME", home).env("TUTTI_LOG", "warn").current_dir(scratch);
    Target::start("hub", "", command, scratch).await
}

/// Ends the hub as an operator does; whether it did.
async fn end(mut hub: Target, scratch: &Path) -> Result<bool> {
    let pid = i32::try_from(hub.pid).ok().and_then(Pid::from_raw).context("the hub has no number")?;
    kill_process(pid, Signal::TERM).context("cannot end the hub")?;
    let ended = hub.ended(END_LIMIT).await;
    if let Ok(keep) = std::env::var("CHAOS_LOG") {
        let _ = std::fs::copy(scratch.join("hub.log"), keep);
    }
    Ok(ended)
}

/// A process, told from a later one with the same number by its start.
type Process = (u32, String);

/// The hub and all that it has started.
fn descendants(root: u32) -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids: Vec<u32> = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let parents: std::collections::HashMap<u32, u32> =
        pids.iter().filter_map(|pid| Some((*pid, stat(*pid, 1)?.parse().ok()?))).collect();
    let belongs = |pid: &u32| {
        let mut at = Some(*pid);
        for _ in 0..64 {
            if at == Some(root) {
                return true;
            }
            at = at.and_then(|at| parents.get(&at).copied());
        }
        false
    };
    pids.into_iter().filter(belongs).filter_map(|pid| Some((pid, stat(pid, 19)?))).collect()
}

/// The field of `/proc/PID/stat` that stands so many behind the name.
fn stat(pid: u32, place: usize) -> Option<String> {
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields = line.get(line.rfind(')')? + 1..)?;
    // A process that nobody has waited for is over all the same.
    let mut fields = fields.split_ascii_whitespace();
    let all: Vec<&str> = fields.by_ref().collect();
    (all.first() != Some(&"Z")).then(|| all.get(place).map(|field| (*field).to_owned()))?
}

/// Processes that are there although the hub has gone: of those that it had, and any that was started for this run.
async fn left(before: &[Process], scratch: &Path) -> Vec<String> {
    let deadline = Instant::now() + LEAVE_LIMIT;
    loop {
        let mut left: Vec<String> = before
            .iter()
            .filter(|(pid, start)| stat(*pid, 19).as_ref() == Some(start))
            .map(|(pid, _)| format!("{pid} {}", command_line(*pid)))
            .collect();
        left.extend(marked(scratch).into_iter().map(|pid| format!("{pid} {}", command_line(pid))));
        if left.is_empty() || Instant::now() > deadline {
            return left;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Processes whose command line names the scratch directory of this run.
fn marked(scratch: &Path) -> Vec<u32> {
    let scratch = scratch.to_string_lossy();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| command_line(*pid).contains(&*scratch)).collect()
}

/// The words of a process, with spaces between.
pub(crate) fn command_line(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default().replace('\0', " ")
}

/// What the machine had to do in the last minute.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
