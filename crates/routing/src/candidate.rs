//! What is known of a deployment at the moment of a decision, and what a request asks of it.

use crate::capability::{Capabilities, Known};
use crate::price::Rates;
use std::time::Duration;

/// How many tokens an answer is expected to have where none was seen.
const USUAL_OUTPUT: u64 = 500;

/// A deployment that might answer, as it is now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<'a> {
    /// `provider/model`.
    pub name: &'a str,
    /// The name of the provider.
    pub provider: &'a str,
    /// How much it takes beside the others. At nothing it is asked only where all others failed.
    pub weight: u32,
    /// Whether it is on one's own machines.
    pub local: bool,
    /// What it is capable of.
    pub capabilities: Known,
    /// How many tokens input and output may have together.
    pub context_length: Option<u64>,
    /// How many tokens an answer may have.
    pub max_output: Option<u64>,
    /// What it costs, where that is known.
    pub price: Option<Rates>,
    /// The share of the input that it was seen to read from its cache, 0..1. Nothing where too little was seen to tell.
    pub cache_hit_rate: Option<f64>,
    /// How many tokens its answers were seen to have.
    pub usual_output: Option<u64>,
    /// The time to its first token.
    pub latency: Option<Duration>,
    /// How many tokens it says in a second.
    pub throughput: Option<f64>,
    /// How many requests of this process it is at work on.
    pub in_flight: u32,
    /// How many requests wait there, whoever sent them, where it tells.
    pub queue: Option<u32>,
    /// Whether it failed in the last half minute.
    pub failing_recently: bool,
    /// Whether its breaker lets nothing through now.
    pub held_back: bool,
    /// Whether it is asked as much as its limits let through.
    pub at_limit: bool,
    /// What its operator says of it.
    pub facts: Facts<'a>,
}

/// What can only be told of a provider, not seen. What is not said is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts<'a> {
    /// Whether nothing of a request is kept there.
    pub zero_data_retention: Option<bool>,
    /// Whether models are trained with requests.
    pub trains: Option<bool>,
    /// How the weights are rounded, such as `fp8`.
    pub quantization: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    /// A deployment of which nothing but its name is known. What stands before the first slash is the provider.
    pub fn new(name: &'a str) -> Self {
        Self {
            name,
            provider: name.split_once('/').map_or(name, |(provider, _)| provider),
            weight: 1,
            local: false,
            capabilities: Known::NOTHING,
            context_length: None,
            max_output: None,
            price: None,
            cache_hit_rate: None,
            usual_output: None,
            latency: None,
            throughput: None,
            in_flight: 0,
            queue: None,
            failing_recently: false,
            held_back: false,
            at_limit: false,
            facts: Facts::default(),
        }
    }

    /// What a request is expected to cost there, in nano-dollars, where that is known. What nobody has seen of it yet is expected to be
    /// as with `other`, so that prices decide between the two: whoever seems dear for want of an answer would never give one.
    pub fn expected_cost(&self, need: &Need, other: Option<&Candidate<'_>>) -> Option<u64> {
        let limits = [need.max_output, self.max_output];
        let usual = self.usual_output.or_else(|| other?.usual_output).unwrap_or(USUAL_OUTPUT);
        let output = limits.into_iter().flatten().fold(usual, u64::min);
        let share = self.cache_hit_rate.or_else(|| other?.cache_hit_rate).unwrap_or(0.0);
        self.price.map(|rates| rates.expected(need.input_tokens, output, share))
    }

    /// How many requests it has in hand.
    pub(crate) fn busy(&self) -> u64 {
        u64::from(self.in_flight) + u64::from(self.queue.unwrap_or(0))
    }

    /// Whether `named`, a provider or `provider/model`, is meant for it. Case does not matter, as at OpenRouter.
    pub(crate) fn is_called(&self, named: &str) -> bool {
        self.provider.eq_ignore_ascii_case(named) || self.name.eq_ignore_ascii_case(named)
    }
}

/// What a request asks of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Need {
    /// How many tokens the input has: an estimate, rather too low than too high, because deployments whose context is
    /// shorter are left out.
    pub input_tokens: u64,
    /// How many tokens the answer may have.
    pub max_output: Option<u64>,
    /// What the request uses.
    pub uses: Capabilities,
    /// What all requests of a conversation have in common, as a number.
    pub conversation: Option<u64>,
}

impl Need {
    /// Whether a deployment that is known for `capabilities`, and reads and writes so many tokens at most, may answer as far as the request
    /// goes. What nobody knows is no reason against it.
    pub fn fits(&self, capabilities: Known, context_length: Option<u64>, max_output: Option<u64>) -> bool {
        let output = self.max_output.unwrap_or(0);
        let both = self.input_tokens.saturating_add(output);
        capabilities.lacks(self.uses).is_empty()
            && max_output.is_none_or(|most| most >= output)
            && context_length.is_none_or(|most| most >= both)
    }
}
