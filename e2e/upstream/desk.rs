//! What the calls of one upstream share: who waits for whom, what was cancelled, who listens.

use super::outlet::Outlet;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::{oneshot, watch};

/// The part that others wait for.
#[derive(Default)]
pub(crate) struct Book {
    /// How many `hold` calls of each name are under way.
    pub(crate) waiting: HashMap<String, usize>,
    /// How many of them may end.
    pub(crate) released: HashMap<String, usize>,
    pub(crate) cancelled: Vec<Value>,
}

/// A stream that wants what no request asked for.
struct Listener {
    outlet: Outlet,
    /// The id and the filter of `subscriptions/listen`; nothing for a legacy session, which gets all.
    subscription: Option<(Value, Value)>,
    session: String,
}

pub(crate) struct Desk {
    book: watch::Sender<Book>,
    in_flight: Mutex<HashMap<(String, String), watch::Sender<bool>>>,
    listeners: Mutex<Vec<Listener>>,
    asked: Mutex<HashMap<String, oneshot::Sender<Value>>>,
    next_id: AtomicU64,
    pub(crate) extra_tool: AtomicBool,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            book: watch::Sender::new(Book::default()),
            in_flight: Mutex::default(),
            listeners: Mutex::default(),
            asked: Mutex::default(),
            next_id: AtomicU64::new(1),
            extra_tool: AtomicBool::new(false),
        }
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Book)) {
        self.book.send_modify(change);
    }

    /// Waits until `find` gives something.
    pub(crate) async fn wait<T>(&self, mut find: impl FnMut(&Book) -> Option<T>) -> T {
        let mut book = self.book.subscribe();
        let mut found = None;
        let _ = book
            .wait_for(|book| {
                found = find(book);
                found.is_some()
            })
            .await;
        found.expect("the book is closed only when the process ends")
    }

    /// Waits for a `release` of `name` and uses it up.
    pub(crate) async fn wait_for_release(&self, name: &str) {
        self.note(|book| *book.waiting.entry(name.to_owned()).or_default() += 1);
        let _leave = Leave { desk: self, name };
        loop {
            self.wait(|book| book.released.get(name).filter(|count| **count > 0).map(|_| ())).await;
            let taken = self.book.send_if_modified(|book| match book.released.get_mut(name) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            });
            if taken {
                return;
            }
        }
    }

    /// A request has begun; the receiver turns true when it is cancelled.
    pub(crate) fn begin(&self, session: &str, id: &Value) -> watch::Receiver<bool> {
        let sender = watch::Sender::new(false);
        let receiver = sender.subscribe();
        lock(&self.in_flight).insert((session.to_owned(), id.to_string()), sender);
        receiver
    }

    pub(crate) fn end(&self, session: &str, id: &Value) {
        lock(&self.in_flight).remove(&(session.to_owned(), id.to_string()));
    }

    /// Handles `notifications/cancelled`.
    pub(crate) fn cancel(&self, session: &str, id: &Value) {
        let known = lock(&self.in_flight).get(&(session.to_owned(), id.to_string())).map(|sender| sender.send(true));
        if known.is_none() {
            self.note(|book| book.cancelled.push(json!({"requestId": id, "inFlight": false})));
        }
        lock(&self.listeners).retain(|listener| {
            listener.session != session || listener.subscription.as_ref().is_none_or(|(own, _)| own != id)
        });
    }

    pub(crate) fn listen(&self, outlet: Outlet, session: &str, subscription: Option<(Value, Value)>) {
        lock(&self.listeners).push(Listener { outlet, subscription, session: session.to_owned() });
        // Wakes those who wait for it.
        self.note(|_| {});
    }

    /// The stream of a legacy session that belongs to no request, once there is one.
    pub(crate) async fn aside(&self, session: &str) -> Outlet {
        self.wait(|_| {
            let listeners = lock(&self.listeners);
            let open = |listener: &&Listener| listener.session == session && !listener.outlet.is_gone();
            listeners.iter().find(open).map(|listener| listener.outlet.clone())
        })
        .await
    }

    /// Ends the streams of a session.
    pub(crate) fn forget(&self, session: &str) {
        lock(&self.listeners).retain(|listener| listener.session != session);
    }

    /// Sends a notification to those who want it; `wanted` reads the filter of a subscription.
    pub(crate) fn announce(
        &self,
        method: &str,
        params: &Value,
        session: Option<&str>,
        wanted: impl Fn(&Value) -> bool,
    ) {
        let mut listeners = lock(&self.listeners);
        listeners.retain(|listener| !listener.outlet.is_gone());
        for listener in listeners.iter() {
            let mut params = params.clone();
            match &listener.subscription {
                Some((id, filter)) if wanted(filter) => {
                    params["_meta"] = json!({"io.modelcontextprotocol/subscriptionId": id});
                }
                None if session.is_none_or(|session| session == listener.session) => {}
                _ => continue,
            }
            listener.outlet.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
        }
    }

    /// Sends a request to the client and waits for its answer.
    pub(crate) async fn ask(&self, outlet: &Outlet, method: &str, params: &Value) -> Value {
        let id = format!("ask-{}", self.next_id.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = oneshot::channel();
        lock(&self.asked).insert(id.clone(), sender);
        outlet.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        receiver.await.unwrap_or(Value::Null)
    }

    /// Handles the answer to a request of [`Desk::ask`].
    pub(crate) fn answered(&self, message: Value) {
        let sender = message["id"].as_str().and_then(|id| lock(&self.asked).remove(id));
        if let Some(sender) = sender {
            let _ = sender.send(message);
        }
    }
}

/// Takes a waiting call out of the book also when it is cancelled.
struct Leave<'a> {
    desk: &'a Desk,
    name: &'a str,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.desk.note(|book| {
            if let Some(count) = book.waiting.get_mut(self.name) {
                *count = count.saturating_sub(1);
            }
        });
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}
