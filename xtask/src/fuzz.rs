//! `cargo xtask fuzz`: feeds every parser with what a fuzzer makes up, and keeps the inputs that reach something new.

mod told;

use crate::arguments::Arguments;
use crate::console::{self, Console};
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{process, system};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use told::Told;

pub(crate) const USAGE: &str = "cargo xtask fuzz [--seconds N] [--target NAME] [--json]
  runs the targets of fuzz/ one after another and gives each an equal share of the seconds (3600 unless said), of the
  processor's time where the system tells that, so that a busy machine takes longer and does no less;
  needs a nightly toolchain and cargo-fuzz; inputs that reach something new are added to fuzz/corpus/
  --target  one target alone
  --json    one line of JSON on stdout, messages on stderr";

/// The time of all targets together, where none is said.
const SECONDS: u64 = 3600;
/// What one input may take: the largest that is made up, the memory, the time.
const LIMITS: [&str; 3] = ["-max_len=4096", "-rss_limit_mb=2048", "-timeout=10"];
/// What the sanitizer is told: SQLite has tables of one name in several places, each of which sees its own only.
const OPTIONS: (&str, &str) = ("ASAN_OPTIONS", "detect_odr_violation=0");
/// The most inputs that are kept of a target: those that together reach the most.
const KEPT: usize = 100;
/// The most runs of one target: each after the first makes up for time that the processor gave to others.
const RUNS: usize = 20;
/// A question to a tool that answers at once.
const QUICK: Duration = Duration::from_secs(60);
/// How much longer than its time a target may take: to read its corpus, and to end.
const PATIENCE: Duration = Duration::from_secs(300);

/// Where things are.
struct Places {
    /// The workspace of the targets.
    sources: PathBuf,
    /// What is made by a run and is not kept with the sources.
    work: PathBuf,
    /// The executables.
    executables: PathBuf,
}

/// The subcommand: gives whether nothing was found.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--json"], &["--seconds", "--target"], USAGE)?;
    let console = Console::new(arguments.has("--json"));
    let seconds = arguments
        .value("--seconds")
        .map_or(Ok(SECONDS), |text| text.parse().map_err(|_| Failure::new("--seconds takes a whole number", USAGE)))?;
    let places = places(workspace)?;
    let targets = targets(&places, arguments.value("--target"))?;
    build(&places, console)?;
    let share = (seconds / u64::try_from(targets.len()).unwrap_or(1)).max(1);
    let mut all = Vec::new();
    for target in &targets {
        let told = feed(&places, target, share)?;
        console.line(&told.line(target));
        if let Some(input) = &told.finding {
            let command = places.executables.join(target);
            console.line(&format!("  see it: {} {}", command.display(), input.display()));
        } else {
            // What was fed counts, whatever becomes of the corpus.
            match keep(&places, target) {
                Ok(kept) => console.line(&format!("  {kept} inputs are kept in fuzz/corpus/{target}")),
                Err(failure) => console.failure(&failure),
            }
        }
        all.push((target, told));
    }
    let found = all.iter().filter(|(_, told)| told.finding.is_some()).count();
    let executions: u64 = all.iter().map(|(_, told)| told.executions).sum();
    let took: Duration = all.iter().map(|(_, told)| told.took).sum();
    let processor: Option<Duration> = all.iter().map(|(_, told)| told.processor).sum();
    if arguments.has("--json") {
        let targets: Vec<_> = all.iter().map(|(target, told)| told.to_json(target)).collect();
        let all = json!({
            "share_seconds": share, "wall_seconds": took.as_secs_f64(),
            "cpu_seconds": processor.map(|time| time.as_secs_f64()),
            "executions": executions, "targets": targets, "findings": found,
        });
        console.data(&all.to_string());
    }
    let processor = processor.map(|time| format!(", {} of the processor", console::seconds(time))).unwrap_or_default();
    let took = console::seconds(took);
    console.line(&format!("{} targets in {took}{processor}: {executions} executions, {found} findings", all.len()));
    Ok(found == 0)
}

fn places(workspace: &Workspace) -> Result<Places> {
    if system::find_program("rustup").is_none() {
        let next = "install rustup (https://rustup.rs), then: rustup toolchain install nightly --profile minimal";
        return Err(Failure::new("rustup is not installed, and the fuzzer needs its nightly toolchain", next));
    }
    let next = "rustup toolchain install nightly --profile minimal";
    let version = process::read(&mut nightly(&["rustc", "-vV"]), QUICK, next)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure::new("the nightly compiler does not say what it compiles for", next))?;
    if system::find_program("cargo-fuzz").is_none() {
        return Err(Failure::new("cargo-fuzz is not installed", "cargo install cargo-fuzz --locked"));
    }
    let work = workspace.target.join("fuzz");
    let executables = work.join(host).join("release");
    Ok(Places { sources: workspace.root.join("fuzz"), work, executables })
}

/// A command of the nightly toolchain.
fn nightly(words: &[&str]) -> Command {
    let mut command = process::command("rustup", ["run", "nightly"]);
    // What the outer Cargo says of its own toolchain and package is not meant for this one: scripts of other packages look
    // at such variables, and all would be built anew.
    command.args(words).env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
    let own = ["CARGO_MANIFEST_", "CARGO_PKG_"];
    for name in system::variable_names() {
        if name == "CARGO" || own.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

fn targets(places: &Places, only: Option<&str>) -> Result<Vec<String>> {
    let listed = nightly(&["cargo", "fuzz", "list"]).current_dir(&places.sources).output();
    let listed = listed.ok().filter(|output| output.status.success());
    let listed = listed.ok_or_else(|| Failure::new("`cargo fuzz list` failed", "run it in fuzz/ to see why"))?;
    let all: Vec<String> = String::from_utf8_lossy(&listed.stdout).split_whitespace().map(str::to_owned).collect();
    let chosen: Vec<String> = all.iter().filter(|name| only.is_none_or(|only| only == *name)).cloned().collect();
    if chosen.is_empty() {
        return Err(Failure::new("there is no such target", format!("the targets are {}", all.join(", "))));
    }
    Ok(chosen)
}

/// Builds all targets, with a sanitizer: the product's own code has nothing unsafe, but what it stands on has.
fn build(places: &Places, console: Console) -> Result<()> {
    let mut command = nightly(&["cargo", "fuzz", "build", "--sanitizer", "address", "--target-dir"]);
    command.arg(&places.work).current_dir(&places.sources);
    if process::show(&mut command, console)? {
        return Ok(());
    }
    Err(Failure::new("the targets do not build", "mend what is listed above"))
}

/// Runs one target until it has had some seconds of the processor.
fn feed(places: &Places, target: &str, seconds: u64) -> Result<Told> {
    let share = Duration::from_secs(seconds);
    let mut told = Told::default();
    for _ in 0..RUNS {
        let Some(left) = told.left(share) else { break };
        told.add(run_for(places, target, left.as_secs().max(1))?);
    }
    Ok(told)
}

/// Runs one target for some seconds.
fn run_for(places: &Places, target: &str, seconds: u64) -> Result<Told> {
    let (corpus, findings) = (places.work.join("corpus").join(target), places.work.join("findings").join(target));
    system::create_folder(&corpus)?;
    system::create_folder(&findings)?;
    let before = system::files(&findings)?;
    let mut command = process::command(places.executables.join(target), LIMITS);
    command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1").env(OPTIONS.0, OPTIONS.1);
    command.arg(format!("-artifact_prefix={}/", findings.display()));
    command.args([&corpus, &kept_in(places, target)]);
    let (start, before_it) = (system::now(), system::time_of_children());
    let output = process::capture(&mut command, Duration::from_secs(seconds) + PATIENCE)?;
    let mut told = Told::read(&output.stderr, start.elapsed());
    let spent = system::time_of_children().zip(before_it);
    told.processor = spent.map(|(after, before)| after.saturating_sub(before));
    if !output.is_success() {
        let found = system::files(&findings)?.into_iter().find(|path| !before.contains(path));
        told.finding = Some(found.unwrap_or(findings));
    }
    Ok(told)
}

fn kept_in(places: &Places, target: &str) -> PathBuf {
    places.sources.join("corpus").join(target)
}

/// Keeps the smallest set of inputs that reaches all that is reached, and those that somebody gave a name.
fn keep(places: &Places, target: &str) -> Result<usize> {
    let (kept, chosen) = (kept_in(places, target), places.work.join("chosen").join(target));
    system::remove_folder(&chosen)?;
    system::create_folder(&chosen)?;
    let mut command = process::command(places.executables.join(target), LIMITS);
    command.env(OPTIONS.0, OPTIONS.1);
    // Which places are reached counts, not how often.
    command.args(["-set_cover_merge=1", "-use_counters=0"]).arg(&chosen);
    command.args([&kept, &places.work.join("corpus").join(target)]);
    if !process::capture(&mut command, PATIENCE)?.is_success() {
        return Err(Failure::new(format!("the corpus of {target} cannot be made smaller"), "run the command again"));
    }
    // They were written in the order of the choice, each the one that adds most to those before it.
    let mut files = system::files(&chosen)?;
    files.sort_by_key(|path| system::written_at(path));
    for path in system::files(&kept)?.iter().filter(|path| is_made_up(path)) {
        system::remove_file(path)?;
    }
    for path in files.iter().take(KEPT) {
        system::copy(path, &kept.join(path.file_name().unwrap_or(Path::new("input").as_os_str())))?;
    }
    Ok(system::files(&kept)?.len())
}

/// Whether an input has the name that the fuzzer gives it, the SHA-1 of its bytes. One that was found to break something
/// is named after that by whoever keeps it.
fn is_made_up(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
