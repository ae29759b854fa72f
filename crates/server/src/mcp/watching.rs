//! Clients that want to be told when resources change.

use super::client::Client;
use super::kept::{Change, Kept, RESOURCES};
use super::session::Session;
use super::subscribers::Wanted;
use super::tasks::Watch;
use crate::Shared;
use base::{Code, Error, Result};
use mcp::{raw, write};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tools::View;

/// How long all upstreams together may take to say that they will tell.
const LIMIT: Duration = Duration::from_secs(10);

/// How many messages wait for a client that does not read before it misses some.
const WAITING: usize = 64;

/// Answers `resources/subscribe` of a legacy client.
pub(crate) fn subscribe(
    shared: &Arc<Shared>,
    client: &Client,
    id: &str,
    params: &str,
) -> Result<impl Future<Output = String> + Send + use<>> {
    let uri = uri_of(params)?;
    let session = client.session.clone().ok_or_else(|| Error::internal("a legacy client without a session"))?;
    if session.watched.lock().unwrap_or_else(PoisonError::into_inner).len() >= RESOURCES {
        let message = format!("the session watches {RESOURCES} resources, as many as it may");
        return Err(Error::new(Code::TooBusy, message, "unsubscribe from some"));
    }
    let (shared, view, id) = (Arc::clone(shared), Arc::clone(&client.view), id.to_owned());
    Ok(async move {
        match shared.hub.watch_resource(&view, &uri, session.number).await {
            Ok(Ok(())) => {
                shared.sessions.keep(&session, Change::Watched(uri)).await;
                write::result(&id, "{}")
            }
            Ok(Err(refused)) => write::raw_error(&id, &refused),
            Err(error) => write::error(&id, &error),
        }
    })
}

/// Takes back a subscription of a legacy client. One that is not there is no fault.
pub(crate) fn unsubscribe(shared: &Shared, client: &Client, params: &str) -> Result<Change> {
    let uri = uri_of(params)?;
    if let Some(session) = &client.session {
        session.watched.lock().unwrap_or_else(PoisonError::into_inner).remove(&uri);
        shared.hub.unwatch_resource(&client.view, &uri, session.number)?;
    }
    Ok(Change::Unwatched(uri))
}

/// The empty result, once what has changed in the client's session is kept.
pub(crate) fn kept(
    shared: &Arc<Shared>,
    client: &Client,
    id: &str,
    change: Change,
) -> impl Future<Output = String> + Send + use<> {
    let (shared, session, id) = (Arc::clone(shared), client.session.clone(), id.to_owned());
    async move {
        if let Some(session) = session {
            shared.sessions.keep(&session, change).await;
        }
        write::result(&id, "{}")
    }
}

/// Brings back what a session that was taken over had set, without waiting for upstreams.
pub(crate) fn recall(shared: &Arc<Shared>, view: &Arc<View>, session: &Arc<Session>, kept: Kept) {
    if let Some(level) = kept.level {
        shared.hub.set_log_level(session.number, Some(level));
    }
    watch(shared, view, session, kept.watched);
}

/// Takes over what a session has set at another replica, in place of what it had set here.
pub(crate) fn set(shared: &Arc<Shared>, session: &Arc<Session>, kept: Kept) {
    if let Some(level) = kept.level {
        session.level.store(level, Ordering::Relaxed);
        shared.hub.set_log_level(session.number, Some(level));
    }
    let Some(view) = shared.hub.view(&session.view) else { return };
    let wanted: BTreeSet<String> = kept.watched.into_iter().collect();
    let had = std::mem::replace(&mut *session.watched.lock().unwrap_or_else(PoisonError::into_inner), wanted.clone());
    for uri in had.difference(&wanted) {
        if let Err(error) = shared.hub.unwatch_resource(&view, uri, session.number) {
            tracing::debug!(%error, "a subscription that ended at another replica was none here");
        }
    }
    watch(shared, &view, session, wanted.difference(&had).cloned().collect());
}

/// Has the upstreams tell of resources, of which the session is told already: what changes meanwhile must not be lost.
fn watch(shared: &Arc<Shared>, view: &Arc<View>, session: &Arc<Session>, uris: Vec<String>) {
    if uris.is_empty() {
        return;
    }
    let (shared, view, session) = (Arc::clone(shared), Arc::clone(view), Arc::clone(session));
    base::task::spawn("subscriptions of a session taken over", async move {
        for uri in uris {
            if let Err(error) = shared.hub.watch_resource(&view, &uri, session.number).await {
                tracing::warn!(%error, "a subscription could not be taken up again");
            }
        }
    });
}

/// The stream of a modern client that listens for what `wanted`, raw JSON, says.
pub(crate) fn listen(
    shared: &Arc<Shared>,
    view: &Arc<View>,
    id: &str,
    wanted: &str,
    watch: Watch,
) -> mpsc::Receiver<String> {
    let (messages, receiver) = mpsc::channel(WAITING);
    let wants = |name| raw::get(wanted, name) == Some("true");
    let lists = [wants("toolsListChanged"), wants("promptsListChanged"), wants("resourcesListChanged")];
    let uris = raw::elements(raw::get(wanted, "resourceSubscriptions").unwrap_or_default());
    let uris: Vec<String> = uris.filter_map(raw::text).take(RESOURCES).map(std::borrow::Cow::into_owned).collect();
    let tasks = watch.ids.clone();
    if uris.is_empty() {
        let resources = Vec::new();
        shared.subscribers.add_modern(&view.name, id, Wanted { lists, resources, tasks }, messages.clone());
        watch.begin(shared, id, &messages);
        return receiver;
    }
    let (shared, view, id) = (Arc::clone(shared), Arc::clone(view), id.to_owned());
    base::task::spawn("resource subscriptions of a client", async move {
        let number = shared.sessions.number();
        let resources = granted(&shared, &view, uris, number).await;
        shared.subscribers.add_modern(&view.name, &id, Wanted { lists, resources, tasks }, messages.clone());
        watch.begin(&shared, &id, &messages);
        tokio::select! {
            () = messages.closed() => {}
            // What is kept here would keep the stream open.
            () = shared.shutdown.cancelled() => {}
        }
        shared.hub.forget_client(number);
    });
    receiver
}

/// Those of `uris` whose upstreams will tell of changes.
async fn granted(shared: &Shared, view: &View, uris: Vec<String>, client: u64) -> Vec<String> {
    let mut granted = Vec::new();
    let all = async {
        for uri in uris {
            if matches!(shared.hub.watch_resource(view, &uri, client).await, Ok(Ok(()))) {
                granted.push(uri);
            }
        }
    };
    // What is not there in time is not promised.
    let _ = tokio::time::timeout(LIMIT, all).await;
    granted
}

fn uri_of(params: &str) -> Result<String> {
    raw::get(params, "uri").and_then(raw::text).map(std::borrow::Cow::into_owned).ok_or_else(|| {
        Error::new(Code::InvalidParams, "the request needs `uri`, a string", "send the address of a resource")
    })
}
