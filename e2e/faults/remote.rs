//! Upstreams that are reached over HTTP: they can be gone, forget sessions and want credentials.

use crate::harness::{Era, HttpUpstream, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("faults":
        remote_death_is_told_and_survived,
        h03_remote_that_forgets_sessions_is_greeted_again,
        remote_hang_ends_in_time,
    );
    tests.extend(trials!("faults":
        remote_that_is_not_there_is_told,
        remote_that_wants_a_credential,
        h23_credentials_of_clients_are_not_passed_on,
    ));
    tests
}

fn with_good(setup: Setup) -> Setup {
    setup.fixture("good", &[], json!({}))
}

async fn remote_death_is_told_and_survived(era: Era) {
    for speaks in ["legacy", "modern"] {
        let mut upstream = HttpUpstream::start(&["--name", "faulty", "--era", speaks]).await;
        let entry = json!({"backoff": super::quick(), "timeouts": {"start": "5s"}});
        let hub = with_good(Setup::new().remote("faulty", &upstream.url, entry)).ready().await;
        let client = hub.client_of(era).await;
        let healthy = crate::harness::Healthy::begin(&client).await;
        let reply = client.call("faulty__exit", json!({})).await;
        reply.assert_fault(&["T-0202", "T-0205"], "faulty");
        upstream.kill().await;
        let reply = client.call("faulty__echo", json!({"message": "hi"})).await;
        reply.assert_fault(&["T-0205", "T-0207"], "faulty");
        healthy.end(&hub).await;
    }
}

/// The session is the hub's business: its client must not notice that there is another one.
async fn h03_remote_that_forgets_sessions_is_greeted_again(era: Era) {
    let setup = Setup::new();
    let record = setup.record("faulty");
    let flags = ["--name", "faulty", "--era", "legacy", "--record", record.to_str().unwrap()];
    let upstream = HttpUpstream::start(&flags).await;
    let hub = with_good(setup.remote("faulty", &upstream.url, json!({}))).ready().await;
    let client = hub.client_of(era).await;
    for round in 1..=3 {
        assert_eq!(client.call("faulty__forget", json!({})).await.text(), "forgotten");
        let reply = client.call("faulty__echo", json!({"message": "still here"})).await;
        assert_eq!(reply.text(), "still here", "round {round}");
    }
    let greetings = hub.recorded_method("faulty", "initialize").len();
    assert!(greetings >= 4, "a session that was forgotten is followed by another one: {greetings}");
    hub.assert_good().await;
}

async fn remote_hang_ends_in_time(era: Era) {
    for speaks in ["legacy", "modern"] {
        let upstream = HttpUpstream::start(&["--name", "faulty", "--era", speaks]).await;
        let entry = json!({"timeouts": {"call": "300ms"}});
        let hub = with_good(Setup::new().remote("faulty", &upstream.url, entry)).ready().await;
        let client = hub.client_of(era).await;
        client.call("faulty__hang", json!({})).await.assert_fault(&["T-0204"], "faulty");
        let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
        let entries = reply.structured()["cancelled"].as_array().cloned().unwrap_or_default();
        assert!(entries.iter().any(|entry| entry["tool"] == "hang"), "the upstream is told: {}", reply.raw);
        hub.assert_good().await;
    }
}

async fn remote_that_is_not_there_is_told() {
    // A port that was free a moment ago, on which nobody listens now.
    let mut upstream = HttpUpstream::start(&[]).await;
    upstream.kill().await;
    let hub = with_good(Setup::new().remote("faulty", &upstream.url, json!({}))).start().await;
    hub.wait_for_tool("good__echo").await;
    let reply = hub.call("faulty__echo", json!({"message": "hi"})).await;
    reply.assert_fault(&["T-0205", "T-0207"], "faulty");
    let has_code = |server: &Value| server["error"]["code"] == "T-0205";
    hub.wait_for("faulty", "the server is listed with its error", has_code).await;
    hub.assert_good().await;
}

async fn remote_that_wants_a_credential() {
    let upstream = HttpUpstream::start(&["--name", "faulty", "--require-header", "authorization: Bearer right"]).await;
    let right = json!({"headers": {"Authorization": "Bearer right"}});
    let wrong = json!({"headers": {"Authorization": "Bearer secret-but-wrong"}});
    let setup = Setup::new().remote("right", &upstream.url, right).remote("wrong", &upstream.url, wrong);
    let hub = with_good(setup).start().await;
    hub.wait_for_tool("right__echo").await;
    assert_eq!(hub.call("right__echo", json!({"message": "hi"})).await.text(), "hi");
    let refused = |server: &Value| server["error"]["code"] == "T-0206";
    let server = hub.wait_for("wrong", "the refusal is told", refused).await;
    assert!(!server.to_string().contains("secret-but-wrong"), "the credential is not shown: {server}");
    assert!(!hub.stderr().contains("secret-but-wrong"), "the credential is not logged");
    hub.assert_good().await;
}

/// What a client sends to the hub is for the hub: tokens are not passed through.
async fn h23_credentials_of_clients_are_not_passed_on() {
    let setup = Setup::new();
    let record = setup.record("faulty");
    let upstream = HttpUpstream::start(&["--name", "faulty", "--record", record.to_str().unwrap()]).await;
    let hub = with_good(setup.remote("faulty", &upstream.url, json!({}))).ready().await;
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        let client =
            client.with_header("authorization", "Bearer of-the-client").with_header("cookie", "a=of-the-client");
        assert_eq!(client.call("faulty__echo", json!({"message": "hi"})).await.text(), "hi");
    }
    let all = hub.recorded("faulty");
    assert!(all.iter().any(|entry| entry["message"]["params"]["name"] == "echo"), "the calls were recorded");
    let leaked: Vec<_> = all.iter().filter(|entry| entry["headers"].to_string().contains("of-the-client")).collect();
    assert!(leaked.is_empty(), "headers of the client reached the upstream: {leaked:?}");
}
