//! Rows of the attack catalogue about OAuth towards upstreams.

use super::realm::Realm;
use super::{begin, code, consent, finish, hub, log_in};
use crate::harness::{Http, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("oauth::attacks":
        a44_token_does_not_leave_its_origin,
        h23_tokens_of_clients_are_not_passed_on,
        a46_h25_metadata_at_a_private_address,
        a69_code_without_its_verifier,
        a70_endpoints_that_are_no_web_addresses,
        a73_documents_without_end,
        a74_answer_of_another_server,
        h24_states_are_used_once_and_addresses_are_exact,
        a76_refresh_token_that_is_refused,
        a78_answer_that_nobody_asked_for,
        a82_h25_endpoints_within_the_network,
        a84_h25_documents_elsewhere,
        a85_proxies_of_the_environment,
        resource_that_speaks_for_another,
        secret_of_a_client_goes_to_its_own_server_only,
    )
}

/// The error with which a login cannot even begin. Nothing was asked of a person.
async fn refused(hub: &Hub, realm: &Realm) -> String {
    let answer = begin(hub).await;
    assert_ne!(answer.status, 200, "{}", answer.text());
    assert!(realm.seen("/authorize").is_empty() && realm.seen("/token").is_empty());
    code(&answer)
}

async fn a44_token_does_not_leave_its_origin() {
    let (realm, other) = (Realm::start().await, Realm::start().await);
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    let elsewhere = vec![("location", other.endpoint())];
    for status in [301, 302, 307, 308] {
        realm.state().answers.insert("/mcp", (status, elsewhere.clone(), String::new()));
        let reply = hub.call("docs__who", json!({})).await;
        reply.assert_code(&["T-0209"]);
    }
    assert!(other.state().seen.is_empty(), "{:?}", other.state().seen);
}

async fn h23_tokens_of_clients_are_not_passed_on() {
    let realm = Realm::start().await;
    let key = "aVeryRandomKey-0123456789-abcdef";
    let setup = Setup::new().remote("docs", &realm.endpoint(), json!({"auth": "oauth"})).with("key", json!(key));
    let hub = setup.start().await;
    let begin = |path: String, body: Value| {
        let request = Http::new("POST", &hub.at(&path)).header("authorization", &format!("Bearer {key}"));
        request.header("content-type", "application/json").body(body.to_string()).send()
    };
    let begun = begin("/api/v1/servers/docs/login".to_owned(), json!({"redirect_uri": super::BACK})).await.json();
    let query = consent(begun["url"].as_str().expect("a page")).await;
    let done = begin("/api/v1/servers/docs/login/finish".to_owned(), json!({"query": query})).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(hub.modern().call("docs__who", json!({})).await.text(), "done");
    let sent: Vec<String> = realm.state().seen.iter().filter_map(|seen| seen.authorization.clone()).collect();
    assert!(!sent.is_empty() && sent.iter().all(|header| header.starts_with("Bearer canary-token-")), "{sent:?}");
    assert!(!format!("{:?}", realm.state().seen).contains(key));
}

async fn a46_h25_metadata_at_a_private_address() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    for target in [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "https://192.168.0.1/",
        "https://169.254.169.254/",
        "http://127.0.0.1:6379/",
        "http://127.0.0.1:22/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "http://0.0.0.0:8080/",
    ] {
        let challenge = format!("Bearer resource_metadata=\"{target}\"");
        realm.state().answers.insert("/mcp", (401, vec![("www-authenticate", challenge)], "{}".to_owned()));
        assert_eq!(refused(&hub, &realm).await, "T-0415", "{target}");
    }
    for target in ["file:///etc/passwd", "gopher://127.0.0.1/", "http://a@127.0.0.1/", "javascript:alert(1)", ""] {
        let challenge = format!("Bearer resource_metadata=\"{target}\"");
        realm.state().answers.insert("/mcp", (401, vec![("www-authenticate", challenge)], "{}".to_owned()));
        assert_eq!(refused(&hub, &realm).await, "T-0414", "{target}");
    }
}

async fn a69_code_without_its_verifier() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    for methods in [Value::Null, json!([]), json!(["plain"])] {
        realm.state().metadata = json!({"code_challenge_methods_supported": methods});
        assert_eq!(refused(&hub, &realm).await, "T-0414", "{methods}");
    }
    realm.state().metadata = json!({});
    // The realm checks the verifier against the challenge. A code works once.
    let begun = begin(&hub).await.json();
    let query = consent(begun["url"].as_str().expect("a page")).await;
    assert_eq!(finish(&hub, &query).await.status, 200);
    assert_eq!(code(&finish(&hub, &query).await), "T-0420");
    let sent = realm.seen("/token");
    assert_eq!((sent.len(), sent[0].values["code_verifier"].len()), (1, 43));
}

async fn a70_endpoints_that_are_no_web_addresses() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    for name in ["authorization_endpoint", "token_endpoint", "registration_endpoint"] {
        for bad in ["javascript:alert(1)", "file:///bin/sh", "http://x.example.com/", "https://x/`id`", "https://u@x/"]
        {
            realm.state().metadata = json!({name: bad});
            assert_eq!(refused(&hub, &realm).await, "T-0414", "{name} {bad}");
        }
    }
    realm.state().metadata = json!({"authorization_endpoint": "https://x.example.com/$(touch /tmp/x)"});
    assert_eq!(refused(&hub, &realm).await, "T-0414");
}

async fn a73_documents_without_end() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(10 << 20));
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server"] {
        realm.state().answers.insert(path, (200, Vec::new(), large.clone()));
        assert_eq!(refused(&hub, &realm).await, "T-0421", "{path}");
        realm.state().answers.insert(path, (200, Vec::new(), "[".repeat(100_000)));
        assert_eq!(refused(&hub, &realm).await, "T-0414", "{path}");
        realm.state().answers.clear();
    }
    log_in(&hub).await;
}

async fn a74_answer_of_another_server() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    let own = realm.authority(0).to_owned();
    let advertised = json!({"authorization_response_iss_parameter_supported": true});
    for (metadata, iss) in [
        (advertised.clone(), None),
        (advertised.clone(), Some("https://evil.example.com".to_owned())),
        (advertised.clone(), Some(format!("{own}/"))),
        (json!({}), Some(realm.authority(1).to_owned())),
    ] {
        {
            let mut state = realm.state();
            (state.metadata, state.iss) = (metadata, iss.clone());
        }
        let begun = begin(&hub).await.json();
        let query = consent(begun["url"].as_str().expect("a page")).await;
        assert_eq!(code(&finish(&hub, &query).await), "T-0419", "{iss:?}");
        assert_eq!(code(&finish(&hub, &query).await), "T-0420", "the login is over");
        assert!(realm.seen("/token").is_empty(), "the code went nowhere");
    }
    realm.state().metadata = json!({"issuer": "https://attacker.example.com"});
    assert_eq!(code(&begin(&hub).await), "T-0414", "metadata of another issuer");
    {
        let mut state = realm.state();
        (state.metadata, state.iss) = (advertised, Some(own));
    }
    log_in(&hub).await;
}

/// A login belongs to who began it: its state is new, good once, and the way back is one address and no other.
async fn h24_states_are_used_once_and_addresses_are_exact() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    for elsewhere in [
        "https://evil.example.com/callback",
        "http://evil.example.com/callback",
        "http://127.0.0.1.evil.example.com/callback",
        "http://127.0.0.1@evil.example.com/callback",
        "http://localhost:9/callback",
        "http://127.0.0.1:9/callback/../elsewhere",
        "http://127.0.0.1:9/callback?x=1",
        "http://127.0.0.1:9/callback#x",
        "http://127.0.0.1:9/",
        "",
    ] {
        let answer = super::post(&hub, "/api/v1/servers/docs/login", &json!({"redirect_uri": elsewhere})).await;
        assert_eq!((answer.status, code(&answer)), (400, "T-0304".to_owned()), "{elsewhere}");
    }
    assert!(realm.seen("/register").is_empty(), "nothing was registered");
    let mut queries = Vec::new();
    for _ in 0..2 {
        let begun = begin(&hub).await.json();
        queries.push(consent(begun["url"].as_str().expect("a page")).await);
    }
    let asked = realm.seen("/authorize");
    let states: Vec<&String> = asked.iter().map(|seen| &seen.values["state"]).collect();
    assert!(states[0] != states[1] && states.iter().all(|state| state.len() >= 32), "{states:?}");
    assert!(asked.iter().all(|seen| seen.values["redirect_uri"] == super::BACK));
    // The second login has taken the place of the first.
    assert_eq!(code(&finish(&hub, &queries[0]).await), "T-0419");
    assert_eq!(finish(&hub, &queries[1]).await.status, 200);
    for query in &queries {
        assert_eq!(code(&finish(&hub, query).await), "T-0420", "no login waits any more");
    }
    let sent = realm.seen("/token");
    assert_eq!((sent.len(), sent[0].values["redirect_uri"].as_str()), (1, super::BACK));
    assert!(realm.seen("/register").iter().all(|seen| seen.body.contains(&format!("[\"{}\"]", super::BACK))));
}

async fn a76_refresh_token_that_is_refused() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    log_in(&hub).await;
    {
        let mut state = realm.state();
        state.tokens.clear();
        state.refresh = None;
    }
    for _ in 0..3 {
        hub.call("docs__who", json!({})).await.assert_code(&["T-0411"]);
    }
    let renewals = realm.seen("/token").into_iter().filter(|seen| seen.values["grant_type"] == "refresh_token");
    assert_eq!(renewals.count(), 1, "a refresh token that is refused is not shown again");
    log_in(&hub).await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
}

async fn a78_answer_that_nobody_asked_for() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    let begun = begin(&hub).await.json();
    let query = consent(begun["url"].as_str().expect("a page")).await;
    for stranger in ["code=evil&state=guess", "code=evil", "error=access_denied", "state=&code=evil"] {
        assert_eq!(code(&finish(&hub, stranger).await), "T-0419", "{stranger}");
    }
    assert!(realm.seen("/token").is_empty());
    assert_eq!(finish(&hub, &query).await.status, 200, "the login itself goes on");
}

async fn a82_h25_endpoints_within_the_network() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    realm.state().metadata = json!({"registration_endpoint": "https://10.0.0.1/register"});
    assert_eq!(refused(&hub, &realm).await, "T-0415");
    realm.state().metadata = json!({"token_endpoint": "https://169.254.169.254/token"});
    let begun = begin(&hub).await.json();
    let query = consent(begun["url"].as_str().expect("a page")).await;
    let finished = finish(&hub, &query).await;
    assert_eq!(code(&finished), "T-0415", "{}", finished.text());
    realm.state().resource_metadata = json!({"authorization_servers": ["https://192.168.1.1"]});
    assert_eq!(code(&begin(&hub).await), "T-0415");
}

async fn a84_h25_documents_elsewhere() {
    let (realm, other) = (Realm::start().await, Realm::start().await);
    let hub = hub(&realm, json!("oauth")).await;
    let path = "/.well-known/oauth-authorization-server";
    for target in [
        format!("{}{path}", other.authority(0)),
        "http://169.254.169.254/".to_owned(),
        "//10.0.0.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        path.to_owned(),
    ] {
        realm.state().answers.insert(path, (302, vec![("location", target.clone())], String::new()));
        assert_eq!(refused(&hub, &realm).await, "T-0414", "{target}");
    }
    assert!(other.state().seen.is_empty());
    assert!(realm.seen(path).len() <= 8, "there is an end to hops: {}", realm.seen(path).len());
}

/// Nobody but the configuration says which way requests go.
async fn a85_proxies_of_the_environment() {
    let (realm, proxy) = (Realm::start().await, Realm::start().await);
    let mut setup = Setup::new().remote("docs", &realm.endpoint(), json!({"auth": "oauth"}));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        setup = setup.environment(name, proxy.authority(0));
    }
    let hub = setup.start().await;
    log_in(&hub).await;
    assert_eq!(hub.call("docs__who", json!({})).await.text(), "done");
    assert!(proxy.state().seen.is_empty());
}

async fn resource_that_speaks_for_another() {
    let realm = Realm::start().await;
    let hub = hub(&realm, json!("oauth")).await;
    for resource in ["https://evil.example.com/mcp", "http://127.0.0.1/mcp", "", "x"] {
        realm.state().resource_metadata = json!({"resource": resource});
        assert_eq!(refused(&hub, &realm).await, "T-0414", "{resource}");
    }
}

async fn secret_of_a_client_goes_to_its_own_server_only() {
    let realm = Realm::start().await;
    let auth = json!({"grant": "client_credentials", "client_id": "me", "client_secret": "canary-secret"});
    let hub = hub(&realm, auth).await;
    hub.wait_for_tool("docs__who").await;
    {
        let mut state = realm.state();
        state.authority = 1;
        state.tokens.clear();
    }
    // Just after it was got the refusal of a token is no reason to get another, so the server is started anew.
    let setup = hub.stop().await;
    let hub = Hub::start(setup).await;
    hub.call("docs__who", json!({})).await.assert_code(&["T-0418"]);
    assert!(realm.seen("/token").iter().all(|seen| seen.at == realm.authority(0)), "{:?}", realm.seen("/token"));
}
