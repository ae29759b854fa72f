//! A second request beside the first, where the operator asks for it or the first is unusually silent: the first answer
//! counts.
//!
//! An answer can get lost without an end of its connection: the server forgot the call, or wrote something that is no
//! message. The caller of a tool that may be repeated does not wait for that in vain.

use super::{Forward, Sent, Stage};
use base::{Error, Result, clock};
use mcp::Method;
use mcp::client::Inbound;
use protection::guard::Seen;
use std::time::Duration;

/// What comes next of the requests under way.
pub(super) enum Arrival {
    /// Something of the request that counts.
    Inbound(Result<Inbound>),
    /// It is time for a second request.
    Due,
    /// The second request failed; the first goes on.
    Lost(Error),
    /// Nothing came in time.
    Late,
}

impl Sent {
    /// What comes next, within `limit`. When the second request is answered first, it takes the place of the first, which
    /// is cancelled.
    pub(super) async fn arrival(&mut self, limit: Duration) -> Arrival {
        let Some(second) = &mut self.second else {
            let due = self.hedge_at.map(|at| at.saturating_duration_since(clock::now()));
            let wait = due.unwrap_or(limit).min(limit);
            return match tokio::time::timeout(wait, self.call.next()).await {
                Ok(inbound) => {
                    self.heard = true;
                    Arrival::Inbound(inbound)
                }
                Err(_) if due.is_some_and(|due| due <= limit) => Arrival::Due,
                Err(_) => Arrival::Late,
            };
        };
        let both = async {
            loop {
                tokio::select! {
                    biased;
                    inbound = self.call.next() => return Ok(inbound),
                    inbound = second.call.next() => match inbound {
                        // How far it is says the first.
                        Ok(Inbound::Note(_)) => {}
                        other => return Err(other),
                    },
                }
            }
        };
        match tokio::time::timeout(limit, both).await {
            Err(_) => Arrival::Late,
            Ok(Ok(inbound)) => Arrival::Inbound(inbound),
            Ok(Err(Ok(Inbound::Answer(answer)))) => {
                if let Some(second) = self.second.take() {
                    *self = *second;
                }
                Arrival::Inbound(Ok(Inbound::Answer(answer)))
            }
            // The client is asked by one request only.
            Ok(Err(Ok(_))) => {
                self.second = None;
                Arrival::Lost(Error::internal("the second request asked the client something"))
            }
            Ok(Err(Err(error))) => {
                if let Some(mut second) = self.second.take() {
                    second.pass.failed(Seen::sent(&error, second.lease.live.is_shared()));
                }
                Arrival::Lost(error)
            }
        }
    }
}

/// No call counts as silent before that, however quick the others are.
pub(super) const SILENCE: Duration = Duration::from_secs(1);

impl Forward {
    /// After which time a second request is worth it; nothing where none is wanted.
    pub(super) fn hedge_after(&self) -> Option<Duration> {
        let guard = &self.upstream.guard;
        let may = self.method == Method::ToolsCall && !self.wants_task() && !guard.protection().rules.is_empty();
        if may { guard.hedge_after(&self.original) } else { None }
    }

    /// How long a call that gave no sign of life may be silent; nothing where it is not sent twice for that.
    fn unusual(&self) -> Option<Duration> {
        let Stage::Sent(sent) = &self.stage else { return None };
        let guard = &self.upstream.guard;
        let left = self.course.sent < guard.protection().retry.attempts;
        let may = left && !sent.heard && self.effect().repeats();
        if may { guard.patience(self.subject()) } else { None }
    }

    /// Sends a second request beside the first, if there is a connection and budget for it.
    pub(super) fn hedge(&mut self) -> Result<()> {
        let unusual = if self.hedge_after().is_some() { Some(Duration::ZERO) } else { self.unusual() };
        let Stage::Sent(sent) = &mut self.stage else { return Ok(()) };
        let due = unusual.map(|wait| sent.sent_at + wait);
        // It is looked before it is known how long this tool takes: that costs nothing while all is well.
        sent.hedge_at = due.filter(|due| *due > clock::now());
        if due.is_none() || sent.hedge_at.is_some() {
            return Ok(());
        }
        if self.asks.any_made() || !self.upstream.guard.hedges() {
            return Ok(());
        }
        let Some(lease) = sent.lease.upstream().lease_now() else { return Ok(()) };
        let Ok(pass) = self.upstream.guard.enter(self.subject(), false) else { return Ok(()) };
        // What cannot be sent now is not sent: the first request goes on.
        if let Ok(second) = self.post(lease, pass)?
            && let Stage::Sent(sent) = &mut self.stage
        {
            sent.second = Some(second);
        }
        Ok(())
    }
}
