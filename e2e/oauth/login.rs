//! Logins by a person.

use super::realm::Realm;
use super::{begin, code, command, consent, finish, hub, log_in, post, tutti};
use crate::harness::{Http, Hub, Setup, trials, within};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

pub(super) fn tests() -> Vec<Trial> {
    trials!("oauth::login":
        person_logs_in_and_the_running_hub_works,
        login_without_a_hub_is_there_for_the_next,
        token_is_renewed_once_for_all_and_survives_a_restart,
        h22_rights_that_are_missing_are_asked_for_by_the_next_login,
        h22_call_without_the_right_names_the_command_that_gets_it,
        logout_forgets,
        logout_ends_the_tokens_where_they_came_from,
        logout_forgets_also_what_cannot_be_ended,
        new_authorization_server_gets_a_registration_of_its_own,
        client_that_is_a_document_registers_nowhere_that_knows_it,
        token_is_not_shown_to_another_address,
        commands_say_what_is_wrong,
    )
}

/// Runs `tutti server login docs` as a program would, with a browser that says yes.
async fn login_command(setup: &Setup) -> (Value, Value) {
    login_by(command(setup, &LOGIN)).await
}

/// The command that logs in to `docs`.
pub(super) const LOGIN: [&str; 4] = ["--json", "server", "login", "docs"];

/// Runs a command that logs in, with a browser that says yes.
pub(super) async fn login_by(mut command: Command) -> (Value, Value) {
    let mut child = command.spawn().expect("the binary can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut line = async || {
        let line = within("a line of the login", lines.next_line()).await.expect("it can be read");
        serde_json::from_str::<Value>(&line.expect("there is a line")).expect("it is JSON")
    };
    let first = line().await;
    let url = first["url"].as_str().unwrap_or_else(|| panic!("no page: {first}"));
    let answer = Http::new("GET", url).send().await;
    let page = Http::new("GET", answer.header("location").expect("it points back")).send().await;
    assert!(page.text().contains("You may close this page"), "{}", page.text());
    let second = line().await;
    assert!(within("the end of the login", child.wait()).await.expect("it ends").success(), "{second}");
    (first, second)
}

async fn person_logs_in_and_the_running_hub_works() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    let server = hub.wait_for("docs", "it needs a login", |server| server["error"]["code"] == "T-0411").await;
    assert_eq!(server["error"]["next"], "run `tutti server login docs`");
    assert!(realm.seen("/mcp").is_empty(), "without a token nothing is asked");
    hub.call("docs__who", json!({})).await.assert_code(&["T-0411", "T-0305"]);
    let list = tutti(&hub.setup, &["server", "list"]).await;
    assert!(list.stdout.contains("needs login") && list.stdout.contains("tutti server login docs"), "{list:?}");
    let (first, second) = login_command(&hub.setup).await;
    assert_eq!((&first["issuer"], &second["state"]), (&json!(realm.authority(0)), &json!("ready")), "{second}");
    assert_eq!(second["tools"], 2);
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    let request = &realm.seen("/authorize")[0].values;
    assert_eq!(request["code_challenge_method"], "S256");
    assert_eq!(request["resource"], realm.endpoint());
    assert!(request["redirect_uri"].starts_with("http://127.0.0.1:"));
    assert!(!request.contains_key("scope"), "nobody named a scope");
    nothing_is_shown(hub, &realm).await;
}

/// No token and no secret in what the hub says, writes or stores.
async fn nothing_is_shown(hub: Hub, realm: &Realm) {
    let api = Http::new("GET", &hub.at("/api/v1/servers/docs/login")).send().await;
    assert_eq!(api.json()["ready"], true, "{}", api.text());
    let (stderr, log) = (hub.stderr(), tutti(&hub.setup, &["server", "logs", "docs"]).await);
    assert!(!format!("{}{stderr}{log:?}", api.text()).contains("canary"));
    let setup = hub.stop().await;
    let mut files = 0;
    for entry in std::fs::read_dir(setup.folder.path()).expect("it can be read").flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        assert!(!bytes.windows(6).any(|part| part == b"canary"), "{:?}", entry.path());
        files += usize::from(entry.file_name().to_string_lossy().starts_with("tutti.db"));
    }
    assert!(files > 0 && !realm.state().tokens.is_empty(), "there was something to be found");
}

async fn login_without_a_hub_is_there_for_the_next() {
    let realm = Realm::start().await;
    let setup = Setup::new().remote("docs", &realm.endpoint(), json!({"auth": "oauth"}));
    setup.write_config();
    let (_, second) = login_command(&setup).await;
    assert_eq!(second["state"], "ready");
    let hub = Hub::start(setup).await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    assert_eq!(realm.seen("/authorize").len(), 1);
}

async fn token_is_renewed_once_for_all_and_survives_a_restart() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    // What works now does not a moment later; the server forgets all tokens but the one for renewal.
    realm.state().tokens.clear();
    let client = hub.modern();
    let calls: Vec<_> = (0..10).map(|_| client.start_call("docs__who", json!({}))).collect();
    for call in calls {
        assert_eq!(call.finish().await.text(), "done");
    }
    let renewals = || realm.seen("/token").into_iter().filter(|seen| seen.values["grant_type"] == "refresh_token");
    assert_eq!(renewals().count(), 1, "a refresh token is used once");
    let setup = hub.stop().await;
    let hub = Hub::start(setup).await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    assert_eq!(renewals().count(), 1, "the token lasts over a restart");
    // After a restart it is renewed with the token that came last.
    realm.state().tokens.clear();
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    let used: Vec<String> = renewals().map(|seen| seen.values["refresh_token"].clone()).collect();
    assert!(used.len() == 2 && used[0] != used[1], "{used:?}");
}

async fn h22_rights_that_are_missing_are_asked_for_by_the_next_login() {
    let realm = Realm::start().await;
    realm.state().resource_metadata = json!({"scopes_supported": ["read"]});
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    let reply = hub.call("docs__admin", json!({})).await;
    let error = reply.assert_code(&["T-0412"]).to_string();
    assert!(error.contains("admin") && error.contains("tutti server login docs"), "{error}");
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done", "what is permitted goes on");
    log_in(&hub).await;
    let asked: Vec<String> = realm.seen("/authorize").iter().map(|seen| seen.values["scope"].clone()).collect();
    assert_eq!(asked, ["read", "read admin"]);
    assert_eq!(hub.call("docs__admin", json!({})).await.text(), "done");
}

async fn h22_call_without_the_right_names_the_command_that_gets_it() {
    let realm = Realm::start().await;
    realm.state().resource_metadata = json!({"scopes_supported": ["read"]});
    let hub = hub(&realm, json!("oauth")).await;
    login_command(&hub.setup).await;
    let client = hub.client().await;
    for caller in [&client, &hub.modern()] {
        let reply = caller.call("docs__admin", json!({})).await;
        let error = reply.assert_code(&["T-0412"]);
        assert_eq!(error["data"]["next"], "run `tutti server login docs` to ask for them", "{}", reply.raw);
    }
    let (first, second) = login_command(&hub.setup).await;
    assert_eq!((&first["scopes"], &second["state"]), (&json!(["read", "admin"]), &json!("ready")), "{second}");
    for caller in [&client, &hub.modern()] {
        assert_eq!(caller.call("docs__admin", json!({})).await.text(), "done", "also in the session of before");
    }
}

/// Logs out with the command, and gives what it says.
async fn log_out(hub: &Hub) -> Value {
    let run = tutti(&hub.setup, &["--json", "server", "logout", "docs"]).await;
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

async fn logout_ends_the_tokens_where_they_came_from() {
    let realm = Realm::start().await;
    realm.state().metadata = json!({"revocation_endpoint": format!("{}/revoke", realm.authority(0))});
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    let setup = hub.stop().await;
    // Where they are ended is remembered with them.
    let hub = Hub::start(setup).await;
    let (access, refresh) = {
        let state = realm.state();
        (state.tokens.keys().next().cloned().expect("a token"), state.refresh.clone().expect("one for renewal"))
    };
    assert_eq!(log_out(&hub).await, json!({"name": "docs", "logged_out": true, "revoked": true}));
    let asked = realm.seen("/revoke");
    let told: Vec<_> = asked.iter().map(|seen| (&*seen.values["token"], &*seen.values["token_type_hint"])).collect();
    assert_eq!(told, [(&*refresh, "refresh_token"), (&*access, "access_token")]);
    assert!(asked.iter().all(|seen| seen.values["client_id"].starts_with("client-")), "{asked:?}");
    assert!(realm.state().tokens.is_empty() && realm.state().refresh.is_none());
    assert_eq!(log_out(&hub).await, json!({"name": "docs", "logged_out": false, "revoked": null}));
    assert_eq!(realm.seen("/revoke").len(), 2, "nothing is ended twice");
}

async fn logout_forgets_also_what_cannot_be_ended() {
    let realm = Realm::start().await;
    let refused = format!("{}/revoke", realm.authority(0));
    // An address that must not be asked, one where nobody is, and one that refuses.
    for (endpoint, revoked) in [
        (json!("http://auth.example.com/revoke"), json!(null)),
        (json!("http://127.0.0.1:1/revoke"), json!(false)),
        (json!(refused), json!(false)),
    ] {
        realm.state().metadata = json!({"revocation_endpoint": endpoint});
        realm.state().answers.insert("/revoke", (503, Vec::new(), "{}".to_owned()));
        let hub = hub(&realm, json!("oauth")).await;
        log_in(&hub).await;
        let said = log_out(&hub).await;
        assert_eq!(said, json!({"name": "docs", "logged_out": true, "revoked": revoked}), "{endpoint}");
        hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
        assert!(!hub.stderr().contains("canary"), "{}", hub.stderr());
        let hub = Hub::start(hub.stop().await).await;
        hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    }
}

async fn logout_forgets() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    let run = tutti(&hub.setup, &["--json", "server", "logout", "docs"]).await;
    assert_eq!(
        serde_json::from_str::<Value>(&run.stdout).expect("JSON"),
        json!({"name": "docs", "logged_out": true, "revoked": null})
    );
    hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    let again = tutti(&hub.setup, &["server", "logout", "docs"]).await;
    assert!(again.stdout.contains("there was no login"), "{again:?}");
}

async fn new_authorization_server_gets_a_registration_of_its_own() {
    let realm = Realm::start().await;
    realm.state().refreshes = false;
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    {
        let mut state = realm.state();
        state.authority = 1;
        state.tokens.clear();
    }
    hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    log_in(&hub).await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    let clients: Vec<(String, String)> =
        realm.seen("/authorize").iter().map(|seen| (seen.at.clone(), seen.values["client_id"].clone())).collect();
    assert_eq!((&*clients[0].0, &*clients[1].0), (realm.authority(0), realm.authority(1)));
    assert_ne!(clients[0].1, clients[1].1, "what one server knows is not shown to another");
    assert_eq!(realm.seen("/register").len(), 2);
}

/// Client ID Metadata Documents: the address of the document is the client's id.
async fn client_that_is_a_document_registers_nowhere_that_knows_it() {
    let realm = Realm::start().await;
    realm.state().metadata = json!({"client_id_metadata_document_supported": true});
    let document = "https://example.com/tutti.json";
    let hub = hub(&realm, json!({"client_metadata_url": document})).await;
    let described = log_in(&hub).await;
    assert_eq!(described["state"], "ready", "{described}");
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    assert_eq!(realm.seen("/authorize")[0].values["client_id"], document);
    let token = &realm.seen("/token")[0];
    assert_eq!((token.values["client_id"].as_str(), &token.authorization), (document, &None), "it has no secret");
    assert!(realm.seen("/register").is_empty());
    // Another one knows nothing of such documents.
    {
        let mut state = realm.state();
        (state.authority, state.metadata) = (1, json!({}));
        state.tokens.clear();
        state.refresh = None;
    }
    hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    log_in(&hub).await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    assert_eq!(realm.seen("/register").len(), 1);
    assert_ne!(realm.seen("/authorize")[1].values["client_id"], document);
}

async fn token_is_not_shown_to_another_address() {
    let (realm, other) = (Realm::start().await, Realm::start().await);
    let mut hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    hub.reconfigure(|config| config["servers"]["docs"]["url"] = json!(other.endpoint()));
    hub.wait_for("docs", "it needs a login again", |server| server["error"]["code"] == "T-0411").await;
    hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    assert!(other.seen("/mcp").is_empty(), "{:?}", other.seen("/mcp"));
}

async fn commands_say_what_is_wrong() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    for bad in ["https://evil.example.com/callback", "http://10.0.0.1:9/callback", "http://127.0.0.1:9/other", "x"] {
        let answer = post(&hub, "/api/v1/servers/docs/login", &json!({"redirect_uri": bad})).await;
        assert_eq!(code(&answer), "T-0304", "{bad}: {}", answer.text());
    }
    assert_eq!(code(&finish(&hub, "code=c&state=s").await), "T-0420", "no login waits");
    realm.state().answers.insert("/register", (403, Vec::new(), "{\"error\":\"no\"}".to_owned()));
    let refused = begin(&hub).await;
    assert_eq!(code(&refused), "T-0416", "{}", refused.text());
    realm.state().answers.clear();
    let begun = begin(&hub).await.json();
    let query = consent(begun["url"].as_str().expect("a page")).await;
    let state = query.split('&').find(|part| part.starts_with("state=")).expect("a state");
    let denied = finish(&hub, &format!("error=access_denied&error_description=no+thanks&{state}")).await;
    assert_eq!(code(&denied), "T-0417");
    assert!(denied.text().contains("no thanks"), "{}", denied.text());
}
