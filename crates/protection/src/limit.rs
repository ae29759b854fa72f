//! How much a provider or a deployment is asked, and who waits where that is as much as may be.

use crate::settings::Limits;
use base::clock;
use resilience::Moment;
use resilience::quota::{Full, Lack, Quota};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// When to ask again where nobody knows when those end that are under way.
const SHORTLY: Duration = Duration::from_secs(1);

/// The limit of one provider or deployment.
#[derive(Debug)]
pub struct Limit {
    /// What is limited: a provider, or a deployment (`provider/model`).
    pub name: Arc<str>,
    settings: Limits,
    counted: Arc<Counted>,
}

/// What is counted, whatever the configuration says since.
#[derive(Debug)]
struct Counted {
    quota: Mutex<Quota>,
    /// Wakes one of those that wait.
    room: Notify,
    began: Instant,
}

/// How a limit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What is limited: a provider, or a deployment (`provider/model`).
    pub name: Arc<str>,
    /// What the configuration says.
    pub settings: Limits,
    /// Requests under way.
    pub running: usize,
    /// Requests that wait.
    pub waiting: usize,
    /// Whether a request that comes now would have to wait.
    pub full: bool,
}

/// That a request cannot go on for now.
#[derive(Debug, Clone)]
pub struct AtLimit {
    /// The limit.
    pub limit: Arc<Limit>,
    full: Full,
}

impl Limit {
    /// The limit of what has this name. What was counted under one before goes on.
    pub fn new(name: Arc<str>, settings: Limits, before: Option<&Limit>) -> Arc<Self> {
        let new = || Counted { quota: Mutex::default(), room: Notify::new(), began: clock::now() };
        let counted = before.map_or_else(|| Arc::new(new()), |before| Arc::clone(&before.counted));
        Arc::new(Self { name, settings, counted })
    }

    /// Whether tokens are counted.
    pub fn counts_tokens(&self) -> bool {
        self.settings.quota.units.is_some()
    }

    /// Whether a request that comes now would have to wait.
    pub fn is_full(&self, now: Instant) -> bool {
        let now = self.moment(now);
        let quota = self.quota();
        quota.waiting() > 0 || !quota.has_room(&self.settings.quota, now)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let full = self.is_full(clock::now());
        let quota = self.quota();
        let (running, waiting) = (quota.running(), quota.waiting());
        Standing { name: Arc::clone(&self.name), settings: self.settings, running, waiting, full }
    }

    fn enter(&self, tokens: u64, now: Instant, waited: bool) -> Result<u32, Full> {
        let now = self.moment(now);
        self.quota().enter(&self.settings.quota, tokens, now, waited)
    }

    fn leave(&self, sent: bool) {
        self.quota().leave(&self.settings.quota, sent);
        self.counted.room.notify_one();
    }

    fn correct(&self, taken: u32, used: u64) {
        let now = self.moment(clock::now());
        self.quota().correct(&self.settings.quota, taken, used, now);
        if u64::from(taken) > used {
            self.counted.room.notify_one();
        }
    }

    fn moment(&self, now: Instant) -> Moment {
        now.saturating_duration_since(self.counted.began)
    }

    fn quota(&self) -> MutexGuard<'_, Quota> {
        self.counted.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AtLimit {
    /// After which time there is room, as far as that is known.
    pub fn after(&self) -> Option<Duration> {
        self.full.after
    }

    /// When to ask again.
    pub fn retry_after(&self) -> Duration {
        self.full.after.unwrap_or(SHORTLY)
    }

    /// What there is as much of as may be.
    pub fn what(&self) -> &'static str {
        match self.full.lack {
            Lack::Running => "as many requests under way as its `concurrency` lets through",
            Lack::Turn => "others waiting for their turn",
            Lack::Rate => "as many requests in this time as its `rate` lets through",
            Lack::Units => "as many tokens in this time as its `tokens` let through",
        }
    }

    /// Whether there may be room before nobody waits any more.
    fn is_worth_waiting(&self) -> bool {
        self.full.after.is_none_or(|after| after <= self.limit.settings.wait)
    }
}

/// The room that a request takes at some limits. Dropped, it is free again.
#[derive(Debug, Default)]
pub struct Permit {
    limits: Vec<Arc<Limit>>,
    sent: bool,
}

impl Permit {
    /// The request goes out.
    pub fn sent(&mut self) {
        self.sent = true;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limits.iter().for_each(|limit| limit.leave(self.sent));
    }
}

/// The tokens that a request takes at some limits. Dropped, none were used.
#[derive(Debug, Default)]
pub struct Share(Vec<(Arc<Limit>, u32)>);

impl Share {
    /// How many tokens the request used in the end.
    pub fn used(&mut self, tokens: u64) {
        self.0.drain(..).for_each(|(limit, taken)| limit.correct(taken, tokens));
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.used(0);
    }
}

/// Room for a request that is expected to take so many tokens, at all of `limits`. Nothing is paid where there are none.
///
/// # Errors
/// One of them has none for now.
pub fn enter(
    limits: &[Arc<Limit>],
    tokens: u64,
    now: Instant,
    queue: Option<&Queue>,
) -> Result<(Permit, Share), AtLimit> {
    let (mut permit, mut share) = (Permit::default(), Share::default());
    for limit in limits {
        let waited = queue.is_some_and(|queue| queue.holds(limit));
        match limit.enter(tokens, now, waited) {
            Ok(taken) => {
                permit.limits.push(Arc::clone(limit));
                if limit.counts_tokens() {
                    share.0.push((Arc::clone(limit), taken));
                }
            }
            Err(full) => return Err(AtLimit { limit: Arc::clone(limit), full }),
        }
    }
    Ok((permit, share))
}

/// The places of one request among those that wait.
#[derive(Debug, Default)]
pub struct Queue(Vec<Place>);

/// A place among those that wait for one limit.
#[derive(Debug)]
struct Place(Arc<Limit>);

impl Drop for Place {
    fn drop(&mut self) {
        let limit = &self.0;
        let (now, limits) = (limit.moment(clock::now()), &limit.settings.quota);
        let mut quota = limit.quota();
        quota.stop_waiting();
        // The next one takes what is left. Where more comes with time, it learns how long that takes: of those who wait only the first knows.
        let comes = limits.rate.is_some() || limits.units.is_some() || quota.has_room(limits, now);
        let another = comes && quota.waiting() > 0;
        drop(quota);
        if another {
            limit.counted.room.notify_one();
        }
    }
}

impl Queue {
    /// Takes a place before what has no room, where there is one and it is worth it. Says for how long it may wait there at most;
    /// nothing where it may not.
    pub fn join(&mut self, at: &AtLimit) -> Option<Duration> {
        let limit = &at.limit;
        if !at.is_worth_waiting() {
            return None;
        }
        if !self.holds(limit) {
            if !limit.quota().join(&limit.settings.quota) {
                return None;
            }
            self.0.push(Place(Arc::clone(limit)));
        }
        Some(limit.settings.wait)
    }

    /// Leaves the places before all limits but those that are lacking. What is taken of another and given back, as something else is
    /// lacking still, would wake the request itself, again and again.
    pub fn keep<'a>(&mut self, lacking: impl Iterator<Item = &'a AtLimit>) {
        let lacking: Vec<&AtLimit> = lacking.collect();
        self.0.retain(|place| lacking.iter().any(|at| Arc::ptr_eq(&at.limit.counted, &place.0.counted)));
    }

    fn holds(&self, limit: &Arc<Limit>) -> bool {
        self.0.iter().any(|place| Arc::ptr_eq(&place.0.counted, &limit.counted))
    }

    /// Waits until there may be room at one of them: when one is told so, or after the time `after`. Says whether that was before
    /// `until`.
    pub async fn wait(&self, after: Option<Duration>, until: tokio::time::Instant) -> bool {
        let mut woken: Vec<_> = self.0.iter().map(|place| Box::pin(place.0.counted.room.notified())).collect();
        let any = std::future::poll_fn(|context| {
            let ready = woken.iter_mut().any(|woken| woken.as_mut().poll(context).is_ready());
            if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        });
        let then = after.map(|after| tokio::time::Instant::now() + after).filter(|then| *then <= until);
        let woken = tokio::time::timeout_at(then.unwrap_or(until), any).await.is_ok();
        woken || then.is_some()
    }
}

#[cfg(test)]
mod tests;
