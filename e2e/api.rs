//! The hub's own interface, and the document that describes it.

mod document;
mod real;
mod refusals;
mod registry;
mod search;

use crate::harness::{Hub, Setup, replace};
use crate::oauth::realm::Realm;
use crate::security::STRONG;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    [document::tests(), refusals::tests(), real::tests(), search::tests(), registry::tests()]
        .into_iter()
        .flatten()
        .collect()
}

/// A hub with a key, a server that works, one that changed its tools, and one that wants a login.
async fn hub_of(realm: &Realm) -> Hub {
    let setup = Setup::new().fixture("good", &[], json!({})).with("key", json!(STRONG));
    let file = setup.path("tools.json");
    replace(&file, &tools(&[("send", "Sends a mail.")]));
    let flags = ["--era", "legacy", "--tools-file", &setup.path_text("tools.json")];
    let setup = setup.fixture("mail", &flags, json!({"pins": "pin"}));
    // Nobody is there: what is known of it is known without asking.
    let near = json!({"url": "http://127.0.0.1:1/v1", "models": ["small"]});
    let models = json!({"providers": {"near": near}, "budget": "$1/day"});
    let setup = setup.with("models", models);
    let hub = setup.remote("docs", &realm.endpoint(), json!({"auth": "oauth"})).start().await;
    hub.wait_for_tool("good__echo").await;
    hub.wait_for_tool("mail__send").await;
    hub.wait_for("docs", "it wants a login", |server| server["error"]["code"] == "T-0411").await;
    replace(&file, &tools(&[("send", "Sends it\u{200b} elsewhere."), ("extra", "New.")]));
    hub.call("mail__change_tools", json!({})).await.result();
    hub.wait_for("mail", "its tools are in quarantine", |server| {
        server["quarantined"].as_array().map_or(0, Vec::len) == 2
    })
    .await;
    hub
}

/// Tools for the fixture, by names and descriptions, and the one that has it tell of their change.
fn tools(named: &[(&str, &str)]) -> String {
    let all = named.iter().chain(&[("change_tools", "Says that tools changed.")]);
    let tools = all.map(
        |(name, description)| json!({"name": name, "description": description, "inputSchema": {"type": "object"}}),
    );
    Value::from_iter(tools).to_string()
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
