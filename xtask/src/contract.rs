//! The hub's interface under schemathesis, which makes requests of its document and holds the answers against it. The
//! tests themselves are those of `e2e/api/real.rs`.

use crate::console::Console;
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{black_box, python, system};
use std::path::PathBuf;

/// The program and all that it uses, each at one version: another one makes other requests.
const REQUIREMENTS: &str = "e2e/api/requirements.txt";
/// How many tests there are.
const TESTS: usize = 2;

/// A program that is there.
pub(crate) struct Ready {
    program: PathBuf,
}

/// What is counted where the tests cannot be run.
pub(crate) fn skipped() -> Counts {
    Counts { skipped: TESTS, ..Counts::default() }
}

/// Installs what is needed below the target folder.
pub(crate) fn prepare(workspace: &Workspace, console: Console) -> Result<Ready> {
    let text = system::text(&workspace.root.join(REQUIREMENTS))?;
    let requirements: Vec<String> = text.lines().map(str::to_owned).collect();
    let folder = workspace.target.join("contract");
    system::create_folder(&folder)?;
    let python = python::environment(&folder.join("venv"), &requirements, console)?;
    Ok(Ready { program: python.with_file_name("schemathesis") })
}

impl Ready {
    /// Runs the tests.
    pub(crate) fn run(&self, workspace: &Workspace, console: Console) -> Result<Counts, (Counts, Failure)> {
        let variables = [("TUTTI_E2E_SCHEMATHESIS", self.program.as_path())];
        black_box::run((workspace, console), "api::real_schemathesis", TESTS, &variables)
    }
}
