//! What clients say of themselves, where their keys stand, and where their requests would lead.

use super::super::budgets::{ALICE, KEY};
use super::super::provider::{Provider, json};
use super::super::wire::{PROVIDERS, Wire};
use super::super::{CHAT, CHAT_EVENTS, chat, post, route};
use super::logged;
use crate::harness::{Http, Setup, eventually, pour, say_raw, trials};
use crate::models::provider::{Step, piece, stream_head, whole};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::attacks":
        a01_ambiguous_questions_are_refused,
        a02_slow_questions_are_closed,
        a06_a110_headers_of_clients_decide_nothing,
        a28_what_some_readers_take_for_the_model_is_refused,
        a47_names_that_are_looked_up_are_told_in_visible_characters,
        a68_a118_a_key_in_an_address_is_shown_nowhere,
        a81_a82_addresses_in_questions_are_not_fetched,
        a118_credentials_are_told_to_nobody_in_the_middle_of_a_stream,
        a118_credentials_in_headers_are_told_to_nobody,
    )
}

const PATH: &str = "/v1/chat/completions";

async fn a01_ambiguous_questions_are_refused() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({})).start().await;
    let address = hub.at("").trim_start_matches("http://").to_owned();
    let head = format!("POST {PATH} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n");
    let body = r#"{"model":"r","messages":[]}"#;
    let length = body.len();
    for framing in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{body}"),
        format!("Content-Length: {length}\r\nContent-Length: 5\r\n\r\n{body}"),
        format!("Content-Length: +{length}\r\n\r\n{body}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("X-Folded: a\r\n b\r\nContent-Length: {length}\r\n\r\n{body}"),
    ] {
        let answer = say_raw(&address, &format!("{head}{framing}")).await;
        let refused = answer.status().is_none_or(|status| (400..500).contains(&status));
        assert!(refused, "{framing:?} got {answer:?}");
    }
    assert_eq!(provider.asked().len(), 0);
}

async fn a02_slow_questions_are_closed() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({})).with("limits", json!({"arrival": "300ms"})).start().await;
    let address = hub.at("").trim_start_matches("http://").to_owned();
    for path in [PATH, "/v1/messages", "/v1beta/models/r:generateContent", "/api/chat"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n");
        let got = pour(&address, &format!("{head}Content-Length: 1000\r\n\r\n{{"), b"", 0).await;
        assert_eq!(got.status(), Some(408), "{path}: {got:?}");
    }
    assert_eq!((chat(&hub, false).send().await.status, provider.asked().len()), (200, 1));
}

async fn a06_a110_headers_of_clients_decide_nothing() {
    let (provider, other) = (Provider::start(|_| json(CHAT)).await, Provider::start(|_| json(CHAT)).await);
    let keys = json!({"alice": {"key": ALICE, "models": ["r"]}});
    let models = json!({
        "providers": {"p": {"url": format!("{}/v1", provider.url)}, "other": {"url": format!("{}/v1", other.url)}},
        "routes": {"r": {"use": ["p/m"]}},
    });
    let hub = Setup::new().with("models", models).with("key", json!(KEY)).with("keys", keys).start().await;
    let claims = [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-user", "local"),
        ("x-tutti-principal", "local"),
        ("x-tutti-deployment", "other/m"),
        ("x-tutti-attempts", "other/m answered"),
        ("x-tutti-choice", "other/m"),
        ("x-tutti-code", "T-0001"),
        ("x-tutti-models", "*"),
        ("x-model", "other/m"),
        ("openai-project", "theirs"),
        ("x-goog-user-project", "theirs"),
        ("x-amz-security-token", "theirs"),
    ];
    let ask = |model: &str| {
        let body = json!({"model": model, "messages": []}).to_string();
        let request = post(&hub, PATH, body).header("authorization", &format!("Bearer {ALICE}"));
        claims.iter().fold(request, |request, (name, value)| request.header(name, value))
    };
    let got = ask("r").send().await;
    assert_eq!((got.status, got.header("x-tutti-deployment")), (200, Some("p/m")));
    assert_eq!((got.header("x-tutti-attempts"), got.header("x-tutti-code")), (Some("p/m answered"), None));
    let sent = provider.last();
    assert!(claims.iter().all(|(name, _)| sent.header(name).is_none()), "{:?}", sent.headers);
    assert_eq!(ask("other/m").send().await.status, 404);
    assert_eq!(other.asked().len(), 0);
    eventually("it is in the books of whoever asked", || async {
        let usage = Http::new("GET", &hub.at("/api/v1/usage?by=key")).header("authorization", &format!("Bearer {KEY}"));
        let usage = usage.send().await.json();
        let keys: Vec<&Value> = usage["usage"].as_array().into_iter().flatten().map(|row| &row["key"]).collect();
        if keys == ["alice"] { Ok(()) } else { Err(usage.to_string()) }
    })
    .await;
}

async fn a28_what_some_readers_take_for_the_model_is_refused() {
    // Ollama is written in Go, whose reader of JSON passes over the case of letters, and takes the last that fits.
    for wire in [Wire::Ollama, Wire::Chat, Wire::Anthropic, Wire::Responses] {
        let provider = Provider::start(move |_| json(&wire.whole())).await;
        let keys = json!({"alice": {"key": ALICE, "models": ["own"]}});
        let models = json!({"providers": {"p": wire.provider(&provider.url)}, "routes": {"own": {"use": ["p/own"]}}});
        let hub = Setup::new().with("models", models).with("key", json!(KEY)).with("keys", keys).start().await;
        let ask = |body: String| {
            post(&hub, &wire.path("own", false), body).header("authorization", &format!("Bearer {ALICE}")).send()
        };
        for name in ["MODEL", "Model", "mOdel", "model\\u0000", "model\\u0000x", "\\u004dodel"] {
            let mut body = wire.request("own", false).to_string();
            body.truncate(body.len() - 1);
            let got = ask(format!(r#"{body},"{name}":"secret"}}"#)).await;
            assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0902")), "{wire:?} {name}");
        }
        assert_eq!(provider.asked().len(), 0, "{wire:?}");
        assert_eq!(ask(wire.request("own", false).to_string()).await.status, 200, "{wire:?}");
    }
}

async fn a47_names_that_are_looked_up_are_told_in_visible_characters() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({})).start().await;
    for path in ["/v1/models/", "/v1beta/models/", "/api/v1/models/"] {
        for name in ["%1b%5b2Jx", "%e2%80%aex", "a%0d%0ab", "%e2%80%a8", "%00"] {
            let got = Http::new("GET", &hub.at(&format!("{path}{name}"))).send().await;
            let said: Vec<char> = got.json().to_string().chars().collect();
            assert_eq!(got.status, 404, "{path}{name}");
            // Escapes of JSON are what a program prints when it has read them.
            let text = got.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
            let shown = |character: &char| !character.is_control() && !"\u{202e}\u{2028}".contains(*character);
            assert!(
                said.iter().all(shown) && text.chars().all(|character| shown(&character)),
                "{path}{name}: {text:?}"
            );
        }
    }
}

async fn a68_a118_a_key_in_an_address_is_shown_nowhere() {
    let provider = Provider::start(|_| whole(500, "application/json", &[], "{}")).await;
    let models = json!({"providers": {"p": Wire::Gemini.provider(&provider.url)}, "routes": {"r": {"use": ["p/m"]}}});
    let hub = Setup::new().with("models", models).with("key", json!(KEY)).start().await;
    let path = "/v1beta/models/r:generateContent";
    let good = post(&hub, &format!("{path}?key={KEY}"), r#"{"contents":[]}"#).send().await;
    assert_eq!(good.header("x-tutti-code"), Some("T-0907"), "it opens: {}", good.text());
    let (sent, before) = (provider.last(), provider.asked().len());
    assert!(!sent.target.contains(KEY) && !format!("{:?}", sent.headers).contains(KEY), "{sent:?}");
    for (query, status) in [
        (format!("key={KEY}x"), 401),
        (format!("key={}", KEY.to_lowercase()), 401),
        (format!("key=wrong-{ALICE}&key={KEY}"), 401),
        (format!("KEY={KEY}"), 400),
        (format!("api_key={KEY}"), 400),
        (format!("access_token={KEY}"), 400),
    ] {
        let got = post(&hub, &format!("{path}?{query}"), "{}").send().await;
        assert!(got.status == status || (status == 400 && got.status == 401), "{query}: {}", got.text());
        assert!(!got.text().contains(KEY) && !got.text().contains(ALICE), "{}", got.text());
    }
    assert_eq!(provider.asked().len(), before);
    let log = logged(&hub, "T-0907").await;
    let metrics = Http::new("GET", &hub.at("/metrics")).header("authorization", &format!("Bearer {KEY}"));
    let metrics = metrics.send().await.text();
    assert!(![log, metrics].iter().any(|text| text.contains(KEY) || text.contains(ALICE)));
}

async fn a81_a82_addresses_in_questions_are_not_fetched() {
    let trap = Provider::start(|_| json("{}")).await;
    let picture = format!("{}/a.png", trap.url);
    for wire in PROVIDERS {
        let provider = Provider::start(move |_| json(&wire.whole())).await;
        let models = json!({"providers": {"p": wire.provider(&provider.url)}, "routes": {"r": {"use": ["p/m"]}}});
        let hub = Setup::new().with("models", models).start().await;
        let part = json!({"type": "image_url", "image_url": {"url": picture}});
        let chat =
            json!({"model": "r", "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}, part]}]});
        let source = |kind: &str| json!({"type": kind, "source": {"type": "url", "url": picture}});
        let content = json!([{"type": "text", "text": "x"}, source("image"), source("document")]);
        let messages = json!({"model": "r", "max_tokens": 5, "messages": [{"role": "user", "content": content}]});
        let parts = json!([{"text": "x"}, {"fileData": {"mimeType": "image/png", "fileUri": picture}}]);
        let contents = json!({"contents": [{"role": "user", "parts": parts}]});
        let input = json!([{"role": "user", "content": [{"type": "input_image", "image_url": picture}, {"type": "input_file", "file_url": picture}]}]);
        let responses = json!({"model": "r", "store": false, "input": input});
        for (client, body) in
            [(Wire::Chat, chat), (Wire::Anthropic, messages), (Wire::Gemini, contents), (Wire::Responses, responses)]
        {
            let got = post(&hub, &client.path("r", false), body.to_string()).send().await;
            assert!(got.status == 200 || got.status == 400, "{client:?} before {wire:?}: {}", got.text());
        }
    }
    assert_eq!(trap.asked().len(), 0, "who wants a picture fetches it, and that is not the hub");
}

async fn a118_credentials_are_told_to_nobody_in_the_middle_of_a_stream() {
    for said in ["sk-canary/of-the-hub", "sk-canary\\/of-the-hub", "sk\\u002dcanary/of-the-hub"] {
        let go = Arc::new(Semaphore::new(0));
        let gate = Arc::clone(&go);
        let error = format!("data: {{\"error\":{{\"message\":\"{said} is not known\"}}}}\n\n");
        let provider = Provider::start(move |_| {
            let begin = vec![stream_head("text/event-stream"), piece(CHAT_EVENTS[1]), Step::Wait(Arc::clone(&gate))];
            [begin, vec![piece(&error), Step::Close]].concat()
        })
        .await;
        let hub = route(&[&provider], &json!({"api_key": "sk-canary/of-the-hub"})).start().await;
        for path in [PATH, "/v1/messages"] {
            let body =
                json!({"model": "r", "max_tokens": 5, "stream": true, "messages": [{"role": "user", "content": "x"}]});
            let mut stream = post(&hub, path, body.to_string()).open().await;
            stream.wait_for("Hi").await;
            go.add_permits(1);
            let rest = stream.finish().await.text();
            assert!(rest.contains("*** is not known") && !rest.contains("canary"), "{path} {said}: {rest}");
        }
        assert!(!hub.stderr().contains("canary"));
        // The same where it is all there is.
        let body = format!("{{\"error\":{{\"message\":\"{said}\"}}}}");
        let refusing = Provider::start(move |_| whole(400, "application/json", &[], &body)).await;
        let hub = route(&[&refusing], &json!({"api_key": "sk-canary/of-the-hub"})).start().await;
        let got = chat(&hub, false).send().await;
        assert!(got.status == 400 && got.text().contains("***") && !got.text().contains("canary"), "{}", got.text());
    }
}

async fn a118_credentials_in_headers_are_told_to_nobody() {
    let headers = [("x-request-id", "sk-canary-of-the-hub"), ("x-ratelimit-key", "Bearer sk-canary-of-the-hub")];
    let provider = Provider::start(move |_| whole(200, "application/json", &headers, CHAT)).await;
    let hub = route(&[&provider], &json!({"api_key": "sk-canary-of-the-hub"})).start().await;
    let got = chat(&hub, false).send().await;
    assert!(got.status == 200 && !format!("{:?}", got.headers).contains("canary"), "{:?}", got.headers);
}
