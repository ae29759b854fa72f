//! `cargo xtask deny`: licences, duplicates, sources and advisories of what we depend on, by cargo-deny.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{process, system};

pub(crate) const USAGE: &str = "cargo xtask deny [advisories] [bans] [licenses] [sources]
  runs `cargo deny check` with deny.toml, where cargo-deny is installed; advisories need the network, the others do not";

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &[], &[], USAGE)?;
    if system::find_program("cargo-deny").is_none() {
        return Err(Failure::new(
            "cargo-deny is not installed, so nothing was checked",
            "cargo install cargo-deny --locked",
        ));
    }
    process::show(cargo(&["deny", "check"]).args(arguments.words()).current_dir(&workspace.root), Console::new(false))
}
