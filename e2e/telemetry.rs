//! What the hub tells of itself: metrics, traces, the log.

mod canary;
mod collector;
mod health;
mod metrics;
mod real;
mod traces;

use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    [metrics::tests(), health::tests(), traces::tests(), canary::tests(), real::tests()].into_iter().flatten().collect()
}
