//! What the hub tells of itself: metrics, traces, the log.

mod metrics;

use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    [metrics::tests()].into_iter().flatten().collect()
}
