//! Measures a hub with very many tools and clients, and what dead servers do to the others.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use bench::scale::{self, Plan};
use clap::Parser;
use tokio::signal::unix::SignalKind;

#[derive(Parser)]
struct Args {
    /// The tutti binary to measure
    #[arg(long)]
    tutti: PathBuf,
    /// Servers behind the hub; one of ten over stdio
    #[arg(long, default_value_t = 100)]
    upstreams: usize,
    /// Tools of all servers together
    #[arg(long, default_value_t = 5000)]
    tools: usize,
    /// Clients that are connected and do nothing, half of each era
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    /// Calls per second while the answers to pings are measured
    #[arg(long, default_value_t = 200)]
    rate: u64,
    /// Rounds with and without a dead server, by turns
    #[arg(long, default_value_t = 6)]
    rounds: usize,
    /// One line of JSON on stdout in place of lines
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    ensure!(
        args.upstreams > 0 && args.clients > 1 && args.rate > 0 && args.rounds > 0,
        "there must be some of everything"
    );
    let own = std::env::current_exe().context("cannot tell where this binary is")?;
    let fake = own.with_file_name("fake-upstream");
    ensure!(fake.exists(), "{} is not built: cargo build --release --bins", fake.display());
    let plan = Plan {
        tutti: std::fs::canonicalize(&args.tutti).context("there is no such hub")?,
        fake,
        upstreams: args.upstreams,
        tools: args.tools,
        clients: args.clients,
        rate: args.rate,
        rounds: args.rounds,
    };
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate()).context("cannot watch for signals")?;
    // Whichever way this ends, `run` is dropped, and with it all that it started.
    let report = tokio::select! {
        report = scale::run(&plan) => report?,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    };
    let failures = report.failures();
    failures.iter().for_each(|failure| eprintln!("FAILED: {failure}"));
    match args.json {
        true => println!("{}", serde_json::to_string(&report)?),
        false => println!("{report:#?}"),
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
