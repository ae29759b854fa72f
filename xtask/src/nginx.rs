//! nginx, the floor of the bench of models.

use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{debian, process, system};
use std::path::PathBuf;
use std::time::Duration;

/// Debian's packages of it and of the library that a small system lacks.
const PACKAGES: [&str; 2] = ["nginx", "libpcre2-8-0"];
const QUICK: Duration = Duration::from_secs(10);

/// Finds nginx, or fetches one below the target folder. Nothing is installed into the system, where the package would
/// start a service.
pub(crate) fn prepare(workspace: &Workspace, console: Console) -> Result<PathBuf> {
    let next = "install nginx, so that it is on the PATH";
    let program = match system::find_program("nginx") {
        Some(program) => program,
        None => {
            let folder = workspace.target.join("nginx");
            let program = folder.join("usr/sbin/nginx");
            if !program.is_file() {
                debian::unpack(&folder, &PACKAGES, console, next)?;
            }
            program
        }
    };
    let output = process::capture(&mut process::command(&program, ["-v"]), QUICK)?;
    // Its version is said on stderr.
    if output.is_success() { Ok(program) } else { Err(Failure::new("the fetched nginx does not start", next)) }
}
