//! The driver of the bench of models: one mock provider, each target in front of it, interleaved rounds, one report.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};
use bench::{
    chaos::load_average,
    cpu,
    llm::{
        Case, built_alike, load,
        report::{self, Report, Series, Start},
        targets::{self, Programs, Running},
    },
    stats::median,
    target::Target,
};
use clap::Parser;
use tokio::signal::unix::SignalKind;

const CLIENTS: [usize; 2] = [1, 32];
/// LiteLLM takes hundreds of times as long for a request, so it gets this share of them.
const SLOW_SHARE: usize = 100;
/// Starts of each target, of which the median counts; LiteLLM starts once.
const STARTS: usize = 5;

#[derive(Parser)]
struct Args {
    /// The tutti binary to measure
    #[arg(long)]
    tutti: Option<PathBuf>,
    /// The nginx binary to measure
    #[arg(long)]
    nginx: Option<PathBuf>,
    /// A Python with LiteLLM installed
    #[arg(long)]
    python: Option<PathBuf>,
    /// Measured rounds, after one that warms up
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Which to measure, in this order: direct, nginx, bare, tutti, litellm
    #[arg(long, value_delimiter = ',')]
    targets: Option<Vec<String>>,
    /// Which cases to measure: json, burst, spaced
    #[arg(long, value_delimiter = ',')]
    cases: Option<Vec<String>>,
    /// One line of JSON on stdout in place of the table
    #[arg(long)]
    json: bool,
}

/// The driver and its clients share one thread, so that they take as little of the machine as they can.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    ensure!(args.rounds > 0, "--rounds must be at least 1");
    ensure!(!cfg!(debug_assertions), "figures of a debug build mean nothing: use cargo run --release");
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate()).context("cannot watch for signals")?;
    // Whichever way this ends, `run` is dropped, and with it the targets, which kill their processes.
    let report = tokio::select! {
        report = run(&args) => report?,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    };
    report.bounds.iter().filter(|bound| !bound.ok).for_each(|bound| eprintln!("{}", bound.line()));
    match args.json {
        true => println!("{}", serde_json::to_string(&report)?),
        false => print!("{}", report.as_table()),
    }
    Ok(if report.is_fine() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(args: &Args) -> Result<Report> {
    let cases = cases(args)?;
    let programs = Programs {
        binaries: built_alike(&["mock-provider", "bare-model-proxy"]).await?,
        tutti: args.tutti.as_ref().map(std::fs::canonicalize).transpose().context("there is no such tutti")?,
        nginx: args.nginx.as_ref().map(std::fs::canonicalize).transpose().context("there is no such nginx")?,
        // Not resolved: the Python of an environment is a link, and knows its environment by where the link is.
        python: args.python.as_ref().map(std::path::absolute).transpose().context("there is no such Python")?,
        scratch: tempfile::tempdir().context("cannot make a scratch directory")?,
        key: key()?,
    };
    let wanted = args.targets.clone().unwrap_or_else(|| {
        targets::ALL.iter().filter(|name| programs.has(name)).map(|name| (*name).to_owned()).collect()
    });
    let mock = programs.mock().await?;
    let (mut running, mut starts) = (Vec::new(), Vec::new());
    for name in &wanted {
        let (target, first_answers) = start(&programs, name, &mock).await?;
        for case in &cases {
            let plan = target.plan(*case, 1, (1, 0));
            load::check_request(&plan, &mock.url).await.with_context(|| format!("{name}, {}", case.name()))?;
        }
        eprintln!("{name} answers at {}", target.target.url);
        let (target_name, rest_mb) = (name.clone(), megabytes(target.rest));
        let first_answer_ms = (median(&first_answers) * 10.0).round() / 10.0;
        starts.push(Start { target: target_name, first_answer_ms, rest_mb, after_mb: 0.0 });
        running.push(target);
    }
    let series = rounds(args.rounds, &running, &cases).await?;
    for (target, start) in running.iter().zip(&mut starts) {
        start.after_mb = megabytes(cpu::resident_of_tree(target.target.pid)?);
    }
    drop((running, mock));
    let rows = report::rows(&series);
    // The provider itself is not started by anybody's client.
    starts.retain(|start| start.target != "direct");
    let bounds = report::bounds(&rows, &starts);
    Ok(Report { bench: "llm", rows, starts, bounds })
}

fn cases(args: &Args) -> Result<Vec<Case>> {
    let Some(named) = &args.cases else { return Ok(Case::ALL.to_vec()) };
    let find = |name: &String| Case::ALL.into_iter().find(|case| case.name() == name);
    named.iter().map(|name| find(name).with_context(|| format!("no case is called {name}"))).collect()
}

/// Starts `name` several times, and keeps the last.
async fn start(programs: &Programs, name: &str, mock: &Target) -> Result<(Running, Vec<f64>)> {
    let mut first_answers = Vec::new();
    loop {
        let running = programs.start(name, mock).await?;
        first_answers.push(running.first_answer.as_secs_f64() * 1e3);
        if first_answers.len() >= STARTS || matches!(name, "direct" | "litellm") {
            return Ok((running, first_answers));
        }
    }
}

/// Round-robin over the targets in each case, so that a slow moment of the machine falls on all of them.
async fn rounds(count: usize, targets: &[Running], cases: &[Case]) -> Result<Vec<Series>> {
    let mut series = Vec::new();
    for case in cases {
        for clients in CLIENTS {
            series.extend(targets.iter().map(|running| Series::new(&running.target.name, *case, clients)));
        }
    }
    for round in 0..=count {
        let label = if round == 0 { "warm-up".to_owned() } else { format!("round {round} of {count}") };
        eprintln!("{label}, load average {}", load_average());
        for series in &mut series {
            let running = targets.iter().find(|running| running.target.name == series.target);
            let running = running.context("a series has no target")?;
            let plan = running.plan(series.case, series.clients, requests(&series.target, series.case, series.clients));
            let sample = load::pass(&plan, running.target.pid)
                .await
                .with_context(|| format!("{}, {}, {} clients", series.target, series.case.name(), series.clients))?;
            if round > 0 {
                series.add(&sample);
            }
        }
    }
    Ok(series)
}

/// How many requests are measured, and how many of each client come before.
fn requests(target: &str, case: Case, clients: usize) -> (usize, usize) {
    let (one, many, warm_up) = match case {
        Case::Json => (6000, 40_000, 20),
        Case::Burst => (3000, 16_000, 10),
        // Each takes half a second, whoever streams it.
        Case::Spaced => return if clients == 1 { (2, 1) } else { (2 * clients, 1) },
    };
    let requests = if clients == 1 { one } else { many };
    // Two requests of each client at the least, or there is no queue to speak of.
    if target == "litellm" { ((requests / SLOW_SHARE).max(2 * clients), 1) } else { (requests, warm_up) }
}

/// A random key for the clients.
fn key() -> Result<String> {
    let random =
        || std::fs::read_to_string("/proc/sys/kernel/random/uuid").context("the kernel gives no random numbers");
    Ok(format!("sk-{}-{}", random()?.trim(), random()?.trim()))
}

fn megabytes(bytes: u64) -> f64 {
    (bytes as f64 / 1e5).round() / 10.0
}
