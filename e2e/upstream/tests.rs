//! The upstream itself, driven without a hub: a fixture that lies would make every other test lie.

mod calls;
mod eras;
mod faults;
mod http;
mod start;

use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    [calls::tests(), eras::tests(), faults::tests(), http::tests(), start::tests()].into_iter().flatten().collect()
}
