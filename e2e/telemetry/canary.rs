//! Secrets that were planted everywhere, and looked for in all that the hub tells of itself.

use super::collector::{Collector, holds};
use crate::harness::{Era, Http, Setup, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials_of_both_eras!("telemetry": a118_planted_secrets_show_nowhere)
}

const KEY: &str = "canary-Aq7vRk2Xw9Lz4Ns8Bd1";
const HEADER: &str = "canary-of-the-collector-5Tj";
const VARIABLE: &str = "canary-of-the-server-8Hm";
const ARGUMENT: &str = "canary-of-an-argument-3Wp";
const ANSWER: &str = "canary-of-an-answer-6Yc";
const QUERY: &str = "canary-of-an-address-2Fb";

async fn a118_planted_secrets_show_nowhere(era: Era) {
    let collector = Collector::start().await;
    let otlp = json!({"endpoint": collector.url, "headers": {"authorization": format!("Bearer {HEADER}")}});
    let hub = Setup::new()
        .fixture("good", &[], json!({"env": {"TOKEN": VARIABLE}}))
        .with("key", json!(KEY))
        .with("telemetry", json!({"otlp": otlp, "log": {"format": "json"}}))
        .environment("TUTTI_LOG", "trace")
        .ready()
        .await;
    let client = hub.client_of(era).await;
    client.call("good__echo", json!({"message": ARGUMENT})).await;
    client.call("good__fail", json!({"text": ANSWER})).await;
    client.call("good__error", json!({"code": -32001, "message": ANSWER, "data": ANSWER})).await;
    client.call("good__hidden", json!({"text": ARGUMENT})).await;
    let uri = format!("tutti://good/file:///x?token={QUERY}");
    client.request("resources/read", json!({"uri": uri})).await;
    let wrong = Http::new("GET", &hub.at("/api/v1/servers")).header("authorization", &format!("Bearer {ARGUMENT}"));
    let mut told = wrong.send().await.text();
    for path in ["/metrics", "/api/v1/servers", "/readyz?verbose", "/healthz", "/api/v1/servers/good/logs"] {
        let request = Http::new("GET", &hub.at(path)).header("authorization", &format!("Bearer {KEY}"));
        told.push_str(&request.send().await.text());
    }
    collector.wait_for("/v1/traces", &[b"tools/call error", b"resources/read"]).await;
    let log = hub.stderr();
    hub.stop().await;
    let sent = collector.got();
    assert!(sent.iter().any(|got| got.path == "/v1/metrics"), "numbers are sent too");
    for secret in [KEY, HEADER, VARIABLE, ARGUMENT, ANSWER, QUERY] {
        assert!(!told.contains(secret), "{secret} is told: {told}");
        assert!(!log.contains(secret), "{secret} is logged: {log}");
        assert!(!sent.iter().any(|got| holds(&got.body, secret.as_bytes())), "{secret} is sent to the collector");
    }
}
