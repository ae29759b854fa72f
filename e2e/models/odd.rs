//! What is no row of the table of failures: odd answers that are answers, connections, certificates, clients that leave.

use super::failing::stream;
use super::provider::{Asked, Provider, Step, end, events, head, json, piece, stream_head, whole};
use super::wire::{ALL, Wire, answer};
use super::wire_answers::{read_stream, read_whole};
use super::{CHAT, CHAT_EVENTS, chat, post, route, wants_stream};
use crate::harness::{Http, Hub, Setup, eventually, trials};
use crate::security::certificates::{authority, certificate, encrypt, to_pem};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::failures":
        a_wish_to_be_left_alone_is_honoured,
        what_the_request_is_at_fault_for_is_not_asked_again,
        a_provider_that_is_not_there_is_passed_over,
        a50_providers_whose_certificate_is_not_trusted_are_passed_over,
        odd_answers_are_answers,
        a_connection_that_was_closed_while_it_waited_is_no_failure,
        a_client_that_leaves_ends_the_request,
        what_failed_is_counted,
    )
}

const EVENTS: &str = "text/event-stream";

async fn a_wish_to_be_left_alone_is_honoured() {
    for (status, told) in [(429, 429), (503, 502), (529, 502)] {
        let error = r#"{"error":{"message":"too much"}}"#;
        let busy = Provider::start(move |_| whole(status, "application/json", &[("retry-after", "70")], error)).await;
        let hub = route(&[&busy], &json!({})).start().await;
        let answer = chat(&hub, false).send().await;
        assert_eq!((answer.status, answer.header("retry-after")), (told, Some("70")), "{status}");
        let said = answer.json();
        assert!(said["error"]["message"].as_str().is_some_and(|text| text.contains("too much")), "{said}");
        let again = chat(&hub, false).send().await;
        assert_eq!((again.status, again.header("x-tutti-code")), (429, Some("T-0908")), "{status}");
        assert_eq!(busy.asked().len(), 1, "{status}");
    }
}

async fn what_the_request_is_at_fault_for_is_not_asked_again() {
    let said = r#"{"error":{"message":"max_tokens is too large","type":"invalid_request_error"}}"#;
    let ill = Provider::start(move |_| whole(400, "application/json", &[], said)).await;
    let other = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&ill, &other], &json!({})).start().await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, answer.text().as_str()), (400, said), "the provider's own words");
    assert_eq!(answer.header("x-tutti-code"), Some("T-0912"));
    assert_eq!(other.asked().len(), 0);
    let odd = Provider::start(|_| whole(422, "text/plain", &[], "no")).await;
    let hub = route(&[&odd], &json!({})).start().await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, answer.json()["error"]["code"].clone()), (400, json!("T-0912")));
}

async fn a_provider_that_is_not_there_is_passed_over() {
    let gone = Provider::start(|_| json(CHAT)).await;
    let well = Provider::start(|_| json(CHAT)).await;
    let setup = route(&[&gone, &well], &json!({}));
    drop(gone);
    let hub = setup.start().await;
    let answer = eventually("the first provider is gone", || async {
        let answer = chat(&hub, false).send().await;
        let told = answer.header("x-tutti-attempts").unwrap_or_default().to_owned();
        if told.contains("T-0904") { Ok(answer) } else { Err(told) }
    })
    .await;
    assert_eq!((answer.status, answer.header("x-tutti-deployment")), (200, Some("p1/m1")));
}

/// A server that greets everybody who connects, and knows nothing of TLS; gives the port.
async fn greeter() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it listens").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"220 mail.example ready\r\n").await;
        }
    });
    port
}

async fn a50_providers_whose_certificate_is_not_trusted_are_passed_over() {
    let provider =
        Provider::start(|asked| if asked.json()["stream"] == true { events(&CHAT_EVENTS) } else { json(CHAT) }).await;
    let (trusted, other) = (authority(), authority());
    let of = |host: &str, year: i32, by| encrypt(certificate(host, year, by), &provider.url);
    let entry = |port: u16| json!({"url": format!("https://localhost:{port}/v1"), "api_key": "sk-of-the-hub"});
    let good = entry(of("localhost", 2999, Some(&trusted)).await);
    let ill = [
        ("forged", entry(of("localhost", 2999, Some(&other)).await), "T-0904", "SSL_CERT_FILE"),
        ("own", entry(of("localhost", 2999, None).await), "T-0904", "SSL_CERT_FILE"),
        ("expired", entry(of("localhost", 2001, Some(&trusted)).await), "T-0904", "renewed"),
        ("elsewhere", entry(of("other.example", 2999, Some(&trusted)).await), "T-0904", "for another host"),
        ("greeter", entry(greeter().await), "T-0904", "cannot be reached"),
        (
            "without",
            json!({"url": format!("http://localhost:{}/v1", of("localhost", 2999, Some(&trusted)).await)}),
            "T-0905",
            "broke",
        ),
    ];
    let mut models = json!({"providers": {"good": good}, "routes": {}});
    for (name, entry, ..) in &ill {
        models["providers"][name] = entry.clone();
        models["routes"][name] = json!({"use": [format!("{name}/m"), "good/m"]});
    }
    let setup = Setup::new().with("models", models);
    let file = setup.path_text("trusted.pem");
    std::fs::write(&file, to_pem(trusted.der())).expect("the folder of the test can be written");
    let hub = setup.environment("SSL_CERT_FILE", &file).start().await;
    for (name, _, code, words) in &ill {
        for stream in [false, true] {
            let ask = |model: &str| {
                let body = json!({"model": model, "messages": [], "stream": stream}).to_string();
                post(&hub, "/v1/chat/completions", body).send()
            };
            let got = ask(name).await;
            // Who has just failed is not the first any more.
            let attempts =
                if stream { "good/m answered".to_owned() } else { format!("{name}/m {code}, good/m answered") };
            assert_eq!((got.status, got.header("x-tutti-attempts")), (200, Some(&*attempts)), "{name}");
            let alone = ask(&format!("{name}/m")).await;
            assert_eq!(alone.header("x-tutti-code"), Some(*code), "{name}: {}", alone.text());
            let said = alone.text();
            assert!(said.contains(words) && !said.contains("sk-of-the-hub"), "{name}: {said}");
        }
    }
    assert_eq!(provider.asked().len(), 2 * ill.len(), "no credential goes to a server that is not trusted");
}

/// The same answer as a server of HTTP/1.0 sends it: to the end of the connection.
fn of_old(steps: &[Step], kind: &str) -> Vec<Step> {
    let mut old = vec![Step::Send(format!("HTTP/1.0 200 OK\r\ncontent-type: {kind}\r\n\r\n").into_bytes())];
    for step in steps.iter().skip(1) {
        let Step::Send(bytes) = step else { continue };
        let text = String::from_utf8_lossy(bytes);
        // Without the size of the chunk before it and the line behind it, if it is one.
        let text = text.split_once("\r\n").map_or(&*text, |(_, rest)| rest.strip_suffix("\r\n").unwrap_or(rest));
        old.push(Step::Send(text.as_bytes().to_vec()));
    }
    old.push(Step::Close);
    old
}

async fn odd_answers_are_answers() {
    for wire in ALL {
        let odd = move |asked: &Asked| {
            let streamed = wants_stream(wire, &asked.target, &asked.json());
            let steps = if streamed { stream(wire) } else { json(&wire.whole()) };
            let kind = if streamed { EVENTS } else { "application/json" };
            let kind = if streamed && wire == Wire::Ollama { "application/x-ndjson" } else { kind };
            of_old(&steps, kind)
        };
        let old = Provider::start(odd).await;
        let continued = Provider::start(move |asked| {
            let rest =
                if wants_stream(wire, &asked.target, &asked.json()) { stream(wire) } else { json(&wire.whole()) };
            [vec![head(100, &[]), head(103, &[("link", "</x>")])], rest].concat()
        })
        .await;
        let models = json!({
            "providers": {"old": wire.provider(&old.url), "continued": wire.provider(&continued.url)},
            "routes": {"old": {"use": ["old/m"]}, "continued": {"use": ["continued/m"]}},
        });
        let hub = Setup::new().with("models", models).start().await;
        for client in [wire, Wire::Chat] {
            for (name, stream) in [("old", false), ("old", true), ("continued", false), ("continued", true)] {
                let body = client.request(name, stream).to_string();
                let got = post(&hub, &client.path(name, stream), body).send().await;
                let what = format!("{client:?} before {wire:?} {name}, stream {stream}: {}", got.text());
                assert_eq!(got.status, 200, "{what}");
                let said = if stream { read_stream(client, &got.text()) } else { read_whole(client, &got.json()) };
                assert_eq!(said, answer(), "{what}");
            }
        }
    }
    // The end of the answer without usage, and without the end of the stream.
    let short = Provider::start(|_| events(&CHAT_EVENTS[..3])).await;
    let hub = route(&[&short], &json!({})).start().await;
    assert_eq!(chat(&hub, true).send().await.text(), CHAT_EVENTS[..3].concat());
    let body = r#"{"model":"r","stream":true,"max_tokens":5,"messages":[{"role":"user","content":"x"}]}"#;
    let foreign = post(&hub, "/v1/messages", body).send().await.text();
    assert!(foreign.contains("message_stop") && foreign.contains("end_turn") && !foreign.contains("T-09"), "{foreign}");
}

async fn a_connection_that_was_closed_while_it_waited_is_no_failure() {
    for last in [Step::Close, Step::Reset] {
        // It ends when the second request has come: nobody can see that before it is sent.
        let at_the_moment = last.clone();
        let crossing =
            Provider::start(move |asked| if asked.before > 0 { vec![at_the_moment.clone()] } else { json(CHAT) }).await;
        let closing = Provider::start(move |_| [json(CHAT), vec![last.clone()]].concat()).await;
        for provider in [&crossing, &closing] {
            let hub = route(&[provider], &json!({})).start().await;
            for number in 0..4 {
                let got = chat(&hub, false).send().await;
                assert_eq!((got.status, got.header("x-tutti-attempts")), (200, Some("p0/m0 answered")), "{number}");
            }
            tell(&hub, "failed", "p0", 0).await;
            tell(&hub, "answered", "p0", 4).await;
        }
        assert!(crossing.asked().iter().any(|asked| asked.before > 0), "a connection was used again");
    }
}

async fn a_client_that_leaves_ends_the_request() {
    let provider = Provider::start(|asked| match asked.json()["stream"].as_bool() {
        // Before the first token, or behind it.
        Some(true) if asked.json()["seed"] == 1 => vec![stream_head(EVENTS), piece(CHAT_EVENTS[0]), Step::Stall],
        Some(true) => vec![stream_head(EVENTS), piece(CHAT_EVENTS[1]), Step::Stall],
        _ if asked.json()["seed"] == 1 => vec![head(200, &[("content-length", "500")]), Step::Stall],
        _ => vec![Step::Stall],
    })
    .await;
    let hub = route(&[&provider], &json!({})).start().await;
    let mut stream = chat(&hub, true).open().await;
    stream.next_message("the first token").await;
    drop(stream);
    left(&provider, 1).await;
    let bodies = [
        r#"{"model":"r","messages":[]}"#,
        r#"{"model":"r","messages":[],"seed":1}"#,
        r#"{"model":"r","messages":[],"seed":1,"stream":true}"#,
    ];
    for (number, body) in (1..).zip(bodies) {
        let waiting = tokio::spawn(post(&hub, "/v1/chat/completions", body).try_open());
        eventually("the request is there", || async {
            let count = provider.asked().len();
            if count == number + 1 { Ok(()) } else { Err(count.to_string()) }
        })
        .await;
        waiting.abort();
        left(&provider, number + 1).await;
    }
    tell(&hub, "left", "p0", 4).await;
}

async fn left(provider: &Provider, count: usize) {
    eventually("the provider sees that nobody waits", || async {
        let seen = provider.left();
        if seen == count { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
}

async fn what_failed_is_counted() {
    let gate = Arc::new(Notify::new());
    let rest = Arc::clone(&gate);
    let ill = Provider::start(move |_| {
        vec![stream_head(EVENTS), piece(CHAT_EVENTS[1]), Step::Await(Arc::clone(&rest)), end()]
    })
    .await;
    let hub = route(&[&ill], &json!({})).start().await;
    let mut stream = chat(&hub, true).open().await;
    stream.next_message("the first token").await;
    gate.notify_one();
    stream.finish().await;
    tell(&hub, "broken_off", "p0", 1).await;
    tell(&hub, "answered", "p0", 0).await;
    eventually("the log tells of it", || async {
        let log = hub.stderr();
        if log.contains("T-0905") { Ok(()) } else { Err(log) }
    })
    .await;
}

/// Waits until the hub tells so many requests of this end.
async fn tell(hub: &Hub, result: &str, provider: &str, count: u64) {
    let line =
        format!("tutti_model_requests_total{{tutti_provider=\"{provider}\",tutti_result=\"{result}\"}} {count}\n");
    eventually(&line, || async {
        let answer = Http::new("GET", &hub.at("/metrics")).send().await.text();
        if answer.contains(&line) { Ok(()) } else { Err(answer) }
    })
    .await;
}
