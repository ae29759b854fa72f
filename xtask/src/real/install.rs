//! Installs packages from npm and PyPI, each once, several at a time.
//!
//! No registry is named: npm, pip and uv use those that the machine is configured with.

use super::plan::{Kind, Package, Plan};
use crate::console::{Console, seconds};
use crate::failure::{Failure, Result};
use crate::{process, python, system};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// So many at a time keep the network busy without filling the memory of a small machine.
const WORKERS: usize = 4;
/// The clients of models, as the plan calls them.
const MODELS: [&str; 3] = ["models", "openai", "anthropic"];
const INSTALL: Duration = Duration::from_secs(900);
/// Registries are far away: one failure is often none.
const ATTEMPTS: usize = 2;

/// Where things go and with what.
struct Room<'a> {
    folder: &'a Path,
    /// Not there when nothing of PyPI is wanted.
    uv: PathBuf,
    /// What uv must be told of pip's configuration.
    variables: Vec<(&'static str, String)>,
    as_of: &'a str,
    console: Console,
}

/// Installs the servers and clients of `plan` below `folder`; what is there at the right version is left alone.
pub(super) fn all(plan: &Plan, folder: &Path, console: Console) -> Result<()> {
    room(plan, folder, console)?.install_all(plan.servers.iter().chain(&plan.clients).collect())
}

/// Installs the clients of models, and the server of one that comes with them, below `folder`.
pub(super) fn models(plan: &Plan, folder: &Path, console: Console) -> Result<()> {
    let clients = plan.clients.iter().filter(|client| MODELS.contains(&client.name.as_str()));
    room(plan, folder, console)?.install_all(clients.collect())
}

/// A room in which packages of both registries can be installed.
fn room<'a>(plan: &'a Plan, folder: &'a Path, console: Console) -> Result<Room<'a>> {
    let python = python::environment(&folder.join("uv"), &[format!("uv=={}", plan.uv)], console)?;
    let variables = python::uv_variables(&python);
    Ok(Room { folder, uv: python.with_file_name("uv"), variables, as_of: &plan.as_of, console })
}

/// Installs the conformance suite and the Node that runs it below `folder`.
pub(super) fn suites(plan: &Plan, folder: &Path, console: Console) -> Result<()> {
    let room = Room { folder, uv: PathBuf::new(), variables: Vec::new(), as_of: &plan.as_of, console };
    let node = plan.clients.iter().filter(|package| package.package == "node");
    room.install_all(node.chain(&plan.suites).collect())
}

fn lost_worker() -> Failure {
    Failure::new("an installing thread panicked", "this is a bug of xtask: see the message above")
}

impl Room<'_> {
    /// Installs those of `packages` that are not there.
    fn install_all(&self, packages: Vec<&Package>) -> Result<()> {
        for below in ["bin", "npm", "stamps", "venv"] {
            system::create_folder(&self.folder.join(below))?;
        }
        let all = packages.len();
        let missing: Vec<_> = packages.into_iter().filter(|package| !self.is_there(package)).collect();
        self.console.line(&format!("   {} packages are installed, {} are missing", all - missing.len(), missing.len()));
        // Each worker takes the next package until none is left, or until one cannot be had: then the others wait for the
        // next run too, and a machine without a network is told so at once.
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || -> Vec<Failure> {
            let more = || {
                if failed.load(Ordering::Relaxed) { None } else { missing.get(next.fetch_add(1, Ordering::Relaxed)) }
            };
            let failures = std::iter::from_fn(more).filter_map(|package| self.install(package).err());
            failures.inspect(|_| failed.store(true, Ordering::Relaxed)).collect()
        };
        let failures: Vec<Failure> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS.min(missing.len())).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|_| vec![lost_worker()])).collect()
        });
        failures.into_iter().next().map_or(Ok(()), Err)
    }

    fn stamp(&self, package: &Package) -> PathBuf {
        self.folder.join("stamps").join(&package.name)
    }

    fn is_there(&self, package: &Package) -> bool {
        let right_version =
            system::text_if_any(&self.stamp(package)).is_some_and(|text| text == package.stamp(self.as_of));
        let has_command = package.in_bin().is_none_or(|name| self.folder.join("bin").join(name).exists());
        right_version && has_command
    }

    fn install(&self, package: &Package) -> Result<()> {
        let start = system::now();
        let title = format!("{} {}", package.package, package.version);
        let mut result = Ok(());
        for _ in 0..ATTEMPTS {
            result = self.attempt(package);
            if result.is_ok() {
                break;
            }
        }
        match &result {
            Ok(()) => self.console.line(&format!("   installed {title} ({})", seconds(start.elapsed()))),
            Err(failure) => self.console.line(&format!("   could not install {title}: {}", failure.message)),
        }
        result
    }

    fn attempt(&self, package: &Package) -> Result<()> {
        for mut command in self.commands(package)? {
            let next = "check that this machine can reach its package registries, then run the command again";
            process::read(&mut command, INSTALL, next)?;
        }
        if let (Kind::Npm, Some(command), Some(name)) = (package.kind, &package.command, package.in_bin()) {
            // Relative, so that the folder can be moved.
            let target = format!("../npm/{}/node_modules/.bin/{command}", package.name);
            system::link(Path::new(&target), &self.folder.join("bin").join(name))?;
        }
        system::write(&self.stamp(package), &package.stamp(self.as_of))?;
        if self.is_there(package) {
            return Ok(());
        }
        let name = package.in_bin().unwrap_or_default();
        let message = format!("{} was installed and brought no command {name}", package.package);
        Err(Failure::new(message, "mend `command` in e2e/real/packages.json"))
    }

    fn commands(&self, package: &Package) -> Result<Vec<Command>> {
        match package.kind {
            Kind::Npm => Ok(vec![self.npm(package)?]),
            Kind::Pypi => Ok(vec![self.uv_tool(package)]),
            Kind::Venv => Ok(self.python_modules(package)),
        }
    }

    /// Each package has a folder of its own: all in one is a tree that npm cannot always resolve.
    fn npm(&self, package: &Package) -> Result<Command> {
        let prefix = self.folder.join("npm").join(&package.name);
        system::remove_folder(&prefix)?;
        system::create_folder(&prefix)?;
        let quiet = ["install", "--no-audit", "--no-fund", "--loglevel", "error", "--before", self.as_of];
        let mut command = process::command("npm", quiet);
        if !package.scripts {
            command.arg("--ignore-scripts");
        }
        command.arg("--prefix").arg(&prefix).arg(format!("{}@{}", package.package, package.version));
        command.current_dir(&prefix);
        Ok(command)
    }

    fn uv(&self, words: &[&str]) -> Command {
        let mut command = process::command(&self.uv, words);
        command.args(["--quiet", "--no-config", "--exclude-newer", self.as_of]);
        command.env("UV_TOOL_DIR", self.folder.join("uv-tools")).env("UV_TOOL_BIN_DIR", self.folder.join("bin"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn uv_tool(&self, package: &Package) -> Command {
        let mut command = self.uv(&["tool", "install", "--force"]);
        for with in &package.with {
            command.args(["--with", with]);
        }
        command.arg(format!("{}=={}", package.package, package.version));
        command
    }

    fn python_modules(&self, package: &Package) -> Vec<Command> {
        let folder = self.folder.join("venv").join(&package.name);
        let mut create = process::command(&self.uv, ["venv", "--quiet", "--no-config", "--clear"]);
        create.arg(&folder);
        let mut install = self.uv(&["pip", "install"]);
        install.arg("--python").arg(folder.join("bin/python"));
        install.arg(format!("{}=={}", package.package, package.version)).args(&package.with);
        vec![create, install]
    }
}
