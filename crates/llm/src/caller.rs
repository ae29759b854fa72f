//! For whom a model is asked.

use crate::booking::Booking;
use base::{Code, Error, Result, clock};
use resilience::Moment;
use resilience::bucket::{Bucket, Rate};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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

/// What requests took together, those that failed and those that were given up included.
#[derive(Debug, Default)]
pub struct Spent {
    nano_dollars: AtomicU64,
    tokens: AtomicU64,
    lost: AtomicBool,
    /// How many nano-dollars they may take together.
    most_money: Option<u64>,
    /// How many tokens they may have together.
    most_tokens: Option<u64>,
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
        fits(self.most_money, self.nano_dollars(), nano_dollars) && fits(self.most_tokens, self.tokens(), tokens)
    }

    /// Whether answers were lost on the way, so that they may have cost more than is known.
    pub fn may_be_more(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn lose(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }

    /// What they cost so far, in nano-dollars.
    pub fn nano_dollars(&self) -> u64 {
        self.nano_dollars.load(Ordering::Relaxed)
    }

    /// The tokens that they had so far, of requests and answers together.
    pub fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, nano_dollars: u64, tokens: u64) {
        self.nano_dollars.fetch_add(nano_dollars, Ordering::Relaxed);
        self.tokens.fetch_add(tokens, Ordering::Relaxed);
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
