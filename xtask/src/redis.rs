//! Hubs that share a real Redis. The tests themselves are those of `e2e/replicas`.

use crate::console::Console;
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{black_box, debian, process, system};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The programs that will do; they speak the same.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// Debian's packages of the first, and of the libraries that a small system lacks.
const PACKAGES: [&str; 5] = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"];
const QUICK: Duration = Duration::from_secs(10);
/// How many tests there are.
const TESTS: usize = 19;

/// A Redis that can be started.
pub(crate) struct Ready {
    program: PathBuf,
    /// The folder of its libraries, where it was unpacked.
    libraries: Option<PathBuf>,
}

/// What is counted where the tests cannot be run.
pub(crate) fn skipped() -> Counts {
    Counts { skipped: TESTS, ..Counts::default() }
}

/// Finds a Redis, or fetches one below the target folder. Nothing is installed into the system, where the package would
/// start a service.
pub(crate) fn prepare(workspace: &Workspace, console: Console) -> Result<Ready> {
    if let Some(program) = PROGRAMS.iter().find_map(|name| system::find_program(name)) {
        return Ok(Ready { program, libraries: None });
    }
    let folder = workspace.target.join("redis");
    let program = folder.join("usr/bin/redis-server");
    let next = "install Redis or Valkey, so that `redis-server` or `valkey-server` is on the PATH";
    if !program.is_file() {
        debian::unpack(&folder, &PACKAGES, console, next)?;
    }
    // They lie in the folder of the machine's architecture.
    let library = system::files_named(&folder.join("usr/lib"), "libjemalloc.so.2")?.into_iter().next();
    let libraries = library.as_deref().and_then(Path::parent).map(Path::to_owned);
    let ready = Ready { program, libraries };
    let mut command = process::command(&ready.program, ["--version"]);
    if let Some(libraries) = &ready.libraries {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    let version = process::read(&mut command, QUICK, next)?;
    if !version.contains("v=") {
        return Err(Failure::new("the fetched Redis does not start", next));
    }
    Ok(ready)
}

impl Ready {
    /// Runs the tests.
    pub(crate) fn run(&self, workspace: &Workspace, console: Console) -> Result<Counts, (Counts, Failure)> {
        let mut variables = vec![("TUTTI_E2E_REDIS", self.program.as_path())];
        variables.extend(self.libraries.as_deref().map(|folder| ("TUTTI_E2E_REDIS_LIBRARIES", folder)));
        black_box::run((workspace, console), "replicas::", TESTS, &variables)
    }
}
