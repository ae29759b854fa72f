//! `cargo xtask eval`: measures how well the product finds what is asked for.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::process;
use crate::workspace::{Workspace, cargo};

pub(crate) const USAGE: &str = "cargo xtask eval tools|cache [--data DIR] [--json]
  measures how well tools are found for questions, on the project's own sets in eval/tools/ and on those in DIR:
  a folder for each set, with tools.jsonl and queries.jsonl as eval/README.md says; or how often the cache by meaning gives
  an answer and how often a wrong one, on those in eval/cache/ and DIR
  of tools, fused (what the product does) is held against text and vectors alone by each measure; ndcg10 decides
  --json  one line of JSON on stdout, messages on stderr";

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &["--data"], USAGE)?;
    let what = match arguments.words()[..] {
        [what @ ("tools" | "cache")] => what,
        _ => return Err(Failure::new("there are two evaluations, tools and cache", USAGE)),
    };
    // The figures are the same without optimisation, but they take minutes.
    let mut command = cargo(&["run", "--release", "--quiet", "-p", "eval", "--manifest-path"]);
    command
        .arg(workspace.root.join("Cargo.toml"))
        .args(["--", what, "--data"])
        .arg(workspace.root.join("eval").join(what));
    if let Some(folder) = arguments.value("--data") {
        command.args(["--data", folder]);
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}
