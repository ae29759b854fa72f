//! Python environments of their own, so that nothing is installed into the developer's.

use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::{debian, process, system};
use std::path::{Path, PathBuf};
use std::time::Duration;

const QUICK: Duration = Duration::from_secs(60);
const INSTALL: Duration = Duration::from_secs(900);
/// Written last: an environment without it was left half made.
const STAMP: &str = "requirements.txt";

/// The Python of the environment in `folder`, which has exactly `requirements`; made when it is missing or different.
pub(crate) fn environment(folder: &Path, requirements: &[String], console: Console) -> Result<PathBuf> {
    let (python, stamp) = (folder.join("bin/python"), folder.join(STAMP));
    let wanted = requirements.join("\n");
    if python.exists() && system::text_if_any(&stamp).as_deref() == Some(wanted.as_str()) {
        return Ok(python);
    }
    require(console)?;
    console.line(&format!("   installing {} into {}", requirements.join(" "), folder.display()));
    let next = "check that Python's `venv` and `pip` work on this machine and can reach a package index";
    let mut create = process::command("python3", ["-m", "venv", "--clear"]);
    process::read(create.arg(folder), INSTALL, next)?;
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let mut install = process::command(&python, options);
    process::read(install.args(requirements), INSTALL, next)?;
    system::write(&stamp, &wanted)?;
    Ok(python)
}

/// Makes sure that there is a Python that can make environments.
pub(crate) fn require(console: Console) -> Result<()> {
    let next = "install Python 3.10 or newer";
    let check = "import sys; sys.exit(sys.version_info < (3, 10))";
    process::read(&mut process::command("python3", ["-c", check]), QUICK, next)?;
    let mut check = process::command("python3", ["-c", "import venv, ensurepip"]);
    // Debian keeps the second of these in a package of its own.
    if process::capture(&mut check, QUICK)?.is_success() { Ok(()) } else { debian::install(&["python3-venv"], console) }
}

/// Variables that tell uv what pip's configuration says: it reads none of pip's files.
pub(crate) fn uv_variables(python: &Path) -> Vec<(&'static str, String)> {
    let mut command = process::command(python, ["-m", "pip", "config", "list"]);
    let listed = process::capture(&mut command, QUICK).map(|output| output.stdout).unwrap_or_default();
    translate(&listed).into_iter().filter(|(name, _)| system::variable(name).is_none()).collect()
}

/// The settings in the output of `pip config list` that uv has as well.
fn translate(listed: &str) -> Vec<(&'static str, String)> {
    let names = [("index-url", "UV_DEFAULT_INDEX"), ("extra-index-url", "UV_INDEX"), ("cert", "SSL_CERT_FILE")];
    let setting = |(theirs, ours)| {
        let line = listed
            .lines()
            .find_map(|line| line.split_once('=').filter(|(key, _)| key.ends_with(&format!(".{theirs}"))));
        line.map(|(_, value)| (ours, value.trim_matches('\'').to_owned()))
    };
    names.into_iter().filter_map(setting).collect()
}

/// A failure of a whole machine rather than of one package.
pub(crate) fn missing(program: &str, what: &str) -> Failure {
    Failure::new(format!("{program} is not installed"), format!("install {what}"))
}

#[cfg(test)]
mod tests;
