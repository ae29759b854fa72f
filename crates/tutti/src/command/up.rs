//! `tutti up`: serves.

use super::{Command, Context, Failures};
use crate::output::Style;
use crate::running::{self, Running};
use crate::signals::Signals;
use crate::{reload, wiring};
use base::Result;
use clap::{Arg, ArgMatches};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tools::Hub;
use tools::machine::State;
use tools::upstream::Upstream;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("up")
        .about("Serve every MCP server that you have behind one endpoint")
        .long_about(
            "Serves every MCP server of tutti.yaml (and of mcp.json beside it) behind one endpoint.\n\
             Without a configuration it serves the files of this folder, read only.",
        )
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS")
                .value_parser(clap::value_parser!(SocketAddr))
                .help("Where to listen [default: 127.0.0.1:4747; port 0 takes a free one]"),
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let listen = matches.get_one::<SocketAddr>("listen").copied();
    context.block_on(serve(context, listen))
}

async fn serve(context: &Context, listen: Option<SocketAddr>) -> Result<u8, Failures> {
    let loaded = context.load()?;
    let resolved = wiring::resolve(&loaded)?;
    let listen = listen.or(loaded.listen).unwrap_or(wiring::DEFAULT_LISTEN);
    let (db, notice) = wiring::store(&context.environment).await?;
    let notices = loaded.notices.iter().cloned().chain(notice);
    notices.for_each(|notice| context.output.message(&format!("note: {notice}")));
    let hub = wiring::hub(db.clone(), resolved.settings).await?;
    let server = match wiring::server(hub.clone(), listen, loaded.key.clone(), resolved.limits).await {
        Ok(server) => server,
        Err(error) => {
            hub.stop().await;
            return Err(error.into());
        }
    };
    let url = format!("http://{}/mcp", server.address());
    let running = Running { url: url.clone(), folder: loaded.folder.clone(), pid: std::process::id() };
    let announcement = running::announce(&context.environment, &running);
    greet(context, &url, &hub, resolved.nothing_configured);
    let stop = CancellationToken::new();
    let end = stop_on_signal(stop.clone())?;
    let (followed, ()) = tokio::join!(reload::follow(context, &loaded, &hub, &stop), server.run(stop.clone()));
    end.abort();
    drop(announcement);
    hub.stop().await;
    db.close().await;
    followed?;
    Ok(0)
}

/// Stops at SIGTERM and Ctrl-C; a second one does not wait for what is under way.
fn stop_on_signal(stop: CancellationToken) -> Result<tokio::task::JoinHandle<()>> {
    let mut signals = Signals::take()?;
    Ok(base::task::spawn("signals", async move {
        signals.next().await;
        stop.cancel();
        signals.next().await;
        tracing::warn!("told to stop twice: what is under way is cut off");
        std::process::abort();
    }))
}

/// Says where the hub is, what it serves, and what to try next; then tells of each server when it is ready or not.
fn greet(context: &Context, url: &str, hub: &Hub, nothing_configured: bool) {
    let output = &context.output;
    let upstreams = hub.upstreams();
    if output.json {
        let names: Vec<&str> = upstreams.iter().map(|upstream| upstream.settings.name.as_str()).collect();
        output.value(&json!({"url": url, "servers": names, "views": hub.view_names(), "pid": std::process::id()}));
        return;
    }
    output.line(&format!("{} {url}", output.paint(Style::Strong, "Tutti serves")));
    for view in hub.view_names().iter().filter(|view| *view != tools::config::ALL) {
        output.line(&format!("  view {view}  {url}/{view}"));
    }
    output.line("");
    for upstream in &upstreams {
        let name = output.paint(Style::Strong, &upstream.settings.name);
        output.line(&format!("  {name}  {}", upstream.settings.summary()));
    }
    if nothing_configured {
        output
            .line("\nNothing is configured, so this folder is served, read only. `tutti init` writes a configuration.");
    }
    let example = if nothing_configured { "tutti tool call mcp://files/list_directory" } else { "tutti server list" };
    output.line(&format!("\nTry in another terminal:\n  tutti tool list\n  {example}\n  tutti connect claude-code\n"));
    for upstream in upstreams {
        base::task::spawn("status line", tell(context.output.clone(), upstream));
    }
}

/// Tells when a server begins or ceases to work.
async fn tell(output: crate::output::Output, upstream: Arc<Upstream>) {
    let mut statuses = upstream.watch();
    let mut last = String::new();
    loop {
        let line = {
            let status = statuses.borrow_and_update();
            let name = &upstream.settings.name;
            match (status.state, &status.error) {
                (State::Ready, None) => {
                    let count = upstream.catalogue().tools.len();
                    Some(output.paint_message(Style::Good, &format!("{name} is ready")) + &format!(", {count} tools"))
                }
                (State::Degraded | State::BackingOff(_) | State::Refused(_), Some(error)) => {
                    Some(output.paint_message(Style::Warn, &format!("{name}: ")) + &error.to_string())
                }
                _ => None,
            }
        };
        if let Some(line) = line.filter(|line| *line != last) {
            output.message(&line);
            last = line;
        }
        if statuses.changed().await.is_err() {
            return;
        }
    }
}
