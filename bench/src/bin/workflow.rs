//! What durable steps cost against bare appends to SQLite, how fast waiting runs go on, and how fast very many steps are done.

use anyhow::{Result, ensure};
use bench::append::{self, Measured};
use bench::stats::{median, percentile};
use bench::workflow::{many, steps};
use clap::Parser;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Parser)]
struct Arguments {
    /// Measured rounds; the figures are their medians.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each target is measured in a round, in milliseconds.
    #[arg(long, default_value_t = 2000)]
    time: u64,
    /// How many runs wait and go on, and how many steps are done in one go; 0 for none.
    #[arg(long, default_value_t = 10_000)]
    runs: usize,
    /// The folder for the files; its disk is what is measured.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Only so many clients; 0 for all.
    #[arg(long, default_value_t = 0)]
    clients: u32,
    /// One line of JSON on stdout in place of lines.
    #[arg(long)]
    json: bool,
}

/// What is measured, by turns.
const TARGETS: [(&str, &str, u32); 6] = [
    ("bare", "append", 1),
    ("tutti", "read", 1),
    ("tutti", "unsafe", 1),
    ("bare", "append", 64),
    ("tutti", "read", 64),
    ("tutti", "unsafe", 64),
];
/// The least share of bare appends that steps reach.
const SHARE: f64 = 0.5;
/// The least steps a second of 64 runs.
const STEPS: f64 = 3000.0;
/// The most seconds until all waiting runs have gone on.
const RESUME: f64 = 5.0;

#[derive(Serialize)]
struct Row {
    target: &'static str,
    effect: &'static str,
    clients: u32,
    n: usize,
    per_s: f64,
    /// Of steps: from one call of a run to its next.
    p50_us: f64,
    p99_us: f64,
    /// To the bare appends of as many clients, round by round.
    ratio: f64,
}

#[derive(Serialize, Default)]
struct Many {
    runs: usize,
    /// Until all runs that waited have gone on, and until all are at their end.
    resume_s: f64,
    resume_ended_s: f64,
    /// One run with a step for each item.
    for_each_s: f64,
    /// As many runs of one step.
    runs_s: f64,
}

#[derive(Serialize)]
struct Report {
    bench: &'static str,
    rows: Vec<Row>,
    many: Many,
    /// Bounds that do not hold.
    failed: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    ensure!(arguments.rounds > 0, "there must be a round");
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let rows = measure(&arguments, folder.path()).await?;
    let many = many_of(arguments.runs, folder.path()).await?;
    let failed = failed(&rows, &many);
    let report = Report { bench: "workflow", rows, many, failed };
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report);
    }
    report.failed.iter().for_each(|bound| eprintln!("does not hold: {bound}"));
    Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The first round is not counted.
async fn measure(arguments: &Arguments, folder: &Path) -> Result<Vec<Row>> {
    let time = Duration::from_millis(arguments.time);
    let mut rounds: Vec<Vec<Measured>> = Vec::new();
    for round in 0..=arguments.rounds {
        let mut measured = Vec::new();
        for (place, (target, effect, clients)) in TARGETS.into_iter().enumerate() {
            let path = folder.join(format!("{place}-{round}.db"));
            if arguments.clients > 0 && arguments.clients != clients {
                measured.push(Measured::default());
                continue;
            }
            measured.push(match target {
                "bare" => append::bare(&path, clients, time)?,
                _ => steps(&path, effect, clients as usize, time).await?,
            });
        }
        let rates = measured.iter().map(|one| format!("{:.0}", one.per_second())).collect::<Vec<_>>().join(" ");
        eprintln!("round {round}: {rates}");
        if round > 0 {
            rounds.push(measured);
        }
    }
    Ok(TARGETS.into_iter().enumerate().map(|(place, of)| row(place, of, &rounds)).collect())
}

fn row(place: usize, (target, effect, clients): (&'static str, &'static str, u32), rounds: &[Vec<Measured>]) -> Row {
    let bare = TARGETS.iter().position(|one| one.0 == "bare" && one.2 == clients).unwrap_or_default();
    let over = |of: &dyn Fn(&Measured, &Measured) -> f64| {
        let values = rounds.iter().filter_map(|round| Some(of(round.get(place)?, round.get(bare)?)));
        (median(&values.collect::<Vec<_>>()) * 100.0).round() / 100.0
    };
    let micros = |percent| move |one: &Measured, _: &Measured| percentile(&one.latencies, percent) as f64 / 1e3;
    Row {
        target,
        effect,
        clients,
        n: rounds.iter().filter_map(|round| Some(round.get(place)?.count)).sum(),
        per_s: over(&|one, _| one.per_second()).round(),
        p50_us: over(&micros(50.0)),
        p99_us: over(&micros(99.0)),
        ratio: over(&|one, bare| one.per_second() / bare.per_second()),
    }
}

async fn many_of(runs: usize, folder: &Path) -> Result<Many> {
    if runs == 0 {
        return Ok(Many::default());
    }
    let seconds = |time: Duration| (time.as_secs_f64() * 100.0).round() / 100.0;
    let resume = many::resume(&folder.join("resume.db"), runs).await?;
    eprintln!("{runs} waiting runs went on in {:.2?}, ended in {:.2?}", resume.went_on, resume.ended);
    let each = many::items(&folder.join("items.db"), runs).await?;
    eprintln!("a run of {runs} items took {each:.2?}");
    let single = many::runs(&folder.join("runs.db"), runs).await?;
    eprintln!("{runs} runs of one step took {single:.2?}");
    Ok(Many {
        runs,
        resume_s: seconds(resume.went_on),
        resume_ended_s: seconds(resume.ended),
        for_each_s: seconds(each),
        runs_s: seconds(single),
    })
}

fn failed(rows: &[Row], many: &Many) -> Vec<String> {
    let mut failed = Vec::new();
    for row in rows.iter().filter(|row| row.target == "tutti") {
        let Row { effect, clients, per_s, ratio, .. } = row;
        if *ratio < SHARE {
            failed.push(format!("{clients} runs of {effect} steps reach {ratio} of bare appends, less than {SHARE}"));
        }
        if *clients > 1 && *per_s < STEPS {
            failed.push(format!("{clients} runs of {effect} steps do {per_s} a second, fewer than {STEPS}"));
        }
    }
    if many.resume_s > RESUME {
        failed.push(format!("{} waiting runs go on in {} s, more than {RESUME}", many.runs, many.resume_s));
    }
    failed
}

fn print(report: &Report) {
    println!("target  effect  clients   per s  p50 µs  p99 µs  ratio");
    for Row { target, effect, clients, per_s, p50_us, p99_us, ratio, .. } in &report.rows {
        println!("{target:6}  {effect:6}  {clients:>7}  {per_s:>6}  {p50_us:>6.0}  {p99_us:>6.0}  {ratio:>5.2}");
    }
    let Many { runs, resume_s, resume_ended_s, for_each_s, runs_s } = report.many;
    println!("{runs} waiting runs: went on in {resume_s} s, ended in {resume_ended_s} s");
    println!("{runs} items of a run: {for_each_s} s; {runs} runs of one step: {runs_s} s");
}
