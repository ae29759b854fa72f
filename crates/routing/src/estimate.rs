//! What was seen of a deployment, as numbers that forget: each is a few words, and told the time as a duration since a
//! start that the caller chose once. A time before an earlier one counts as the same.

use std::time::Duration;

/// The time to the first token, as a moving average that believes bad news at once and good news slowly.
///
/// That is the peak EWMA of Finagle and of tower's load balancer: a sample above the average replaces it, one below is
/// taken in by as much as has been forgotten since the last. Between samples it falls, so that a deployment that was slow
/// is tried again.
#[derive(Debug, Clone, Copy)]
pub struct PeakEwma {
    decay: Duration,
    /// In seconds, and when that was.
    estimate: Option<(f64, Duration)>,
}

impl PeakEwma {
    /// One that has seen nothing. After `decay` what was seen counts for a bit more than a third.
    pub const fn new(decay: Duration) -> Self {
        Self { decay, estimate: None }
    }

    /// Takes in how long an answer took to begin.
    pub fn observe(&mut self, now: Duration, took: Duration) {
        let took = took.as_secs_f64();
        let Some((old, at)) = self.estimate else {
            self.estimate = Some((took, now));
            return;
        };
        let kept = kept(now.saturating_sub(at), self.decay);
        let new = if took > old { took } else { old * kept + took * (1.0 - kept) };
        self.estimate = Some((new, at.max(now)));
    }

    /// What it is now. Nothing where nothing was seen.
    pub fn at(&self, now: Duration) -> Option<Duration> {
        let (seconds, at) = self.estimate?;
        Duration::try_from_secs_f64(seconds * kept(now.saturating_sub(at), self.decay)).ok()
    }
}

impl Default for PeakEwma {
    /// Requests for models come by the minute and not by the millisecond, so that this forgets in half a minute.
    fn default() -> Self {
        Self::new(Duration::from_secs(30))
    }
}

/// How much of what was seen still counts after `elapsed`.
fn kept(elapsed: Duration, decay: Duration) -> f64 {
    if decay.is_zero() {
        return if elapsed.is_zero() { 1.0 } else { 0.0 };
    }
    (-elapsed.as_secs_f64() / decay.as_secs_f64()).exp()
}

/// How long what makes up a share or an average counts.
const MEMORY: Duration = Duration::from_secs(600);

/// One amount for each unit of another, both forgotten at the same pace.
#[derive(Debug, Clone, Copy, Default)]
struct Ratio {
    above: f64,
    below: f64,
    at: Duration,
}

impl Ratio {
    fn add(&mut self, now: Duration, above: f64, below: f64) {
        let fine = above.is_finite() && below.is_finite() && above >= 0.0 && below > 0.0;
        if !fine {
            return;
        }
        let kept = kept(now.saturating_sub(self.at), MEMORY);
        self.above = self.above * kept + above;
        self.below = self.below * kept + below;
        self.at = self.at.max(now);
    }

    /// Nothing as long as nothing was seen.
    fn value(&self) -> Option<f64> {
        (self.below > 0.0).then(|| self.above / self.below).filter(|value| value.is_finite())
    }
}

/// The share of the input that is read from the provider's cache.
#[derive(Debug, Clone, Copy, Default)]
pub struct HitRate {
    tokens: Ratio,
    /// How many answers make it up, as far as they still count.
    answers: f64,
}

/// How many answers do not tell the share yet: the first ones find an empty cache wherever they are asked for.
const COLD: f64 = 2.0;

impl HitRate {
    /// Takes in an answer: how many tokens were read, and how many of these from the cache.
    pub fn observe(&mut self, now: Duration, input: u64, cached: u64) {
        if input > 0 {
            self.answers = self.answers * kept(now.saturating_sub(self.tokens.at), MEMORY) + 1.0;
        }
        self.tokens.add(now, cached.min(input) as f64, input as f64);
    }

    /// The share that was seen, 0..1. None where nothing was seen.
    pub fn share(&self) -> f64 {
        self.tokens.value().map_or(0.0, |share| share.clamp(0.0, 1.0))
    }

    /// The share that may be expected of the next answer. Nothing where too few were seen lately: after a pause the cache is empty again.
    pub fn expected(&self) -> Option<f64> {
        (self.answers > COLD).then(|| self.share())
    }
}

/// How many tokens answers have.
#[derive(Debug, Clone, Copy, Default)]
pub struct OutputLength(Ratio);

impl OutputLength {
    /// Takes in an answer.
    pub fn observe(&mut self, now: Duration, tokens: u64) {
        self.0.add(now, tokens as f64, 1.0);
    }

    /// The average. Nothing where nothing was seen.
    pub fn tokens(&self) -> Option<u64> {
        self.0.value().map(|tokens| tokens.round() as u64)
    }
}

/// How many tokens are said in a second.
#[derive(Debug, Clone, Copy, Default)]
pub struct Throughput(Ratio);

impl Throughput {
    /// Takes in an answer: its tokens, and how long it took from the first to the last.
    pub fn observe(&mut self, now: Duration, tokens: u64, took: Duration) {
        self.0.add(now, tokens as f64, took.as_secs_f64());
    }

    /// Tokens for each second. Nothing where nothing was seen.
    pub fn per_second(&self) -> Option<f64> {
        self.0.value()
    }
}

#[cfg(test)]
mod tests;
