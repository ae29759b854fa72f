//! Servers at which the hub logs in by itself.

use super::realm::Realm;
use super::{hub, tutti};
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("oauth::unattended":
        hub_logs_in_by_itself,
        a77_rights_that_are_never_given_are_asked_for_once,
        wrong_secret_is_told_and_not_tried_for_each_call,
        configurations_that_cannot_work_are_refused,
    )
}

fn credentials(secret: &str) -> Value {
    json!({"grant": "client_credentials", "client_id": "me", "client_secret": secret})
}

async fn hub_logs_in_by_itself() {
    let realm = Realm::start().await;
    realm.state().resource_metadata = json!({"scopes_supported": ["read"]});
    let hub = hub(&realm, credentials("canary-secret")).await;
    hub.wait_for_tool("docs__who").await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    let asked = realm.seen("/token");
    assert_eq!((asked.len(), asked[0].values["scope"].as_str()), (1, "read"));
    assert_eq!(asked[0].values["resource"], realm.endpoint());
    assert!(!asked[0].body.contains("canary"), "the secret is in the header only");
    // More rights come for the asking.
    assert_eq!(hub.call("docs__admin", json!({})).await.text(), "done");
    assert_eq!(realm.seen("/token")[1].values["scope"], "read admin");
    let login = tutti(&hub.setup, &["server", "login", "docs"]).await;
    assert!(login.stderr.contains("T-0422") && !format!("{login:?}").contains("canary"), "{login:?}");
}

async fn a77_rights_that_are_never_given_are_asked_for_once() {
    let realm = Realm::start().await;
    realm.state().generous = false;
    let hub = hub(&realm, credentials("canary-secret")).await;
    hub.wait_for_tool("docs__admin").await;
    for _ in 0..5 {
        hub.call("docs__admin", json!({})).await.assert_code(&["T-0412"]);
    }
    assert_eq!(realm.seen("/token").len(), 2, "once for the start, once for more");
    realm.state().admin = "* \u{7f}bad";
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
}

async fn wrong_secret_is_told_and_not_tried_for_each_call() {
    let realm = Realm::start().await;
    let hub = hub(&realm, credentials("canary-wrong")).await;
    let server = hub.wait_for("docs", "it is refused", |server| server["error"]["code"] == "T-0417").await;
    assert!(server["error"]["message"].as_str().expect("a text").contains("invalid_client"), "{server}");
    for _ in 0..5 {
        hub.call("docs__who", json!({})).await.assert_code(&["T-0417", "T-0305"]);
    }
    assert!(realm.seen("/token").len() <= 2, "{}", realm.seen("/token").len());
    assert!(!format!("{server}{}", hub.stderr()).contains("canary"));
}

async fn configurations_that_cannot_work_are_refused() {
    for (auth, says) in [
        (json!("oauht"), "`servers.docs.auth` is not `oauth`"),
        (json!({"grant": "client_credentials", "client_id": "me"}), "no credential"),
        (json!({"client_secret": "canary-secret"}), "no `client_id`"),
        (json!({"client_metadata_url": "http://example.com/x"}), "client_metadata_url"),
        (json!({"client_metadata_url": "https://example.com"}), "client_metadata_url"),
        (json!({"scope": ["a"]}), "did you mean `scopes`?"),
        (json!({"redirect_port": 80}), "out of range"),
        (json!({"for": "all"}), "for"),
        (
            json!({"for": "each", "grant": "client_credentials", "client_id": "me", "client_secret": "canary-secret"}),
            "is for each principal, and the hub logs in by itself",
        ),
    ] {
        let setup = Setup::new().remote("docs", "https://mcp.example.com/mcp", json!({"auth": auth}));
        setup.write_config();
        let run = tutti(&setup, &["server", "list"]).await;
        assert_eq!(run.code, Some(3), "{auth}: {run:?}");
        assert!(run.stderr.contains(says) && !run.stderr.contains("canary"), "{auth}: {run:?}");
    }
    // A key that is none costs its own server only.
    let realm = Realm::start().await;
    let auth = json!({"grant": "client_credentials", "client_id": "me", "private_key": "canary-key"});
    let hub = hub(&realm, auth).await;
    let server = hub.wait_for("docs", "it is refused", |server| server["error"]["code"] == "T-0423").await;
    assert!(!server.to_string().contains("canary"));
}
