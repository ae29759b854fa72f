//! `cargo xtask chaos`: puts the release binary under load while its servers fail and are killed.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{bench, process};

pub(crate) const USAGE: &str = "cargo xtask chaos --seed N [--seconds 60] [--upstreams 20] [--sessions 40] [--json]
  builds the release binary and calls through it while servers fail in one call of a hundred and one is killed each
  second; fails unless 99.9 % of the calls that may be repeated work, at most 1.05 calls arrive for each that is sent,
  none is answered twice or to another client, and no process is left
  --seed  decides which calls fail, how, and which server is killed when
  --json  one line of JSON on stdout, messages on stderr";

/// What is handed on to the driver as it is.
const OPTIONS: [&str; 4] = ["--seed", "--seconds", "--upstreams", "--sessions"];

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &OPTIONS, USAGE)?;
    if !arguments.words().is_empty() || arguments.value("--seed").is_none() {
        return Err(Failure::new("chaos needs a seed, and nothing else", USAGE));
    }
    let hub = bench::hub(workspace)?;
    let mut command = bench::driver(workspace, "chaos")?;
    command.arg("--tutti").arg(hub);
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
