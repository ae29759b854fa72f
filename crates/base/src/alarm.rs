//! Time limits that are set again and again, and nearly never reached.
//!
//! To set a timer of the runtime and to take it back costs a lock and a place in a list each time. Here one timer serves many
//! limits, one after the other: it is set anew only when it runs out before the limit does, or where a limit is nearer.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// So many alarms wait for the next limit.
const KEPT: usize = 128;

/// A time limit that can be set anew.
#[derive(Debug)]
pub struct Alarm {
    sleep: Pin<Box<Sleep>>,
    until: Instant,
    /// Whom the timer wakes, where it waits.
    waker: Option<Waker>,
}

impl Alarm {
    /// A limit that is reached then.
    pub fn at(until: Instant) -> Self {
        Self { sleep: Box::pin(tokio::time::sleep_until(until)), until, waker: None }
    }

    /// Sets another limit.
    pub fn set(&mut self, until: Instant) {
        self.until = until;
        if until < self.sleep.deadline() {
            self.sleep.as_mut().reset(until);
            self.waker = None;
        }
    }

    /// Ready once the limit is reached.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let waits = self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        // Whom the timer wakes, it wakes behind the moment from which on this is so.
        if waits && !self.sleep.is_elapsed() {
            return Poll::Pending;
        }
        self.waker = None;
        loop {
            ready!(self.poll_timer(context));
            if Instant::now() >= self.until {
                return Poll::Ready(());
            }
            let until = self.until;
            self.sleep.as_mut().reset(until);
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // A task without budget would be put off before the timer knows whom to wake, and that could not be told from waiting.
        let polled = pin!(tokio::task::unconstrained(self.sleep.as_mut())).poll(context);
        self.waker = polled.is_pending().then(|| context.waker().clone());
        polled
    }
}

/// Alarms that wait for their next limit.
#[derive(Debug, Default)]
pub struct Alarms(Mutex<Vec<Alarm>>);

impl Alarms {
    /// What comes of `future`; nothing where it takes longer than `limit`.
    pub async fn within<T>(&self, limit: Duration, mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        let until = Instant::now() + limit;
        let mut set: Option<Set<'_>> = None;
        poll_fn(|context| {
            if let Poll::Ready(outcome) = future.as_mut().poll(context) {
                return Poll::Ready(Some(outcome));
            }
            // What is there at once needs no alarm.
            let alarm = set.get_or_insert_with(|| self.set(until)).0.as_mut();
            if let Some(alarm) = alarm {
                ready!(alarm.poll(context));
            }
            Poll::Ready(None)
        })
        .await
    }

    fn set(&self, until: Instant) -> Set<'_> {
        let kept = self.lock().pop().map(|mut alarm| {
            alarm.set(until);
            alarm
        });
        Set(Some(kept.unwrap_or_else(|| Alarm::at(until))), self)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Alarm>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An alarm that is set, and kept for the next limit when it is not needed any more.
struct Set<'a>(Option<Alarm>, &'a Alarms);

impl Drop for Set<'_> {
    fn drop(&mut self) {
        let Some(mut alarm) = self.0.take() else { return };
        alarm.waker = None;
        let mut kept = self.1.lock();
        if kept.len() < KEPT {
            kept.push(alarm);
        }
    }
}

#[cfg(test)]
mod tests;
