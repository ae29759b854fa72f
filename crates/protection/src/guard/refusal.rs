//! The errors of calls that are not let through.

use super::Guard;
use base::{Code, Error, Limit, clock};
use resilience::Moment;
use resilience::breaker::{Parts, State};
use resilience::bucket::{Answer, Rate};
use std::sync::atomic::Ordering;

impl Guard {
    /// A breaker holds the call back.
    pub(super) fn held_back(&self, tool: Option<&str>, parts: &Parts, wait: Moment) -> Error {
        let name = &self.name;
        let what = self.what(tool);
        if parts.paused_for.is_some() {
            let message = format!("{what} asked to be left alone, and is for {}", seconds(wait));
            let next = format!("try again in {}", seconds(wait));
            return Error::new(Code::UpstreamPaused, message, next).of_upstream(name).with_retry_after(wait);
        }
        let since = clock::rfc3339(clock::wall().saturating_sub(parts.lasted));
        let (lets, when) = match parts.state {
            State::Open => ("only a probe is let through".to_owned(), "the next is due"),
            _ => (format!("{:.0} % of its calls are let through", parts.share * 100.0), "more are"),
        };
        let message = format!("{what} failed too often: since {since} {lets}; {when} in {}", seconds(wait));
        let next = format!(
            "try again in {}; `tutti server logs {name}` may say why it fails, `tutti server list` when it works again",
            seconds(wait)
        );
        Error::new(Code::UpstreamHeldBack, message, next).of_upstream(name).with_retry_after(wait)
    }

    /// The rate that the operator set is exceeded.
    pub(super) fn limited(&self, tool: Option<&str>, rate: &Rate, answer: &Answer) -> Error {
        self.tallies.limited.fetch_add(1, Ordering::Relaxed);
        let name = &self.name;
        let what = self.what(tool);
        let message = format!("{what} gets at most {} calls in {:?}, and had them", rate.count, rate.per);
        let next = format!("try again in {}, or raise `rate:` of {what}", seconds(answer.retry_after));
        let &Answer { remaining, reset, retry_after, .. } = answer;
        let limit = Limit { most: rate.burst, remaining, reset, retry_after };
        Error::new(Code::UpstreamRate, message, next).of_upstream(name).with_limit(limit)
    }

    /// As many calls of a tool run as the operator lets run at once.
    pub(super) fn crowded(&self, tool: &str, limit: usize) -> Error {
        self.turned_away();
        let what = self.what(Some(tool));
        let message = format!("{what} has {limit} calls in flight, as many as it may");
        let next = format!("try again when one has ended, or raise `calls:` of {what}");
        Error::new(Code::UpstreamBusy, message, next).of_upstream(&self.name)
    }

    /// Counts a call that was turned away because too many run.
    pub fn turned_away(&self) {
        self.tallies.full.fetch_add(1, Ordering::Relaxed);
    }

    fn what(&self, tool: Option<&str>) -> String {
        let shown = |tool: &str| tool.chars().filter(|character| !character.is_control()).take(100).collect::<String>();
        match tool {
            Some(tool) => format!("`{}` of `{}`", shown(tool), self.name),
            None => format!("`{}`", self.name),
        }
    }
}

/// A wait for people: never less than it is.
fn seconds(wait: Moment) -> String {
    format!("{:.1} s", (wait.as_millis().div_ceil(100) as f64) / 10.0)
}
