//! How many requests one client may send in a time. Off unless the configuration says a rate.

use crate::answer::json;
use axum::response::Response;
use base::{Code, Error, clock};
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
    Principal(&'static str),
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

    /// What counts the calls that `who` makes by way of another one; nothing where no rate is configured.
    pub(crate) fn toll(rates: &Arc<Self>, who: Who) -> Option<Toll> {
        rates.rate?;
        let rates = Arc::clone(rates);
        Some(Toll::new(move || match rates.take(|| who.clone()) {
            Some(taken) if !taken.passes() => Err(taken.error()),
            _ => Ok(()),
        }))
    }

    /// Counts a request; nothing where no rate is configured. `who` says whose it is.
    pub(crate) fn take(&self, who: impl FnOnce() -> Who) -> Option<Taken> {
        let rate = self.rate?;
        let now = clock::now().saturating_duration_since(self.started);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > BUCKETS {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        let answer = buckets.entry(who()).or_default().take(&rate, now);
        Some(Taken { rate, answer })
    }
}

/// A request that was counted.
pub(crate) struct Taken {
    rate: Rate,
    answer: Answer,
}

impl Taken {
    /// Whether the request may go on.
    pub(crate) fn passes(&self) -> bool {
        self.answer.passes
    }

    /// Says on the answer how much is left.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.rate.burst));
        headers.insert(REMAINING, HeaderValue::from(self.answer.remaining));
        headers.insert(RESET, HeaderValue::from(whole_seconds(self.answer.reset)));
    }

    /// Why a request may not go on.
    pub(crate) fn error(&self) -> Error {
        let wait = self.answer.retry_after;
        let message =
            format!("a client may send {} requests in {:?}, and this one did", self.rate.count, self.rate.per);
        let next = format!("try again in {} s, or raise `limits: {{ rate: … }}`", whole_seconds(wait));
        Error::new(Code::ClientRate, message, next).with_retry_after(wait)
    }

    /// The answer to a request that may not go on. `body` is the request.
    pub(crate) fn refusal(&self, body: Vec<u8>) -> Response {
        let (wait, error) = (self.answer.retry_after, self.error());
        let request = Message::from_bytes(body).ok();
        let id = request.as_ref().and_then(Message::id).unwrap_or("null");
        let mut response = json(StatusCode::TOO_MANY_REQUESTS, write::error(id, &error), error.code());
        self.tell(response.headers_mut());
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        response
    }
}

/// Seconds for a header, never less than it is.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
