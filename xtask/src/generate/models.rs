//! The table of models, out of what others publish.

use super::USAGE;
use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{process, python, system};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The package whose wheel has the table inside.
const RELEASE: &str = "1.106.2";
const INSIDE: &str = "litellm/model_prices_and_context_window_backup.json";
/// The package that the table is compared with, and the day of whose prices: that of the release.
const OTHERS: &str = "genai-prices==0.2.3";
const DAY: &str = "2026-10-21";
const LIMIT: Duration = Duration::from_secs(1_800);

/// Makes or compares it.
pub(super) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--compare"], &["--from", "--release"], USAGE)?;
    let console = Console::new(false);
    let path = workspace.root.join("crates/model/data/table.tsv");
    if arguments.has("--compare") {
        let script = workspace.root.join("xtask/models/compare.py");
        let mut command = process::command(environment(workspace, console)?, [script, path]);
        return process::show(command.arg(DAY), console);
    }
    let (file, release) = match (arguments.value("--from"), arguments.value("--release")) {
        (Some(file), Some(release)) => (PathBuf::from(file), release),
        (None, None) => (fetch(workspace, console)?, RELEASE),
        _ => return Err(Failure::new("--from and --release are given together", USAGE)),
    };
    let table = make(&file, release)?;
    console.line(&format!("   {}", table.lines().next().unwrap_or_default()));
    system::write(&path, &table)?;
    Ok(true)
}

/// The file, out of the published package.
fn fetch(workspace: &Workspace, console: Console) -> Result<PathBuf> {
    let (folder, python) = (workspace.target.join("models"), environment(workspace, console)?);
    let next = "check that pip can reach a package index";
    let package = format!("litellm=={RELEASE}");
    let mut download = process::command(&python, ["-m", "pip", "download", "--quiet", "--no-deps", &package, "--dest"]);
    process::read(download.arg(&folder), LIMIT, next)?;
    let unpack = "import sys, glob, zipfile\n\
        zipfile.ZipFile(glob.glob(sys.argv[1] + '/litellm-*.whl')[0]).extract(sys.argv[2], sys.argv[1])";
    process::read(process::command(&python, ["-c", unpack]).arg(&folder).arg(INSIDE), LIMIT, next)?;
    Ok(folder.join(INSIDE))
}

fn environment(workspace: &Workspace, console: Console) -> Result<PathBuf> {
    let folder = workspace.target.join("models");
    system::create_folder(&folder)?;
    python::environment(&folder.join("venv"), &[OTHERS.to_owned()], console)
}

/// The table, read and written by the crate that also reads newer ones while the hub runs.
fn make(file: &Path, release: &str) -> Result<String> {
    let next = "check the path, and that this is LiteLLM's table";
    let json =
        File::open(file).map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display()), next))?;
    let mut command = cargo(&["run", "--quiet", "--package", "model", "--example", "table", "--", release]);
    process::read(command.stdin(json), LIMIT, next)
}
