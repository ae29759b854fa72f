//! How much a provider or a deployment is asked.

use super::words::{rate, rate_of_tokens};
use base::Code;
use base::config::Section;
use resilience::quota;
use std::time::Duration;

/// How much a provider or a deployment is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What may be under way and be sent, and how many requests wait for that.
    pub quota: quota::Limits,
    /// How long they wait.
    pub wait: Duration,
}

/// The most requests at once, or that wait, that may be configured.
const MOST: i64 = 1_000_000;

/// How many requests wait, and for how long, where nothing is said: about as long as clients wait for an answer to begin.
const QUEUE: usize = 100;
const WAIT: Duration = Duration::from_secs(10);

impl Limits {
    /// Reads `limits: { concurrency: 8, rate: 60/m, tokens: 100000/m, queue: 100, wait: 10s }`.
    pub fn read(section: &mut Section<'_>) -> Option<Self> {
        let mut part = section.section("limits")?;
        let mut number = |key, least| part.integer(key, least..=MOST).and_then(|number| usize::try_from(number).ok());
        let (running, waiting) = (number("concurrency", 1), number("queue", 0).unwrap_or(QUEUE));
        let (rate, units) = (rate(&mut part, "rate"), rate_of_tokens(&mut part, "tokens"));
        let wait = part.duration("wait", Duration::ZERO..=Duration::from_secs(3600)).unwrap_or(WAIT);
        if !["concurrency", "rate", "tokens"].iter().any(|key| part.has(key)) {
            let message = format!("`{}` limits nothing", part.path());
            let next = "write some of `concurrency: 8`, `rate: 60/m`, `tokens: 100000/m`, or leave it out".to_owned();
            part.problem("", Code::ConfigInvalidValue, message, next);
        }
        part.finish();
        Some(Self { quota: quota::Limits { running, rate, units, waiting }, wait })
    }
}
