//! Experiments: which version somebody gets, and what came of it.

use crate::sequential::{Metric, Rule, SPAN, Scores, Verdict};
use base::{Code, Error, Result, random};
use serde_json::{Value, json};

/// The most arms of an experiment.
pub const ARMS: usize = 5;

/// One of the versions that an experiment compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// The digest of its version.
    pub version: String,
    /// How many get it, in relation to the others.
    pub weight: u32,
}

/// What an experiment is.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Random; units are assigned by it.
    pub id: String,
    /// Its prompt.
    pub prompt: String,
    /// The arms; the first is what is served without a key.
    pub arms: Vec<Arm>,
    /// When it may stop.
    pub rule: Rule,
    /// When it was begun, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended, if it did.
    pub ended_at: Option<i64>,
    /// The name of the arm that won.
    pub winner: Option<String>,
}

/// What is counted of an arm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// To how many units it was given.
    pub served: u64,
    /// How many of them scored.
    pub scored: u64,
    /// The sum of their scores.
    pub score: f64,
    /// What their answers cost, in nano-dollars, as far as it was told.
    pub cost: u64,
    /// How many told it.
    pub costs: u64,
    /// How long they took, in milliseconds.
    pub latency: u64,
    /// How many told it.
    pub latencies: u64,
    /// What the gateway has in its books.
    pub booked: Booked,
}

/// What the gateway has in its books of the requests that were made with an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Booked {
    /// How many there were.
    pub requests: u64,
    /// How many of them a model answered.
    pub answered: u64,
    /// How many failed.
    pub failed: u64,
    /// How many were answered by what was kept.
    pub cached: u64,
    /// What those that a model answered cost, in nano-dollars.
    pub cost: u64,
    /// How long these took, in milliseconds.
    pub latency: u64,
}

impl Experiment {
    /// Checks what was asked for.
    pub fn check(&self) -> Result<()> {
        let wrong = |message: &str, next: &str| Err(refused(message, next));
        if !(2..=ARMS).contains(&self.arms.len()) {
            return wrong("an experiment compares two to five versions", "name each with `--arm NAME=VERSION`");
        }
        let twice = |of: fn(&Arm) -> &str| {
            let mut all: Vec<&str> = self.arms.iter().map(of).collect();
            all.sort_unstable();
            all.windows(2).any(|pair| pair.first() == pair.last())
        };
        if twice(|arm| &arm.name) || twice(|arm| &arm.version) {
            return wrong("two arms have the same name or the same version", "name different versions");
        }
        if self.arms.iter().any(|arm| !(1..=10_000).contains(&arm.weight) || !crate::prompt::is_name(&arm.name)) {
            let next = "weights are whole numbers from 1 to 10000, names letters, digits, `_`, `-` and `.`";
            return wrong("an arm has a weight or a name that cannot be", next);
        }
        if !(0.000_001..=0.5).contains(&self.rule.alpha) {
            return wrong("the confidence is not within 0.5 and 0.999999", "write for example `--confidence 0.95`");
        }
        if !SPAN.contains(&self.rule.most) {
            return wrong("the number of scores is not within 20 and 1000000", "write for example `--most 2000`");
        }
        Ok(())
    }

    /// Which arm has the version that `version`, the whole digest or its beginning, names.
    pub fn arm_with(&self, version: &str) -> Option<usize> {
        self.arms.iter().position(|arm| arm.version.starts_with(version))
    }

    /// The arm of `unit`, always the same one: its place in the digest of the experiment and the unit.
    pub fn arm_of(&self, unit: &str) -> usize {
        let total: u64 = self.arms.iter().map(|arm| u64::from(arm.weight)).sum();
        let digest = random::sha256(format!("{}\n{unit}", self.id).as_bytes());
        let mut place =
            digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte)) % total.max(1);
        for (index, arm) in self.arms.iter().enumerate() {
            match place.checked_sub(u64::from(arm.weight)) {
                Some(rest) => place = rest,
                None => return index,
            }
        }
        0
    }

    /// What of a unit is kept: nobody's name.
    pub fn digest_of(&self, unit: &str) -> String {
        let digest = random::sha256(format!("{}\nunit\n{unit}", self.id).as_bytes());
        random::to_hex(digest.get(..16).unwrap_or_default())
    }

    /// No scores yet.
    pub(crate) fn scores(&self) -> Scores {
        Scores::new(self.arms.len(), self.rule)
    }

    /// The experiment with what was measured, as the API and commands tell it.
    pub fn to_json(&self, measured: &[Measured], verdict: &Verdict) -> Value {
        let mean = |sum: f64, count: u64| (count > 0).then(|| sum / count as f64);
        let arms = self.arms.iter().zip(measured).map(|(arm, measured)| {
            let booked = &measured.booked;
            // What was told of answers is what there is where the gateway has none in its books.
            let ((cost, costs), (latency, latencies)) = match booked.answered {
                0 => ((measured.cost, measured.costs), (measured.latency, measured.latencies)),
                answered => ((booked.cost, answered), (booked.latency, answered)),
            };
            json!({
                "name": arm.name, "version": arm.version, "weight": arm.weight,
                "served": measured.served, "scored": measured.scored,
                "score": mean(measured.score, measured.scored),
                "requests": booked.requests, "cached": booked.cached,
                "errors": mean(booked.failed as f64, booked.requests),
                "cost": mean(cost as f64 / 1e9, costs),
                "latency_ms": mean(latency as f64, latencies),
            })
        });
        let name = |arm: usize| self.arms.get(arm).map_or("", |arm| arm.name.as_str());
        let comparisons = verdict.comparisons.iter().map(|one| {
            json!({
                "arm": name(one.one), "against": name(one.other), "pairs": one.pairs,
                "difference": one.difference, "low": one.low, "high": one.high,
            })
        });
        let time = |at: i64| base::clock::rfc3339(std::time::Duration::from_millis(at.unsigned_abs()));
        json!({
            "id": self.id, "prompt": self.prompt, "metric": self.rule.metric.word(),
            "state": if self.ended_at.is_none() { "running" } else { "ended" },
            "confidence": ((1.0 - self.rule.alpha) * 1e6).round() / 1e6, "most": self.rule.most,
            "started_at": time(self.started_at), "ended_at": self.ended_at.map(time),
            "winner": self.winner,
            "arms": arms.collect::<Vec<_>>(), "comparisons": comparisons.collect::<Vec<_>>(),
        })
    }

    /// Arms and rule as the store keeps them.
    pub(crate) fn plan(&self) -> String {
        let arms = self.arms.iter().map(|arm| json!([arm.name, arm.version, arm.weight])).collect::<Vec<_>>();
        let Rule { metric, alpha, most } = self.rule;
        json!({"arms": arms, "metric": metric.word(), "alpha": alpha, "most": most}).to_string()
    }

    /// Reads what [`Experiment::plan`] wrote.
    pub(crate) fn planned(plan: &str) -> Option<(Vec<Arm>, Rule)> {
        let plan = base::json::from_text(plan).ok()?;
        let arms = plan["arms"].as_array()?.iter().map(|arm| {
            let weight = u32::try_from(arm[2].as_u64()?).ok()?;
            Some(Arm { name: arm[0].as_str()?.to_owned(), version: arm[1].as_str()?.to_owned(), weight })
        });
        // Experiments of earlier versions compared scores alone.
        let metric = plan["metric"].as_str().map_or(Some(Metric::Score), Metric::of_word)?;
        let rule = Rule { metric, alpha: plan["alpha"].as_f64()?, most: plan["most"].as_u64()? };
        Some((arms.collect::<Option<_>>()?, rule))
    }
}

/// The error for an experiment that cannot be.
pub(crate) fn refused(message: &str, next: &str) -> Error {
    Error::new(Code::PromptExperiment, message, next)
}

#[cfg(test)]
mod tests;
