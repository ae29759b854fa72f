//! `cargo xtask bench`: measures Tutti against a floor and against peers.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{nginx, process, python, real, system};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const USAGE: &str =
    "cargo xtask bench hub [--json] [--rounds N] [--era legacy|modern] [--calls N] [--targets LIST]
cargo xtask bench scale [--json] [--rounds N]
cargo xtask bench plans [--json] [--rounds N]
cargo xtask bench discovery [--json]
cargo xtask bench llm [--json] [--rounds N] [--targets LIST] [--cases LIST]
cargo xtask bench builtin [--json] [--rounds N] [--threads N] [--kinds LIST]
cargo xtask bench workflow [--json] [--rounds N]
  hub: builds the release binary and measures what a tool call through the hub costs, beside a bare proxy and two peers
  scale: measures the hub with 100 servers, 5,000 tools and 1,000 clients, and what dead servers do to the others;
  fails when a bound does not hold
  plans: measures twelve plans over real servers, which it installs: one call a turn, run_plan, the critical path alone;
  fails when a plan with anything independent saves less than 20 %, or takes more than 1.15 times its critical path
  discovery: measures what it costs to find tools among 5,000, and to add one; its report is one line of JSON
  llm: measures what a request to a model and a chunk of a streamed answer cost through the hub, beside nginx, a bare proxy
  and LiteLLM; fails when a bound does not hold
  builtin: measures how many tokens of a model file a second Tutti's own engine reads and writes, beside a llama.cpp server on
  the same file with as many threads; the file is one of 125 million random numbers, of each of the kinds (Q8_0,Q4_K)
  workflow: measures durable steps of workflows beside bare appends to SQLite, how fast 10,000 waiting runs go on, and 10,000
  steps in one go; fails when a bound does not hold
  --json  one line of JSON on stdout, messages on stderr";

/// The Python peer; its version is part of what the figures mean.
const PEER: &str = "fastmcp==4.1.2";
/// The peer of the model gateway, in the version that the figures name.
const MODEL_PEER: &str = "litellm[proxy]==1.106.2";
/// What is handed on to the bench as it is.
const OPTIONS: [&str; 5] = ["--rounds", "--era", "--calls", "--targets", "--cases"];
/// What the bench of the engine is told besides.
const OF_ENGINE: [&str; 2] = ["--threads", "--kinds"];

/// Builds the release binary and says where it is.
pub(crate) fn hub(workspace: &Workspace) -> Result<PathBuf> {
    // Messages go to stderr in any case: stdout is the report's alone.
    let console = Console::new(true);
    if !process::show(cargo(&["build", "--release", "-p", "tutti"]).current_dir(&workspace.root), console)? {
        return Err(Failure::new("tutti does not build", "mend what is listed above"));
    }
    Ok(workspace.target.join("release").join(format!("tutti{}", std::env::consts::EXE_SUFFIX)))
}

/// A driver of the bench, with the servers that it needs built beside it.
pub(crate) fn driver(workspace: &Workspace, name: &str) -> Result<Command> {
    let manifest = workspace.root.join("bench/Cargo.toml");
    let mut build = cargo(&["build", "--release", "--bin", "fake-upstream", "--manifest-path"]);
    if !process::show(build.arg(&manifest), Console::new(true))? {
        return Err(Failure::new("the servers of the bench do not build", "mend what is listed above"));
    }
    let mut command = cargo(&["run", "--release", "--quiet", "--bin", name, "--manifest-path"]);
    command.arg(manifest).arg("--");
    Ok(command)
}

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let options = [&OPTIONS[..], &OF_ENGINE].concat();
    let arguments = Arguments::parse(words, &["--json"], &options, USAGE)?;
    match arguments.words()[..] {
        ["hub"] => run_hub(workspace, &arguments),
        ["scale"] => run_scale(workspace, &arguments),
        ["plans"] => run_plans(workspace, &arguments),
        ["discovery"] => run_discovery(workspace),
        ["llm"] => run_llm(workspace, &arguments),
        ["builtin"] => run_builtin(workspace, &arguments),
        ["workflow"] => run_workflow(workspace, &arguments),
        _ => {
            Err(Failure::new("there are seven benches: hub, scale, plans, discovery, llm, builtin and workflow", USAGE))
        }
    }
}

fn run_workflow(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let mut command = cargo(&["run", "--release", "--quiet", "--bin", "workflow", "--manifest-path"]);
    command.arg(workspace.root.join("bench/Cargo.toml")).arg("--").arg("--folder").arg(&workspace.target);
    if let Some(rounds) = arguments.value("--rounds") {
        command.args(["--rounds", rounds]);
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}

fn run_scale(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let hub = hub(workspace)?;
    let mut command = driver(workspace, "scale")?;
    command.arg("--tutti").arg(hub);
    if let Some(rounds) = arguments.value("--rounds") {
        command.args(["--rounds", rounds]);
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}

fn run_plans(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let packages = real::servers(workspace, Console::new(true))?;
    let hub = hub(workspace)?;
    let mut command = process::command("python3", [workspace.root.join("bench/plans.py")]);
    command.arg("--tutti").arg(hub).arg("--packages").arg(packages);
    if let Some(rounds) = arguments.value("--rounds") {
        command.args(["--rounds", rounds]);
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}

fn run_discovery(workspace: &Workspace) -> Result<bool> {
    let mut command = cargo(&["run", "--release", "--quiet", "-p", "eval", "--manifest-path"]);
    command.arg(workspace.root.join("Cargo.toml")).args(["--", "--speed", "--data"]);
    process::show(command.arg(workspace.root.join("eval/tools")), Console::new(false))
}

fn run_builtin(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let console = Console::new(true);
    let hub = hub(workspace)?;
    let mut command = real::python_of_models(workspace, workspace.root.join("bench/builtin.py"), console)?;
    command.arg("--tutti").arg(hub);
    for kind in arguments.value("--kinds").unwrap_or("Q8_0,Q4_K").split(',') {
        let folder = workspace.target.join("bench-builtin").join(kind);
        command.arg("--model").arg(format!("{kind}={}", random_model(workspace, &folder, kind)?.display()));
    }
    for option in ["--rounds", "--threads"] {
        if let Some(value) = arguments.value(option) {
            command.args([option, value]);
        }
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
    process::show(&mut command, Console::new(false))
}

/// A model of random numbers, made anew each time: the numbers are the same each time.
fn random_model(workspace: &Workspace, folder: &Path, kind: &str) -> Result<PathBuf> {
    system::create_folder(folder)?;
    let mut command = cargo(&["run", "--quiet", "--package", "tiny", "--manifest-path"]);
    command.arg(workspace.root.join("Cargo.toml")).arg("--").arg(folder).args(["--random", kind]);
    if process::show(&mut command, Console::new(true))? {
        return Ok(folder.join("random.gguf"));
    }
    Err(Failure::new(format!("there is no model of the kind {kind}"), "name kinds that `tiny` knows: F32, Q8_0, Q4_K"))
}

fn run_hub(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let console = Console::new(true);
    let hub = hub(workspace)?;
    let mut command = driver(workspace, "hub")?;
    command.arg("--tutti").arg(hub);
    match python::environment(&workspace.target.join("bench-venv"), &[PEER.to_owned()], console) {
        Ok(python) => drop(command.arg("--python").arg(python)),
        // The other rows stand without it, but nobody should miss it unawares.
        Err(failure) => console.line(&format!("NOT measured: {PEER}. {}\nNext: {}", failure.message, failure.next)),
    }
    hand_on(&mut command, arguments);
    process::show(&mut command, Console::new(false))
}

fn run_llm(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let console = Console::new(true);
    let wants = |name: &str| arguments.value("--targets").is_none_or(|list| list.split(',').any(|one| one == name));
    let hub = hub(workspace)?;
    let mut command = driver(workspace, "llm")?;
    command.arg("--tutti").arg(hub);
    let mut found = |option: &str, what: &str, found: Result<PathBuf>| match found {
        Ok(path) => drop(command.arg(option).arg(path)),
        // The other rows stand without it, but nobody should miss it unawares.
        Err(failure) => console.line(&format!("NOT measured: {what}. {}\nNext: {}", failure.message, failure.next)),
    };
    if wants("nginx") {
        found("--nginx", "nginx", nginx::prepare(workspace, console));
    }
    if wants("litellm") {
        let python = python::environment(&workspace.target.join("bench-llm-venv"), &[MODEL_PEER.to_owned()], console);
        found("--python", MODEL_PEER, python);
    }
    hand_on(&mut command, arguments);
    process::show(&mut command, Console::new(false))
}

/// Gives the bench what was asked for.
fn hand_on(command: &mut Command, arguments: &Arguments) {
    for option in OPTIONS {
        if let Some(value) = arguments.value(option) {
            command.args([option, value]);
        }
    }
    if arguments.has("--json") {
        command.arg("--json");
    }
}
