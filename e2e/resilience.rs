//! Upstreams that fail now and then, or all the time: what is sent again, what is held back, and what never is.

mod alike;
mod breaker;
mod cache;
mod rate;
mod retry;
mod silence;

use crate::harness::Hub;
use libtest_mimic::Trial;
use serde_json::Value;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = retry::tests();
    tests.extend(breaker::tests());
    tests.extend(rate::tests());
    tests.extend(cache::tests());
    tests.extend(alike::tests());
    tests.extend(silence::tests());
    tests
}

/// How often the upstream `name` was called with the key.
fn calls(hub: &Hub, name: &str, key: &str) -> usize {
    let all = hub.recorded_method(name, "tools/call");
    all.iter().filter(|message| message["params"]["arguments"]["key"] == key).count()
}

/// What a server shows of its breaker, with all its tools.
async fn breaker(hub: &Hub, name: &str) -> Value {
    let address = hub.at(&format!("/api/v1/servers/{name}"));
    crate::harness::Http::new("GET", &address).send().await.json()["breaker"].clone()
}
