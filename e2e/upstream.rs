//! A scriptable MCP server that misbehaves as its flags and its callers say.
//!
//! It speaks both eras over standard input and output, streamable HTTP, WebSockets or a Unix socket, and the legacy era
//! over the old HTTP transport. It is written from the specification and
//! shares no code with Tutti: a mistake must not stand on both sides of a test.

mod calls;
mod connections;
mod desk;
mod era;
mod flaky;
mod http;
mod lists;
mod old;
mod options;
mod outlet;
mod record;
mod server;
mod tasks;
mod tests;
mod tools;

pub(crate) use calls::GARBAGE_LINES;
pub(crate) use lists::{NAMES, prompt};
pub(crate) use outlet::{VENDOR, text_of};
pub(crate) use tests::tests;
pub(crate) use tools::definitions;

use options::Options;
use outlet::Outlet;
use server::{Link, Server, Session};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::mpsc;

/// Runs the upstream until its input ends.
pub(crate) fn main(arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(problem) => {
            say(&problem);
            return ExitCode::from(2);
        }
    };
    if options.never_start {
        say(&format!("{} has no licence and will not start", options.name));
        return ExitCode::from(3);
    }
    end_on_a_panic();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    runtime.block_on(async {
        if options.stubborn {
            ignore_sigterm();
        }
        if options.noise {
            for line in calls::GARBAGE_LINES {
                Outlet::Stdout.send_raw(line.to_vec());
            }
        }
        let server = Server::new(options);
        match &server.options {
            Options { http: true, .. } => http::serve(server).await,
            Options { sse: true, .. } => old::serve(server).await,
            Options { websocket: true, .. } => connections::serve_web_sockets(server).await,
            Options { socket: Some(path), .. } => connections::serve_socket(Arc::clone(&server), path).await,
            _ => serve_stdio(server).await,
        }
    });
    // Reading standard input blocks a thread that no runtime can stop.
    runtime.shutdown_background();
    ExitCode::SUCCESS
}

/// Writes one line to standard error.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A panic in one call would leave its caller waiting, as if the hub had lost the answer. It ends the process instead,
/// so that the test shows the panic.
fn end_on_a_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(101);
    }));
}

/// Takes the signal and does nothing with it.
fn ignore_sigterm() {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("a signal can be caught");
    tokio::spawn(async move { while terminate.recv().await.is_some() {} });
}

async fn serve_stdio(server: Arc<Server>) {
    let (sender, mut received) = mpsc::unbounded_channel();
    let reader = Arc::clone(&server);
    // Lines are recorded when they come, also while the upstream is not ready to handle them.
    tokio::spawn(async move {
        let mut input = BufReader::new(tokio::io::stdin());
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            let raw = line.trim_ascii_end().to_vec();
            line.clear();
            reader.recorder.write(&raw, &serde_json::Map::new());
            let _ = sender.send(raw);
        }
        if reader.options.stubborn {
            std::future::pending::<()>().await;
        }
    });
    let link = Link { outlet: Outlet::Stdout, session: Session::new("stdio".to_owned()), planned: None };
    let mut delayed = false;
    while let Some(raw) = received.recv().await {
        if server.options.silent {
            continue;
        }
        if !delayed {
            server.delay().await;
            delayed = true;
        }
        server.receive(&raw, &link);
    }
}
