//! Clients that want more than is theirs.

use super::super::provider::{Provider, Step, events, json, stream_head, whole};
use super::super::wire::{ALL, Wire};
use super::super::{CHAT, chat, post, route};
use super::logged;
use crate::harness::{Http, Setup, eventually, pour, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::attacks":
        a05_a08_a93_no_path_of_models_is_open_without_a_key,
        a09_a10_questions_without_end_and_compressed_ones_are_refused,
        a11_a12_a13_odd_json_is_refused_or_goes_on_as_it_is,
        a17_a117_made_up_models_make_no_series,
        a19_a_stream_that_nobody_reads_fills_no_memory,
        a28_models_of_others_are_reached_by_no_spelling,
        a45_names_of_models_stay_in_their_place,
        a110_answers_go_to_whoever_asked,
        a118_names_of_models_do_not_break_out_of_the_log,
    )
}

const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";

/// The path at which each endpoint is asked.
const PATHS: [&str; 12] = [
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/responses/input_tokens",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1beta/models/r:generateContent",
    "/v1beta/models/r:streamGenerateContent?alt=sse",
    "/v1/models/r:generateContent",
    "/v1beta/models/r:countTokens",
    "/v1beta/models/r:embedContent",
    "/api/chat",
];

async fn a05_a08_a93_no_path_of_models_is_open_without_a_key() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({})).with("key", json!(KEY)).start().await;
    let body = r#"{"model":"r","messages":[]}"#;
    let wrong = [
        ("x-none", String::new()),
        ("authorization", format!("Bearer {KEY}x")),
        ("authorization", "Bearer ' OR 1=1--".to_owned()),
        ("authorization", format!("Bearer {KEY}, Bearer {KEY}")),
        ("authorization", format!("Basic {KEY}")),
        ("authorization", "Bearer".to_owned()),
        ("x-api-key", KEY.to_lowercase()),
        ("x-api-key", format!("{KEY} ,{KEY}")),
        ("x-goog-api-key", KEY[1..].to_owned()),
        ("x-goog-api-key", "k".repeat(10_000)),
        ("cookie", format!("key={KEY}")),
    ];
    for path in PATHS {
        for (name, value) in &wrong {
            let got = post(&hub, path, body).header(name, value).send().await;
            let code = got.header("x-tutti-code").unwrap_or_default().to_owned();
            assert_eq!(got.status, 401, "{path} {name}: {value:.40}: {}", got.text());
            assert!(["T-0403", "T-0404"].contains(&&*code) && !got.text().contains(KEY), "{path}: {}", got.text());
        }
    }
    // A wrong key is not made good by a right one beside it, wherever that stands.
    let two = post(&hub, PATHS[0], body).header("authorization", "Bearer wrong").header("x-api-key", KEY).send().await;
    assert_eq!(two.status, 401);
    for spelling in [
        "//v1/chat/completions",
        "/v1//chat/completions",
        "/V1/chat/completions",
        "/v1/chat/completions/",
        "/v1/./chat/completions",
        "/v1/x/../chat/completions",
        "/v1/chat%2fcompletions",
        "/v1/chat/completions;x",
        "/v1/%63hat/completions",
        "/healthz/../v1/chat/completions",
        "/v1beta/models/r%3AgenerateContent",
        "/v1beta//models/r:generateContent",
        "/v1beta/models/..%2f..%2fr:generateContent",
    ] {
        let got = post(&hub, spelling, body).send().await;
        assert!((400..500).contains(&got.status), "{spelling}: {}", got.status);
    }
    assert_eq!(provider.asked().len(), 0);
}

async fn a09_a10_questions_without_end_and_compressed_ones_are_refused() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({})).with("limits", json!({"body": "64KiB"})).start().await;
    let address = hub.at("").trim_start_matches("http://").to_owned();
    for path in PATHS {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n");
        let endless = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
        let chunk = [b"1000\r\n".to_vec(), vec![b' '; 4096], b"\r\n".to_vec()].concat();
        let got = pour(&address, &endless, &chunk, 64 << 20).await;
        assert!(got.status().is_none_or(|status| status == 413), "{path}: {got:?}");
        assert!(got.sent < 32 << 20, "{path}: it is refused before its end: {}", got.sent);
        let announced = pour(&address, &format!("{head}Content-Length: 1073741824\r\n\r\n{{"), b"", 0).await;
        assert_eq!(announced.status(), Some(413), "{path}: {announced:?}");
        for encoding in ["gzip", "br", "zstd", "deflate", "gzip, gzip"] {
            let packed = post(&hub, path, vec![0x1f, 0x8b, 8, 0]).header("content-encoding", encoding).send().await;
            assert_eq!(packed.status, 415, "{path} {encoding}: {}", packed.text());
        }
    }
    assert_eq!((chat(&hub, false).send().await.status, provider.asked().len()), (200, 1));
}

async fn a11_a12_a13_odd_json_is_refused_or_goes_on_as_it_is() {
    let (own, foreign) =
        (Provider::start(|_| json(CHAT)).await, Provider::start(|_| json(&Wire::Anthropic.whole())).await);
    let models = json!({
        "providers": {"own": Wire::Chat.provider(&own.url), "foreign": Wire::Anthropic.provider(&foreign.url)},
        "routes": {"own": {"use": ["own/m"]}, "foreign": {"use": ["foreign/m"]}},
    });
    let hub = Setup::new().with("models", models).start().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let message = |content: &str| format!(r#""messages":[{{"role":"user","content":{content}}}]"#);
    let members: String = (0..100_000).map(|number| format!(r#""x{number}":1,"#)).collect();
    let refused = [
        format!(r#""x":{},{}"#, nested(100_000), message("\"a\"")),
        format!(r#""mod\u0065l":"other",{}"#, message("\"a\"")),
        format!(r#""stream":false,"stre\u0061m":true,{}"#, message("\"a\"")),
        format!(r#""\ud800":1,{}"#, message("\"a\"")),
        format!("\"x\":\"\u{0}\",{}", message("\"a\"")),
    ];
    let taken = [
        format!(r#""x":{},{}"#, nested(200), message("\"a\"")),
        format!(r#""x":1e999999,"y":{},{}"#, "9".repeat(300), message("\"a\"")),
        format!("{members}{}", message("\"a\"")),
        message(r#""\u0000 \ud800 \ufeff""#),
    ];
    for name in ["own", "foreign"] {
        let ask = |rest: &str| post(&hub, "/v1/chat/completions", format!(r#"{{"model":"{name}",{rest}}}"#)).send();
        for rest in &refused {
            let got = ask(rest).await;
            assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0902")), "{name} {rest:.60}");
        }
        for rest in &taken {
            let got = ask(rest).await;
            let fine = got.status == 200 || (name == "foreign" && got.status == 400);
            assert!(fine && (got.status == 200) == got.header("x-tutti-code").is_none(), "{name} {rest:.60}");
            if name == "own" {
                let sent = String::from_utf8_lossy(&own.last().body).into_owned();
                assert_eq!(sent, format!(r#"{{"model":"m",{rest}}}"#), "it goes on as it is");
            }
        }
        let no_text = [br#"{"model":"own","x":""#.as_slice(), b"\xff", b"\"}"].concat();
        assert_eq!(post(&hub, "/v1/chat/completions", no_text).send().await.status, 400);
    }
    assert_eq!(own.asked().len(), taken.len(), "what is refused is not sent");
}

async fn a17_a117_made_up_models_make_no_series() {
    let provider = Provider::start(|_| whole(404, "application/json", &[], "{}")).await;
    let hub = route(&[&provider], &json!({})).start().await;
    for number in 0..30 {
        let body = json!({"model": format!("p0/made-up-{number}"), "messages": []}).to_string();
        post(&hub, "/v1/chat/completions", body).send().await;
        let body = json!({"model": format!("made-up-{number}"), "messages": []}).to_string();
        post(&hub, "/v1/chat/completions", body).send().await;
    }
    let metrics = Http::new("GET", &hub.at("/metrics")).send().await.text();
    assert!(metrics.contains("tutti_model_requests_total") && !metrics.contains("made-up"), "{metrics}");
}

async fn a19_a_stream_that_nobody_reads_fills_no_memory() {
    let endless = Provider::start(|asked| {
        if asked.json()["stream"] != true {
            return json(CHAT);
        }
        let event =
            format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(8000));
        let chunk = format!("{:x}\r\n{event}\r\n", event.len()).into_bytes();
        vec![stream_head("text/event-stream"), Step::Repeat(chunk, Duration::ZERO)]
    })
    .await;
    let hub = route(&[&endless], &json!({})).start().await;
    assert_eq!(chat(&hub, false).send().await.status, 200);
    let before = hub.resident_bytes();
    let mut unread = Vec::new();
    for _ in 0..20 {
        let mut stream = chat(&hub, true).open().await;
        stream.next_message("the first event").await;
        unread.push(stream);
    }
    for _ in 0..50 {
        assert_eq!(chat(&hub, false).send().await.status, 200, "others are answered");
    }
    let more = hub.resident_bytes().saturating_sub(before);
    assert!(more < 100 << 20, "{more} bytes for streams that nobody reads");
    drop(unread);
    eventually("the provider sees that nobody waits", || async {
        let left = endless.left();
        if left == 20 { Ok(()) } else { Err(left.to_string()) }
    })
    .await;
}

/// Names that resemble those of models, and are none of the key's own.
const SPELLINGS: [&str; 21] = [
    "secret",
    "Secret",
    "SECRET",
    "secret ",
    " secret",
    "own/../secret",
    "p0/secret",
    "P0/abc",
    "p0//secret",
    "p0/../p0/secret",
    "models/secret",
    "ｏｗｎ",
    "Own",
    "own/",
    "/own",
    "own,secret",
    "*",
    "p0/*",
    "p0/",
    "p0",
    "p0/\u{430}bc",
];

async fn a28_models_of_others_are_reached_by_no_spelling() {
    let said = Wire::Gemini.whole();
    let provider = Provider::start(move |_| json(&said)).await;
    let keys = json!({"alice": {"key": ALICE, "models": ["own", "p0/a*"]}});
    let models = json!({
        "providers": {"p0": Wire::Gemini.provider(&provider.url)},
        "routes": {"own": {"use": ["p0/own"]}, "secret": {"use": ["p0/secret"]}},
    });
    let hub = Setup::new().with("models", models).with("key", json!(KEY)).with("keys", keys).start().await;
    let asked =
        |path: &str, body: String| post(&hub, path, body).header("authorization", &format!("Bearer {ALICE}")).send();
    let unknown = asked("/v1/chat/completions", json!({"model": "nobody", "messages": []}).to_string()).await.text();
    for model in SPELLINGS {
        let got = asked("/v1/chat/completions", json!({"model": model, "messages": []}).to_string()).await;
        assert_eq!((got.status, got.header("x-tutti-code")), (404, Some("T-0901")), "{model}: {}", got.text());
        let as_unknown = serde_json::from_str::<Value>(&unknown.replace("nobody", model)).expect("it is JSON");
        assert_eq!(got.json(), as_unknown, "nobody can tell it from one that is not there");
        let encoded: String = model.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let got = asked(&format!("/v1beta/models/{encoded}:generateContent"), "{}".to_owned()).await;
        assert_eq!(got.status, 404, "{model}: {}", got.text());
    }
    let escaped = r#"{"model":"\u0073ecret","messages":[]}"#.to_owned();
    assert_eq!(asked("/v1/chat/completions", escaped).await.status, 404);
    // Members in which some providers take more models.
    for more in [r#""models":"p0/secret""#, r#""fallbacks":[{"model":"secret"}]"#, r#""mode\u006cs":{"x":1}"#] {
        let body = format!(r#"{{"model":"own","messages":[],{more}}}"#);
        let got = asked("/v1/chat/completions", body).await;
        assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0902")), "{more}: {}", got.text());
    }
    // A list of models is the hub's own affair, and holds the key to its models too.
    for more in [r#""models":["p0/secret","secret"]"#, r#""mode\u006cs":["secret:floor"]"#] {
        let body = format!(r#"{{"model":"nobody","messages":[],{more}}}"#);
        let got = asked("/v1/chat/completions", body).await;
        assert_eq!((got.status, got.header("x-tutti-code")), (404, Some("T-0901")), "{more}: {}", got.text());
    }
    assert_eq!(provider.asked().len(), 0);
    // What a body says of the model does not count where the path does.
    let got =
        asked("/v1beta/models/%6Fwn:generateContent", r#"{"model":"models/secret","contents":[]}"#.to_owned()).await;
    assert_eq!((got.status, got.header("x-tutti-deployment")), (200, Some("p0/own")));
    assert_eq!(provider.last().json()["model"], "models/own");
    assert_eq!(provider.last().target, "/v1beta/models/own:generateContent");
}

async fn a45_names_of_models_stay_in_their_place() {
    let provider = Provider::start(|_| json("{}")).await;
    let models = json!({"providers": {"p0": Wire::Gemini.provider(&provider.url)}});
    let hub = Setup::new().with("models", models).start().await;
    for (model, target) in [
        ("p0/x?key=evil&alt=json", "/v1beta/models/x%3Fkey%3Devil%26alt%3Djson:generateContent"),
        ("p0/../../v1/files", "/v1beta/models/..%2F..%2Fv1%2Ffiles:generateContent"),
        ("p0/x:deleteModel", "/v1beta/models/x%3AdeleteModel:generateContent"),
        ("p0/x#y", "/v1beta/models/x%23y:generateContent"),
        ("p0/ü %2e", "/v1beta/models/%C3%BC%20%252e:generateContent"),
    ] {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "x"}]}).to_string();
        post(&hub, "/v1/chat/completions", body).send().await;
        assert_eq!(provider.last().target, target, "{model}");
    }
    let count = provider.asked().len();
    for model in ["p0/x\r\nhost: evil", "p0/x\u{0}", "p0/x\u{7f}", "p0/x\ty"] {
        let body = json!({"model": model, "messages": []}).to_string();
        assert_eq!(post(&hub, "/v1/chat/completions", body).send().await.status, 400, "{model:?}");
    }
    assert_eq!(provider.asked().len(), count);
}

async fn a110_answers_go_to_whoever_asked() {
    // It says again what it was asked, and gives all connections back.
    let echo = Provider::start(|asked| {
        let asked = asked.json();
        let text = asked["messages"][0]["content"].as_str().unwrap_or_default().to_owned();
        if asked["stream"] == true {
            let token = json!({"choices": [{"index": 0, "delta": {"content": text}}]});
            let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
            return events(&[&format!("data: {token}\n\n"), &format!("data: {end}\n\n"), "data: [DONE]\n\n"]);
        }
        json(&json!({"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}).to_string())
    })
    .await;
    let keys = json!({"alice": {"key": ALICE}});
    let hub = route(&[&echo], &json!({})).with("key", json!(KEY)).with("keys", keys).start().await;
    let ask = |number: u32| {
        let key = if number.is_multiple_of(2) { KEY } else { ALICE };
        let text = format!("only for {} {number}.", if number.is_multiple_of(2) { "the owner" } else { "alice" });
        let body =
            json!({"model": "r", "stream": number.is_multiple_of(3), "messages": [{"role": "user", "content": text}]});
        let request =
            post(&hub, "/v1/chat/completions", body.to_string()).header("authorization", &format!("Bearer {key}"));
        (text, request)
    };
    let mut waiting = Vec::new();
    for number in 0..120 {
        let (text, request) = ask(number);
        if number % 5 == 4 {
            // Some leave at once, and leave a connection behind.
            drop(request.try_open().await);
            continue;
        }
        waiting.push((text, tokio::spawn(request.send())));
    }
    for (text, answer) in waiting {
        let answer = answer.await.expect("the request does not panic").text();
        assert!(answer.contains(&text) && answer.matches("only for").count() == 1, "{text}: {answer}");
    }
}

async fn a118_names_of_models_do_not_break_out_of_the_log() {
    let provider = Provider::start(|_| whole(500, "text/plain", &[], "no")).await;
    let hub = route(&[&provider], &json!({})).start().await;
    let path = |client: Wire, model: &str| {
        let encoded: String = model.bytes().map(|byte| format!("%{byte:02X}")).collect();
        client.path(if client == Wire::Gemini { &encoded } else { model }, false)
    };
    for client in ALL {
        let ask = |model: &str| post(&hub, &path(client, model), client.request(model, false).to_string()).send();
        for model in
            ["p0/x\u{202e}", "p0/x\u{2028}", "p0/x\u{85}WARN forged", "p0/\u{1b}[2J", "p0/x\u{200b}", "p0/x\u{feff}"]
        {
            let got = ask(model).await;
            assert_eq!((got.status, got.header("x-tutti-code")), (400, Some("T-0902")), "{model:?}: {}", got.text());
        }
        let got = ask("p0/ü\" forged=\"1, p1/x answered").await;
        let attempts = got.header("x-tutti-attempts").unwrap_or_default();
        assert!(attempts.starts_with("p0/?\" forged=\"1"), "{}: {attempts}", got.status);
    }
    let log = logged(&hub, "T-0907").await;
    assert!(log.contains("deployment=\"p0/ü\\\" forged=\\\"1, p1/x answered\""), "{log}");
    assert!(!log.contains(['\u{202e}', '\u{2028}', '\u{85}', '\u{1b}', '\u{200b}']), "{log:?}");
}
