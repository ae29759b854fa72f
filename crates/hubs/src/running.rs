//! Which hubs run on this machine: a small file for each, so that other commands find them.

use base::environment::Environment;
use base::{Result, disk};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A hub that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its endpoint.
    pub url: String,
    /// The folder that its configuration counts from.
    pub folder: PathBuf,
    /// Its process.
    pub pid: u32,
}

impl Running {
    /// Whether it is the hub of the configuration in `directory`.
    pub fn serves(&self, directory: &Path) -> bool {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.folder == directory || real(&self.folder) == real(directory)
    }
}

/// Removes the file when the hub ends.
pub struct Announcement(PathBuf);

/// Says that a hub runs.
pub fn announce(environment: &Environment, running: &Running) -> Result<Announcement> {
    let path = folder(environment).join(format!("{}.json", running.pid));
    let text = json!({"url": running.url, "folder": running.folder, "pid": running.pid}).to_string();
    disk::write_atomic(&path, &text, true)?;
    Ok(Announcement(path))
}

impl Drop for Announcement {
    fn drop(&mut self) {
        let _ = disk::remove_file(&self.0);
    }
}

/// The hub that serves `directory`, or the only one that runs.
pub fn find(environment: &Environment, directory: &Path) -> Option<Running> {
    let mut all = all(environment);
    if let Some(here) = all.iter().position(|running| running.serves(directory)) {
        return Some(all.swap_remove(here));
    }
    if all.len() == 1 { all.pop() } else { None }
}

/// All hubs that run.
pub fn all(environment: &Environment) -> Vec<Running> {
    let entries = std::fs::read_dir(folder(environment)).into_iter().flatten().flatten();
    entries.filter_map(|entry| read(&entry.path())).filter(is_alive).collect()
}

fn read(path: &Path) -> Option<Running> {
    let text = disk::read_text(path, 1 << 16).ok()?;
    let json: Value = base::json::from_text(&text).ok()?;
    Some(Running {
        url: json["url"].as_str()?.to_owned(),
        folder: json["folder"].as_str()?.into(),
        pid: u32::try_from(json["pid"].as_u64()?).ok()?,
    })
}

/// A file may be left from a hub that was killed.
fn is_alive(running: &Running) -> bool {
    !cfg!(target_os = "linux") || Path::new(&format!("/proc/{}", running.pid)).exists()
}

fn folder(environment: &Environment) -> PathBuf {
    environment.home().join("hubs")
}
