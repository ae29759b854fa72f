//! `cargo xtask crash`: kills runs of workflows at every point, and looks whether any of them notices.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{process, system};
use serde_json::{Value, json};

pub(crate) const USAGE: &str = "cargo xtask crash [--seeds N] [--hub] [--power] [--json]
  carries runs of workflows out in processes that kill themselves with SIGKILL, at every append to the journal and every
  effect, before and after, and then two to four times at random, as N seeds say (500); where strace is installed it also
  cuts the power of a disk that forgets what it has not confirmed; fails unless every run ends as one that nobody kills,
  nothing is done or recorded twice and no budget is exceeded
  --hub    kills the binary itself, and nothing else: the server that its workflows call does so at the n-th call, before and after
           the effect and after the answer, and whoever watches its file at the n-th entry; N seeds (20) kill it twice;
           takes minutes, because the lease of a hub that died ends after half a minute
  --power  the power cuts alone
  --json   one line of JSON on stdout, messages on stderr";

/// How many runs are killed at random, where nothing is said.
const SEEDS: &str = "500";
/// What the test prints before its figures.
const FIGURES: &str = "crash ";

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--hub", "--power", "--json"], &["--seeds"], USAGE)?;
    let seeds = arguments.value("--seeds").unwrap_or(SEEDS);
    if seeds.parse::<u64>().is_err() || !arguments.words().is_empty() {
        return Err(Failure::new("--seeds takes a whole number, and there is nothing else to say", USAGE));
    }
    let console = Console::new(arguments.has("--json"));
    if arguments.has("--hub") {
        return of_hub(workspace, &arguments, console);
    }
    let (mut report, mut is_well) = (json!({}), true);
    if !arguments.has("--power") {
        (report, is_well) = killed(workspace, seeds, console)?;
    }
    let power = match system::find_program("strace") {
        Some(_) => Some(of_test(workspace, "journal", "what_was_acknowledged_survives_a_power_cut", &[], console)?.0),
        None if arguments.has("--power") => {
            return Err(Failure::new("strace is not installed", "apt-get install strace"));
        }
        None => {
            console.line("NOT looked at: power cuts. strace is not installed\nNext: apt-get install strace");
            None
        }
    };
    report["power_cuts_survived"] = json!(power);
    if arguments.has("--json") {
        console.data(&report.to_string());
    } else {
        console.line(&report.to_string());
    }
    Ok(is_well && power != Some(false))
}

fn of_hub(workspace: &Workspace, arguments: &Arguments, console: Console) -> Result<bool> {
    if !process::show(cargo(&["build", "-p", "tutti"]).current_dir(&workspace.root), Console::new(true))? {
        return Err(Failure::new("tutti does not build", "mend what is listed above"));
    }
    let hub = workspace.target.join("debug").join(format!("tutti{}", std::env::consts::EXE_SUFFIX));
    let mut command = process::command("python3", [workspace.root.join("bench/crash.py")]);
    command.arg("--tutti").arg(hub);
    if let Some(seeds) = arguments.value("--seeds") {
        command.args(["--seeds", seeds]);
    }
    let mut figures = None;
    let is_well = process::each_line(&mut command, console, |line| figures = Some(line.to_owned()))?;
    if let Some(figures) = figures.filter(|_| arguments.has("--json")) {
        console.data(&figures);
    }
    Ok(is_well)
}

fn killed(workspace: &Workspace, seeds: &str, console: Console) -> Result<(Value, bool)> {
    let environment = [("TUTTI_TEST_CRASH_SEEDS", seeds)];
    let (is_well, figures) = of_test(workspace, "runner", "every_point_and_many_seeds", &environment, console)?;
    let next = "run it alone: cargo test -p runner crashing -- --ignored --nocapture";
    let figures = figures.ok_or_else(|| Failure::new("the test of crashes gave no figures", next))?;
    let figures = serde_json::from_str(&figures).map_err(|error| Failure::new(format!("{error}: {figures}"), next))?;
    Ok((figures, is_well))
}

/// Runs one test that ordinary runs leave out. Gives whether it passed, and its figures if it has any.
fn of_test(
    workspace: &Workspace,
    package: &str,
    test: &str,
    environment: &[(&str, &str)],
    console: Console,
) -> Result<(bool, Option<String>)> {
    let mut command = cargo(&["test", "--package", package, "--lib", test, "--", "--ignored", "--nocapture"]);
    command.current_dir(&workspace.root).envs(environment.iter().copied());
    let mut figures = None;
    let take = |line: &str| {
        if let Some(at) = line.find(FIGURES).filter(|at| line[at + FIGURES.len()..].starts_with('{')) {
            figures = Some(line[at + FIGURES.len()..].to_owned());
        }
    };
    let passed = process::each_line(&mut command, console, take)?;
    Ok((passed, figures))
}
