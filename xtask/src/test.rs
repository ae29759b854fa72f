//! `cargo xtask test`: all that must hold, in one command.

mod steps;

use crate::arguments::Arguments;
use crate::console::{Console, seconds};
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::system;
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::time::Duration;
use steps::{Room, STEPS, Step};

pub(crate) const USAGE: &str = "cargo xtask test [--real | --no-real] [--full] [--only STEP] [--json]
  checks format, tidy rules and lints, runs all Rust tests, then Prometheus, Redis, PoCL, schemathesis and
  official clients and servers from npm and PyPI against Tutti
  --real      real servers are a must: it is a failure, not a notice, when they cannot be installed
  --no-real   leaves the real servers out
  --full      the full set of real servers in place of the small one
  --only      one step alone: toolchain, packages, format, tidy, lints, tests, telemetry,
              replicas, cards, contract or real
  --json      one line of JSON on stdout, messages on stderr";

/// What is to be done with the real servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Real {
    /// They are run where this machine can.
    IfPossible,
    /// It is a failure when they cannot be run.
    Must,
    /// They are left out.
    No,
}

/// How a step ended.
struct Report {
    step: &'static str,
    took: Duration,
    counts: Counts,
    failure: Option<Failure>,
}

/// The subcommand: runs the steps up to the first that fails.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--real", "--no-real", "--full", "--json"], &["--only"], USAGE)?;
    let console = Console::new(arguments.has("--json"));
    let set = if arguments.has("--full") { "full" } else { "small" };
    let room = Room { workspace, console, real: wish(&arguments)?, set };
    let mut reports = Vec::new();
    for step in chosen(arguments.value("--only"))? {
        reports.push(report(step, &room));
        if reports.last().is_some_and(|report| report.failure.is_some()) {
            break;
        }
    }
    let total = total(&reports);
    if arguments.has("--json") {
        console.data(&to_json(&reports, total).to_string());
    }
    console.line(&total.to_string());
    Ok(total.failed == 0)
}

/// All steps, or the one that was named.
fn chosen(only: Option<&str>) -> Result<Vec<&'static Step>> {
    let steps: Vec<_> = STEPS.iter().filter(|step| only.is_none_or(|name| name == step.name)).collect();
    if steps.is_empty() { Err(Failure::new("there is no step of this name", USAGE)) } else { Ok(steps) }
}

fn wish(arguments: &Arguments) -> Result<Real> {
    let must = arguments.has("--real") || arguments.has("--full");
    match (must, arguments.has("--no-real")) {
        (true, true) => Err(Failure::new("--no-real leaves out what --real and --full ask for", USAGE)),
        (true, false) => Ok(Real::Must),
        (false, true) => Ok(Real::No),
        (false, false) => Ok(Real::IfPossible),
    }
}

fn report(step: &Step, room: &Room) -> Report {
    room.console.line(&format!("== {}: {}", step.name, step.about));
    let start = system::now();
    let outcome = (step.run)(room);
    let took = start.elapsed();
    let (counts, failure) = match outcome {
        Ok(counts) => (counts, None),
        Err((counts, failure)) => (counts, Some(failure)),
    };
    match &failure {
        None => room.console.line(&format!("   {} is in order ({})", step.name, seconds(took))),
        Some(failure) => {
            room.console.line(&format!("   {} FAILED ({})", step.name, seconds(took)));
            room.console.failure(failure);
        }
    }
    Report { step: step.name, took, counts, failure }
}

/// The sum of all steps. A step that fails without counting a failed test, such as the format, is one failure: a run
/// that did not succeed never says that nothing failed.
fn total(reports: &[Report]) -> Counts {
    let mut total = Counts::default();
    for report in reports {
        total += report.counts;
        if report.failure.is_some() && report.counts.failed == 0 {
            total.failed += 1;
        }
    }
    total
}

fn to_json(reports: &[Report], total: Counts) -> Value {
    let steps: Vec<_> = reports
        .iter()
        .map(|report| {
            let failure = report.failure.as_ref();
            let failure = failure.map(|failure| json!({ "message": failure.message, "next": failure.next }));
            json!({ "step": report.step, "seconds": report.took.as_secs_f64(), "failure": failure })
        })
        .collect();
    json!({ "passed": total.passed, "failed": total.failed, "skipped": total.skipped, "steps": steps })
}

#[cfg(test)]
mod tests;
