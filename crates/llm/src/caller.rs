//! For whom a model is asked.

use crate::booking::Booking;
use base::{Code, Error, Result, clock};
use resilience::Moment;
use resilience::bucket::{Bucket, Rate};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use telemetry::trace::Parent;

/// For whom a model is asked: what it costs counts for them.
#[derive(Clone)]
pub struct Caller {
    /// Whose key the request came with.
    pub principal: Arc<str>,
    /// The team of that key.
    pub team: Option<Arc<str>>,
    /// The run that the request is part of, as the client names it.
    pub run: Option<Arc<str>>,
    /// The hybrid route that asks for it, where one does: it counts against that too.
    pub through: Option<Arc<str>>,
    /// The only models that may be asked for, by the names that clients use; a `*` at the end stands for any rest. None
    /// means all.
    pub models: Option<Arc<[String]>>,
    /// How many tokens may be used, where that is limited.
    pub tokens: Option<Arc<Tokens>>,
    /// The span of its request, where traces are sent.
    pub trace: Option<Parent>,
    /// Where its request is booked too.
    pub booking: Option<Arc<Booking>>,
    /// Where is added up what its requests took, where somebody wants to know.
    pub spent: Option<Arc<Spent>>,
}

/// So much money and so many tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Took {
    /// In nano-dollars.
    pub nano_dollars: u64,
    /// Of requests and answers together.
    pub tokens: u64,
}

impl Took {
    const fn and(self, other: Self) -> Self {
        let nano_dollars = self.nano_dollars.saturating_add(other.nano_dollars);
        Self { nano_dollars, tokens: self.tokens.saturating_add(other.tokens) }
    }

    const fn without(self, other: Self) -> Self {
        let nano_dollars = self.nano_dollars.saturating_sub(other.nano_dollars);
        Self { nano_dollars, tokens: self.tokens.saturating_sub(other.tokens) }
    }
}

/// What requests took together, those that failed and those that were given up included.
#[derive(Debug, Default)]
pub struct Spent {
    sums: Mutex<Sums>,
    /// How many nano-dollars they may take together.
    most_money: Option<u64>,
    /// How many tokens they may have together.
    most_tokens: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    took: Took,
    /// The most that those take which are under way.
    under_way: Took,
    /// What those whose answers were lost may have taken besides.
    lost: Took,
}

impl Spent {
    /// Nothing yet, of so many nano-dollars and so many tokens that requests may take together, where that is limited. Whoever asks more
    /// than once looks before each whether that holds ([`crate::Gateway::check_within`]).
    pub fn within(nano_dollars: Option<u64>, tokens: Option<u64>) -> Self {
        Self { most_money: nano_dollars, most_tokens: tokens, ..Self::default() }
    }

    pub(crate) const fn is_limited(&self) -> bool {
        self.most_money.is_some() || self.most_tokens.is_some()
    }

    /// Whether so much more is within what they may take.
    pub(crate) fn has_left(&self, nano_dollars: u64, tokens: u64) -> bool {
        let fits =
            |most: Option<u64>, taken: u64, more: u64| most.is_none_or(|most| taken.saturating_add(more) <= most);
        let took = self.at_most();
        fits(self.most_money, took.nano_dollars, nano_dollars) && fits(self.most_tokens, took.tokens, tokens)
    }

    /// What they took so far, as far as that is known: that of one which is under way is not.
    pub fn took(&self) -> Took {
        self.sums().took
    }

    /// The most that they may have taken: whatever becomes of those that are under way, and whatever the answers had that were lost.
    pub fn at_most(&self) -> Took {
        let sums = *self.sums();
        sums.took.and(sums.under_way).and(sums.lost)
    }

    /// One is sent now that takes no more than `most`, where so much is left of what they may take: whatever becomes of the others, those
    /// that were lost included.
    pub(crate) fn begin(&self, most: Took) -> bool {
        let mut sums = self.sums();
        let all = sums.took.and(sums.under_way).and(sums.lost).and(most);
        let fits = |bound: Option<u64>, all: u64| bound.is_none_or(|bound| all <= bound);
        let fits = fits(self.most_money, all.nano_dollars) && fits(self.most_tokens, all.tokens);
        if fits {
            sums.under_way = sums.under_way.and(most);
        }
        fits
    }

    /// One that was to take no more than `most` took so much; where its answer was lost, it may have been more.
    pub(crate) fn end(&self, most: Took, took: Took, is_lost: bool) {
        let mut sums = self.sums();
        sums.under_way = sums.under_way.without(most);
        sums.took = sums.took.and(took);
        if is_lost {
            sums.lost = sums.lost.and(most.without(took));
        }
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Caller {
    /// Whoever runs the hub.
    pub fn local(principal: Arc<str>) -> Self {
        Self {
            principal,
            team: None,
            run: None,
            through: None,
            models: None,
            tokens: None,
            trace: None,
            booking: None,
            spent: None,
        }
    }

    /// All that it may, to be compared.
    pub fn rights(&self) -> impl PartialEq + use<> {
        (self.team.clone(), self.models.clone(), self.tokens.as_ref().map(|tokens| tokens.rate))
    }

    /// Whether the model of this name may be asked for.
    pub fn may_ask(&self, model: &str) -> bool {
        let fits = |own: &String| match own.strip_suffix('*') {
            Some(begin) => model.starts_with(begin),
            None => own == model,
        };
        self.models.as_ref().is_none_or(|models| models.iter().any(fits))
    }
}

/// How many tokens somebody may use in a time.
pub struct Tokens {
    rate: Rate,
    bucket: Mutex<Bucket>,
    began: Instant,
}

impl Tokens {
    /// None used yet.
    pub fn new(rate: Rate) -> Self {
        Self { rate, bucket: Mutex::default(), began: clock::now() }
    }

    /// Takes what a request is expected to use, and says how much that was. What may never be used at once is taken when
    /// all is there, and the rest is owed when it is known.
    ///
    /// # Errors
    /// [`Code::ClientRate`] where so many are not left.
    pub(crate) fn take(&self, principal: &str, expected: u64) -> Result<u64> {
        let count = u32::try_from(expected).unwrap_or(u32::MAX).min(self.rate.burst);
        let answer = self.lock().take_many(&self.rate, count, self.now());
        if answer.passes {
            return Ok(u64::from(count));
        }
        let message = format!("`{principal}` may use {} tokens in {:?}, and did", self.rate.count, self.rate.per);
        let next = format!("try again after a while, ask for less at once, or raise `tokens` under `keys.{principal}`");
        Err(Error::new(Code::ClientRate, message, next).with_retry_after(answer.retry_after))
    }

    /// Says what a request did use, in place of what was taken for it.
    pub(crate) fn correct(&self, taken: u64, used: u64) {
        let count = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
        let mut bucket = self.lock();
        if used > taken {
            bucket.owe(&self.rate, count(used - taken), self.now());
        } else {
            bucket.give_back(&self.rate, count(taken - used));
        }
    }

    fn now(&self) -> Moment {
        clock::now().saturating_duration_since(self.began)
    }

    fn lock(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
