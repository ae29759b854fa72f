//! The endpoint over Unix sockets, each for one view: one message a line.
//!
//! A client that sends no more (`shutdown`, as `socat` does at the end of its input) gets the answers that are due; one
//! that is gone altogether cancels what it asked for.

use super::lines;
use super::peer::{Out, Peer};
use crate::Shared;
use base::network::{Socket, hung_up};
use base::task;
use std::sync::Arc;
use telemetry::session::Carrier;
use tokio::net::UnixStream;

/// Takes connections of clients that see `view`, until the hub stops.
pub(crate) async fn serve(socket: &Socket, view: &str, shared: &Arc<Shared>) {
    loop {
        let accepted = tokio::select! {
            () = shared.shutdown.cancelled() => return,
            accepted = socket.listener().accept() => accepted,
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
        let Some(place) = shared.places.take(None) else { continue };
        let (talking, view) = (Arc::clone(shared), view.to_owned());
        task::spawn(
            "socket",
            shared.conversations.track_future(async move {
                converse(&talking, &view, stream).await;
                drop(place);
            }),
        );
    }
}

/// Talks with one client until all that it asked for is answered and it sends no more or the hub stops, or until it is
/// gone or does not read.
async fn converse(shared: &Arc<Shared>, view: &str, stream: UnixStream) {
    let (mut input, output) = stream.into_split();
    let (out, messages) = Out::new(false);
    let gone = out.gone.clone();
    let Ok(mut peer) = Peer::new(Arc::clone(shared), Arc::clone(&shared.local), view, true, (out, Carrier::SOCKET))
    else {
        return;
    };
    let stopped = gone.clone();
    let writer = task::spawn("socket output", async move {
        tokio::select! {
            () = lines::write_all(messages, output) => stopped.cancel(),
            () = stopped.cancelled() => {}
        }
    });
    tokio::select! {
        () = lines::read_all(&mut input, shared.limits.body, &mut peer) => {}
        () = gone.cancelled() => return,
        () = shared.shutdown.cancelled() => {}
    }
    tokio::select! {
        () = peer.settle() => {}
        () = gone.cancelled() => return,
        () = hung_up(input.as_ref()) => return,
    }
    peer.finish();
    let _ = writer.await;
}
