//! The driver: one echo upstream, each target in front of it, interleaved rounds, one report.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail, ensure};
use bench::{
    load::{self, Plan},
    report::{self, Series},
    session::Era,
    target::Target,
};
use clap::Parser;
use tokio::{process::Command, signal::unix::SignalKind};

const CLIENTS: [usize; 2] = [1, 32];
/// Calls at many clients, against calls at one: a loaded call costs less CPU, and the kernel counts CPU in 10 ms ticks.
const LOADED_FACTOR: usize = 4;
/// Python peers take about a hundred times as long for a call, so they get this share of the calls.
const SLOW_SHARE: usize = 50;

#[derive(Parser)]
struct Args {
    /// The tutti binary to measure
    #[arg(long)]
    tutti: Option<PathBuf>,
    /// A Python with fastmcp 4 installed; adds the FastMCP proxy
    #[arg(long)]
    python: Option<PathBuf>,
    /// Measured rounds, after one that warms up
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measured calls per round of each target with one client; four times as many with 32, a fiftieth for FastMCP
    #[arg(long, default_value_t = 4000)]
    calls: usize,
    /// Era that the clients speak
    #[arg(long, value_enum, default_value_t = Era::Legacy)]
    era: Era,
    /// Which to measure, in this order: direct, bare, tutti, rmcp, rmcp-sdk-client, fastmcp, fastmcp-held
    #[arg(long, value_delimiter = ',')]
    targets: Option<Vec<String>>,
    /// One line of JSON on stdout in place of the table
    #[arg(long)]
    json: bool,
}

impl Args {
    fn targets(&self) -> Vec<String> {
        let fastmcp = self.python.is_some().then_some("fastmcp");
        let all = ["direct", "bare", "tutti", "rmcp"].into_iter().chain(fastmcp).map(str::to_owned).collect();
        self.targets.clone().unwrap_or(all)
    }
}

/// What every start of a target needs.
struct Bench<'a> {
    args: &'a Args,
    /// Where the other binaries of this crate are.
    binaries: PathBuf,
    /// Logs, the config and the state of targets; deleted at the end.
    scratch: tempfile::TempDir,
}

/// The driver and its clients share one thread, so that they take as little of the machine as they can.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    ensure!(args.rounds > 0 && args.calls > 0, "--rounds and --calls must be at least 1");
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate()).context("cannot watch for signals")?;
    // Whichever way this ends, `run` is dropped, and with it the targets, which kill their processes.
    tokio::select! {
        result = run(&args) => result,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    }
}

async fn run(args: &Args) -> Result<()> {
    let scratch = tempfile::tempdir().context("cannot make a scratch directory")?;
    let bench = Bench { args, binaries: built_binaries().await?, scratch };
    let upstream = bench.upstream().await?;
    let mut targets = Vec::new();
    for name in args.targets() {
        let target = bench.target(&name, &upstream).await?;
        target.wait_until_ready(args.era, bench.scratch.path()).await?;
        eprintln!("{name} is ready at {}", target.url);
        targets.push(target);
    }
    let series = rounds(args, &targets).await?;
    drop((targets, upstream));

    let rows: Vec<_> = series.iter().map(Series::row).collect();
    if args.json {
        println!("{}", report::as_json(args.era.name(), &rows)?);
    } else {
        print!("{}", report::as_table(args.era.name(), &rows));
    }
    Ok(())
}

/// Round-robin over the targets, so that a slow minute of the machine falls on all of them.
async fn rounds(args: &Args, targets: &[Target]) -> Result<Vec<Series>> {
    let mut series = Vec::new();
    for clients in CLIENTS {
        series.extend(targets.iter().map(|target| Series::new(&target.name, clients)));
    }
    for round in 0..=args.rounds {
        let label = if round == 0 { "warm-up".to_owned() } else { format!("round {round} of {}", args.rounds) };
        eprintln!("{label}, machine load {}", load_average());
        for (index, series) in series.iter_mut().enumerate() {
            let target = &targets[index % targets.len()];
            let plan = plan(args, target, series.clients);
            let sample = load::pass(&plan, Some(target.pid))
                .await
                .with_context(|| format!("{} with {} clients", target.name, series.clients))?;
            if round > 0 {
                series.add(&sample);
            }
        }
    }
    Ok(series)
}

fn plan(args: &Args, target: &Target, clients: usize) -> Plan {
    let slow = target.name.starts_with("fastmcp");
    let factor = if clients > 1 { LOADED_FACTOR } else { 1 };
    let (calls, warm_up) = if slow { (args.calls / SLOW_SHARE, 1) } else { (args.calls * factor, 20) };
    // Two calls of each client at the least, or there is no queue to speak of.
    let calls = calls.max(2 * clients);
    Plan { url: target.url.clone(), tool: target.tool.clone(), era: args.era, clients, calls, warm_up }
}

impl Bench<'_> {
    async fn upstream(&self) -> Result<Target> {
        Target::start("upstream", "echo", self.own("echo-upstream"), self.scratch.path()).await
    }

    async fn target(&self, name: &str, upstream: &Target) -> Result<Target> {
        let (tool, command) = match name {
            "direct" => return Ok(upstream.alias(name)),
            "bare" => ("echo", self.proxy("bare-proxy", upstream)),
            "tutti" => ("echo__echo", self.tutti(upstream)?),
            "rmcp" | "rmcp-sdk-client" => ("echo__echo", self.rmcp(name, upstream)),
            "fastmcp" | "fastmcp-held" => ("echo", self.fastmcp(name, upstream)?),
            _ => bail!("no target is called {name}; see --help for those that there are"),
        };
        Target::start(name, tool, command, self.scratch.path()).await
    }

    fn own(&self, binary: &str) -> Command {
        Command::new(self.binaries.join(binary))
    }

    fn proxy(&self, binary: &str, upstream: &Target) -> Command {
        let mut command = self.own(binary);
        command.args(["--upstream", &upstream.url]);
        command
    }

    /// Speaks the clients' era to the upstream too: no translation, the cheapest thing that this proxy can do.
    fn rmcp(&self, name: &str, upstream: &Target) -> Command {
        let mut command = self.proxy("rmcp-proxy", upstream);
        command.args(["--upstream-era", self.args.era.name()]);
        if name == "rmcp-sdk-client" {
            command.arg("--sdk-client");
        }
        command
    }

    fn tutti(&self, upstream: &Target) -> Result<Command> {
        let binary = self
            .args
            .tutti
            .as_ref()
            .context("say which binary to measure with --tutti PATH, or leave tutti out of --targets")?;
        let home = self.scratch.path().join("tutti-home");
        std::fs::create_dir(&home).context("cannot make a home for tutti")?;
        let config = self.scratch.path().join("tutti.yaml");
        std::fs::write(&config, format!("servers:\n  echo: {{ url: {} }}\n", upstream.url))
            .context("cannot write a config for tutti")?;
        let mut command = Command::new(binary);
        command.args(["up", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(config).env("TUTTI_HOME", home);
        Ok(command)
    }

    fn fastmcp(&self, name: &str, upstream: &Target) -> Result<Command> {
        let python = self.args.python.as_ref().context("FastMCP needs --python, a Python with fastmcp 4 installed")?;
        let mut command = Command::new(python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("fastmcp_proxy.py"));
        command.args(["--upstream", &upstream.url, "--era", self.args.era.name()]);
        if name == "fastmcp-held" {
            command.arg("--held");
        }
        Ok(command)
    }
}

/// Builds the sibling binaries when cargo runs this one: `cargo run --bin hub` builds no other, and a stale peer would
/// be measured without a word.
async fn built_binaries() -> Result<PathBuf> {
    let own = std::env::current_exe().context("cannot tell where this binary is")?;
    let binaries = own.parent().context("this binary is in no directory")?.to_owned();
    ensure!(!cfg!(debug_assertions), "figures of a debug build mean nothing: use cargo run --release");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let target_dir = binaries.parent().context("this binary is in no target directory")?;
        let status = Command::new(cargo)
            .args(["build", "--release", "--bins", "--quiet", "--manifest-path"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target_dir)
            // stdout is the report's alone.
            .stdout(Stdio::null())
            .status()
            .await
            .context("cannot run cargo")?;
        ensure!(status.success(), "the reference servers do not build");
    }
    Ok(binaries)
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
