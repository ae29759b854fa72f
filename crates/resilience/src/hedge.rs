//! When a second request is worth it: when the first takes longer than nearly all do.

use crate::sketch::Sketch;
use std::time::Duration;

/// When to hedge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// After the time that this share of calls do not exceed.
    pub quantile: f64,
    /// Never before this time.
    pub least: Duration,
}

/// How many calls must have been seen for a quantile of them to mean anything.
const KNOWN: u32 = 20;

/// How long to wait for the first request before the second is sent; nothing while too little is known.
pub fn after(settings: &Settings, latency: &Sketch) -> Option<Duration> {
    if latency.total() < KNOWN {
        return None;
    }
    latency.quantile(settings.quantile).map(|quantile| quantile.max(settings.least))
}

#[cfg(test)]
mod tests;
