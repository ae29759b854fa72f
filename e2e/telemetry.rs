//! What the hub tells of itself: metrics, traces, the log.

mod canary;
mod collector;
mod economy;
mod gauges;
mod health;
mod metrics;
mod real;
mod receiver;
mod traces;

use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    let all = [
        metrics::tests(),
        gauges::tests(),
        health::tests(),
        traces::tests(),
        canary::tests(),
        economy::tests(),
        real::tests(),
        receiver::tests(),
    ];
    all.into_iter().flatten().collect()
}
