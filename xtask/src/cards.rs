//! Products on graphics cards, run by PoCL, an OpenCL of the processor. The tests are those of `cards` and `engine` that are built with
//! the feature.

use crate::console::Console;
use crate::counts::Counts;
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{debian, process, system};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Debian's packages of it and of the library that finds it, and how the names of those begin that it needs and that a small system lacks. The compiler itself is
/// among its needs too, but it is the library that works.
const PACKAGES: [&str; 2] = ["pocl-opencl-icd", "ocl-icd-libopencl1"];
const NEEDED: [&str; 9] = [
    "pocl-opencl-icd",
    "libpocl2",
    "ocl-icd-libopencl1",
    "libhwloc15",
    "libclang-cpp",
    "libllvm",
    "libedit2",
    "libz3-4",
    "libbsd0",
];
const QUICK: Duration = Duration::from_secs(60);
/// Where drivers say that they are there.
const DRIVERS: &str = "etc/OpenCL/vendors";
const FEATURES: [&str; 6] = ["-p", "cards", "-p", "engine", "--features", "cards/opencl,engine/cards"];
/// How many tests there are.
const TESTS: usize = 14;

/// An OpenCL that can be used.
pub(crate) struct Ready {
    /// Where it was unpacked; nothing for that of the system.
    folder: Option<PathBuf>,
}

/// What is counted where the tests cannot be run.
pub(crate) fn skipped() -> Counts {
    Counts { skipped: TESTS, ..Counts::default() }
}

/// Finds an OpenCL, or fetches one below the target folder.
pub(crate) fn prepare(workspace: &Workspace, console: Console) -> Result<Ready> {
    if has_driver(Path::new("/")) {
        return Ok(Ready { folder: None });
    }
    let folder = workspace.target.join("pocl");
    let next = "install PoCL, or the driver of a graphics card";
    if !has_driver(&folder) {
        if system::find_program("apt-cache").is_none() {
            return Err(Failure::new("PoCL is not installed, and this is no Debian system", next));
        }
        let mut ask = process::command("apt-cache", ["depends", "--recurse", "--important"]);
        let printed = process::read(ask.args(PACKAGES), QUICK, next)?;
        debian::unpack(&folder, &needed(&printed), console, next)?;
    }
    if !has_driver(&folder) {
        return Err(Failure::new("the fetched PoCL brings no driver", next));
    }
    Ok(Ready { folder: Some(folder) })
}

/// The packages to fetch, by what `apt-cache depends` printed: names stand at the beginnings of lines.
fn needed(printed: &str) -> Vec<&str> {
    let names = printed.lines().filter(|line| line.starts_with(char::is_alphanumeric) && !line.contains(':'));
    let is_needed = |name: &&str| NEEDED.iter().any(|begin| name.starts_with(begin)) && !name.ends_with("-dev");
    names.filter(is_needed).collect()
}

fn has_driver(root: &Path) -> bool {
    system::files_with_extension(&root.join(DRIVERS), "icd").is_ok_and(|drivers| !drivers.is_empty())
}

impl Ready {
    /// Runs the lints of what is built with the feature, and the tests.
    pub(crate) fn run(&self, workspace: &Workspace, console: Console) -> Result<Counts, (Counts, Failure)> {
        let mut counts = Counts::default();
        let mut clippy = cargo(&["clippy", "--all-targets"]);
        clippy.args(FEATURES).args(["--", "-D", "warnings"]).current_dir(&workspace.root);
        let mut test = cargo(&["test", "--no-fail-fast"]);
        // Those of cards have the word in their names; the others were run before.
        test.args(FEATURES).arg("card").current_dir(&workspace.root);
        let tried = self.with_driver(&mut test).and_then(|()| {
            let is_clean = process::show(&mut clippy, console)?;
            let mut count = |line: &str| counts += Counts::of_result_line(line).unwrap_or_default();
            Ok((is_clean, process::each_line(&mut test, console, &mut count)?))
        });
        let failure = match tried {
            Ok((true, true)) if counts.passed >= TESTS => return Ok(counts),
            Ok((true, true)) => {
                Failure::new(format!("only {} of {TESTS} tests were run", counts.passed), "see `TESTS` here")
            }
            Ok((false, _)) => Failure::new("there are warnings or errors", "mend what is listed above"),
            Ok((true, false)) => Failure::new("tests of cards failed or do not compile", "mend what is listed above"),
            Err(failure) => failure,
        };
        Err((counts, failure))
    }

    /// Lets a command find what was unpacked.
    fn with_driver(&self, command: &mut Command) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        // They lie in the folder of the machine's architecture.
        let library = system::files_named(&folder.join("usr/lib"), "libOpenCL.so.1")?.into_iter().next();
        let libraries = library.as_deref().and_then(Path::parent);
        let missing = || Failure::new("the fetched PoCL has no library", "remove target/pocl and run this again");
        let kept = folder.join("built");
        system::create_folder(&kept)?;
        command.env("LD_LIBRARY_PATH", libraries.ok_or_else(missing)?);
        // The loader takes a folder for one only with the slash behind it.
        command.env("OCL_ICD_VENDORS", folder.join(DRIVERS).join(""));
        command.env("POCL_CACHE_DIR", kept);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
