//! The endpoint over a Unix socket: one message a line.

use super::lines;
use super::peer::{Out, Peer};
use crate::Shared;
use base::task;
use std::sync::Arc;
use tokio::net::{UnixListener, UnixStream};
use tools::hub::DEFAULT_VIEW;

/// Takes connections until the hub stops.
pub(crate) async fn serve(listener: &UnixListener, shared: &Arc<Shared>) {
    loop {
        let accepted = tokio::select! {
            () = shared.shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection to the socket could not be accepted");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            }
        };
        // Beyond the limit connections are closed at once, as those over TCP are.
        let Some(place) = shared.place() else { continue };
        let talking = Arc::clone(shared);
        task::spawn(
            "socket",
            shared.conversations.track_future(async move {
                converse(&talking, stream).await;
                drop(place);
            }),
        );
    }
}

/// Talks with one client until it closes its end, does not read, or the hub stops.
async fn converse(shared: &Arc<Shared>, stream: UnixStream) {
    let (input, output) = stream.into_split();
    let (out, messages) = Out::new(false);
    let gone = out.gone.clone();
    let Ok(mut peer) = Peer::new(Arc::clone(shared), DEFAULT_VIEW, true, out) else { return };
    let stopped = gone.clone();
    let writer = task::spawn("socket output", async move {
        tokio::select! {
            () = lines::write_all(messages, output) => stopped.cancel(),
            () = stopped.cancelled() => {}
        }
    });
    tokio::select! {
        () = lines::read_all(input, shared.limits.body, &mut peer) => return,
        () = gone.cancelled() => return,
        () = shared.shutdown.cancelled() => {}
    }
    tokio::select! {
        () = peer.settle() => {}
        () = gone.cancelled() => return,
    }
    peer.finish();
    let _ = writer.await;
}
