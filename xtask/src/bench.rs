//! `cargo xtask bench`: measures Tutti against a floor and against peers.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{process, python};

pub(crate) const USAGE: &str =
    "cargo xtask bench hub [--json] [--rounds N] [--era legacy|modern] [--calls N] [--targets LIST]
  builds the release binary and measures what a tool call through the hub costs, beside a bare proxy and two peers
  --json  one line of JSON on stdout, messages on stderr";

/// The Python peer; its version is part of what the figures mean.
const PEER: &str = "fastmcp==4.1.2";
/// What is handed on to the bench as it is.
const OPTIONS: [&str; 4] = ["--rounds", "--era", "--calls", "--targets"];

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &OPTIONS, USAGE)?;
    if arguments.words() != ["hub"] {
        return Err(Failure::new("there is one bench, called hub", USAGE));
    }
    // Messages go to stderr in any case: stdout is the report's alone.
    let console = Console::new(true);
    let manifest = workspace.root.join("bench/Cargo.toml");
    if !process::show(cargo(&["build", "--release", "-p", "tutti"]).current_dir(&workspace.root), console)? {
        return Err(Failure::new("tutti does not build", "mend what is listed above"));
    }
    let mut command = cargo(&["run", "--release", "--quiet", "--bin", "hub", "--manifest-path"]);
    command.arg(manifest).arg("--");
    let binary = format!("tutti{}", std::env::consts::EXE_SUFFIX);
    command.arg("--tutti").arg(workspace.target.join("release").join(binary));
    match python::environment(&workspace.target.join("bench-venv"), &[PEER.to_owned()], console) {
        Ok(python) => drop(command.arg("--python").arg(python)),
        // The other rows stand without it, but nobody should miss it unawares.
        Err(failure) => console.line(&format!("NOT measured: {PEER}. {}\nNext: {}", failure.message, failure.next)),
    }
    for option in OPTIONS {
        if let Some(value) = arguments.value(option) {
            command.args([option, value]);
        }
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}
