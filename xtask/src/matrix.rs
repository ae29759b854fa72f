//! `cargo xtask matrix`: which client of models gets what from which provider, by official SDKs.
//!
//! The clients, the providers and the cases are those of `e2e/real/models/matrix/`, which starts the hub and says for each
//! check how it went. Here its lines become a table: what a cell says holds for all SDKs of its dialect, streamed and not.

mod report;

use crate::arguments::Arguments;
use crate::console::{Console, seconds};
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{process, real, system};
use report::Report;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const USAGE: &str =
    "cargo xtask matrix [--in DIALECT] [--out DIALECT] [--case CASE] [--tutti PROGRAM] [--json]
  asks providers of each dialect by the official SDKs of each, in ten cases, streamed and not, and prints which cases are in
  order: a row for each dialect of clients, a column for each of providers, and below what is lost between them
  --in     clients of this dialect alone: openai_chat, openai_responses, anthropic, gemini or ollama
  --out    providers of this dialect alone: one of these, bedrock, or llama_cpp, a real server with a tiny model
  --case   this case alone: text, system, multi_turn, tools, images, reasoning, structured_output, stop_reasons, usage or
           errors
  --tutti  this program in place of the one that is built
  --json   one line of JSON on stdout, messages on stderr";

/// The whole takes half a minute on a quiet machine.
const LIMIT: Duration = Duration::from_secs(900);
/// What is handed on to the script as it is.
const OPTIONS: [&str; 4] = ["--in", "--out", "--case", "--tutti"];

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &OPTIONS, USAGE)?;
    if !arguments.words().is_empty() {
        return Err(Failure::new("only flags and options are taken", USAGE));
    }
    let console = Console::new(arguments.has("--json"));
    let mut command = real::models(workspace, "matrix/run.py", console)?;
    for option in ["--in", "--out", "--case"] {
        if let Some(value) = arguments.value(option) {
            command.args([option, value]);
        }
    }
    let tutti = arguments.value("--tutti").map_or_else(|| build(workspace, console), |path| Ok(PathBuf::from(path)))?;
    let start = system::now();
    let output = process::capture(command.arg("--tutti").arg(tutti), LIMIT)?;
    let report = Report::read(&output.stdout);
    if report.is_empty() {
        let next = "see whether there are such cells, and whether the hub starts";
        return Err(Failure::new(format!("nothing was checked:\n{}", output.last_lines()), next));
    }
    report.problems().for_each(|problem| console.line(&problem));
    if arguments.has("--json") {
        console.data(&report.to_json().to_string());
    }
    console.line(&format!("{}\nmatrix: {} ({})", report.table(), report.summary(), seconds(start.elapsed())));
    Ok(report.is_in_order() && output.is_success())
}

/// Builds the hub, and says where it is.
fn build(workspace: &Workspace, console: Console) -> Result<PathBuf> {
    if !process::show(cargo(&["build", "-p", "tutti"]).current_dir(&workspace.root), console)? {
        return Err(Failure::new("tutti does not build", "mend what is listed above"));
    }
    Ok(workspace.target.join("debug").join(format!("tutti{}", std::env::consts::EXE_SUFFIX)))
}
