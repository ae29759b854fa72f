//! A server at which each key logs in for itself.

use super::login::{LOGIN, login_by};
use super::realm::Realm;
use super::{BACK, command, consent};
use crate::harness::{Answer, Client, Era, Http, Hub, Setup, trials, trials_of_both_eras, within};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("oauth::each":
        a44_each_key_calls_with_its_own_token,
        h25_changes_are_not_told_over_the_login_of_another,
    );
    tests.extend(trials!("oauth::each":
        tokens_of_each_key_survive_a_restart,
        login_and_logout_of_one_key_are_not_the_others,
        a08_key_logs_in_to_what_is_its_own_only,
        command_logs_in_with_the_key_of_a_client,
    ));
    tests
}

const OPERATOR: &str = "op-7Rk2nXw8QvLz5Ys3Bd9Hf4Jm6Pc1Tg0Uq";
const ALICE: &str = "al-5Qv2nXw8RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U";
const BOB: &str = "bo-9Tg0U8Qv2nXw5RkLz7Ys3Bd4Hf6Jm1Pc";

fn setup(realm: &Realm, holder: &str) -> Setup {
    let entry = json!({"auth": {"type": "oauth", "for": holder}, "backoff": {"first": "1ms"}});
    let keys = json!({"alice": ALICE, "bob": {"key": BOB, "views": ["all"]}});
    Setup::new().remote("docs", &realm.endpoint(), entry).with("key", json!(OPERATOR)).with("keys", keys)
}

async fn hub(realm: &Realm) -> Hub {
    setup(realm, "each").start().await
}

async fn request(hub: &Hub, key: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = Http::new(method, &hub.at(path)).header("authorization", &format!("Bearer {key}"));
    match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()).send().await,
        None => request.send().await,
    }
}

/// A whole login with this key.
async fn log_in(hub: &Hub, key: &str) -> Value {
    let path = "/api/v1/servers/docs/login";
    let begun = request(hub, key, "POST", path, Some(&json!({"redirect_uri": BACK}))).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let query = consent(begun.json()["url"].as_str().expect("it names the page")).await;
    let finished = request(hub, key, "POST", &format!("{path}/finish"), Some(&json!({"query": query}))).await;
    assert_eq!(finished.status, 200, "{}", finished.text());
    finished.json()
}

/// The token of the last call.
fn last_token(realm: &Realm) -> String {
    let calls = realm.seen("/mcp").into_iter().filter(|seen| seen.body.contains("tools/call"));
    calls.filter_map(|seen| seen.authorization).next_back().expect("there was a call with a token")
}

async fn client(hub: &Hub, era: Era, key: &str) -> Client {
    let client = Client::bare(era, &hub.url).with_header("authorization", &format!("Bearer {key}"));
    if era == Era::Legacy { client.shake_hands("2025-11-25").await } else { client }
}

async fn a44_each_key_calls_with_its_own_token(era: Era) {
    let realm = Realm::start().await;
    let hub = hub(&realm).await;
    log_in(&hub, OPERATOR).await;
    let (operator, alice, bob) =
        (client(&hub, era, OPERATOR).await, client(&hub, era, ALICE).await, client(&hub, era, BOB).await);
    assert_eq!(operator.call("docs__who", json!({})).await.text(), "done");
    let of_operator = last_token(&realm);
    for other in [&alice, &bob] {
        let reply = other.call("docs__who", json!({})).await;
        let error = reply.assert_code(&["T-0411"]);
        assert_eq!(error["data"]["next"], "run `tutti server login docs`", "{}", reply.raw);
    }
    assert_eq!(last_token(&realm), of_operator, "without a login of one's own nothing goes out");
    log_in(&hub, ALICE).await;
    assert_eq!(alice.call("docs__who", json!({})).await.text(), "done");
    let of_alice = last_token(&realm);
    assert_ne!(of_alice, of_operator);
    bob.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    log_in(&hub, BOB).await;
    assert_eq!(bob.call("docs__who", json!({})).await.text(), "done");
    let of_bob = last_token(&realm);
    assert!(of_bob != of_operator && of_bob != of_alice, "{of_bob}");
    for (caller, token) in [(&operator, &of_operator), (&alice, &of_alice), (&bob, &of_bob), (&alice, &of_alice)] {
        assert_eq!(caller.call("docs__who", json!({})).await.text(), "done");
        assert_eq!(&last_token(&realm), token);
    }
}

async fn h25_changes_are_not_told_over_the_login_of_another(era: Era) {
    let realm = Realm::start().await;
    let hub = hub(&realm).await;
    log_in(&hub, OPERATOR).await;
    let alice = client(&hub, era, ALICE).await;
    // Its address is one that only the hub makes, and it leads to the server that is reached by each for itself.
    let reply = alice.request("resources/read", json!({"uri": "tutti://docs/note:1"})).await;
    assert_eq!(reply.code(), Some("T-0411"), "{}", reply.raw);
    if era == Era::Legacy {
        let reply = alice.request("resources/subscribe", json!({"uri": "tutti://docs/note:1"})).await;
        let error = reply.error().to_string();
        assert!(error.contains("login of each client's own"), "{error}");
    }
}

async fn tokens_of_each_key_survive_a_restart() {
    let realm = Realm::start().await;
    let hub = hub(&realm).await;
    log_in(&hub, OPERATOR).await;
    log_in(&hub, ALICE).await;
    let alice = client(&hub, Era::Modern, ALICE).await;
    assert_eq!(alice.call("docs__who", json!({})).await.text(), "done");
    let before = last_token(&realm);
    let hub = hub.stop().await.start().await;
    hub.wait_for("docs", "it is known", |server| server["tools"] == 2).await;
    assert_eq!(client(&hub, Era::Modern, ALICE).await.call("docs__who", json!({})).await.text(), "done");
    assert_eq!(last_token(&realm), before);
    client(&hub, Era::Modern, BOB).await.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
}

async fn login_and_logout_of_one_key_are_not_the_others() {
    let realm = Realm::start().await;
    let hub = hub(&realm).await;
    log_in(&hub, OPERATOR).await;
    log_in(&hub, ALICE).await;
    let ready = async |key: &str| {
        let answer = request(&hub, key, "GET", "/api/v1/servers/docs/login", None).await;
        answer.json()["ready"].as_bool().unwrap_or_else(|| panic!("{}", answer.text()))
    };
    assert_eq!((ready(OPERATOR).await, ready(ALICE).await, ready(BOB).await), (true, true, false));
    let out = request(&hub, ALICE, "POST", "/api/v1/servers/docs/logout", None).await;
    assert_eq!(out.json()["logged_out"], true, "{}", out.text());
    assert_eq!((ready(OPERATOR).await, ready(ALICE).await), (true, false));
    client(&hub, Era::Modern, ALICE).await.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    let operator = client(&hub, Era::Modern, OPERATOR).await;
    assert_eq!(operator.call("docs__who", json!({})).await.text(), "done");
}

async fn a08_key_logs_in_to_what_is_its_own_only() {
    let realm = Realm::start().await;
    let views = json!({"other": {"servers": ["files"]}});
    let keys = json!({"alice": {"key": ALICE, "views": ["other"]}, "bob": BOB});
    let files = |setup: Setup| setup.with("views", views.clone()).with("keys", keys.clone());
    for holder in ["each", "everyone"] {
        let hub = files(setup(&realm, holder)).fixture("files", &[], json!({})).start().await;
        let refused: &[&str] = if holder == "each" { &[ALICE] } else { &[ALICE, BOB] };
        for key in refused {
            for (method, path) in [
                ("GET", "/api/v1/servers/docs/login"),
                ("POST", "/api/v1/servers/docs/login"),
                ("POST", "/api/v1/servers/docs/login/finish"),
                ("POST", "/api/v1/servers/docs/logout"),
                ("POST", "/api/v1/servers/none/logout"),
                ("GET", "/api/v1/servers/docs"),
                ("GET", "/api/v1/servers/docs/login/x"),
            ] {
                let body = (method == "POST").then(|| json!({"redirect_uri": BACK, "query": "x"}));
                let answer = request(&hub, key, method, path, body.as_ref()).await;
                assert_eq!(answer.status, 403, "{holder} {method} {path}: {}", answer.text());
                assert_eq!(answer.json()["error"]["data"]["code"], "T-0408", "{}", answer.text());
            }
        }
    }
    assert!(realm.seen("/register").is_empty(), "nothing was begun");
}

async fn command_logs_in_with_the_key_of_a_client() {
    let realm = Realm::start().await;
    let hub = hub(&realm).await;
    log_in(&hub, OPERATOR).await;
    let with_key = |arguments: &[&str]| {
        let mut command = command(&hub.setup, arguments);
        command.args(["--url", &hub.at("")]).env("TUTTI_KEY", BOB);
        command
    };
    let (_, second) = login_by(with_key(&LOGIN)).await;
    assert_eq!((&second["state"], &second["tools"]), (&json!("ready"), &json!(2)), "{second}");
    let bob = client(&hub, Era::Modern, BOB).await;
    assert_eq!(bob.call("docs__who", json!({})).await.text(), "done");
    let out = within("the end of a command", with_key(&["--json", "server", "logout", "docs"]).output()).await;
    let out = out.expect("it can be started");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    bob.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    let operator = client(&hub, Era::Modern, OPERATOR).await;
    assert_eq!(operator.call("docs__who", json!({})).await.text(), "done");
}
