//! Checks, tests and measures the repository.
//!
//! Each subcommand is one file of the same shape: a `USAGE`, and a `run` that takes the workspace and the words after
//! the subcommand's name. It depends on `serde_json` alone, so that it builds in seconds on a clean clone.

mod arguments;
mod bench;
mod black_box;
mod cards;
mod chaos;
mod conformance;
mod console;
mod contract;
mod counts;
mod coverage;
mod crash;
mod debian;
mod deny;
mod embedder;
mod eval;
mod failure;
mod fuzz;
mod generate;
mod http;
mod matrix;
mod nginx;
mod process;
mod python;
mod real;
mod redis;
mod repository;
mod served;
mod source;
mod system;
mod telemetry;
mod test;
mod tidy;
mod workspace;

use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use std::process::ExitCode;

/// A subcommand: gives whether what it looked at is in order.
struct Subcommand {
    name: &'static str,
    usage: &'static str,
    run: fn(&Workspace, &[String]) -> Result<bool>,
}

const SUBCOMMANDS: [Subcommand; 13] = [
    Subcommand { name: "tidy", usage: tidy::USAGE, run: tidy::run },
    Subcommand { name: "test", usage: test::USAGE, run: test::run },
    Subcommand { name: "coverage", usage: coverage::USAGE, run: coverage::run },
    Subcommand { name: "conformance", usage: conformance::USAGE, run: conformance::run },
    Subcommand { name: "matrix", usage: matrix::USAGE, run: matrix::run },
    Subcommand { name: "bench", usage: bench::USAGE, run: bench::run },
    Subcommand { name: "eval", usage: eval::USAGE, run: eval::run },
    Subcommand { name: "embedder", usage: embedder::USAGE, run: embedder::run },
    Subcommand { name: "generate", usage: generate::USAGE, run: generate::run },
    Subcommand { name: "chaos", usage: chaos::USAGE, run: chaos::run },
    Subcommand { name: "crash", usage: crash::USAGE, run: crash::run },
    Subcommand { name: "fuzz", usage: fuzz::USAGE, run: fuzz::run },
    Subcommand { name: "deny", usage: deny::USAGE, run: deny::run },
];

fn main() -> ExitCode {
    let words = system::words();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            Console::new(true).failure(&failure);
            ExitCode::from(1)
        }
    }
}

fn run(words: &[String]) -> Result<bool> {
    let (name, rest) = words.split_first().map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
    match SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name) {
        Some(subcommand) if rest.iter().any(|word| word == "--help") => {
            Console::new(false).line(subcommand.usage);
            Ok(true)
        }
        Some(subcommand) => (subcommand.run)(&Workspace::find()?, rest),
        None => {
            let usages: Vec<_> = SUBCOMMANDS.iter().map(|subcommand| subcommand.usage).collect();
            Err(Failure::new(format!("there is no subcommand {name:?}"), usages.join("\n\n")))
        }
    }
}
