//! Official clients against real servers through Tutti: install, start, try, stop, look for what was left.
//!
//! The packages and their versions, the calls and the right answers stand in `e2e/real/`; everything that is installed
//! goes below `real/` in Cargo's target folder.

mod clients;
mod install;
mod leftovers;
mod plan;

use crate::console::{Console, seconds};
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::served::Hub;
use crate::workspace::{Workspace, cargo};
use crate::{process, python, system};
use clients::{RUNS, SCRIPTS};
use plan::Plan;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const QUICK: Duration = Duration::from_secs(60);
/// How long the processes of a hub that has stopped may take to go.
const GOING: Duration = Duration::from_secs(5);

/// Where everything of a run is.
#[derive(Debug, Clone)]
struct Folders {
    /// The sources of the clients and their data.
    sources: PathBuf,
    /// Where packages are installed.
    packages: PathBuf,
    /// What the servers may read and write.
    data: PathBuf,
    /// The state of the hub, made anew for each run.
    home: PathBuf,
}

/// A machine on which all packages of a set are installed.
pub(crate) struct Ready<'a> {
    workspace: &'a Workspace,
    console: Console,
    folders: Folders,
    plan: Plan,
    set: &'static str,
}

impl Folders {
    fn of(workspace: &Workspace) -> Self {
        let packages = workspace.target.join("real");
        let (data, home) = (packages.join("data"), packages.join("home"));
        Self { sources: workspace.root.join("e2e/real"), packages, data, home }
    }
}

/// How many checks the set `set` means: each client in each era tries each server, and then there are the scripts.
pub(crate) fn checks(workspace: &Workspace, set: &str) -> Result<usize> {
    Ok(Plan::read(&Folders::of(workspace).sources, set)?.servers.len() * RUNS.len() + clients::scripted())
}

/// Installs what the set `set` needs. Fails when this machine cannot.
pub(crate) fn prepare<'a>(workspace: &'a Workspace, set: &'static str, console: Console) -> Result<Ready<'a>> {
    let folders = Folders::of(workspace);
    let plan = Plan::read(&folders.sources, set)?;
    for program in ["node", "npm"] {
        system::find_program(program).ok_or_else(|| python::missing(program, "Node.js 20 or newer with npm"))?;
    }
    python::require(console)?;
    install::all(&plan, &folders.packages, console)?;
    Ok(Ready { workspace, console, folders, plan, set })
}

/// Installs the small set of servers, and gives the folder of all packages.
pub(crate) fn servers(workspace: &Workspace, console: Console) -> Result<PathBuf> {
    Ok(prepare(workspace, "small", console)?.folders.packages)
}

/// Installs the clients of models and a server of one, and gives the script `script` of `e2e/real/models/` with all that it
/// needs to know of them.
pub(crate) fn models(workspace: &Workspace, script: &str, console: Console) -> Result<Command> {
    let folders = Folders::of(workspace);
    let mut command = python_of_models(workspace, folders.sources.join("models").join(script), console)?;
    command.arg("--packages").arg(&folders.packages);
    Ok(command)
}

/// Installs the same, and gives `script` to the Python that has them.
pub(crate) fn python_of_models(workspace: &Workspace, script: PathBuf, console: Console) -> Result<Command> {
    let folders = Folders::of(workspace);
    system::find_program("npm").ok_or_else(|| python::missing("npm", "Node.js 20 or newer with npm"))?;
    install::models(&Plan::read(&folders.sources, "small")?, &folders.packages, console)?;
    Ok(process::command(folders.packages.join("venv/models/bin/python"), [script]))
}

/// Installs the conformance suite and its Node, and gives the folder of all packages.
pub(crate) fn suites(workspace: &Workspace, console: Console) -> Result<PathBuf> {
    let folders = Folders::of(workspace);
    system::find_program("npm").ok_or_else(|| python::missing("npm", "Node.js with npm"))?;
    install::suites(&Plan::read(&folders.sources, "small")?, &folders.packages, console)?;
    Ok(folders.packages)
}

impl Ready<'_> {
    /// Starts the hub, runs all clients, stops the hub.
    pub(crate) fn run(&self) -> Result<Counts, (Counts, Failure)> {
        let mut counts = Counts::default();
        let failure = self.try_all(&mut counts).err();
        match failure {
            None => Ok(counts),
            Some(failure) => Err((counts, failure)),
        }
    }

    fn try_all(&self, counts: &mut Counts) -> Result<()> {
        self.prepare_data()?;
        let built = process::show(cargo(&["build", "-p", "tutti"]).current_dir(&self.workspace.root), self.console)?;
        if !built {
            return Err(Failure::new("tutti does not build", "mend what is listed above"));
        }
        let binary = self.workspace.target.join("debug").join(format!("tutti{}", std::env::consts::EXE_SUFFIX));
        let config = self.workspace.root.join("examples/real-servers").join(plan::config_of(self.set));
        let Folders { packages, data, home, .. } = &self.folders;
        let variables = [("REAL_SERVERS_BIN", packages.join("bin")), ("REAL_SERVERS_DATA", data.clone())];
        let log = packages.join("tutti.log");
        let hub = Hub { binary: &binary, config: &config, home, log, variables: &variables }.start()?;
        self.console.line(&format!("   tutti serves {} servers at {}", self.plan.servers.len(), hub.url()));
        let start = system::now();
        let ready = hub.settle()?;
        self.console.line(&format!("   {ready} of them are ready ({})", seconds(start.elapsed())));
        let mut seen = leftovers::Processes::new();
        for run in &RUNS {
            *counts += clients::run(run, &hub, &self.folders, self.set, &self.plan, self.console)?;
            // A child that was lost on the way has another parent by the end, so it is noted while it is known.
            seen.extend(leftovers::descendants(hub.id()));
        }
        for script in &SCRIPTS {
            *counts += clients::run_script(script, &binary, &self.folders, self.console)?;
        }
        let log = hub.log().to_owned();
        let mut problems: Vec<Failure> = hub.stop().err().into_iter().collect();
        let left = leftovers::still_there(&seen, GOING);
        if !left.is_empty() {
            let message = format!("{} processes outlived the hub: {}", left.len(), left.join(", "));
            problems.push(Failure::new(message, "see how tutti ends its children; end these by their id"));
        }
        if counts.failed > 0 {
            let message = format!("{} checks with real servers failed", counts.failed);
            let next = "try the server without Tutti: e2e/real/client_python.py --direct";
            problems.push(Failure::new(message, format!("{next}; the hub's log is {}", log.display())));
        }
        Failure::all(&problems)
    }

    fn prepare_data(&self) -> Result<()> {
        let mut prepare =
            process::command("python3", [self.folders.sources.join("prepare.py"), self.folders.data.clone()]);
        process::read(&mut prepare, QUICK, "see what e2e/real/prepare.py says")?;
        system::remove_folder(&self.folders.home)?;
        system::create_folder(&self.folders.home)
    }
}
