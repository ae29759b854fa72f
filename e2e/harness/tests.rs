//! What the tests stand on, tested itself.

use super::check::trials;
use super::patience::{DEADLINE, Patience};
use libtest_mimic::Trial;
use std::time::{Duration, Instant};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("harness": a_pause_of_the_machine_uses_up_no_patience, patience_has_an_end)
}

async fn a_pause_of_the_machine_uses_up_no_patience() {
    let mut patience = Patience::new();
    let resumed = Instant::now() + Duration::from_secs(3600);
    assert!(patience.step(resumed), "nothing could happen in that hour");
    assert!(patience.step(resumed + Duration::from_secs(1)), "what was waited for has time to happen now");
}

async fn patience_has_an_end() {
    let (mut patience, start) = (Patience::new(), Instant::now());
    let steps = (1..).take_while(|second| patience.step(start + Duration::from_secs(*second))).count();
    assert!(Duration::from_secs(steps as u64 + 2) >= DEADLINE, "it ended after {steps} seconds");
    assert!(Duration::from_secs(steps as u64) <= DEADLINE, "it ended after {steps} seconds");
}
