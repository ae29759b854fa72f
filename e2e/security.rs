//! The rows of the attack catalogue that the hub meets, by their numbers.

pub(crate) mod certificates;
mod connections;
mod framing;
mod keys;
mod messages;
mod operation;
mod principals;
mod protocol;
mod runs;
mod store;
mod upstreams;

pub(crate) use keys::STRONG;

use crate::harness::{Answer, Client, Era, Http, Hub, Setup};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let all = [
        certificates::tests(),
        connections::tests(),
        framing::tests(),
        keys::tests(),
        messages::tests(),
        operation::tests(),
        principals::tests(),
        protocol::tests(),
        runs::tests(),
        store::tests(),
        upstreams::tests(),
    ];
    all.into_iter().flatten().collect()
}

/// Every path that the hub serves: what guards one of them must guard all.
const PATHS: [&str; 7] =
    ["/mcp", "/mcp/x", "/api/v1/servers", "/api/v1/openapi.json", "/healthz", "/readyz", "/metrics"];

/// The paths that take messages.
const ENDPOINTS: [&str; 2] = ["/mcp", "/mcp/x"];

/// A hub with the view `x`, which hides `secret` of `good`.
fn guarded() -> Setup {
    let views = json!({"x": {"tools": ["good__*"], "deny": ["good__secret"]}});
    Setup::pair(&[], json!({})).with("views", views).with("limits", json!({"body": "16MiB"}))
}

/// A client of the endpoint `path`.
async fn client_at(hub: &Hub, era: Era, path: &str) -> Client {
    let client = hub.bare(era).at(&hub.at(path));
    match era {
        Era::Legacy => client.shake_hands("2025-11-25").await,
        Era::Modern => client,
    }
}

/// A request as a client would send it there: a call where messages are taken, a look elsewhere.
fn usual(hub: &Hub, path: &str) -> Http {
    if !ENDPOINTS.contains(&path) {
        return Http::new("GET", &hub.at(path));
    }
    let client = hub.bare(Era::Modern).at(&hub.at(path));
    client.post(&client.message(&json!(1), "tools/call", json!({"name": "good__add", "arguments": {"a": 1, "b": 1}})))
}

/// Checks status and code of a refusal. On the endpoints it is a JSON-RPC error; elsewhere the code stands in the body.
#[track_caller]
fn assert_refused(answer: &Answer, path: &str, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{path}: {}", answer.text());
    assert!(answer.text().contains(code), "{path}: the answer names {code}: {}", answer.text());
    if ENDPOINTS.contains(&path) {
        let error = &answer.json()["error"];
        assert_eq!(error["data"]["code"], code, "{path}: {}", answer.text());
        assert!(error["code"].is_i64() && error["message"].is_string(), "{path}: {}", answer.text());
        assert!(error["data"]["next"].as_str().is_some_and(|next| !next.is_empty()), "{path}: {}", answer.text());
    }
}

/// Checks a refused message: status, JSON-RPC code and one of the stable codes.
#[track_caller]
fn assert_refused_message(answer: &Answer, what: &str, status: u16, rpc: &[i64], codes: &[&str]) -> Value {
    assert_eq!(answer.status, status, "{what}: {:.500}", answer.text());
    let body = answer.json();
    let error = &body["error"];
    assert!(rpc.iter().any(|code| error["code"] == *code), "{what}: one of {rpc:?}: {:.500}", answer.text());
    assert!(
        codes.iter().any(|code| error["data"]["code"] == *code),
        "{what}: one of {codes:?}: {:.500}",
        answer.text()
    );
    body
}
