//! Judges a hub under load whose servers fail: one line of JSON, and an exit code that says whether all bounds hold.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bench::chaos::{self, Plan};
use clap::Parser;
use tokio::signal::unix::SignalKind;

#[derive(Parser)]
struct Args {
    /// The tutti binary to try
    #[arg(long)]
    tutti: PathBuf,
    /// What decides everything
    #[arg(long)]
    seed: u64,
    /// How long clients call
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Servers behind the hub
    #[arg(long, default_value_t = 20)]
    upstreams: usize,
    /// Clients, each with a session of its own
    #[arg(long, default_value_t = 40)]
    sessions: usize,
    /// The share of calls that fail
    #[arg(long, default_value_t = 0.01)]
    faults: f64,
    /// One line of JSON on stdout in place of lines
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    ensure!(args.seconds > 0 && args.upstreams > 0 && args.sessions > 0, "there must be some of everything");
    let own = std::env::current_exe().context("cannot tell where this binary is")?;
    let fake = own.with_file_name("fake-upstream");
    ensure!(fake.exists(), "{} is not built: cargo build --release --bins", fake.display());
    let plan = Plan {
        tutti: std::fs::canonicalize(&args.tutti).context("there is no such hub")?,
        fake,
        seed: args.seed,
        length: Duration::from_secs(args.seconds),
        upstreams: args.upstreams,
        sessions: args.sessions,
        faults: args.faults,
        kills: Duration::from_secs(1),
    };
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate()).context("cannot watch for signals")?;
    // Whichever way this ends, `run` is dropped, and with it all that it started.
    let report = tokio::select! {
        report = chaos::run(&plan) => report?,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    };
    report.remarks.iter().for_each(|remark| eprintln!("{remark}"));
    report.failures.iter().for_each(|failure| eprintln!("FAILED: {failure}"));
    match args.json {
        true => println!("{}", serde_json::to_string(&report)?),
        false => println!("{report:#?}"),
    }
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
