//! Serving in this process, where no hub runs.

use super::pipes;
use crate::command::{Context, Failures};
use crate::reload;
use assembly::wiring;
use base::{Code, Error};
use hubs::client::{self, Started};
use hubs::signals::Signals;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tools::Hub;
use tools::hub::DEFAULT_VIEW;
use tools::machine::State;

/// How long a client waits for servers of which nothing is known yet. Most clients ask for the tools once, right at the
/// start, and take no notice of news; after half a minute they give up.
const FIRST_START: Duration = Duration::from_secs(15);

/// How long the last of the output may take to get from the server to the pipe.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Bytes between this process's pipes and the server.
const BUFFER: usize = 64 << 10;

/// Serves the client until its input ends, or the process is told to stop.
pub(super) async fn serve(context: &Context, view: Option<&str>, signals: &mut Signals) -> Result<(), Failures> {
    refuse_whole_disk(context)?;
    let started = tokio::select! {
        started = client::servers(context, None) => started?,
        () = signals.next() => return Ok(()),
    };
    tracing::info!("no hub is running; the servers run in this process");
    let output = pipes::output();
    let ended = until_told(context, &started, view.unwrap_or(DEFAULT_VIEW), &output, signals).await;
    tokio::select! {
        () = started.hub.stop() => {}
        // Whoever insists does not want to wait; the supervisors end the servers.
        () = signals.next() => {}
    }
    started.hub.telemetry().close(wiring::LAST_NUMBERS).await;
    started.db.close().await;
    output.finish().await;
    Ok(ended?)
}

/// Serves the client until its input ends, it stops reading, or the process is told to stop.
async fn until_told(
    context: &Context,
    started: &Started,
    view: &str,
    output: &pipes::Output,
    signals: &mut Signals,
) -> Result<(), Error> {
    let stop = CancellationToken::new();
    let mut served = Box::pin(converse(context, started, view, output, &stop));
    tokio::select! {
        ended = &mut served => return ended,
        () = signals.next() => {}
        () = output.closed() => {}
    }
    stop.cancel();
    // Calls end with their servers, and then the client gets the last that there is to say.
    let rest = async { tokio::join!(started.hub.stop(), served).1 };
    tokio::select! {
        ended = rest => ended,
        () = signals.next() => Ok(()),
    }
}

/// Without a configuration the working directory is served. Some clients start programs in the root of the disk.
fn refuse_whole_disk(context: &Context) -> Result<(), Error> {
    let (folder, is_configured) = client::folder(context);
    if is_configured || folder.parent().is_some() {
        return Ok(());
    }
    let message = format!("there is no configuration, and the files of {} are too much to serve", folder.display());
    let next = "name the configuration with --config FILE, or a hub with --url URL, in the arguments of the client";
    Err(Error::new(Code::ConfigUnreadable, message, next))
}

/// Serves the client until its input ends or `stop` ends it.
async fn converse(
    context: &Context,
    started: &Started,
    view: &str,
    output: &pipes::Output,
    stop: &CancellationToken,
) -> Result<(), Error> {
    tokio::select! {
        () = wait_for_unknown(&started.hub) => {}
        () = stop.cancelled() => return Ok(()),
    }
    let (near, far) = tokio::io::duplex(BUFFER);
    base::task::spawn("standard input", feed(pipes::input(), near, stop.clone()));
    let (written, reader) = tokio::io::duplex(BUFFER);
    let mut drained = base::task::spawn_light(drain(reader, output.sender()));
    let sealer = wiring::sealer(&context.environment)?;
    let served = server::mcp::stdio::serve(
        (started.hub.clone(), started.models.clone()),
        started.limits.clone(),
        &sealer,
        view,
        far,
        written,
    );
    let served = async {
        let served = served.await;
        stop.cancel();
        served
    };
    let (followed, served) = tokio::join!(reload::follow(context, &started.keeper, started.read.clone(), stop), served);
    // The server has written all that it will, and what it wrote must get out; answers that came too late need not.
    if tokio::time::timeout(LAST_WORDS, &mut drained).await.is_err() {
        drained.abort();
    }
    served.and(followed)
}

/// Waits for servers whose tools are not known from an earlier run.
async fn wait_for_unknown(hub: &Hub) {
    let is_unknown = |upstream: &std::sync::Arc<tools::upstream::Upstream>| {
        let status = upstream.status();
        status.state == State::Starting && !status.stale
    };
    if hub.upstreams().iter().any(is_unknown) {
        hub.settle(FIRST_START).await;
    }
}

async fn feed(mut input: mpsc::Receiver<Vec<u8>>, mut pipe: DuplexStream, stop: CancellationToken) {
    let feeding = async {
        while let Some(piece) = input.recv().await {
            if pipe.write_all(&piece).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = feeding => {}
        () = stop.cancelled() => {}
    }
}

async fn drain(mut pipe: DuplexStream, output: mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; BUFFER];
    while let Ok(count) = pipe.read(&mut buffer).await {
        if count == 0 || output.send(buffer[..count].to_vec()).await.is_err() {
            return;
        }
    }
}
