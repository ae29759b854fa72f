//! How a test runs and how it waits: always with a deadline, never for a fixed time.

use super::patience::{DEADLINE, patiently};
use libtest_mimic::Trial;
use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

/// The longest that one test may take.
const TEST_DEADLINE: Duration = Duration::from_secs(600);

/// How often a condition is looked at.
const PERIOD: Duration = Duration::from_millis(20);

/// A test with a small runtime of its own.
pub(crate) fn trial<Body>(name: impl Into<String>, test: impl FnOnce() -> Body + Send + 'static) -> Trial
where
    Body: Future<Output = ()>,
{
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let result = runtime.block_on(async { tokio::time::timeout(TEST_DEADLINE, Box::pin(test())).await });
        runtime.shutdown_background();
        result.map_err(|_| format!("the test was not over after {TEST_DEADLINE:?}").into())
    })
}

/// Waits for `future` up to the deadline; `what` says in the failure what did not happen.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match patiently(future).await {
        Some(value) => value,
        None => panic!("after {DEADLINE:?} still waiting for: {what}"),
    }
}

/// Looks again and again until `look` gives something. `Err` says what it saw instead.
pub(crate) async fn eventually<T, Look>(what: &str, mut look: impl FnMut() -> Look) -> T
where
    Look: Future<Output = Result<T, String>>,
{
    let last = RefCell::new(String::new());
    let found = patiently(async {
        loop {
            match look().await {
                Ok(value) => return value,
                Err(seen) => last.replace(seen),
            };
            tokio::time::sleep(PERIOD).await;
        }
    });
    match found.await {
        Some(value) => value,
        None => panic!("after {DEADLINE:?} still not: {what}; seen: {}", last.borrow()),
    }
}

/// A list of tests: `trials!("module": one, two)`. The names are those of the functions.
macro_rules! trials {
    ($module:literal: $($test:ident),* $(,)?) => {
        vec![$($crate::harness::trial(concat!($module, "::", stringify!($test)), $test)),*]
    };
}

/// As [`trials`], for tests that take the era of their client; each is run for both.
macro_rules! trials_of_both_eras {
    ($module:literal: $($test:ident),* $(,)?) => {
        $crate::harness::Era::BOTH
            .into_iter()
            .flat_map(|era| {
                let name = |test: &str| format!(concat!($module, "::{}_{}_client"), test, era.word());
                vec![$($crate::harness::trial(name(stringify!($test)), move || $test(era))),*]
            })
            .collect::<Vec<_>>()
    };
}

pub(crate) use {trials, trials_of_both_eras};
