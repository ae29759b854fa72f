//! The steps of `cargo xtask test`, in their order: what is quick and often broken comes first.

use super::Real;
use crate::console::Console;
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::repository::Repository;
use crate::workspace::{Workspace, cargo};
use crate::{cards, contract, debian, process, real, redis, system, telemetry, tidy};
use std::process::Command;
use std::time::Duration;

/// What every step gets.
pub(super) struct Room<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) console: Console,
    pub(super) real: Real,
    /// The set of real servers.
    pub(super) set: &'static str,
}

/// What a step counted, and with that why it failed if it did.
type Outcome = Result<Counts, (Counts, Failure)>;

/// A step of the test.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: fn(&Room) -> Outcome,
}

pub(super) static STEPS: [Step; 11] = [
    Step { name: "toolchain", about: "Rust, its formatter and its linter", run: |room| plain(toolchain(room)) },
    Step { name: "packages", about: "what the tests need of the system", run: |room| plain(packages(room)) },
    Step { name: "format", about: "cargo fmt --all --check", run: |room| plain(format(room)) },
    Step { name: "tidy", about: "the rules of the house", run: |room| plain(tidy(room)) },
    Step { name: "lints", about: "cargo clippy --workspace --all-targets", run: |room| plain(lints(room)) },
    Step { name: "tests", about: "cargo test --workspace", run: tests },
    Step { name: "telemetry", about: "Prometheus and collectors of OTLP read what the hub tells", run: told },
    Step { name: "replicas", about: "several hubs share a real Redis", run: shared },
    Step { name: "cards", about: "models on graphics cards, by an OpenCL of the processor", run: multiplied },
    Step { name: "contract", about: "schemathesis holds the interface against its document", run: kept },
    Step { name: "real", about: "official clients and real servers through Tutti", run: real },
];

/// A question to a tool that answers at once.
const QUICK: Duration = Duration::from_secs(60);

/// A step that counts nothing.
fn plain(result: Result<()>) -> Outcome {
    result.map(|()| Counts::default()).map_err(|failure| (Counts::default(), failure))
}

fn toolchain(room: &Room) -> Result<()> {
    let needed = &room.workspace.rust_version;
    let next = format!("install Rust {needed} or newer: rustup update stable");
    let printed = process::read(&mut process::command("rustc", ["--version"]), QUICK, &next)?;
    room.console.line(&format!("   {}", printed.trim()));
    if version(printed.split(' ').nth(1).unwrap_or_default()) < version(needed) {
        return Err(Failure::new(format!("this Rust is older than {needed}"), next));
    }
    for component in ["fmt", "clippy"] {
        let mut command = cargo(&[component, "--version"]);
        process::read(&mut command, QUICK, "rustup component add rustfmt clippy")?;
    }
    Ok(())
}

/// The first two numbers of a version: `1.95.0-nightly` is 1 and 95.
pub(super) fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split(['.', '-']).map(|part| part.parse().unwrap_or_default());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

fn packages(room: &Room) -> Result<()> {
    // The linker of every Rust program, and the C compiler of SQLite and of the cryptography; git for the real servers.
    let needed = [("cc", "build-essential"), ("git", "git")];
    let missing: Vec<_> = needed.iter().filter(|(program, _)| system::find_program(program).is_none()).collect();
    let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    debian::install(&packages, room.console)
}

fn format(room: &Room) -> Result<()> {
    // These are workspaces of their own, so that what they are built with stays out of the product's lock.
    let others = ["bench", "e2e/conformance", "fuzz"].map(|folder| room.workspace.root.join(folder).join("Cargo.toml"));
    let mut commands = vec![cargo(&["fmt", "--all", "--check"])];
    for manifest in others.into_iter().filter(|manifest| manifest.is_file()) {
        let mut command = cargo(&["fmt", "--check", "--manifest-path"]);
        command.arg(manifest);
        commands.push(command);
    }
    let next = "run `cargo fmt --all`, and the same in bench/, e2e/conformance/ and fuzz/";
    commands.iter_mut().try_for_each(|command| must(room, command, "the format is not that of rustfmt", next))
}

fn tidy(room: &Room) -> Result<()> {
    let repository = Repository::read(room.workspace)?;
    let found = tidy::findings(&repository);
    found.iter().for_each(|finding| room.console.line(&finding.text()));
    room.console.line(&format!("   {}", tidy::summary(&repository, &found)));
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} rules of the house are broken", found.len()), "mend what is listed above"))
}

fn lints(room: &Room) -> Result<()> {
    let mut command = cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    must(room, &mut command, "there are warnings or errors", "mend what is listed above")
}

fn tests(room: &Room) -> Outcome {
    let mut counts = Counts::default();
    // All test programs are run even if one fails: the developer wants to see all that is broken.
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    let mut count = |line: &str| counts += Counts::of_result_line(line).unwrap_or_default();
    let ended_well = process::each_line(command.current_dir(&room.workspace.root), room.console, &mut count);
    let failure = match ended_well {
        Ok(true) if counts.passed > 0 => return Ok(counts),
        Ok(true) => Failure::new("no test was run", "check that the tests still print their `test result:` lines"),
        Ok(false) => {
            Failure::new("tests failed or do not compile", "run the one that failed alone: cargo test -p CRATE NAME")
        }
        Err(failure) => failure,
    };
    Err((counts, failure))
}

fn told(room: &Room) -> Outcome {
    let run = |ready: telemetry::Ready| ready.run(room.workspace, room.console);
    let why = "what the hub tells was NOT read by other software";
    foreign(room, telemetry::prepare, run, telemetry::skipped(), why)
}

fn shared(room: &Room) -> Outcome {
    let run = |ready: redis::Ready| ready.run(room.workspace, room.console);
    foreign(room, redis::prepare, run, redis::skipped(), "replicas were NOT tested with a Redis")
}

fn multiplied(room: &Room) -> Outcome {
    let run = |ready: cards::Ready| ready.run(room.workspace, room.console);
    foreign(room, cards::prepare, run, cards::skipped(), "what runs on graphics cards was NOT tested")
}

fn kept(room: &Room) -> Outcome {
    let run = |ready: contract::Ready| ready.run(room.workspace, room.console);
    foreign(room, contract::prepare, run, contract::skipped(), "the interface was NOT held against its document")
}

/// Tests that need software which others wrote. Where it cannot be had they are left out, and that is told of.
fn foreign<Ready>(
    room: &Room,
    prepare: fn(&Workspace, Console) -> Result<Ready>,
    run: impl FnOnce(Ready) -> Outcome,
    skipped: Counts,
    why: &str,
) -> Outcome {
    if room.real == Real::No {
        room.console.line("   left out: --no-real");
        return Ok(skipped);
    }
    match (prepare(room.workspace, room.console), room.real) {
        (Ok(ready), _) => run(ready),
        (Err(failure), Real::Must) => Err((Counts::default(), failure)),
        (Err(failure), _) => {
            room.console.line(&format!("   SKIPPED: {why}."));
            room.console.line(&format!("   Why: {}\n   Next: {}", failure.message, failure.next));
            Ok(skipped)
        }
    }
}

fn real(room: &Room) -> Outcome {
    let nothing = |failure| (Counts::default(), failure);
    if room.real == Real::No {
        room.console.line("   left out: --no-real");
        return Ok(Counts { skipped: real::checks(room.workspace, room.set).map_err(nothing)?, ..Counts::default() });
    }
    match (real::prepare(room.workspace, room.set, room.console), room.real) {
        (Ok(ready), _) => ready.run(),
        (Err(failure), Real::Must) => Err(nothing(failure)),
        (Err(failure), _) => {
            let skipped = real::checks(room.workspace, room.set).map_err(nothing)?;
            room.console.line(&format!("   SKIPPED: {skipped} checks with real servers were NOT made."));
            room.console.line(&format!("   Why: {}\n   Next: {}", failure.message, failure.next));
            room.console.line("   `cargo xtask test --real` makes this a failure.");
            Ok(Counts { skipped, ..Counts::default() })
        }
    }
}

/// Runs a command at the root of the workspace, which must end well.
fn must(room: &Room, command: &mut Command, message: &str, next: &str) -> Result<()> {
    let ended_well = process::show(command.current_dir(&room.workspace.root), room.console)?;
    if ended_well { Ok(()) } else { Err(Failure::new(message, next)) }
}
