//! The official clients: how each is run, and what its report says.

use super::Folders;
use super::plan::Plan;
use crate::console::{Console, seconds};
use crate::counts::Counts;
use crate::failure::Result;
use crate::process::{self, Output};
use crate::served::Served;
use crate::system;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A client that takes longer than this hangs. The first one waits for the cold start of every server.
const LIMIT: Duration = Duration::from_secs(900);

/// How much of a problem is shown: what is wrong with an answer may be as long as the answer.
const SHOWN: usize = 400;

/// What runs a client.
#[derive(Debug, Clone, Copy)]
enum Engine {
    /// The Python of the environment that has the client's library.
    Python,
    /// The Python of the environment that has its older major version.
    OldPython,
    /// The Python of the environment that has clients of models, and a server of one.
    Models,
    /// The Node of the machine.
    Node,
    /// A Node that is new enough for the Inspector.
    NewNode,
}

/// One client in one era.
#[derive(Debug)]
pub(super) struct Run {
    name: &'static str,
    engine: Engine,
    script: &'static str,
    more: &'static [&'static str],
    era: &'static str,
}

const fn run_of(
    name: &'static str,
    engine: Engine,
    script: &'static str,
    more: &'static [&'static str],
    era: &'static str,
) -> Run {
    Run { name, engine, script, more, era }
}

/// Each client in each era that it speaks.
pub(super) const RUNS: [Run; 12] = [
    run_of("python", Engine::Python, "client_python.py", &[], "legacy"),
    run_of("python", Engine::Python, "client_python.py", &[], "modern"),
    run_of("typescript", Engine::Node, "client_typescript.mjs", &[], "legacy"),
    run_of("typescript", Engine::Node, "client_typescript.mjs", &[], "modern"),
    run_of("typescript-v1", Engine::Node, "client_typescript.mjs", &["--sdk", "v1"], "legacy"),
    run_of("inspector", Engine::NewNode, "client_inspector.mjs", &[], "legacy"),
    run_of("inspector", Engine::NewNode, "client_inspector.mjs", &[], "modern"),
    run_of("search", Engine::Python, "search.py", &[], "modern"),
    run_of("python-sse", Engine::Python, "client_python.py", &["--transport", "sse"], "legacy"),
    run_of("python-websocket", Engine::OldPython, "client_python.py", &["--transport", "websocket"], "legacy"),
    run_of("typescript-sse", Engine::Node, "client_typescript.mjs", &["--transport", "sse"], "legacy"),
    run_of("typescript-websocket", Engine::NewNode, "client_typescript.mjs", &WEB_SOCKET, "legacy"),
];

/// Only the older major version has this transport.
const WEB_SOCKET: [&str; 4] = ["--sdk", "v1", "--transport", "websocket"];

/// Runs one client on all servers of the set, and shows what failed.
pub(super) fn run(
    run: &Run,
    hub: &Served,
    folders: &Folders,
    set: &str,
    plan: &Plan,
    console: Console,
) -> Result<Counts> {
    let start = system::now();
    let output = process::capture(&mut command(run, hub, folders, set), LIMIT)?;
    let counts = judge(&output, plan.servers.len());
    let took = seconds(start.elapsed());
    console
        .line(&format!("   {} ({}): {} passed, {} failed ({took})", run.name, run.era, counts.passed, counts.failed));
    if counts.failed > 0 {
        for line in output.stdout.lines().filter(|line| is_problem(line)) {
            console.line(&format!("     {}", line.chars().take(SHOWN).collect::<String>()));
        }
        let ended = output
            .status
            .map_or_else(|| "was killed: it took too long".to_owned(), |status| format!("ended with {status}"));
        console.line(&format!("     the client {ended}\n{}", process::last_lines(&output.stderr, 10)));
    }
    Ok(counts)
}

/// A script that starts a hub of its own, and what stands around it.
#[derive(Debug)]
pub(super) struct Script {
    name: &'static str,
    engine: Engine,
    script: &'static str,
    /// How many checks it makes.
    checks: usize,
}

/// An authorization server that is not ours, every transport between clients and servers that are not ours, and clients of
/// models with providers that are not ours.
pub(super) const SCRIPTS: [Script; 4] = [
    Script { name: "login", engine: Engine::NewNode, script: "login.mjs", checks: 13 },
    Script { name: "peers", engine: Engine::Python, script: "peers/run.py", checks: 71 },
    Script { name: "models", engine: Engine::Models, script: "models/run.py", checks: 40 },
    Script { name: "matrix", engine: Engine::Models, script: "models/matrix/run.py", checks: 1008 },
];

/// How many checks all scripts make.
pub(super) fn scripted() -> usize {
    SCRIPTS.iter().map(|script| script.checks).sum()
}

/// Runs a script with the program `tutti`, and shows what failed.
pub(super) fn run_script(script: &Script, tutti: &Path, folders: &Folders, console: Console) -> Result<Counts> {
    let start = system::now();
    let mut command = process::command(script.engine.program(folders), [folders.sources.join(script.script)]);
    command.arg("--packages").arg(&folders.packages).arg("--tutti").arg(tutti);
    let output = process::capture(&mut command, LIMIT)?;
    let counts = judge(&output, script.checks);
    let took = seconds(start.elapsed());
    console.line(&format!("   {}: {} passed, {} failed ({took})", script.name, counts.passed, counts.failed));
    if counts.failed > 0 {
        for line in
            output.stdout.lines().filter(|line| line.contains("\"problem\"") && !line.contains("\"problem\": null"))
        {
            console.line(&format!("     {}", line.chars().take(SHOWN).collect::<String>()));
        }
        console.line(&process::last_lines(&output.stderr, 10));
    }
    Ok(counts)
}

impl Engine {
    /// The program.
    fn program(self, folders: &Folders) -> PathBuf {
        match self {
            Engine::Python => folders.packages.join("venv/python/bin/python"),
            Engine::OldPython => folders.packages.join("venv/python-v1/bin/python"),
            Engine::Models => folders.packages.join("venv/models/bin/python"),
            Engine::Node => PathBuf::from("node"),
            Engine::NewNode => folders.packages.join("bin/node24"),
        }
    }
}

fn command(run: &Run, hub: &Served, folders: &Folders, set: &str) -> Command {
    let mut command = process::command(run.engine.program(folders), [folders.sources.join(run.script)]);
    command.args(["--url", hub.url(), "--era", run.era, "--set", set, "--run", &format!("{}-{}", run.name, run.era)]);
    command.arg("--data").arg(&folders.data);
    if !matches!(run.engine, Engine::Python | Engine::OldPython) {
        command.arg("--packages").arg(&folders.packages);
    }
    command.args(run.more);
    command
}

/// What a client's output and end say together. Its last line is `{"passed": N, "failed": M}`; a server that it says
/// nothing of has failed, and so has one more check when the client itself ended badly though its report is clean.
fn judge(output: &Output, servers: usize) -> Counts {
    let last = output.stdout.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let number =
        |name: &str| last.as_ref().and_then(|last| last[name].as_u64()).and_then(|number| usize::try_from(number).ok());
    let (Some(passed), Some(failed)) = (number("passed"), number("failed")) else {
        return Counts { failed: servers, ..Counts::default() };
    };
    let unheard = servers.saturating_sub(passed + failed);
    let clean = failed + unheard == 0;
    let bad_end = usize::from(clean && !output.is_success());
    Counts { passed, failed: failed + unheard + bad_end, skipped: 0 }
}

/// Whether this line tells of a server that failed, or is no report at all.
fn is_problem(line: &str) -> bool {
    serde_json::from_str::<Value>(line).map_or(true, |report| report.get("call").is_some_and(|call| call != "ok"))
}

#[cfg(test)]
mod tests;
