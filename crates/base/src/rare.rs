//! Futures that rarely have anything to say, beside one that often has.
//!
//! To poll both whenever the task wakes costs the rare one a look each time. Here it is looked at only once it has rung.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A future that is polled only when it has been woken itself. It is not polled again once it was ready.
pub struct Rare<F> {
    future: Option<Pin<Box<F>>>,
    bell: Arc<Bell>,
    /// What the future wakes.
    ringer: Waker,
    /// The task that is woken when it rings.
    task: Option<Waker>,
}

/// What a future rings.
struct Bell {
    rung: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Before the task is looked for: one that comes meanwhile sees it.
        self.rung.store(true, Ordering::SeqCst);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl<F: Future> Rare<F> {
    /// One that was not polled yet.
    pub fn new(future: F) -> Self {
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), task: Mutex::new(None) });
        let ringer = Waker::from(Arc::clone(&bell));
        Self { future: Some(Box::pin(future)), bell, ringer, task: None }
    }

    /// What comes of the future; pending for ever where that was given already.
    pub fn poll(&mut self, context: &Context<'_>) -> Poll<F::Output> {
        if self.task.as_ref().is_none_or(|task| !task.will_wake(context.waker())) {
            let task = context.waker().clone();
            *self.bell.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.clone());
            self.task = Some(task);
        }
        // Read first: nearly always nothing has rung, and to write would cost more.
        if !self.bell.rung.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        self.bell.rung.store(false, Ordering::SeqCst);
        let Some(future) = &mut self.future else { return Poll::Pending };
        let polled = future.as_mut().poll(&mut Context::from_waker(&self.ringer));
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

#[cfg(test)]
mod tests;
