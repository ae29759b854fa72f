//! An MCP server that fails as a seed says.

use anyhow::Result;
use bench::fake::{self, Options};
use clap::Parser;

/// Two threads: many of these run at once, and none has much to do.
#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let served = fake::serve(Options::parse()).await;
    if let Err(error) = served {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
    // Reading standard input holds a thread that no runtime can stop.
    std::process::exit(0)
}
