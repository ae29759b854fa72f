//! Rows and bounds. Pure.

use serde::Serialize;

use crate::stats::percentile;

/// One thing that was measured many times.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub what: String,
    pub n: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Row {
    /// From times in nanoseconds, in any order.
    pub fn new(what: &str, mut took: Vec<u64>) -> Self {
        took.sort_unstable();
        let at = |percent| (percentile(&took, percent) as f64 / 1e4).round() / 100.0;
        Self { what: what.to_owned(), n: took.len(), p50_ms: at(50.0), p99_ms: at(99.0) }
    }
}

/// All that was measured.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub rows: Vec<Row>,
    /// Memory that one more idle client takes, in KB of the resident set.
    pub rss_kb_per_idle_client: f64,
    /// From the start of the hub until all tools are listed.
    pub ready_s: f64,
    pub list_p99_ms: f64,
    pub ping_p99_ms: f64,
    /// The 99th percentile of calls beside dead servers over that without.
    pub dead_ratio: f64,
}

impl Report {
    /// The bounds that do not hold.
    pub fn failures(&self) -> Vec<String> {
        [
            ("ready_s", self.ready_s, 5.0),
            ("list_p99_ms", self.list_p99_ms, 50.0),
            ("rss_kb_per_idle_client", self.rss_kb_per_idle_client, 30.0),
            ("ping_p99_ms", self.ping_p99_ms, 100.0),
            ("dead_ratio", self.dead_ratio, 1.1),
        ]
        .into_iter()
        .filter(|(_, value, bound)| value > bound)
        .map(|(name, value, bound)| format!("{name} is {value:.2}, above {bound}"))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Row};

    #[test]
    fn only_what_is_above_its_bound_fails() {
        let report = Report { ready_s: 4.9, list_p99_ms: 51.0, dead_ratio: 1.1, ..Report::default() };
        let failures = report.failures();
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].starts_with("list_p99_ms"), "{failures:?}");
    }

    #[test]
    fn rows_are_in_milliseconds() {
        let row = Row::new("x", (1..=100).map(|number| number * 1_000_000).rev().collect());
        assert_eq!((row.n, row.p50_ms, row.p99_ms), (100, 50.0, 99.0));
    }
}
