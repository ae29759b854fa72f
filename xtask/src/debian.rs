//! Packages of a Debian system, installed where this is one and the developer may.

use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::{process, system};
use std::path::Path;
use std::time::Duration;

const QUICK: Duration = Duration::from_secs(10);
const FETCH: Duration = Duration::from_secs(300);

/// Installs `packages`, or says that they must be.
pub(crate) fn install(packages: &[&str], console: Console) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    let missing = || Failure::new(format!("this machine lacks {list}"), by_hand(&list));
    if system::find_program("apt-get").is_none() || !is_root() {
        return Err(missing());
    }
    console.line(&format!("   installing {list}"));
    let mut update = process::command("apt-get", ["update", "--quiet", "--quiet"]);
    let options = ["install", "--yes", "--quiet", "--quiet", "--no-install-recommends"];
    let mut install = process::command("apt-get", options.iter().chain(packages));
    for command in [&mut update, &mut install] {
        if !process::show(command.env("DEBIAN_FRONTEND", "noninteractive"), console)? {
            return Err(missing());
        }
    }
    Ok(())
}

/// Unpacks `packages` below `folder`, which is emptied before, and installs nothing: some start services.
pub(crate) fn unpack(folder: &Path, packages: &[&str], console: Console, next: &str) -> Result<()> {
    let list = packages.join(" ");
    if system::find_program("apt-get").is_none() || system::find_program("dpkg-deb").is_none() {
        return Err(Failure::new(format!("{list} is not installed, and this is no Debian system"), next));
    }
    console.line(&format!("   fetching Debian's {list} into {}", folder.display()));
    system::remove_folder(folder)?;
    system::create_folder(folder)?;
    let mut download = process::command("apt-get", ["download", "--quiet", "--quiet"]);
    process::read(download.args(packages).current_dir(folder), FETCH, next)?;
    let archives = system::files_with_extension(folder, "deb")?;
    if archives.len() < packages.len() {
        return Err(Failure::new("apt-get did not fetch all packages", next));
    }
    for archive in archives {
        let mut unpack = process::command("dpkg-deb", ["-x"]);
        process::read(unpack.arg(archive).arg(folder), FETCH, next)?;
    }
    Ok(())
}

fn by_hand(list: &str) -> String {
    format!("install them: apt-get install {list} (Debian), or what your system calls them")
}

fn is_root() -> bool {
    let output = process::capture(&mut process::command("id", ["-u"]), QUICK);
    output.is_ok_and(|output| output.stdout.trim() == "0")
}

#[cfg(test)]
mod tests;
