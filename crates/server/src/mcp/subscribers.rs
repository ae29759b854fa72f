//! Clients that listen for what no request asked for.

use super::outlet::{Numbered, Outlet, Weight};
use super::session::Session;
use crate::Shared;
use crate::body::Events;
use base::{Result, clock};
use bytes::Bytes;
use mcp::version::meta;
use mcp::{Message, Method, level, raw, write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, mpsc};
use tools::hub::News;
use tools::subscriptions;

/// One client that listens.
pub(crate) struct Subscriber {
    view: Arc<str>,
    /// Which lists it wants news of: tools, prompts, resources.
    lists: [bool; 3],
    /// Which resources a modern client wants news of. A legacy session says so itself.
    resources: Vec<String>,
    who: Who,
    outlet: Outlet,
}

enum Who {
    Legacy(Arc<Session>),
    /// The raw JSON id of the listen request, which marks every message.
    Modern(String),
}

/// What a modern client wants news of.
pub(crate) struct Wanted {
    /// Tools, prompts, resources.
    pub(crate) lists: [bool; 3],
    /// By the addresses that it knows.
    pub(crate) resources: Vec<String>,
    /// By the ids that it knows.
    pub(crate) tasks: Vec<String>,
}

/// All clients that listen.
#[derive(Default)]
pub(crate) struct Subscribers {
    list: Mutex<Vec<Subscriber>>,
}

const CHANGED: [Method; 3] = [Method::ToolsChanged, Method::PromptsChanged, Method::ResourcesChanged];

impl Subscribers {
    /// The stream of a legacy session that cannot be taken up again. A second one takes the place of the first: a message
    /// goes to one stream only.
    pub(crate) fn add_legacy(&self, session: &Arc<Session>) -> mpsc::Receiver<String> {
        let (outlet, receiver) = Outlet::plain();
        self.replace(session, outlet);
        receiver
    }

    /// The stream of a legacy session that can be taken up again: the one that there is, for a client that comes back to it
    /// with the name and the number of the last event that it has; else the one that `fresh` makes, in its place.
    pub(crate) fn listen(
        &self,
        session: &Arc<Session>,
        last: Option<(&str, u64)>,
        fresh: impl FnOnce() -> Result<Numbered>,
    ) -> Result<Events<Bytes>> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let there = list.iter_mut().find(|other| other.is_of(&session.id));
        if let (Some(subscriber), Some((name, number))) = (there, last)
            && let Outlet::Numbered(stream) = &mut subscriber.outlet
            && stream.is_named(name)
        {
            let (events, lacking) = stream.take_up(number);
            if lacking {
                subscriber.tell_of_lists([true; 3]);
            }
            return Ok(events);
        }
        drop(list);
        let mut stream = fresh()?;
        let events = stream.begin();
        self.replace(session, Outlet::Numbered(Box::new(stream)));
        if last.is_some() {
            // What the client has missed is not known; what is certain is that lists may have changed.
            list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
            let added = list.iter_mut().find(|other| other.is_of(&session.id));
            added.into_iter().for_each(|subscriber| subscriber.tell_of_lists([true; 3]));
        }
        Ok(events)
    }

    fn replace(&self, session: &Arc<Session>, outlet: Outlet) {
        let now = clock::now();
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain_mut(|other| !other.is_of(&session.id) && !other.outlet.is_over(now));
        let who = Who::Legacy(Arc::clone(session));
        let (view, resources) = (Arc::clone(&session.view), Vec::new());
        list.push(Subscriber { view, lists: [true; 3], resources, who, outlet });
    }

    /// Forgets clients that do not come back.
    pub(crate) fn sweep(&self) {
        let now = clock::now();
        self.list.lock().unwrap_or_else(PoisonError::into_inner).retain_mut(|other| !other.outlet.is_over(now));
    }

    /// Adds the stream of a listen request with this raw JSON id. The first message says what it will carry.
    pub(crate) fn add_modern(&self, view: &str, id: &str, wanted: Wanted, messages: mpsc::Sender<String>) {
        let Wanted { lists, resources, tasks } = wanted;
        let names = ["toolsListChanged", "promptsListChanged", "resourcesListChanged"];
        let granted = names.iter().zip(lists).filter(|(_, wanted)| *wanted).map(|(name, _)| format!("\"{name}\":true"));
        let mut granted: Vec<String> = granted.collect();
        for (name, all) in [("resourceSubscriptions", &resources), ("taskIds", &tasks)] {
            if !all.is_empty() {
                let quoted: Vec<String> = all.iter().map(|one| raw::quote(one)).collect();
                granted.push(format!("\"{name}\":[{}]", quoted.join(",")));
            }
        }
        let params =
            format!(r#"{{"_meta":{{"{}":{id}}},"notifications":{{{}}}}}"#, meta::SUBSCRIPTION_ID, granted.join(","));
        let _ = messages.try_send(write::notification(Method::Acknowledged.name(), Some(&params)));
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        list.retain_mut(|other| !other.outlet.is_over(now));
        let (who, outlet) = (Who::Modern(id.to_owned()), Outlet::Plain(messages));
        list.push(Subscriber { view: view.into(), lists, resources, who, outlet });
    }

    /// Whether the session with this id listens.
    pub(crate) fn has_session(&self, id: &str) -> bool {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().any(|other| other.is_of(id) && other.outlet.is_open())
    }

    /// Sends a message on the stream of a session; whether there is one with room that somebody reads.
    pub(crate) fn tell_session(&self, id: &str, text: String, weight: Weight) -> bool {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let subscriber = list.iter_mut().find(|other| other.is_of(id));
        subscriber.is_some_and(|subscriber| subscriber.outlet.send(text, weight))
    }

    /// Ends the stream of a session.
    pub(crate) fn end_session(&self, id: &str) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|other| !other.is_of(id));
    }

    /// Ends all streams, those of modern clients with the result that says that it was on purpose.
    pub(crate) fn close(&self) {
        for mut subscriber in self.list.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Who::Modern(id) = &subscriber.who {
                let result = format!(r#"{{"resultType":"complete","_meta":{{"{}":{id}}}}}"#, meta::SUBSCRIPTION_ID);
                subscriber.outlet.send(write::result(id, &result), Weight::Needed);
            }
        }
    }

    /// Tells of changed lists: those who see `view`, or all.
    fn changed(&self, view: Option<&str>, lists: [bool; 3]) {
        let mut all = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in all.iter_mut().filter(|subscriber| view.is_none_or(|view| &*subscriber.view == view)) {
            subscriber.tell_of_lists(lists);
        }
    }

    fn updated(&self, upstream: &str, message: &Message) {
        let params = message.body().unwrap_or("{}");
        let Some(uri) = subscriptions::updated(upstream, params) else { return };
        let mut all = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in all.iter_mut().filter(|subscriber| subscriber.watches(&uri)) {
            subscriber.tell_of_resource(&uri, params);
        }
    }

    fn logged(&self, shared: &Shared, upstream: &str, message: &Message) {
        let level = level::of_message(message.body().unwrap_or("{}"));
        let mut all = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in all.iter_mut() {
            let Who::Legacy(session) = &subscriber.who else { continue };
            let wanted = session.level.load(Ordering::Relaxed);
            // A client that never said which level it wants gets none that is not its own call's.
            let sees = shared.hub.view(&subscriber.view).is_some_and(|view| view.upstreams.contains(upstream));
            if sees && wanted != usize::MAX && level >= wanted {
                subscriber.outlet.send(message.source().to_owned(), Weight::Passing);
            }
        }
    }
}

impl Subscriber {
    /// Whether it is the legacy session with this id.
    fn is_of(&self, id: &str) -> bool {
        matches!(&self.who, Who::Legacy(session) if session.id == id)
    }

    fn watches(&self, uri: &str) -> bool {
        match &self.who {
            Who::Legacy(session) => {
                let watched = session.watched.lock().unwrap_or_else(PoisonError::into_inner);
                watched.iter().any(|watched| subscriptions::concerns(watched, uri))
            }
            Who::Modern(_) => self.resources.iter().any(|watched| subscriptions::concerns(watched, uri)),
        }
    }

    /// Passes on that a resource has changed: what the upstream said, with the address that the client knows.
    fn tell_of_resource(&mut self, uri: &str, params: &str) {
        let own = |member: &raw::Member<'_>| member.is("uri") || member.is("_meta");
        let rest = raw::without(params, own);
        let mut splice = raw::Splice::new(&rest);
        splice.insert(&rest, "uri", &raw::quote(uri));
        if let Who::Modern(id) = &self.who {
            splice.insert(&rest, "_meta", &format!(r#"{{"{}":{id}}}"#, meta::SUBSCRIPTION_ID));
        }
        let text = write::notification(Method::ResourceUpdated.name(), Some(&splice.finish()));
        self.outlet.send(text, Weight::Repeatable);
    }

    /// Says which lists have changed, of those that it wants news of.
    fn tell_of_lists(&mut self, lists: [bool; 3]) {
        let params = match &self.who {
            Who::Legacy(_) => None,
            Who::Modern(id) => Some(format!(r#"{{"_meta":{{"{}":{id}}}}}"#, meta::SUBSCRIPTION_ID)),
        };
        for (index, method) in CHANGED.iter().enumerate() {
            if lists[index] && self.lists[index] {
                // With no room for it the client has such news already and has not read it.
                self.outlet.send(write::notification(method.name(), params.as_deref()), Weight::Repeatable);
            }
        }
    }
}

/// Passes the hub's news on to the clients that listen.
pub(crate) async fn follow(shared: Arc<Shared>) {
    let mut news = shared.hub.news();
    loop {
        match news.recv().await {
            Ok(News::Changed { view, lists }) => shared.subscribers.changed(Some(&view), lists),
            Ok(News::Notice { upstream, message }) if message.method() == Some(&Method::LogMessage) => {
                shared.subscribers.logged(&shared, &upstream, &message);
            }
            Ok(News::Notice { upstream, message }) if message.method() == Some(&Method::ResourceUpdated) => {
                shared.subscribers.updated(&upstream, &message);
            }
            Ok(News::Notice { upstream, message }) if message.method() == Some(&Method::TaskStatus) => {
                super::tasks::told(&shared, &upstream, &message);
            }
            Ok(News::Notice { .. }) => {}
            // News was missed; what is certain is that lists may have changed.
            Err(broadcast::error::RecvError::Lagged(_)) => {
                shared.subscribers.changed(None, [true; 3]);
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
