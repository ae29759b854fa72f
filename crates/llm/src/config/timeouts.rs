//! How long is waited for a provider, and how often it is looked whether it answers.

use base::config::Section;
use std::time::Duration;

/// How long is waited for a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the first thing that a model says; for all of an answer that does not come piece by piece.
    pub answer: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self { connect: second * 10, answer: second * 600, idle: second * 120 }
    }
}

/// Reads `timeouts: { connect: …, answer: …, idle: … }`.
pub(super) fn read(section: &mut Section<'_>) -> Timeouts {
    let usual = Timeouts::default();
    let Some(mut part) = section.section("timeouts") else { return usual };
    let range = Duration::from_millis(10)..=Duration::from_secs(86_400);
    let timeouts = Timeouts {
        connect: part.duration("connect", range.clone()).unwrap_or(usual.connect),
        answer: part.duration("answer", range.clone()).unwrap_or(usual.answer),
        idle: part.duration("idle", range).unwrap_or(usual.idle),
    };
    part.finish();
    timeouts
}

/// Reads `probe: { every: 30s }`.
pub(super) fn probe(section: &mut Section<'_>) -> Option<Duration> {
    let mut part = section.section("probe")?;
    let every = part.duration("every", Duration::from_millis(100)..=Duration::from_secs(86_400));
    part.finish();
    Some(every.unwrap_or(Duration::from_secs(30)))
}
