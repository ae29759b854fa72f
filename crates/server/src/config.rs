//! The section `limits` of the configuration.

use crate::{Limits, PerAddress};
use base::config::{Node, Problems, Section};
use std::time::Duration;

impl Limits {
    /// Reads the section; what it does not say stays as it is by default. Faults are pushed to `problems`.
    pub fn read(problems: &Problems, typed: Option<(&Node, &str)>) -> Self {
        let mut limits = Self::default();
        let Some((node, file)) = typed else { return limits };
        let Some(mut section) = Section::new(problems, file, "limits", node) else { return limits };
        let whole = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        let (second, day) = (Duration::from_secs(1), Duration::from_secs(86_400));
        let body = section.size("body", 1024..=1 << 30).and_then(|bytes| usize::try_from(bytes).ok());
        limits.body = body.unwrap_or(limits.body);
        limits.sessions = section.integer("sessions", 1..=10_000_000).map_or(limits.sessions, whole);
        limits.requests = section.integer("requests", 1..=1_000_000).map_or(limits.requests, whole);
        limits.connections = section.integer("connections", 1..=1_000_000).map_or(limits.connections, whole);
        limits.per_address = per_address(&mut section).unwrap_or(limits.per_address);
        limits.session_idle = section.duration("session_idle", second..=day * 30).unwrap_or(limits.session_idle);
        limits.arrival = section.duration("arrival", second / 100..=day).unwrap_or(limits.arrival);
        limits.drain = section.duration("drain", Duration::ZERO..=day).unwrap_or(limits.drain);
        limits.rate = protection::settings::rate(&mut section, "rate");
        section.finish();
        limits
    }
}

fn per_address(section: &mut Section<'_>) -> Option<PerAddress> {
    const KEY: &str = "connections_per_address";
    if section.node(KEY).and_then(Node::scalar_text).as_deref() == Some("none") {
        return Some(PerAddress::All);
    }
    let most = section.integer(KEY, 1..=1_000_000)?;
    Some(PerAddress::Most(usize::try_from(most).unwrap_or(usize::MAX)))
}
