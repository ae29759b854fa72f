//! What legacy tasks ask of modern clients.
//!
//! A legacy server asks during a task only while somebody waits for its result, and asks whoever waits. A modern client
//! never waits: it looks at the task, is shown what it is asked, and answers with a request of its own. So the hub waits
//! in its place, from the first look at a task that wants something until the task has ended.

mod inputs;

pub(crate) use inputs::Inputs;

use super::ids::Ids;
use super::input;
use base::{clock, random};
use identity::tasks::Task;
use mcp::raw;
use mcp::task;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tools::{Ask, Forward, Reply, Step};

/// A task, and whose it is.
pub(crate) type Key = (Task, Arc<str>);

/// The tasks for which the hub waits.
#[derive(Default)]
pub(crate) struct Questions {
    open: Mutex<HashMap<Key, Arc<Asking>>>,
}

/// A task for which the hub waits.
pub(crate) struct Asking {
    /// Makes the names of its asks differ from those of an earlier wait for the same task.
    name: String,
    /// What is not answered yet.
    asks: watch::Sender<Vec<Ask>>,
    replies: mpsc::Sender<(u64, Reply)>,
    looked_at: Mutex<Instant>,
}

/// The most tasks that are waited for.
const TASKS: usize = 256;

/// How long a task is waited for that its client does not look at any more.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// How long a client that looks at a task waits for the first thing that it is asked.
const FIRST: Duration = Duration::from_secs(1);

/// How many answers may stand in line.
const REPLIES: usize = 64;

impl Questions {
    /// What is known of a task for which the hub waits. Whoever asks for it looks at it.
    pub(crate) fn of(&self, key: &Key) -> Option<Arc<Asking>> {
        let asking = self.lock().get(key).cloned()?;
        *asking.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = clock::now();
        Some(asking)
    }

    /// Waits for a task by `forward`, which asks for its result, until that is there, nobody looks any more or the hub
    /// ends. Nothing when too many are waited for.
    pub(crate) fn wait(
        questions: &Arc<Self>,
        key: Key,
        forward: Forward,
        ids: Ids,
        shutdown: CancellationToken,
    ) -> Option<Arc<Asking>> {
        let (replies, inbox) = mpsc::channel(REPLIES);
        let asking = Arc::new(Asking {
            name: random::hex::<6>().ok()?,
            asks: watch::Sender::new(Vec::new()),
            replies,
            looked_at: Mutex::new(clock::now()),
        });
        {
            let mut open = questions.lock();
            // Two looks at once are no reason to be asked twice.
            if let Some(other) = open.get(&key) {
                return Some(Arc::clone(other));
            }
            if open.len() >= TASKS {
                return None;
            }
            open.insert(key.clone(), Arc::clone(&asking));
        }
        let (questions, own) = (Arc::clone(questions), Arc::clone(&asking));
        base::task::spawn("questions of a task", async move {
            tokio::select! {
                () = own.run(forward, inbox, &ids, &key.0) => {}
                () = own.forgotten() => {}
                () = shutdown.cancelled() => {}
            }
            let mut open = questions.lock();
            if open.get(&key).is_some_and(|other| Arc::ptr_eq(other, &own)) {
                open.remove(&key);
            }
        });
        Some(asking)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Asking>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking {
    /// Waits, not for long, until the client is asked something.
    pub(crate) async fn first(&self) {
        let mut asks = self.asks.subscribe();
        let _ = tokio::time::timeout(FIRST, asks.wait_for(|asks| !asks.is_empty())).await;
    }

    /// What the client is asked, as the raw JSON of `inputRequests`.
    pub(crate) fn requests(&self) -> String {
        let asks = self.asks.borrow();
        let all: Vec<String> = asks.iter().map(|ask| input::request(&self.name_of(ask), ask)).collect();
        format!("{{{}}}", all.join(","))
    }

    /// Takes the client's answers. What was not asked, or is answered already, is passed over.
    pub(crate) fn take(&self, responses: &str) {
        self.asks.send_modify(|asks| {
            asks.retain(|ask| match raw::get(responses, &self.name_of(ask)).filter(|own| raw::is_object(own)) {
                Some(response) => self.replies.try_send((ask.key, Ok(response.to_owned()))).is_err(),
                None => true,
            });
        });
    }

    fn name_of(&self, ask: &Ask) -> String {
        format!("input-{}-{}", self.name, ask.key)
    }

    async fn run(&self, mut forward: Forward, mut inbox: mpsc::Receiver<(u64, Reply)>, ids: &Ids, task: &Task) {
        let id = raw::quote(&task.id);
        loop {
            tokio::select! {
                step = forward.next() => match ids.outward(step) {
                    Step::Ask(ask) => self.asks.send_modify(|asks| asks.push(ask)),
                    Step::Withdraw(key) => self.asks.send_modify(|asks| asks.retain(|ask| ask.key != key)),
                    Step::Note(_) => {}
                    // Whoever looks at the task gets its result from the upstream.
                    Step::Result(_) | Step::Error(_) => return,
                },
                Some((key, reply)) = inbox.recv() => {
                    let reply = ids.inward(reply).map(|result| task::related(&result, &id));
                    forward.reply(key, reply);
                }
            }
        }
    }

    /// Ends when nobody has looked for long.
    async fn forgotten(&self) {
        loop {
            let until = *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) + PATIENCE;
            if clock::now() >= until {
                return;
            }
            tokio::time::sleep_until(until.into()).await;
        }
    }
}
