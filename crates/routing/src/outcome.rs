//! What a decision is: who is asked first, who next, who is left out, each with the reason.

use crate::exclusion::Why;
use crate::words::Dollars;
use std::fmt::{Display, Formatter, Result as Written};
use std::time::Duration;

/// Who is asked, and why so.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// By what deployments were put in order, such as `cost` or `sort price + prefer-local`.
    pub by: String,
    /// Who is asked, the first first: at least one.
    pub order: Vec<Ranked>,
    /// Who is not asked, by its number among the candidates.
    pub excluded: Vec<(usize, Why)>,
    /// All this in at most 400 characters of printable ASCII, for a header.
    pub why: String,
}

impl Decision {
    /// Who is asked, by their numbers among the candidates, the first first.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        self.order.iter().map(|ranked| ranked.candidate)
    }
}

/// A deployment that is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its number among the candidates.
    pub candidate: usize,
    /// What it was compared by; nothing where it stands as it is written.
    pub figure: Option<Figure>,
    /// Why it is behind others, whatever its figure says.
    pub behind: Option<Behind>,
}

/// What deployments are compared by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// The share of requests that it gets.
    Weight(u32),
    /// What the request is expected to cost, in nano-dollars.
    Cost(u64),
    /// The time to its first token, and how many requests it has in hand where these count.
    Latency(Duration, u64),
    /// How many requests it has in hand.
    Busy(u64),
    /// How many tokens it says in a second.
    Throughput(f64),
    /// What it is worth, as far as that was learned.
    Worth(f64),
    /// Nothing that it could be compared by.
    NotKnown,
}

/// Why a deployment is behind others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Its breaker lets nothing through now.
    HeldBack,
    /// It is asked as much as its limits let through.
    AtLimit,
    /// It failed in the last half minute.
    Failing,
    /// It is slower than the client wants.
    Slow,
}

impl Behind {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Behind::HeldBack => "held back",
            Behind::AtLimit => "at its limit",
            Behind::Failing => "failing",
            Behind::Slow => "slow",
        }
    }
}

/// Why nobody may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why each candidate is left out, by its number.
    pub excluded: Vec<(usize, Why)>,
    /// What happened, as a sentence without a full stop, in printable ASCII.
    pub what: String,
    /// What to do now.
    pub next: String,
}

impl Display for Figure {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        match self {
            Figure::Weight(weight) => write!(out, "weight {weight}"),
            Figure::Cost(cost) => write!(out, "{}", Dollars(*cost)),
            Figure::Latency(latency, 0) => write!(out, "{:.2}s", latency.as_secs_f64()),
            Figure::Latency(latency, busy) => write!(out, "{:.2}s {busy} busy", latency.as_secs_f64()),
            Figure::Busy(busy) => write!(out, "{busy} busy"),
            Figure::Throughput(speed) => write!(out, "{speed:.1}/s"),
            Figure::Worth(worth) => write!(out, "worth {worth:.2}"),
            Figure::NotKnown => out.write_str("?"),
        }
    }
}
