//! What the interface refuses, and how: with a code, in its own form.

use super::{hub_of, request};
use crate::harness::{Http, trials};
use crate::oauth::realm::Realm;
use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("api": wrong_parameters_are_refused, bodies_that_do_not_say_what_they_are_are_refused)
}

async fn wrong_parameters_are_refused() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    for (path, name) in [
        ("/api/v1/servers?settle=soon", "settle"),
        ("/api/v1/servers?settle=301", "settle"),
        ("/api/v1/servers?settle=1&settle=1", "settle"),
        ("/api/v1/servers/good/logs?after=-1", "after"),
        ("/api/v1/servers/good/logs?after=99999999999999999999", "after"),
        ("/readyz?verbose=perhaps", "verbose"),
        ("/api/v1/servers/%ff", "name"),
    ] {
        let answer = request(&hub, "GET", path).send().await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["data"]["code"]), (400, &"T-0304".into()), "{path}: {}", answer.text());
        assert!(error["message"].as_str().unwrap_or_default().contains(name), "{path}: {}", answer.text());
    }
    let quiet = request(&hub, "GET", "/readyz?verbose=false").send().await;
    assert!(quiet.json().get("servers").is_none(), "{}", quiet.text());
}

async fn bodies_that_do_not_say_what_they_are_are_refused() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    let body = r#"{"redirect_uri": "http://127.0.0.1:9/callback"}"#;
    let login = || request(&hub, "POST", "/api/v1/servers/docs/login");
    let with = |kind: &str| login().header("content-type", kind).body(body);
    let refused: [(Http, u16, &str); 5] = [
        (with("text/plain"), 415, "T-0318"),
        (login().body(body), 415, "T-0318"),
        (with("application/json").header("content-encoding", "gzip"), 415, "T-0318"),
        (with("application/json").body("{"), 400, "T-0304"),
        (with("application/json").body(r#"{"redirect_uri": 1}"#), 400, "T-0304"),
    ];
    for (request, status, code) in refused {
        let answer = request.send().await;
        let told = &answer.json()["error"]["data"]["code"];
        assert_eq!((answer.status, told), (status, &code.into()), "{}", answer.text());
    }
    assert_eq!(with("application/json; charset=utf-8").send().await.status, 200);
}
