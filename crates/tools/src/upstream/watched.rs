//! Resources of one upstream whose changes clients want to be told of, counted by client.

use super::{Connection, Upstream};
use crate::catalogue::Kind;
use base::{Code, Error, Result, task};
use mcp::client::Link;
use mcp::message;
use mcp::{Era, Method, raw};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The most resources of one upstream that are watched.
const RESOURCES: usize = 10_000;

/// How long an upstream may take to begin or end telling.
const LIMIT: Duration = Duration::from_secs(30);

/// Who watches what.
pub(crate) struct Watched {
    by_uri: Mutex<BTreeMap<String, BTreeSet<u64>>>,
    changed: watch::Sender<()>,
}

/// What an upstream said to a subscription: nothing, or its error object as raw JSON.
pub type Answer = std::result::Result<(), String>;

impl Watched {
    pub(super) fn new() -> Self {
        Self { by_uri: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// All resources, sorted.
    pub(super) fn all(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Tells when [`Watched::all`] is another.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Adds a client; whether it is the first for this resource. Nothing when there are too many.
    fn add(&self, uri: &str, client: u64) -> Option<bool> {
        let mut by_uri = self.lock();
        if by_uri.len() >= RESOURCES && !by_uri.contains_key(uri) {
            return None;
        }
        let clients = by_uri.entry(uri.to_owned()).or_default();
        let first = clients.is_empty();
        clients.insert(client);
        Some(first)
    }

    /// Takes a client out; whether it was the last for this resource.
    fn remove(&self, uri: &str, client: u64) -> bool {
        let mut by_uri = self.lock();
        let Some(clients) = by_uri.get_mut(uri) else { return false };
        let last = clients.remove(&client) && clients.is_empty();
        if last {
            by_uri.remove(uri);
        }
        last
    }

    fn of(&self, client: u64) -> Vec<String> {
        let by_uri = self.lock();
        by_uri.iter().filter(|(_, clients)| clients.contains(&client)).map(|(uri, _)| uri.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<u64>>> {
        self.by_uri.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upstream {
    /// Has the upstream tell of changes of the resource at `uri`, which is its own address, for a client.
    pub async fn watch_resource(self: &Arc<Self>, uri: &str, client: u64) -> Result<Answer> {
        let name = &self.settings.name;
        if self.is_for_each() {
            let message = format!("`{name}` is reached by a login of each client's own, and its changes are not told");
            return Err(Error::new(Code::MethodNotFound, message, "read the resource again from time to time")
                .of_upstream(name));
        }
        let lease = self.lease().await?;
        self.admits(Some((Kind::Resource, uri)))?;
        if raw::at(&lease.live.greeting.capabilities, &["resources", "subscribe"]) != Some("true") {
            let message = format!("`{name}` does not tell of changes of its resources");
            return Err(Error::new(Code::MethodNotFound, message, "read the resource again from time to time")
                .of_upstream(name));
        }
        let first = self.watched.add(uri, client).ok_or_else(|| {
            let message = format!("{RESOURCES} resources of `{name}` are watched, as many as may be");
            Error::new(Code::UpstreamBusy, message, "unsubscribe from some").of_upstream(name)
        })?;
        if !first {
            return Ok(Ok(()));
        }
        if lease.era() == Era::Modern {
            let _ = self.watched.changed.send(());
            return Ok(Ok(()));
        }
        let Connection::Link(link) = &lease.live.connection else { return Ok(Ok(())) };
        let answer = link.ask(Method::ResourcesSubscribe.name(), &params(uri), Era::Legacy, LIMIT).await;
        let refused = match &answer {
            Ok(answer) => (answer.kind() == &message::Kind::Error).then(|| answer.body().unwrap_or("{}").to_owned()),
            Err(_) => None,
        };
        if refused.is_some() || answer.is_err() {
            self.watched.remove(uri, client);
        }
        answer.map(|_| refused.map_or(Ok(()), Err))
    }

    /// The client does not want to be told of the resource at `uri` any more.
    pub fn unwatch_resource(&self, uri: &str, client: u64) {
        if self.watched.remove(uri, client) {
            self.end_watching(vec![uri.to_owned()]);
        }
    }

    /// The client is gone.
    pub fn forget_client(&self, client: u64) {
        let gone: Vec<String> =
            self.watched.of(client).into_iter().filter(|uri| self.watched.remove(uri, client)).collect();
        if !gone.is_empty() {
            self.end_watching(gone);
        }
    }

    fn end_watching(&self, uris: Vec<String>) {
        let _ = self.watched.changed.send(());
        self.tell_of(Method::ResourcesUnsubscribe, uris);
    }

    /// A new connection knows of no subscription.
    pub(super) fn watch_again(&self) {
        self.tell_of(Method::ResourcesSubscribe, self.watched.all());
    }

    /// Sends a legacy upstream a request for each of `uris`, without waiting.
    fn tell_of(&self, method: Method, uris: Vec<String>) {
        let Some(live) = self.live.load_full() else { return };
        if let Connection::Link(link) = &live.connection
            && live.greeting.era == Era::Legacy
            && !uris.is_empty()
        {
            let link: Link = link.clone();
            task::spawn("resource subscriptions", async move {
                for uri in uris {
                    let _ = link.ask(method.name(), &params(&uri), Era::Legacy, LIMIT).await;
                }
            });
        }
    }
}

fn params(uri: &str) -> String {
    format!("{{\"uri\":{}}}", raw::quote(uri))
}

#[cfg(test)]
mod tests;
