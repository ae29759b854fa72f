//! Clients that listen for what no request asked for.

use crate::Shared;
use mcp::version::meta;
use mcp::{Message, Method, level, raw, write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, mpsc};
use tools::hub::News;
use tools::subscriptions;

use super::session::Session;

/// One client that listens.
pub(crate) struct Subscriber {
    view: Arc<str>,
    /// Which lists it wants news of: tools, prompts, resources.
    lists: [bool; 3],
    /// Which resources a modern client wants news of. A legacy session says so itself.
    resources: Vec<String>,
    who: Who,
    messages: mpsc::Sender<String>,
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

/// How many messages wait for a client that does not read before it misses some.
const WAITING: usize = 64;

const CHANGED: [Method; 3] = [Method::ToolsChanged, Method::PromptsChanged, Method::ResourcesChanged];

impl Subscribers {
    /// The stream of a legacy session. A second one takes the place of the first: a message goes to one stream only.
    pub(crate) fn add_legacy(&self, session: &Arc<Session>) -> mpsc::Receiver<String> {
        let (messages, receiver) = mpsc::channel(WAITING);
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|other| {
            !matches!(&other.who, Who::Legacy(of) if of.id == session.id) && !other.messages.is_closed()
        });
        let who = Who::Legacy(Arc::clone(session));
        let (view, resources) = (Arc::clone(&session.view), Vec::new());
        list.push(Subscriber { view, lists: [true; 3], resources, who, messages });
        receiver
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
        list.retain(|other| !other.messages.is_closed());
        list.push(Subscriber { view: view.into(), lists, resources, who: Who::Modern(id.to_owned()), messages });
    }

    /// Whether the session with this id listens.
    pub(crate) fn has_session(&self, id: &str) -> bool {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().any(|other| matches!(&other.who, Who::Legacy(of) if of.id == id) && !other.messages.is_closed())
    }

    /// Sends a message on the stream of a session; whether there is one with room.
    pub(crate) fn tell_session(&self, id: &str, text: String) -> bool {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = list.iter().find(|other| matches!(&other.who, Who::Legacy(of) if of.id == id));
        stream.is_some_and(|stream| stream.messages.try_send(text).is_ok())
    }

    /// Ends the stream of a session.
    pub(crate) fn end_session(&self, id: &str) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|other| !matches!(&other.who, Who::Legacy(of) if of.id == id));
    }

    /// Ends all streams, those of modern clients with the result that says that it was on purpose.
    pub(crate) fn close(&self) {
        for subscriber in self.list.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Who::Modern(id) = &subscriber.who {
                let result = format!(r#"{{"resultType":"complete","_meta":{{"{}":{id}}}}}"#, meta::SUBSCRIPTION_ID);
                let _ = subscriber.messages.try_send(write::result(id, &result));
            }
        }
    }

    /// Tells of changed lists: those who see `view`, or all.
    fn changed(&self, view: Option<&str>, lists: [bool; 3]) {
        let all = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in all.iter().filter(|subscriber| view.is_none_or(|view| &*subscriber.view == view)) {
            for (index, method) in CHANGED.iter().enumerate() {
                if lists[index] && subscriber.lists[index] {
                    subscriber.send(method);
                }
            }
        }
    }

    fn updated(&self, upstream: &str, message: &Message) {
        let params = message.body().unwrap_or("{}");
        let Some(uri) = subscriptions::updated(upstream, params) else { return };
        let all = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in all.iter().filter(|subscriber| subscriber.watches(&uri)) {
            subscriber.tell_of_resource(&uri, params);
        }
    }

    fn logged(&self, shared: &Shared, upstream: &str, message: &Message) {
        let level = level::of_message(message.body().unwrap_or("{}"));
        let all = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for subscriber in all.iter() {
            let Who::Legacy(session) = &subscriber.who else { continue };
            let wanted = session.level.load(Ordering::Relaxed);
            // A client that never said which level it wants gets none that is not its own call's.
            let sees = shared.hub.view(&subscriber.view).is_some_and(|view| view.upstreams.contains(upstream));
            if sees && wanted != usize::MAX && level >= wanted {
                let _ = subscriber.messages.try_send(message.source().to_owned());
            }
        }
    }
}

impl Subscriber {
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
    fn tell_of_resource(&self, uri: &str, params: &str) {
        let own = |member: &raw::Member<'_>| member.is("uri") || member.is("_meta");
        let rest = raw::without(params, own);
        let mut splice = raw::Splice::new(&rest);
        splice.insert(&rest, "uri", &raw::quote(uri));
        if let Who::Modern(id) = &self.who {
            splice.insert(&rest, "_meta", &format!(r#"{{"{}":{id}}}"#, meta::SUBSCRIPTION_ID));
        }
        let _ = self.messages.try_send(write::notification(Method::ResourceUpdated.name(), Some(&splice.finish())));
    }

    fn send(&self, method: &Method) {
        let params = match &self.who {
            Who::Legacy(_) => None,
            Who::Modern(id) => Some(format!(r#"{{"_meta":{{"{}":{id}}}}}"#, meta::SUBSCRIPTION_ID)),
        };
        // Full means that the client has such news already and has not read it.
        let _ = self.messages.try_send(write::notification(method.name(), params.as_deref()));
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
