//! Files, the environment and the clock. The bans of `clippy.toml` send the product to its own rooms for these; this
//! tool uses none of the product's crates, so this is its room.
#![expect(clippy::disallowed_methods, reason = "this is the one place of this tool that reaches the system")]

use crate::failure::{Failure, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The words after the name of this program.
pub(crate) fn words() -> Vec<String> {
    std::env::args().skip(1).collect()
}

/// The value of an environment variable; an empty one counts as not set.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The names of all environment variables.
pub(crate) fn variable_names() -> Vec<String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
}

/// The file that the shell would run for `program`.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The time, to measure with.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The time of the processor, with and without the system's part, of all child processes that have ended; nothing where
/// the system does not tell it in this way, as only Linux does.
pub(crate) fn time_of_children() -> Option<Duration> {
    let text = text_if_any(Path::new("/proc/self/stat"))?;
    // The name of the program, in parentheses, may hold anything (proc_pid_stat(5): fields 16 and 17 of all).
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(13);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    // A tick is a hundredth of a second to programs, whatever it is to the kernel (time(7)).
    Some(Duration::from_millis(ticks * 10))
}

/// The bytes of a file, or nothing where it cannot be read.
pub(crate) fn bytes(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| failed("read", path, &error))
}

/// The text of a file, or nothing where it cannot be read.
pub(crate) fn text_if_any(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// Writes a file.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|error| failed("write", path, &error))
}

/// The files called `name` anywhere below `folder`; none where there is no such folder.
pub(crate) fn files_named(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| failed("read", folder, &error))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed("read", folder, &error))?.path();
        if path.is_dir() {
            files.extend(files_named(&path, name)?);
        } else if path.file_name().is_some_and(|file| file == name) {
            files.push(path);
        }
    }
    Ok(files)
}

/// The files of a folder whose names end with `.extension`.
pub(crate) fn files_with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| failed("read", folder, &error))?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect())
}

/// The files of a folder; none where there is no such folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| failed("read", folder, &error))?,
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

/// When a file was last written; nothing where the system does not say.
pub(crate) fn written_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Copies a file.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).map(drop).map_err(|error| failed("write", to, &error))
}

/// Creates a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| failed("create", path, &error))
}

/// Removes a file.
pub(crate) fn remove_file(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|error| failed("remove", path, &error))
}

/// Removes a folder with all that is in it; one that is not there is fine.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("remove", path, &error)),
        _ => Ok(()),
    }
}

/// Makes `link` lead to `target`, in place of what stood there.
#[cfg(unix)]
pub(crate) fn link(target: &Path, link: &Path) -> Result<()> {
    // Whatever stood there may be a link that leads nowhere, for which `exists` says no.
    if link.symlink_metadata().is_ok() {
        std::fs::remove_file(link).map_err(|error| failed("remove", link, &error))?;
    }
    std::os::unix::fs::symlink(target, link).map_err(|error| failed("make the link", link, &error))
}

/// Links are made on Unix only.
#[cfg(not(unix))]
pub(crate) fn link(_target: &Path, link: &Path) -> Result<()> {
    Err(Failure::new(format!("the link {} is not made on this system", link.display()), "use Linux or macOS"))
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot {what} {}: {error}", path.display()), "check the path and the disk")
}
