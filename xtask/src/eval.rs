//! `cargo xtask eval`: measures how well the product finds what is asked for.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::process;
use crate::workspace::{Workspace, cargo};

pub(crate) const USAGE: &str = "cargo xtask eval tools [--data DIR] [--json]
  measures how well tools are found for questions, on the project's own sets in eval/tools/ and on those in DIR:
  a folder for each set, with tools.jsonl and queries.jsonl as eval/README.md says
  --json  one line of JSON on stdout, messages on stderr";

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &["--data"], USAGE)?;
    if arguments.words() != ["tools"] {
        return Err(Failure::new("there is one evaluation, tools", USAGE));
    }
    // The figures are the same without optimisation, but they take minutes.
    let mut command = cargo(&["run", "--release", "--quiet", "-p", "eval", "--manifest-path"]);
    command.arg(workspace.root.join("Cargo.toml")).args(["--", "--data"]).arg(workspace.root.join("eval/tools"));
    if let Some(folder) = arguments.value("--data") {
        command.args(["--data", folder]);
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}
