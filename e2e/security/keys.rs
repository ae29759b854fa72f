//! The bearer key, and where the hub will not listen without one.

use super::{PATHS, assert_refused, guarded, usual};
use crate::harness::{Era, Http, Run, Setup, trials, tutti};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security":
        a07_weak_keys_are_refused_at_the_start,
        a08_every_path_wants_the_key,
        a68_key_in_the_address_is_refused,
        a93_odd_keys_are_refused_alike,
        h27_a_session_is_no_key,
        key_is_not_shown,
        beyond_this_machine_a_key_is_needed,
    )
}

pub(crate) const STRONG: &str = "tk-8Qv2nXw5RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U";

/// Starts a hub that is expected to end by itself.
async fn start_in_vain(setup: &Setup, arguments: &[&str]) -> Run {
    setup.write_config();
    let path = setup.path_text("tutti.yaml");
    let home = setup.folder.path().to_str().unwrap();
    let all = [&["up", "--json", "--config", &path], arguments].concat();
    tutti(&all, &[("HOME", home), ("TUTTI_HOME", home)]).await
}

async fn a07_weak_keys_are_refused_at_the_start() {
    let weak = [
        "a",
        "changeme",
        "secret",
        "password",
        "0123456789",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "my-secret-key",
    ];
    for key in weak {
        let run = start_in_vain(&guarded().with("key", json!(key)), &["--listen", "127.0.0.1:0"]).await;
        assert_eq!(run.code, Some(3), "{key}: {run:?}");
        assert!(run.stderr.contains("T-0405") || run.stdout.contains("T-0405"), "{key}: {run:?}");
        let shown = key.len() > 8 && format!("{}{}", run.stdout, run.stderr).contains(key);
        assert!(!shown, "a key is not shown, not even a weak one: {run:?}");
    }
}

async fn a08_every_path_wants_the_key() {
    let hub = guarded().with("key", json!(STRONG)).ready().await;
    for path in PATHS.into_iter().filter(|path| *path != "/healthz") {
        let answer = usual(&hub, path).without("authorization").send().await;
        assert_refused(&answer, path, 401, "T-0403");
        let challenge = answer.header("www-authenticate").unwrap_or_default().to_lowercase();
        assert!(challenge.starts_with("bearer"), "{path}: a 401 says what it wants: {challenge}");
        let right = usual(&hub, path).header("authorization", &format!("Bearer {STRONG}")).send().await;
        assert_eq!(right.status, 200, "{path}: {}", right.text());
        let lower = usual(&hub, path).header("authorization", &format!("bearer {STRONG}")).send().await;
        assert_eq!(lower.status, 200, "{path}: the word is the same in any case: {}", lower.text());
    }
    for method in ["GET", "DELETE", "OPTIONS", "PUT"] {
        let answer = Http::new(method, &hub.url).send().await;
        assert!([401, 405].contains(&answer.status), "{method}: {} {}", answer.status, answer.text());
    }
}

async fn a68_key_in_the_address_is_refused() {
    let hub = guarded().with("key", json!(STRONG)).ready().await;
    for parameter in ["key", "token", "access_token", "api_key", "authorization"] {
        for path in ["/mcp", "/api/v1/servers"] {
            let url = hub.at(&format!("{path}?{parameter}={STRONG}"));
            let client = hub.bare(Era::Modern).at(&url);
            let message = client.message(&json!(1), "tools/list", json!({}));
            let request = if path == "/mcp" { client.post(&message) } else { Http::new("GET", &url) };
            let answer = request.without("authorization").send().await;
            assert!([400, 401].contains(&answer.status), "{parameter} in {path}: {} {}", answer.status, answer.text());
            assert!(!answer.text().contains(STRONG), "it is not repeated: {}", answer.text());
        }
    }
    assert!(!hub.stderr().contains(STRONG), "it is not logged");
}

async fn a93_odd_keys_are_refused_alike() {
    let hub = guarded().with("key", json!(STRONG)).ready().await;
    let odd = [
        "Bearer ' OR 1=1--".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {STRONG}x"),
        format!("Bearer {}", &STRONG[..STRONG.len() - 1]),
        format!("Bearer {}", STRONG.to_lowercase()),
        format!("Bearer {STRONG}, Bearer {STRONG}"),
        format!("Bearer {STRONG} {STRONG}"),
        format!("Basic {STRONG}"),
        STRONG.to_owned(),
        format!("Bearer {}", "k".repeat(10_000)),
    ];
    for value in &odd {
        for path in ["/mcp", "/mcp/x", "/api/v1/servers"] {
            let answer = usual(&hub, path).header("authorization", value).send().await;
            assert_eq!(answer.status, 401, "{path} with {value:.60}: {}", answer.text());
            let told = answer.text().contains("T-0404") || answer.text().contains("T-0403");
            assert!(told, "{path} with {value:.60}: {}", answer.text());
            assert!(!answer.text().contains(STRONG), "the right key is not shown");
        }
    }
    let twice = usual(&hub, "/mcp").without("authorization").header("x-api-key", STRONG).send().await;
    assert_eq!(twice.status, 401, "only the one header counts");
    hub.assert_good().await;
}

async fn h27_a_session_is_no_key() {
    let hub = guarded().with("key", json!(STRONG)).ready().await;
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        assert_eq!(client.call("good__add", json!({"a": 1, "b": 1})).await.structured()["sum"], 2.0);
        let mut stranger = client.clone();
        stranger.extra_headers.clear();
        // A session is no credential.
        let message = stranger.message(&json!(1), "tools/list", json!({}));
        assert_refused(&stranger.post(&message).send().await, "/mcp", 401, "T-0403");
        if era == Era::Legacy {
            assert_eq!(stranger.close().await.status, 401);
            client.call("good__add", json!({})).await.result();
        }
    }
}

async fn key_is_not_shown() {
    let hub = guarded().with("key", json!("${HUB_KEY}")).environment("HUB_KEY", STRONG).start().await;
    let request = |path: &str| usual(&hub, path).header("authorization", &format!("Bearer {STRONG}"));
    for path in PATHS {
        let answer = request(path).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(!answer.text().contains(STRONG), "{path}");
    }
    let seen = request("/mcp").body(environment_call()).header("mcp-name", "good__environment").send().await;
    assert!(!seen.text().contains(STRONG), "an upstream does not get the key");
    assert!(!hub.stderr().contains(STRONG) && !hub.greeting.to_string().contains(STRONG));
}

fn environment_call() -> String {
    let client = crate::harness::Client::modern("http://nowhere/");
    client.message(&json!(1), "tools/call", json!({"name": "good__environment", "arguments": {}})).to_string()
}

async fn beyond_this_machine_a_key_is_needed() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let run = start_in_vain(&guarded(), &["--listen", address]).await;
        assert_eq!(run.code, Some(3), "{address}: {run:?}");
        assert!(run.stderr.contains("T-0406") || run.stdout.contains("T-0406"), "{address}: {run:?}");
    }
}
