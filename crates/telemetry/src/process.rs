//! What the operating system says of this process.

use crate::names;
use crate::snapshot::Snapshot;
use std::time::Duration;

/// Adds what can be found out; where there is no `/proc`, that is less.
pub(crate) fn read(snapshot: &mut Snapshot, start: Duration) {
    snapshot.put(&names::PROCESS_START, &[], start.as_secs_f64());
    if let Some(cpu) = cpu() {
        snapshot.put(&names::PROCESS_CPU, &[], cpu);
    }
    if let Some(bytes) = resident() {
        snapshot.count(&names::PROCESS_MEMORY, &[], bytes);
    }
    if let Some(files) = open_files() {
        snapshot.count(&names::PROCESS_FILES, &[], files);
    }
    if let Some(limit) = files_limit() {
        snapshot.count(&names::PROCESS_FILES_LIMIT, &[], limit);
    }
}

#[cfg(unix)]
fn cpu() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, nanoseconds).as_secs_f64())
}

#[cfg(not(unix))]
fn cpu() -> Option<f64> {
    None
}

#[cfg(unix)]
fn files_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn files_limit() -> Option<u64> {
    None
}

/// Bytes.
fn resident() -> Option<u64> {
    let text = base::disk::read_text("/proc/self/status".as_ref(), 1 << 16).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn open_files() -> Option<u64> {
    let entries = std::fs::read_dir("/proc/self/fd").ok()?.count();
    // One of them is the folder that is being read.
    u64::try_from(entries).ok().map(|entries| entries.saturating_sub(1))
}
