//! The section `runs`.

use base::config::{Node, Problems, Section};
use std::time::Duration;

/// How long runs that ended are kept unless it is said.
const KEEP: Duration = Duration::from_secs(30 * DAY);
/// A day, in seconds.
const DAY: u64 = 86_400;

/// How runs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSettings {
    /// For how long after their end.
    pub keep: Duration,
}

impl RunSettings {
    /// Reads the section `runs`.
    pub fn read(problems: &Problems, typed: Option<(&Node, &str)>) -> Self {
        let section = typed.and_then(|(node, file)| Section::new(problems, file, "runs", node));
        let Some(mut section) = section else { return Self { keep: KEEP } };
        let most = Duration::from_secs(3_650 * DAY);
        let keep = section.duration("keep", Duration::from_secs(60)..=most).unwrap_or(KEEP);
        section.finish();
        Self { keep }
    }
}
