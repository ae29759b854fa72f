//! What appending to a journal costs against a bare append to SQLite of the same size and durability, in one run.
//!
//! Each is done by 1 and by 64 submitters, in turns. `bare` alone is one row of one table in a transaction of its own; with 64 it
//! is one writer thread that puts all rows that wait into one transaction, and each submitter waits for its own. `journal` is
//! what a runner does: an append with an expected place and a fence, through the whole store.

use anyhow::{Context, Result, ensure};
use bench::append::{bare, body};
use clap::Parser;
use journal::{
    Append, Author, Claim, Definition, Digest, Entry, Held, JournalStore, Kind, NewRun, Payload, Rest, RunId, Status,
    StepPath, StoredJournal,
};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::Db;

#[derive(Parser)]
struct Arguments {
    /// Measured rounds; the figures are their medians.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each target is measured in a round, in milliseconds.
    #[arg(long, default_value_t = 2000)]
    time: u64,
    /// How many waiting runs are taken up again; 0 for none.
    #[arg(long, default_value_t = 10_000)]
    runs: usize,
    /// The folder for the files; its disk is what is measured.
    #[arg(long, default_value = "target")]
    folder: std::path::PathBuf,
}

/// Appends a second.
type Rate = f64;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let time = Duration::from_millis(arguments.time);
    let mut rates: [Vec<Rate>; 4] = Default::default();
    for round in 0..=arguments.rounds {
        let path = |name: &str| folder.path().join(format!("{name}-{round}.db"));
        let found = [
            bare(&path("bare-1"), 1, time)?.per_second(),
            journal(&path("journal-1"), 1, time).await?,
            bare(&path("bare-64"), 64, time)?.per_second(),
            journal(&path("journal-64"), 64, time).await?,
        ];
        let [a, b, c, d] = found;
        eprintln!("round {round}: alone {a:.0} bare, {b:.0} journal; 64 together {c:.0} bare, {d:.0} journal");
        if round > 0 {
            rates.iter_mut().zip(found).for_each(|(rates, rate)| rates.push(rate));
        }
    }
    let [alone, journal_alone, together, journal_together] = rates;
    println!("submitters  bare/s  journal/s  ratio");
    for (submitters, bare, journal) in [(1, alone, journal_alone), (64, together, journal_together)] {
        // Of each round by itself: a disk that others use too is fast in one and slow in the next.
        let ratio = median(journal.iter().zip(&bare).map(|(journal, bare)| journal / bare).collect());
        println!("{submitters:>10}  {:>6.0}  {:>9.0}  {ratio:>5.2}", median(bare), median(journal));
    }
    if arguments.runs > 0 {
        let took = resume(&folder.path().join("resume.db"), arguments.runs).await?;
        println!("{} waiting runs claimed and loaded in {:.2} s", arguments.runs, took.as_secs_f64());
    }
    Ok(())
}

fn median(mut rates: Vec<Rate>) -> Rate {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

async fn journal(path: &Path, submitters: u32, time: Duration) -> Result<Rate> {
    let db = Db::open(path).await?;
    let store = Arc::new(StoredJournal::open(db.clone()).await?);
    let held = lease(&store, submitters as usize, now()).await?;
    let begin = Instant::now();
    let tasks: Vec<_> = held.into_iter().map(|held| tokio::spawn(submit(store.clone(), held, begin, time))).collect();
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    drop(store);
    db.close().await;
    Ok(rate)
}

async fn submit(store: Arc<StoredJournal>, held: Held, begin: Instant, time: Duration) -> Result<u32> {
    let (mut expected, mut count, body) = (1, 0, body());
    while begin.elapsed() < time {
        let step = StepPath::new("step").context("a step")?.item(count);
        let entry = Entry::of_step(now(), step, 1, Kind::Succeeded).with(Payload::new(&body)?);
        let author = Author::Lease(held.fence);
        let append = Append { run: held.run, expected, author, entries: vec![entry], status: None };
        expected = store.append(append).await?;
        count += 1;
    }
    Ok(count)
}

/// Creates runs, and gives them to one worker.
async fn lease(store: &StoredJournal, count: usize, at: u64) -> Result<Vec<Held>> {
    let hash = Digest::of(b"report");
    let (workflow, source, plan) = ("report".to_owned(), "name: report".to_owned(), "{}".to_owned());
    store.define(Definition { hash, workflow, source, plan }, at).await?;
    for number in 0..count {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let (tenant, principal, tag) = ("default".to_owned(), "local".to_owned(), "default".to_owned());
        let (input, definition) = (Payload::new("{\"topic\":\"tides\"}")?, hash);
        let id = RunId::new(at, random);
        let (priority, parent, deduplication) = (0, None, None);
        let (trigger, past) = (None, Vec::new());
        let run = NewRun {
            id,
            at,
            definition,
            tenant,
            principal,
            tag,
            priority,
            parent,
            input,
            trigger,
            past,
            deduplication,
            lease: None,
            first: Vec::new(),
        };
        store.create_run(run).await?;
    }
    claim(store, at, count).await
}

async fn claim(store: &StoredJournal, at: u64, count: usize) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    while held.len() < count {
        let (worker, tags) = ("bench".to_owned(), vec!["default".to_owned()]);
        let claim = Claim { worker, tags, most: 1000, time: Duration::from_secs(600), now: at };
        let leases = store.claim(claim).await?;
        ensure!(!leases.is_empty(), "{} of {count} runs can be claimed", held.len());
        held.extend(leases.iter().map(|lease| lease.held));
    }
    Ok(held)
}

/// How long it takes until a store of runs that wait is open, and all are claimed and loaded.
async fn resume(path: &Path, count: usize) -> Result<Duration> {
    let db = Db::open(path).await?;
    let store = StoredJournal::open(db.clone()).await?;
    let at = now();
    let due = at + 60_000;
    let held = lease(&store, count, at).await?;
    for held in held {
        let step = |name: &str| StepPath::new(name).context("a step");
        let result = Entry::of_step(at, step("first")?, 1, Kind::Succeeded).with(Payload::new(&body())?);
        let entries = vec![
            Entry::of_step(at, step("first")?, 0, Kind::Scheduled),
            result,
            Entry::of_step(at, step("wait")?, 0, Kind::Scheduled),
            Entry::of_step(at, step("wait")?, 0, Kind::TimerSet { timer: "wait".to_owned(), due }),
        ];
        let author = Author::Lease(held.fence);
        let append = Append { run: held.run, expected: 1, author, entries, status: Some(Status::Waiting) };
        let expected = store.append(append).await?;
        store.release(held, Rest::Waiting { expected, status: Status::Waiting }).await?;
    }
    drop(store);
    db.close().await;
    let begin = Instant::now();
    let db = Db::open(path).await?;
    let store = StoredJournal::open(db.clone()).await?;
    for held in claim(&store, due, count).await? {
        let entries = store.load(held.run, 1, 1000).await?;
        ensure!(entries.len() == 5, "a journal has {} entries", entries.len());
    }
    Ok(begin.elapsed())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
