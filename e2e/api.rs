//! The hub's own interface, and the document that describes it.

mod document;
mod real;
mod refusals;

use crate::harness::{Hub, Setup};
use crate::oauth::realm::Realm;
use crate::security::STRONG;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    [document::tests(), refusals::tests(), real::tests()].into_iter().flatten().collect()
}

/// A hub with a key, a server that works, and one that wants a login.
async fn hub_of(realm: &Realm) -> Hub {
    let setup = Setup::new().fixture("good", &[], json!({})).with("key", json!(STRONG));
    let hub = setup.remote("docs", &realm.endpoint(), json!({"auth": "oauth"})).start().await;
    hub.wait_for_tool("good__echo").await;
    hub.wait_for("docs", "it wants a login", |server| server["error"]["code"] == "T-0411").await;
    hub
}

/// A request that shows the key.
fn request(hub: &Hub, method: &str, path: &str) -> crate::harness::Http {
    crate::harness::Http::new(method, &hub.at(path)).header("authorization", &format!("Bearer {STRONG}"))
}

async fn document(hub: &Hub) -> Value {
    let answer = request(hub, "GET", "/api/v1/openapi.json").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{}", answer.text());
    answer.json()
}
