//! The tiny model whose answers are known.

use super::USAGE;
use crate::arguments::Arguments;
use crate::console::{Console, seconds};
use crate::failure::{Failure, Result};
use crate::process;
use crate::system;
use crate::workspace::{Workspace, cargo};

/// Makes or compares it.
pub(super) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let (arguments, console) = (Arguments::parse(words, &["--check"], &["--whole"], USAGE)?, Console::new(false));
    if !arguments.words().is_empty() {
        return Err(Failure::new("there is more said than what is to be made", USAGE));
    }
    // A package of its own, which the profile of the workspace optimises: so that this tool is built as quickly as before.
    let mut command = cargo(&["run", "--quiet", "--package", "tiny", "--manifest-path"]);
    command.arg(workspace.root.join("Cargo.toml")).arg("--").arg(workspace.root.join("tiny/data"));
    if arguments.has("--check") {
        command.arg("--check");
    }
    if let Some(file) = arguments.value("--whole") {
        command.args(["--whole", file]);
    }
    let start = system::now();
    let is_fine = process::show(&mut command, console)?;
    console.line(&format!("   {} in all", seconds(start.elapsed())));
    Ok(is_fine)
}
