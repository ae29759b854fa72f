//! What holds for tools that models call: `models.tools` of the configuration.

use base::config::Section;
use std::time::Duration;

/// How many tools are offered, and how far a model may go with them for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToolSettings {
    /// How many tools of a view are offered, those that fit best.
    pub top: usize,
    /// How often the model may call tools and be asked again.
    pub rounds: usize,
    /// How many calls it may make.
    pub calls: usize,
    /// How long it may take with them.
    pub time: Duration,
    /// The most bytes of one result that it is told.
    pub result: usize,
    /// The most bytes of all results.
    pub results: usize,
}

impl Default for ToolSettings {
    fn default() -> Self {
        let time = Duration::from_secs(600);
        Self { top: 8, rounds: 10, calls: 32, time, result: 64 << 10, results: 1 << 20 }
    }
}

impl ToolSettings {
    /// Reads `tools` of `section`. Faults are pushed to its problems.
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let usual = Self::default();
        let Some(mut part) = section.section("tools") else { return usual };
        let mut count = |name, most, usual| {
            part.integer(name, 1..=most).and_then(|count| usize::try_from(count).ok()).unwrap_or(usual)
        };
        let (top, rounds) = (count("top", 100, usual.top), count("rounds", 100, usual.rounds));
        let calls = count("calls", 1000, usual.calls);
        let mut size = |name, usual| {
            part.size(name, 256..=64 << 20).and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usual)
        };
        let (result, results) = (size("result", usual.result), size("results", usual.results));
        let range = Duration::from_secs(1)..=Duration::from_secs(86_400);
        let time = part.duration("time", range).unwrap_or(usual.time);
        part.finish();
        Self { top, rounds, calls, time, result, results }
    }
}
