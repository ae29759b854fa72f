//! What happens in a run, as a stream of events: each entry of its journal is one, its place is the id.

use super::super::input::{Asked, Whose};
use super::rights::Rights;
use super::{Carried, FROM, carried, id};
use crate::Shared;
use crate::answer::{self, Refusal};
use crate::body::Events;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use runner::Following;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How many events may wait for a client that does not read.
const WAITING: usize = 16;

/// The events of a run, those to come included, until it ends.
pub(crate) async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(runs): Carried,
    Path(run): Path<String>,
    Whose(visitor): Whose,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let from = asked.whole(&FROM)?;
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok()?.parse::<u64>().ok());
    let from = last.map(|last| last.saturating_add(1)).or(from).unwrap_or(1);
    let (runner, run) = (carried(&runs)?.runner(), id(&run)?);
    Rights::of(&visitor, runner).own(run).await?;
    let following = runner.follow(run, from).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    base::task::spawn("events of a run", tell(following, sender, (shared.shutdown.clone(), visitor.revoked.clone())));
    Ok(answer::events(Events::new(receiver)))
}

/// Tells of entries until the last, or until nobody reads any more or may.
async fn tell(
    mut following: Box<dyn Following>,
    sender: mpsc::Sender<Bytes>,
    (shutdown, revoked): (CancellationToken, CancellationToken),
) {
    loop {
        let next = tokio::select! {
            next = following.next() => next,
            () = sender.closed() => return,
            () = shutdown.cancelled() => return,
            () = revoked.cancelled() => return,
        };
        let event = match next {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!("what happens in a run cannot be told: {error}");
                return;
            }
        };
        // Entries are one line of JSON.
        let text = format!("id: {}\nevent: entry\ndata: {}\n\n", event.sequence, event.json);
        if sender.send(Bytes::from(text)).await.is_err() || event.last {
            return;
        }
    }
}
