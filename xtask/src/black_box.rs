//! The tests of `e2e/` that need software which others wrote, and which are left out where it is not there.

use crate::console::Console;
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::process;
use crate::workspace::{Workspace, cargo};
use std::path::Path;

/// Runs the tests whose names begin with `filter`, of which there are `tests`. `variables` say where the software is.
pub(crate) fn run(
    (workspace, console): (&Workspace, Console),
    filter: &str,
    tests: usize,
    variables: &[(&str, &Path)],
) -> Result<Counts, (Counts, Failure)> {
    let mut counts = Counts::default();
    let mut command = cargo(&["test", "-p", "tutti", "--test", "e2e", "--", filter]);
    command.envs(variables.iter().copied());
    let mut count = |line: &str| counts += Counts::of_result_line(line).unwrap_or_default();
    let ended_well = process::each_line(command.current_dir(&workspace.root), console, &mut count);
    match ended_well {
        Ok(true) if counts.passed == tests => Ok(counts),
        Ok(true) => Err((counts, Failure::new("not all of the tests were run", format!("look for {filter} in e2e/")))),
        Ok(false) => Err((counts, Failure::new("tests failed", "mend what is listed above"))),
        Err(failure) => Err((counts, failure)),
    }
}
