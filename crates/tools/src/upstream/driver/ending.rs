//! The end of a connection, by itself or on purpose.

use super::Driver;
use crate::machine::Event;
use base::{Code, Error, clock, task};
use std::sync::Arc;
use std::time::Duration;

/// So many calls that worked show that a connection was of use.
const OF_USE: u64 = 10;

impl Driver {
    /// The connection has ended by itself.
    pub(super) fn lost(&mut self, error: Error) {
        self.ended = None;
        // A server that does its work is back at once, however often it ends: each time it is known to be of use.
        if self.shared.answered().saturating_sub(self.answered) >= OF_USE {
            self.machine.forgive();
        }
        // A session that the server forgot is no fault: the next call opens another at once.
        let quiet = error.code() == Code::UpstreamSessionLost;
        if let Some(session) = self.session.take() {
            session.failed(error.code().label());
        }
        self.take(if quiet { Event::Quiet } else { Event::Ended });
        self.publish(Some(error).filter(|_| !quiet));
        self.answer_waiters();
    }

    /// Gives up the connection and ends what is at its other end, without waiting for that.
    pub(super) fn let_go(&mut self) {
        self.ended = None;
        self.refreshing = None;
        self.refresh_at = None;
        self.session = None;
        self.notices = None;
        self.shared.live.store(None);
        self.shared.results.disconnected();
        let Some(live) = self.current.take() else { return };
        let grace = self.shared.settings.timeouts.stop;
        let shared = Arc::clone(&self.shared);
        let before = self.stopping.take();
        self.stopping = Some(task::spawn("upstream stop", async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            live.end(grace, shared.in_flight() > 0).await;
        }));
        self.shared.status.send_modify(|status| status.pid = None);
    }

    /// Ends it for good, once the calls that are under way have ended or `patience` is over.
    pub(super) async fn end(&mut self, patience: Duration) {
        self.starting = None;
        self.shared.live.store(None);
        let deadline = clock::now() + patience;
        while self.shared.in_flight() > 0 && clock::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.let_go();
        if let Some(stopping) = self.stopping.take() {
            let _ = stopping.await;
        }
        for waiter in self.waiters.drain(..) {
            let _ = waiter.send(Err(self.shared.removed()));
        }
    }
}
