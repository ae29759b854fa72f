//! A token bucket, kept as one moment: the generic cell rate algorithm (ITU-T I.371). The moment is when the bucket will
//! be full again; it lies the further ahead the emptier the bucket is.

use crate::Moment;
use std::time::Duration;

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many …
    pub count: u32,
    /// … in this time.
    pub per: Duration,
    /// So many at once, when nothing came for a while.
    pub burst: u32,
}

impl Rate {
    /// The time in which one token comes.
    fn interval(&self) -> Duration {
        (self.per / self.count.max(1)).max(Duration::from_nanos(1))
    }

    /// The time in which an empty bucket fills.
    fn span(&self) -> Duration {
        self.interval().saturating_mul(self.burst.max(1))
    }
}

/// What a bucket says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Whether the request may pass.
    pub passes: bool,
    /// Tokens that are left.
    pub remaining: u32,
    /// When the bucket will be full again.
    pub reset: Duration,
    /// When the next request may pass; zero when it may now.
    pub retry_after: Duration,
}

/// A token bucket, full at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    full_at: Moment,
}

impl Bucket {
    /// Takes a token, if there is one.
    pub fn take(&mut self, rate: &Rate, now: Moment) -> Answer {
        self.take_many(rate, 1, now)
    }

    /// Takes `count` tokens, if there are so many, and else none. More than come at once never pass: then the time to wait
    /// is endless. After a refusal it is the time until so many can be taken, otherwise until one can.
    pub fn take_many(&mut self, rate: &Rate, count: u32, now: Moment) -> Answer {
        let (span, interval) = (rate.span(), rate.interval());
        let wanted = self.full_at.max(now).saturating_add(interval.saturating_mul(count));
        let passes = wanted.saturating_sub(now) <= span;
        if passes {
            self.full_at = wanted;
        }
        let reset = self.full_at.saturating_sub(now);
        let remaining = u32::try_from(span.saturating_sub(reset).as_nanos() / interval.as_nanos()).unwrap_or(u32::MAX);
        let next = interval.saturating_mul(if passes { 1 } else { count });
        let retry_after = if next > span { Duration::MAX } else { reset.saturating_add(next).saturating_sub(span) };
        Answer { passes, remaining, reset, retry_after }
    }

    /// Takes `count` tokens whether they are there or not, such as those that something turned out to need beyond what was
    /// taken before. What is missing has to come before anything passes again.
    pub fn owe(&mut self, rate: &Rate, count: u32, now: Moment) {
        self.full_at = self.full_at.max(now).saturating_add(rate.interval().saturating_mul(count));
    }

    /// Gives back `count` tokens that were taken and not needed. The bucket never holds more than when it is full.
    pub fn give_back(&mut self, rate: &Rate, count: u32) {
        self.full_at = self.full_at.saturating_sub(rate.interval().saturating_mul(count));
    }

    /// Whether it is full, and so says nothing that a new one would not say.
    pub fn is_full(&self, now: Moment) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests;
