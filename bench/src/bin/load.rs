//! The load generator alone, for any MCP endpoint with an echo tool: a gateway that the driver does not know, say.

use anyhow::{Result, ensure};
use bench::{
    load::{self, Plan},
    report::{self, Series},
    session::Era,
};
use clap::Parser;

#[derive(Parser)]
struct Args {
    /// MCP URL, http://host:port/path
    #[arg(long)]
    url: String,
    /// Tool that answers its argument `message`
    #[arg(long, default_value = "echo")]
    tool: String,
    #[arg(long, value_enum, default_value_t = Era::Legacy)]
    era: Era,
    #[arg(long, default_value_t = 1)]
    clients: usize,
    /// Measured calls, over all clients together
    #[arg(long, default_value_t = 4000)]
    calls: usize,
    /// Unmeasured calls of each client ahead of those
    #[arg(long, default_value_t = 20)]
    warm_up: usize,
    /// Process whose CPU time, with its descendants', is the target's; without it the CPU column is 0
    #[arg(long)]
    pid: Option<u32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Args { url, tool, era, clients, calls, warm_up, pid } = Args::parse();
    ensure!(clients > 0 && calls > 0, "--clients and --calls must be at least 1");
    let plan = Plan { url, tool, era, clients, calls, warm_up };
    let sample = load::pass(&plan, pid).await?;
    let mut series = Series::new("load", clients);
    series.add(&sample);
    print!("{}", report::as_table(era.name(), &[series.row()]));
    Ok(())
}
