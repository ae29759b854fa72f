//! The numbers of one tool, or of several together where there is no room to tell them apart.

use protection::guard::{OfTool, Parts};
use std::collections::BTreeMap;
use std::time::Duration;

/// The shares of all calls of which it is told how long they take at most.
const QUANTILES: [&str; 3] = ["0.5", "0.95", "0.99"];

/// The numbers of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The share of calls that is let through.
    pub(super) share: f64,
    pub(super) rejected: u64,
    pub(super) in_flight: u64,
    /// Calls at once, where that is configured.
    pub(super) limit: Option<usize>,
    pub(super) slow_after: Option<Duration>,
    /// In the order of [`QUANTILES`].
    latency: [Option<Duration>; 3],
    ok: u64,
    slow: u64,
    failed: u64,
}

impl Row {
    pub(super) fn of(parts: &Parts, limit: Option<usize>) -> Self {
        Self {
            share: parts.share,
            rejected: parts.rejected,
            in_flight: parts.in_flight.into(),
            limit,
            slow_after: parts.slow_after,
            latency: [parts.latency_half, parts.latency_most, parts.latency_nearly_all],
            // Those that were slow are among those that ended well; the three are to add up to all.
            ok: parts.ok.saturating_sub(parts.slow).into(),
            slow: parts.slow.into(),
            failed: parts.failed.into(),
        }
    }

    /// Of two: the worst of what cannot be added, and the sum of what can. A limit is the limit of one.
    fn with(self, other: &Self) -> Self {
        let [half, most, nearly_all] = self.latency;
        Self {
            share: self.share.min(other.share),
            rejected: self.rejected.saturating_add(other.rejected),
            in_flight: self.in_flight.saturating_add(other.in_flight),
            limit: None,
            slow_after: self.slow_after.max(other.slow_after),
            latency: [half.max(other.latency[0]), most.max(other.latency[1]), nearly_all.max(other.latency[2])],
            ok: self.ok.saturating_add(other.ok),
            slow: self.slow.saturating_add(other.slow),
            failed: self.failed.saturating_add(other.failed),
        }
    }

    /// The calls of the last seconds, by how they ended.
    pub(super) fn window(&self) -> [(&'static str, u64); 3] {
        [("ok", self.ok), ("slow", self.slow), ("failed", self.failed)]
    }

    /// How long calls take at most, by the share of them.
    pub(super) fn latencies(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        QUANTILES.into_iter().zip(self.latency).filter_map(|(quantile, latency)| Some((quantile, latency?)))
    }
}

/// The numbers of all tools, by where `place` puts them.
pub(super) fn all<Place: Ord>(tools: &[OfTool], place: impl Fn(&str) -> Place) -> BTreeMap<Place, Row> {
    let mut rows: BTreeMap<Place, Row> = BTreeMap::new();
    for tool in tools {
        let place = place(&tool.name);
        let row = Row::of(&tool.parts, tool.limit);
        let row = match rows.get(&place) {
            Some(others) => row.with(others),
            None => row,
        };
        rows.insert(place, row);
    }
    rows
}

#[cfg(test)]
mod tests;
