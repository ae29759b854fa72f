//! The machine: disk, store, clock, limits, programs.

use super::check::Check;
use crate::command::programs;
use assembly::wiring;
use base::config::size_text;
use base::environment::Environment;
use base::{Result, clock, disk};
use hubs::running;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::Db;

/// Everything about the machine.
pub(super) async fn checks(environment: &Environment) -> Vec<Check> {
    let home = environment.home();
    let mut checks = vec![folder(&home)];
    checks.extend(space(&home));
    checks.push(store(environment).await);
    checks.push(time(clock::wall()));
    checks.extend(descriptors());
    checks.extend(builtin::cards().into_iter().map(|card| Check::info("graphics card", card)));
    checks.extend(["node", "npx", "uv", "uvx", "docker"].map(|name| program(name, environment)));
    checks
}

/// How often the disk is measured; the middle counts, since single writes vary.
const WRITES: usize = 5;

/// A disk that is slower than this makes whatever must be safe slow.
const SLOW: Duration = Duration::from_millis(50);

/// Whether state can be kept, and how long it takes until it is safe.
fn folder(home: &Path) -> Check {
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        match written(home) {
            Ok(time) => times.push(time),
            Err(error) => {
                let text = format!("{}; nothing will be remembered over a restart", error.message());
                return Check::fail(
                    "home",
                    text,
                    format!("{}, or set TUTTI_HOME to a folder that can be written", error.next()),
                );
            }
        }
    }
    times.sort();
    speed(home, times.get(WRITES / 2).copied().unwrap_or_default())
}

fn speed(home: &Path, time: Duration) -> Check {
    let text = format!("{}: 4 KiB are safe on the disk after {:.1} ms", home.display(), time.as_secs_f64() * 1000.0);
    if time < SLOW {
        return Check::ok("home", text);
    }
    Check::warn("home", text, "put TUTTI_HOME on a faster disk: a local one, not a network folder")
}

/// How long it takes to write a file of 4 KiB so that it survives a power cut.
fn written(home: &Path) -> Result<Duration> {
    let path = home.join(format!("doctor-{}.tmp", std::process::id()));
    let text = "x".repeat(4096);
    let start = clock::now();
    let done = disk::write_atomic(&path, &text, true);
    let time = clock::now().duration_since(start);
    disk::remove_file(&path)?;
    done.map(|()| time)
}

/// Room on the disk of the folder, or of the nearest one above it that exists.
fn space(home: &Path) -> Option<Check> {
    hubs::room::free(home).map(room)
}

fn room(bytes: u64) -> Check {
    const MEBI: u64 = 1 << 20;
    let unit = if bytes >= 10 << 30 { 1 << 30 } else { MEBI };
    let text = format!("{} are free", size_text(bytes / unit * unit));
    let fix = "make room, or set TUTTI_HOME to another disk";
    match bytes / MEBI {
        0..100 => Check::fail("disk space", text, fix),
        100..1024 => Check::warn("disk space", text, fix),
        _ => Check::ok("disk space", text),
    }
}

/// Whether the store opens. A running hub has it, and keeps others out.
async fn store(environment: &Environment) -> Check {
    let path = wiring::store_path(environment);
    let engine = match Db::memory().await {
        Ok(db) => db.engine(),
        Err(error) => return Check::failed("store", &error),
    };
    if !running::all(environment).is_empty() {
        return Check::ok("store", format!("{engine}; in use by a running hub"));
    }
    if !path.exists() {
        return Check::ok("store", format!("{engine}; nothing is stored yet"));
    }
    match Db::open(&path).await {
        Ok(db) => {
            db.close().await;
            Check::ok("store", format!("{engine}; {} opens", path.display()))
        }
        Err(error) => Check::failed("store", &error),
    }
}

/// 2026-01-01: no Tutti is older, so no clock that is right shows less.
const BEGINNING: Duration = Duration::from_secs(1_767_225_600);

/// 2100-01-01.
const END: Duration = Duration::from_secs(4_102_444_800);

fn time(now: Duration) -> Check {
    let text = format!("it is {}", clock::rfc3339(now));
    if now > BEGINNING && now < END {
        return Check::ok("clock", text);
    }
    Check::fail(
        "clock",
        format!("{text}, which cannot be: certificates will be refused"),
        "set the clock of this machine",
    )
}

/// How many files and connections the hub may have open.
#[cfg(unix)]
fn descriptors() -> Option<Check> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    Some(limit.map_or_else(|| Check::ok("open files", "as many as wanted"), open_files))
}

#[cfg(not(unix))]
fn descriptors() -> Option<Check> {
    None
}

#[cfg(unix)]
fn open_files(limit: u64) -> Check {
    let text = format!("at most {limit}; a server takes about 4, a client 1");
    match limit {
        0..256 => Check::fail("open files", text, "raise it: `ulimit -n 4096`, or LimitNOFILE of the service"),
        256..1024 => Check::warn("open files", text, "raise it: `ulimit -n 4096`, or LimitNOFILE of the service"),
        _ => Check::ok("open files", text),
    }
}

fn program(name: &str, environment: &Environment) -> Check {
    let path = environment.get("PATH").unwrap_or_default();
    let label = format!("program {name}");
    match programs::find(name, &PathBuf::new(), path) {
        Some(found) => Check::info(&label, found.display().to_string()),
        None => Check::info(&label, "not found; needed only by servers that are started with it"),
    }
}

#[cfg(test)]
mod tests;
