//! The hub's numbers and traces, read by software that others wrote: Prometheus and its checker, the official definitions
//! of OTLP, and a collector. The tests themselves are those of `e2e/telemetry/real.rs` and `receiver.rs`.

use crate::console::Console;
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{black_box, debian, process, python, system};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The definitions of OTLP; the version is part of what is proven.
const DEFINITIONS: &str = "opentelemetry-proto==1.45.2";
/// A collector whose wheel holds the program: a receiver of OTLP.
const COLLECTOR: &str = "rotel==0.0.1a15";
/// Debian's package of both programs.
const PACKAGE: &str = "prometheus";
const FETCH: Duration = Duration::from_secs(300);
/// How many tests there are.
const TESTS: usize = 6;

/// Programs that are there.
pub(crate) struct Ready {
    prometheus: PathBuf,
    promtool: PathBuf,
    python: PathBuf,
    collector: PathBuf,
}

/// What is counted where the tests cannot be run.
pub(crate) fn skipped() -> Counts {
    Counts { skipped: TESTS, ..Counts::default() }
}

/// Finds or fetches what is needed. Nothing is installed into the system: a package that starts a service is only
/// unpacked below the target folder.
pub(crate) fn prepare(workspace: &Workspace, console: Console) -> Result<Ready> {
    let folder = workspace.target.join("telemetry");
    system::create_folder(&folder)?;
    let (prometheus, promtool) = match (system::find_program("prometheus"), system::find_program("promtool")) {
        (Some(prometheus), Some(promtool)) => (prometheus, promtool),
        _ => unpacked(&folder.join("debian"), console)?,
    };
    let requirements = [DEFINITIONS.to_owned(), COLLECTOR.to_owned()];
    let python = python::environment(&folder.join("venv"), &requirements, console)?;
    let collector = collector_of(&python)?;
    Ok(Ready { prometheus, promtool, python, collector })
}

/// The programs of the package below `folder`, fetched if they are not there.
fn unpacked(folder: &Path, console: Console) -> Result<(PathBuf, PathBuf)> {
    let programs = (folder.join("usr/bin/prometheus"), folder.join("usr/bin/promtool"));
    if programs.0.is_file() && programs.1.is_file() {
        return Ok(programs);
    }
    let next = "install Prometheus, so that `prometheus` and `promtool` are on the PATH";
    debian::unpack(folder, &[PACKAGE], console, next)?;
    Ok(programs)
}

/// The collector's program, which lies in its package.
fn collector_of(python: &Path) -> Result<PathBuf> {
    let next = format!("check that {COLLECTOR} has a wheel for this system");
    let find = "import pathlib, rotel; print(pathlib.Path(rotel.__file__).with_name('rotel-agent'))";
    let said = process::read(&mut process::command(python, ["-c", find]), FETCH, &next)?;
    let program = PathBuf::from(said.trim());
    if program.is_file() { Ok(program) } else { Err(Failure::new("the package of Rotel holds no program", next)) }
}

impl Ready {
    /// Runs the tests.
    pub(crate) fn run(&self, workspace: &Workspace, console: Console) -> Result<Counts, (Counts, Failure)> {
        let variables = [
            ("TUTTI_E2E_PROMETHEUS", self.prometheus.as_path()),
            ("TUTTI_E2E_PROMTOOL", self.promtool.as_path()),
            ("TUTTI_E2E_OTLP_PYTHON", self.python.as_path()),
            ("TUTTI_E2E_ROTEL", self.collector.as_path()),
        ];
        black_box::run((workspace, console), "telemetry::real", TESTS, &variables)
    }
}
