//! How good rankings are.

use serde_json::{Value, json};
use std::collections::HashSet;

/// As far as a ranking is looked at.
pub(crate) const DEPTH: usize = 10;

/// The sums over the queries of a set.
#[derive(Debug, Default)]
pub(crate) struct Quality {
    queries: usize,
    recall: [f64; 3],
    gain: f64,
    reciprocal: f64,
}

const CUTS: [usize; 3] = [1, 5, DEPTH];

impl Quality {
    /// Counts a ranking of keys, best first and each once, for a query that `relevant` answer.
    pub(crate) fn count(&mut self, ranking: &[&str], relevant: &[String]) {
        let relevant: HashSet<&str> = relevant.iter().map(String::as_str).collect();
        let hits: Vec<bool> = ranking.iter().map(|key| relevant.contains(key)).collect();
        self.queries += 1;
        for (sum, cut) in self.recall.iter_mut().zip(CUTS) {
            let found = hits.iter().take(cut).filter(|hit| **hit).count();
            *sum += found as f64 / relevant.len().max(1) as f64;
        }
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let gain: f64 = hits.iter().take(DEPTH).enumerate().filter(|(_, hit)| **hit).map(|(at, _)| discount(at)).sum();
        let ideal: f64 = (0..relevant.len().min(DEPTH)).map(discount).sum();
        self.gain += if ideal > 0.0 { gain / ideal } else { 0.0 };
        self.reciprocal += hits.iter().position(|hit| *hit).map_or(0.0, |at| 1.0 / (at as f64 + 1.0));
    }

    /// The means in per cent, under the names of the report.
    pub(crate) fn row(&self, set: &str, method: &str) -> Value {
        let mean = |sum: f64| (sum / self.queries.max(1) as f64 * 10_000.0).round() / 100.0;
        json!({
            "set": set, "method": method, "queries": self.queries,
            "r1": mean(self.recall[0]), "r5": mean(self.recall[1]), "r10": mean(self.recall[2]),
            "ndcg10": mean(self.gain), "mrr": mean(self.reciprocal),
        })
    }
}

#[cfg(test)]
mod tests;
