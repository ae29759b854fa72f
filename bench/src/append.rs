//! Bare appends to SQLite: what a step of a run would cost that did nothing but wait for the disk.
//!
//! Alone each row is in a transaction of its own; with several submitters one writer thread puts all rows that wait into one
//! transaction, and each submitter waits for its own.

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Bytes of a result.
pub const BYTES: usize = 512;
/// The most rows that are put into one transaction.
const GROUP: usize = 512;

const INSERT: &str = "INSERT INTO journal (run, seq, kind, key, payload) VALUES (?1, ?2, 3, ?3, ?4)";

/// What was measured of one target in one round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// How many there were.
    pub count: usize,
    /// How long each took, in nanoseconds, sorted.
    pub latencies: Vec<u64>,
    /// From the first begin to the last end.
    pub took: Duration,
}

/// Who submits gets this when its row is on the disk.
type Waiting = (u32, u32, mpsc::SyncSender<()>);

impl Measured {
    /// Sorts what was measured.
    pub fn of(mut latencies: Vec<u64>, took: Duration) -> Self {
        latencies.sort_unstable();
        Self { count: latencies.len(), latencies, took }
    }

    /// How many there were in a second.
    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }
}

/// A result as a step gives it, in JSON.
pub fn body() -> String {
    format!("\"{}\"", "r".repeat(BYTES - 2))
}

/// Appends to a new file for about `time`.
///
/// # Errors
/// The file cannot be written, or SQLite does not wait for the disk.
pub fn bare(path: &Path, submitters: u32, time: Duration) -> Result<Measured> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE journal (run INTEGER, seq INTEGER, kind INTEGER, key TEXT, payload BLOB, PRIMARY KEY (run, seq)) WITHOUT ROWID",
    )?;
    let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    ensure!(synchronous == 2, "SQLite does not wait for the disk");
    if submitters == 1 { alone(&connection, time) } else { together(&connection, submitters, time) }
}

fn alone(connection: &Connection, time: Duration) -> Result<Measured> {
    let (body, begin, mut latencies) = (body(), Instant::now(), Vec::new());
    let mut insert = connection.prepare(INSERT)?;
    while begin.elapsed() < time {
        let (append, count) = (Instant::now(), latencies.len());
        insert.execute((1, count as i64, format!("step[{count}]"), body.as_bytes()))?;
        latencies.push(nanoseconds(append));
    }
    Ok(Measured::of(latencies, begin.elapsed()))
}

fn together(connection: &Connection, submitters: u32, time: Duration) -> Result<Measured> {
    let (jobs, waiting) = mpsc::sync_channel::<Waiting>(GROUP);
    let begin = Instant::now();
    let submit = |run: u32, jobs: mpsc::SyncSender<Waiting>| -> Result<Vec<u64>> {
        let (done, told) = mpsc::sync_channel(1);
        let mut latencies = Vec::new();
        while begin.elapsed() < time {
            let append = Instant::now();
            jobs.send((run, u32::try_from(latencies.len())?, done.clone()))?;
            told.recv()?;
            latencies.push(nanoseconds(append));
        }
        Ok(latencies)
    };
    let latencies = std::thread::scope(|scope| -> Result<Vec<u64>> {
        let begun = |run| {
            let jobs = jobs.clone();
            scope.spawn(move || submit(run, jobs))
        };
        let threads: Vec<_> = (0..submitters).map(begun).collect();
        drop(jobs);
        write_groups(connection, &waiting)?;
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().ok().context("a submitter panicked")??);
        }
        Ok(all)
    })?;
    Ok(Measured::of(latencies, begin.elapsed()))
}

fn write_groups(connection: &Connection, waiting: &mpsc::Receiver<Waiting>) -> Result<()> {
    let body = body();
    let mut insert = connection.prepare(INSERT)?;
    let (mut begin, mut commit) = (connection.prepare("BEGIN IMMEDIATE")?, connection.prepare("COMMIT")?);
    let mut group = Vec::new();
    while let Ok(first) = waiting.recv() {
        group.push(first);
        group.extend(waiting.try_iter().take(GROUP - 1));
        begin.execute(())?;
        for (run, sequence, _) in &group {
            insert.execute((run, sequence, format!("step[{sequence}]"), body.as_bytes()))?;
        }
        commit.execute(())?;
        for (_, _, done) in group.drain(..) {
            // Whoever has enough does not wait any more.
            let _left = done.send(());
        }
    }
    Ok(())
}

/// Since when, as a latency.
pub fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
