//! How many requests one client may send in a time, or one principal. Off unless the configuration says a rate.

use crate::answer::json;
use crate::keys::Visitor;
use axum::response::Response;
use base::{Code, Error, Limit, clock};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use mcp::{Message, write};
use resilience::bucket::{Answer, Bucket, Rate};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tools::Toll;

/// Who is counted apart from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A legacy client, by the number of its session.
    Session(u64),
    /// Everybody who is known by no more than this name.
    Principal(Arc<str>),
}

/// The buckets of all clients.
pub(crate) struct Rates {
    rate: Option<Rate>,
    started: Instant,
    buckets: Mutex<HashMap<Who, Bucket>>,
}

/// Above so many buckets those that are full again are forgotten.
const BUCKETS: usize = 1000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

impl Rates {
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        Self { rate, started: clock::now(), buckets: Mutex::default() }
    }

    /// What counts the calls that somebody makes by way of another one; nothing where no rate is configured.
    pub(crate) fn toll(rates: &Arc<Self>, visitor: &Arc<Visitor>, session: Option<u64>) -> Option<Toll> {
        visitor.rate.or(rates.rate)?;
        let (rates, visitor) = (Arc::clone(rates), Arc::clone(visitor));
        Some(Toll::new(move || match rates.take(&visitor, || session) {
            Some(taken) if !taken.passes() => Err(taken.error()),
            _ => Ok(()),
        }))
    }

    /// Counts a request; nothing where no rate is configured. A key's own rate is for all that comes with it; the general
    /// one is for each session, and for all else of a principal together.
    pub(crate) fn take(&self, visitor: &Visitor, session: impl FnOnce() -> Option<u64>) -> Option<Taken> {
        let principal = || Who::Principal(Arc::clone(&visitor.principal));
        let (rate, who) = match visitor.rate {
            Some(rate) => (rate, principal()),
            None => (self.rate?, session().map_or_else(principal, Who::Session)),
        };
        let now = clock::now().saturating_duration_since(self.started);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > BUCKETS {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        let answer = buckets.entry(who.clone()).or_default().take(&rate, now);
        let key = visitor.rate.map(|_| Arc::clone(&visitor.principal));
        Some(Taken { rate, answer, who, key })
    }

    /// The same as it stands by now: calls that were made by way of the request count too.
    pub(crate) fn by_now(&self, taken: Taken) -> Taken {
        let now = clock::now().saturating_duration_since(self.started);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        match buckets.get_mut(&taken.who).filter(|_| taken.answer.passes) {
            Some(bucket) => Taken { answer: bucket.take_many(&taken.rate, 0, now), ..taken },
            None => taken,
        }
    }
}

/// A request that was counted.
pub(crate) struct Taken {
    rate: Rate,
    answer: Answer,
    who: Who,
    /// Whose own rate it is, if it is that of a key.
    key: Option<Arc<str>>,
}

impl Taken {
    /// Whether the request may go on.
    pub(crate) fn passes(&self) -> bool {
        self.answer.passes
    }

    /// Says on the answer how much is left.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        tell(headers, &self.limit());
    }

    /// Why a request may not go on.
    pub(crate) fn error(&self) -> Error {
        let wait = self.answer.retry_after;
        let (who, place) = match &self.key {
            Some(key) => (format!("`{key}`"), format!("`rate` under `keys.{key}`")),
            None => ("a client".to_owned(), "`limits: { rate: … }`".to_owned()),
        };
        let message = format!("{who} may send {} requests in {:?}, and did", self.rate.count, self.rate.per);
        let next = format!("try again in {} s, or raise {place}", whole_seconds(wait));
        Error::new(Code::ClientRate, message, next).with_limit(self.limit())
    }

    /// The answer to a request that may not go on. `body` is the request.
    pub(crate) fn refusal(&self, body: Vec<u8>) -> Response {
        let error = self.error();
        let request = Message::from_bytes(body).ok();
        let id = request.as_ref().and_then(Message::id).unwrap_or("null");
        let mut response = json(StatusCode::TOO_MANY_REQUESTS, write::error(id, &error), error.code());
        tell_refused(response.headers_mut(), &self.limit());
        response
    }

    fn limit(&self) -> Limit {
        let Answer { remaining, reset, retry_after, .. } = self.answer;
        Limit { most: self.rate.burst, remaining, reset, retry_after }
    }
}

/// Says how a rate stands.
fn tell(headers: &mut HeaderMap, limit: &Limit) {
    headers.insert(LIMIT, HeaderValue::from(limit.most));
    headers.insert(REMAINING, HeaderValue::from(limit.remaining));
    headers.insert(RESET, HeaderValue::from(whole_seconds(limit.reset)));
}

/// Says of a rate that refused how it stands and when to come again.
pub(crate) fn tell_refused(headers: &mut HeaderMap, limit: &Limit) {
    tell(headers, limit);
    headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(limit.retry_after)));
}

/// Seconds for a header, never less than it is.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
