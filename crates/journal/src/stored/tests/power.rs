//! What was acknowledged is there after a power cut: of what the store wrote, only what the disk confirmed is left, and of the
//! rest any part.
//!
//! The store runs in a process of its own whose system calls strace writes down. From these the test makes the files as they
//! may be found after a cut at any moment, opens them, and compares. `kill -9` cannot show this, because what a process has
//! handed to the kernel survives it.

use super::StoredJournal;
use crate::conformance::tools::{about, by, held, json, name};
use crate::conformance::{Checked, Failure, Store};
use crate::{Held, JournalStore, Kind};
use base::environment::Environment;
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use store::Db;

/// Set in the process whose calls are written down: the path of its store.
const VICTIM: &str = "TUTTI_TEST_JOURNAL_VICTIM";
/// How many runs are appended to at the same time.
const RUNS: u8 = 6;
/// How many entries each gets: enough for the log to be folded into the store in between.
const APPENDS: u32 = 80;
/// How many cuts are made.
const CUTS: usize = 120;

/// What the store did, as far as the disk sees it.
enum Event {
    Write {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Synced(String),
    Shortened {
        file: String,
        length: usize,
    },
    Removed(String),
    /// Somebody was told that the journal of a run reaches to this entry.
    Acknowledged {
        run: u8,
        last: u64,
    },
}

/// A file on a disk that forgets what it has not confirmed.
#[derive(Default, Clone)]
struct File {
    confirmed: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

#[test]
#[ignore = "needs strace, which not every machine has or allows: cargo test -p journal power -- --ignored"]
fn what_was_acknowledged_survives_a_power_cut() {
    let environment = Environment::of_process().unwrap();
    if let Some(path) = environment.get(VICTIM) {
        return append_much(Path::new(path));
    }
    let folder = tempfile::tempdir().unwrap();
    let events = watch(folder.path());
    let (mut files, mut acknowledged) = (BTreeMap::<String, File>::new(), HashMap::new());
    let first = events.iter().position(|event| matches!(event, Event::Acknowledged { .. })).unwrap();
    let step = ((events.len() - first) / CUTS).max(1);
    let (mut random, mut begin, mut cuts) = (1_u32, None, 0);
    for (place, event) in events.into_iter().enumerate() {
        happen(event, &mut files, &mut acknowledged);
        if place >= first && (place - first).is_multiple_of(step) {
            begin.get_or_insert_with(|| files.clone());
            assert_eq!(lost(&files, &acknowledged, || false), 0, "nothing that is pending is kept, at {place}");
            let chance = || {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                random >> 31 == 1
            };
            assert_eq!(lost(&files, &acknowledged, chance), 0, "some of what is pending is kept, at {place}");
            cuts += 2;
        }
    }
    assert!(cuts >= CUTS && acknowledged.len() == usize::from(RUNS));
    // A disk that confirms and forgets: this test would see it.
    assert!(lost(&begin.unwrap(), &acknowledged, || false) > 0);
}

fn happen(event: Event, files: &mut BTreeMap<String, File>, acknowledged: &mut HashMap<u8, u64>) {
    match event {
        Event::Write { file, at, bytes } => files.entry(file).or_default().pending.push((at, bytes)),
        Event::Synced(file) => {
            let file = files.entry(file).or_default();
            let pending = std::mem::take(&mut file.pending);
            pending.iter().for_each(|(at, bytes)| put(&mut file.confirmed, *at, bytes));
        }
        Event::Shortened { file, length } => files.entry(file).or_default().confirmed.truncate(length),
        Event::Removed(file) => drop(files.remove(&file)),
        Event::Acknowledged { run, last } => drop(acknowledged.insert(run, last)),
    }
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    content.resize(content.len().max(at + bytes.len()), 0);
    content[at..at + bytes.len()].copy_from_slice(bytes);
}

/// How many runs lack an entry that was acknowledged, if of what is pending each sector is kept by `chance`.
fn lost(files: &BTreeMap<String, File>, acknowledged: &HashMap<u8, u64>, mut chance: impl FnMut() -> bool) -> usize {
    const SECTOR: usize = 512;
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in files {
        let mut content = file.confirmed.clone();
        for (at, bytes) in &file.pending {
            for (index, sector) in bytes.chunks(SECTOR).enumerate() {
                if chance() {
                    put(&mut content, at + index * SECTOR, sector);
                }
            }
        }
        std::fs::File::create(folder.path().join(name)).unwrap().write_all(&content).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let db = Db::open(&folder.path().join("runs.db")).await.unwrap();
        let store = StoredJournal::open(db.clone()).await.unwrap();
        let mut lost = 0;
        for (run, last) in acknowledged {
            let entries = store.load(name(*run), 1, 1000).await.unwrap_or_default();
            let whole = (1..).zip(&entries).all(|(place, recorded): (u64, _)| recorded.sequence == place);
            lost += usize::from(!whole || (entries.len() as u64) < *last);
        }
        db.close().await;
        lost
    })
}

/// Runs this test as a process that appends, and says what it did.
fn watch(folder: &Path) -> Vec<Event> {
    let log = folder.join("calls");
    let test = concat!(module_path!(), "::what_was_acknowledged_survives_a_power_cut");
    let mut command = Command::new("strace");
    command.args([
        "-f",
        "-y",
        "-xx",
        "-s",
        "4194304",
        "-e",
        "trace=pwrite64,fdatasync,fsync,ftruncate,unlink,write",
        "-o",
    ]);
    command.arg(&log).arg(std::env::current_exe().unwrap());
    command.args([test.strip_prefix("journal::").unwrap(), "--exact", "--nocapture", "--ignored", "--test-threads=1"]);
    command.env(VICTIM, folder.join("runs.db")).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
    let log = base::disk::read_text(&log, 1 << 30).unwrap();
    let mut syncing = HashMap::new();
    log.lines().filter_map(|line| event(line, &mut syncing)).collect()
}

/// The event in a line of strace. A call that another thread interrupts is on two lines: a write counts from the first on, and
/// a file is confirmed only with the second.
fn event<'a>(line: &'a str, syncing: &mut HashMap<&'a str, String>) -> Option<Event> {
    let (process, call) = line.split_once(' ')?;
    let call = call.trim_start();
    if call.contains("sync resumed>") {
        return syncing.remove(process).map(Event::Synced);
    }
    let (what, rest) = call.split_once('(')?;
    if what == "unlink" {
        return Some(Event::Removed(file(&text(rest.split('"').nth(1)?))?));
    }
    let path = text(rest.split_once('<')?.1.split_once('>')?.0);
    let bytes = || rest.split('"').nth(1).map(bytes);
    let last =
        || rest.split(" <unfinished").next()?.split(')').next()?.rsplit(", ").next()?.trim().parse::<usize>().ok();
    match what {
        "pwrite64" => Some(Event::Write { file: file(&path)?, at: last()?, bytes: bytes()? }),
        "ftruncate" => Some(Event::Shortened { file: file(&path)?, length: last()? }),
        "fdatasync" | "fsync" if rest.contains("<unfinished") => {
            syncing.insert(process, file(&path)?);
            None
        }
        "fdatasync" | "fsync" => Some(Event::Synced(file(&path)?)),
        "write" => {
            let said = String::from_utf8(bytes()?).ok()?;
            let mut numbers = said.trim_end().rsplit_once("acknowledged ")?.1.split(' ');
            Some(Event::Acknowledged { run: numbers.next()?.parse().ok()?, last: numbers.next()?.parse().ok()? })
        }
        _ => None,
    }
}

/// The files of the store. What it shares between processes is made anew from these.
fn file(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    ["runs.db", "runs.db-wal"].contains(&name).then(|| name.to_owned())
}

/// What `\x41\x42` stands for.
fn bytes(hexadecimal: &str) -> Vec<u8> {
    hexadecimal.split("\\x").skip(1).map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn text(hexadecimal: &str) -> String {
    String::from_utf8(bytes(hexadecimal)).unwrap()
}

fn append_much(path: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let db = Db::open(path).await.unwrap();
        let store: Store = Arc::new(StoredJournal::open(db.clone()).await.unwrap());
        let mut tasks = Vec::new();
        for run in 1..=RUNS {
            let held = held(&store, run).await.unwrap();
            tasks.push(base::task::spawn_light(append_to(store.clone(), run, held)));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        drop(store);
        db.close().await;
    });
}

async fn append_to(store: Store, run: u8, held: Held) -> Checked {
    let mut expected = 1;
    for number in 0..APPENDS {
        let length = if number % 10 == 0 { 9000 } else { 500 };
        let payload = json(&format!("\"{run} {number} {}\"", "x".repeat(length)))?;
        let entry = about(&format!("a[{number}]"), 1, Kind::Succeeded)?.with(payload);
        expected = store.append(by(held, expected, vec![entry])).await?;
        writeln!(std::io::stdout().lock(), "acknowledged {run} {expected}")
            .map_err(|error| Failure(error.to_string()))?;
    }
    Ok(())
}
