//! What an upstream says without being called: news of its lists and resources.

use super::watched::Watched;
use mcp::client::{Call, Inbound, Link, Request, handshake, http};
use mcp::parameter::Headers;
use mcp::{Era, Message, Method, raw};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long after its end the stream of news is opened again, unless the server says so.
const AGAIN: Duration = Duration::from_secs(5);

/// How long the stream of news may take to begin before the one before it is closed.
const OVERLAP: Duration = Duration::from_secs(10);

/// How long calls wait for a legacy server's stream to begin. What the server says without one is lost, also what it asks
/// in the middle of the first call. Some servers begin it only when they have something to say.
const BEGIN: Duration = Duration::from_secs(1);

/// Asks for news, in the way of the upstream's era, and passes them on until the connection is given up. Waits until the
/// server can ask where calls wait for that.
pub(super) async fn listen(link: &Link, era: Era, notices: mpsc::Sender<Message>, watched: Arc<Watched>) {
    // On a shared connection a legacy server says its news without being asked.
    if matches!((link, era), (Link::Shared(_), Era::Legacy)) {
        return;
    }
    let link = link.clone();
    let (begun, begins) = oneshot::channel();
    base::task::spawn("upstream news", async move {
        let until_given_up = notices.clone();
        tokio::select! {
            () = until_given_up.closed() => {}
            () = pass_on(&link, era, &notices, &watched, begun) => {}
        }
    });
    // Dropped, the other end says that there is nothing to wait for.
    let _ = tokio::time::timeout(BEGIN, begins).await;
}

async fn pass_on(
    link: &Link,
    era: Era,
    notices: &mpsc::Sender<Message>,
    watched: &Watched,
    begun: oneshot::Sender<()>,
) {
    let mut begun = Some(begun);
    let mut changes = watched.changes();
    let mut first = true;
    loop {
        changes.mark_unchanged();
        let Some(mut call) = open(link, era, watched, &mut begun).await else { return };
        // What changed while nobody listened was not told.
        if !std::mem::take(&mut first) {
            let unknown = mcp::write::notification(Method::ToolsChanged.name(), None);
            if let Ok(message) = Message::parse(unknown) {
                let _ = notices.send(message).await;
            }
        }
        loop {
            tokio::select! {
                inbound = call.next() => match inbound {
                    Ok(Inbound::Note(note)) => {
                        if notices.send(note).await.is_err() {
                            return;
                        }
                    }
                    _ => break,
                },
                Ok(()) = changes.changed(), if era == Era::Modern => {
                    // Nothing may be missed in between, so the new stream begins before the old one ends.
                    if let Some(mut next) = open(link, era, watched, &mut begun).await {
                        // On a shared connection what it says comes another way.
                        if matches!(link, Link::Http(_))
                            && let Ok(Ok(Inbound::Note(note))) = tokio::time::timeout(OVERLAP, next.next()).await
                        {
                            let _ = notices.send(note).await;
                        }
                        call = next;
                    }
                }
            }
        }
        // A server that ends the request on a connection that still stands does not take it.
        if matches!(link, Link::Shared(_)) {
            return;
        }
        tokio::time::sleep(call.rest().unwrap_or(AGAIN)).await;
    }
}

/// The call on which news arrive; nothing where the server has none. `begun` is dropped when it is known whether the
/// stream of a legacy server began.
async fn open(link: &Link, era: Era, watched: &Watched, begun: &mut Option<oneshot::Sender<()>>) -> Option<Call> {
    match (link, era) {
        (Link::Http(link), Era::Legacy) => loop {
            let opened = http::Link::listen(link).await;
            drop(begun.take());
            match opened {
                Ok(call) => return call.map(|call| Call::Http(Box::new(call))),
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        },
        _ => {
            drop(begun.take());
            let (filter, meta) = (filter(&watched.all()), handshake::modern_meta(handshake::NOBODY));
            let params = format!(r#"{{"notifications":{filter},"_meta":{meta}}}"#);
            let (id, method) = (link.next_id(), Method::Listen.name());
            let headers = Headers::default();
            link.call(&Request { id, method, params: &params, name: None, headers, era, notes: false, client: None })
                .ok()
        }
    }
}

/// What the hub wants to be told, as raw JSON.
fn filter(resources: &[String]) -> String {
    let lists = r#""toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true"#;
    if resources.is_empty() {
        return format!("{{{lists}}}");
    }
    let uris: Vec<String> = resources.iter().map(|uri| raw::quote(uri)).collect();
    format!(r#"{{{lists},"resourceSubscriptions":[{}]}}"#, uris.join(","))
}
