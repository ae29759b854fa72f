//! Messages on their way to a task that sends them, for connections that take no bytes from just anybody.

use super::outbox::{BACKLOG_LIMIT, Outlet, Refused};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The end where messages go in.
pub(super) struct Queue {
    sender: Mutex<Option<mpsc::UnboundedSender<String>>>,
    waiting: Arc<AtomicUsize>,
}

/// The end where messages come out, in their order.
pub(super) struct Queued {
    receiver: mpsc::UnboundedReceiver<String>,
    waiting: Arc<AtomicUsize>,
}

/// Both ends.
pub(super) fn queue() -> (Arc<Queue>, Queued) {
    // The number of messages has no limit, but that of their bytes has.
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let queue = Queue { sender: Mutex::new(Some(sender)), waiting: Arc::clone(&waiting) };
    (Arc::new(queue), Queued { receiver, waiting })
}

impl Outlet for Queue {
    fn send(&self, message: &str) -> Result<(), Refused> {
        let sender = self.lock();
        let sender = sender.as_ref().ok_or(Refused::Closed)?;
        if self.waiting.load(Ordering::Relaxed) + message.len() > BACKLOG_LIMIT {
            return Err(Refused::Full);
        }
        self.waiting.fetch_add(message.len(), Ordering::Relaxed);
        sender.send(message.to_owned()).map_err(|_| Refused::Closed)
    }

    fn close(&self) {
        *self.lock() = None;
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Option<mpsc::UnboundedSender<String>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queued {
    /// The next message; nothing when the queue was closed and is empty.
    pub(super) async fn next(&mut self) -> Option<String> {
        let message = self.receiver.recv().await?;
        self.waiting.fetch_sub(message.len(), Ordering::Relaxed);
        Some(message)
    }
}
