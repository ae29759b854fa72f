//! Providers that mean harm, or models whose text does.

use super::super::failing;
use super::super::provider::{Provider, Step, end, events, head, json, piece, stream_head, whole};
use super::super::wire::{ALL, Wire};
use super::super::wire_answers::{read_stream, read_whole};
use super::super::{CHAT, CHAT_EVENTS, chat, post, route, wants_stream};
use super::logged;
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::attacks":
        a10_compressed_answers_are_not_unfolded,
        a11_a42_deep_and_misshapen_answers_harm_nobody,
        a40_answers_without_end_have_an_end,
        a41_an_answer_that_nobody_asked_for_is_given_to_nobody,
        a44_a84_redirections_of_models_are_not_followed,
        a47_a118_what_a_provider_says_is_told_in_visible_characters,
        a48_answers_are_never_pages,
        a85_proxies_of_the_environment_are_not_asked,
        a88_text_of_a_model_is_never_an_event,
        a92_no_pause_is_for_ever,
        a118_credentials_that_a_provider_repeats_are_told_to_nobody,
    )
}

async fn a10_compressed_answers_are_not_unfolded() {
    // The beginning of a bomb is as good as one.
    for encoding in ["gzip", "br", "zstd", "deflate", "gzip, gzip", "\u{1}"] {
        for (status, code) in [(200, "T-0905"), (500, "T-0907"), (400, "T-0912")] {
            let provider = Provider::start(move |_| {
                whole(status, "application/json", &[("content-encoding", encoding)], "\u{1f}\u{8}")
            })
            .await;
            let hub = route(&[&provider], &json!({})).start().await;
            for stream in [false, true] {
                let got = chat(&hub, stream).send().await;
                let code = if encoding == "\u{1}" { "T-0905" } else { code };
                assert_eq!(got.header("x-tutti-code"), Some(code), "{encoding:?} {status}: {}", got.text());
            }
            assert!(provider.asked().iter().all(|asked| asked.header("accept-encoding") == Some("identity")));
        }
    }
}

async fn a11_a42_deep_and_misshapen_answers_harm_nobody() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut bodies = vec![format!(r#"{{"choices":[{{"message":{{"content":{deep}}}}}]}}"#)];
    for content in ["7", r#"{"a":1}"#, "true", r#"[{"type":7}]"#] {
        bodies.push(format!(
            r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":{content}}},"finish_reason":"stop"}}]}}"#
        ));
    }
    for choices in ["[7]", r#""x""#, r#"{"0":1}"#, r#"[{"index":"a","message":[]}]"#] {
        bodies.push(format!(r#"{{"choices":{choices}}}"#));
    }
    let given = bodies.clone();
    let provider = Provider::start(move |asked| {
        let number = asked.json()["max_tokens"].as_u64().unwrap_or_default();
        let body = &given[usize::try_from(number).expect("it is small") - 1];
        if asked.json()["stream"] == true {
            return events(&[&format!("data: {}\n\n", body.replace("\"message\"", "\"delta\""))]);
        }
        json(body)
    })
    .await;
    let models = json!({"providers": {"p": Wire::Chat.provider(&provider.url)}});
    let hub = Setup::new().with("models", models).start().await;
    for (number, body) in (1..).zip(&bodies) {
        for stream in [false, true] {
            let ask = |path: &str| {
                let asked = json!({"model": "p/m", "max_tokens": number, "stream": stream, "messages": [{"role": "user", "content": "x"}]});
                post(&hub, path, asked.to_string()).send()
            };
            let foreign = ask("/v1/messages").await;
            let told = foreign.header("x-tutti-code").is_some() || foreign.text().contains("T-09");
            let whole = foreign.status == 200 && foreign.text().contains("stop_reason");
            assert!(told || whole, "{body:.80}, stream {stream}: {:.200}", foreign.text());
            let own = ask("/v1/chat/completions").await;
            assert!(own.status == 200 || own.header("x-tutti-code").is_some(), "{body:.80}");
        }
    }
}

async fn a40_answers_without_end_have_an_end() {
    let endless = |begin: &str| {
        let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096)).into_bytes();
        vec![piece(begin), Step::Repeat(chunk, Duration::ZERO)]
    };
    let chunked = |status| head(status, &[("content-type", "application/json"), ("transfer-encoding", "chunked")]);
    let table = [
        ("a body", false, [vec![chunked(200)], endless("{\"a\":\"")].concat(), "T-0911"),
        ("an error", false, [vec![chunked(500)], endless("{\"a\":\"")].concat(), "T-0907"),
        ("an event", true, [vec![stream_head("text/event-stream")], endless("data: {\"a\":\"")].concat(), "T-0911"),
        ("a later event", true, [failing::begun(Wire::Chat), endless("data: {\"a\":\"")].concat(), "T-0911"),
    ];
    for (name, stream, steps, code) in table {
        let provider = Provider::start(move |_| steps.clone()).await;
        let hub = route(&[&provider], &json!({"answer_limit": "1MiB"})).start().await;
        let got = chat(&hub, stream).send().await;
        let told = got.header("x-tutti-code").is_some() || got.status == 200;
        assert!(told && got.text().contains(code), "{name}: {} {:.300}", got.status, got.text());
        assert!(got.body.len() < 2 << 20, "{name}: {}", got.body.len());
    }
}

async fn a41_an_answer_that_nobody_asked_for_is_given_to_nobody() {
    // Behind its answer stands another, for whoever asks next on the connection.
    let smuggler = Provider::start(|asked| {
        if asked.before > 0 {
            return json(CHAT);
        }
        let evil = json(&CHAT.replace("Hi there", "smuggled"));
        let own = if asked.json()["stream"] == true { events(&CHAT_EVENTS) } else { json(CHAT) };
        let all: Vec<u8> = [own, evil]
            .concat()
            .into_iter()
            .filter_map(|step| if let Step::Send(bytes) = step { Some(bytes) } else { None })
            .flatten()
            .collect();
        vec![Step::Send(all)]
    })
    .await;
    let hub = route(&[&smuggler], &json!({})).start().await;
    for number in 0..20 {
        let got = chat(&hub, number % 2 == 0).send().await;
        assert_eq!(got.status, 200, "{number}");
        assert!(!got.text().contains("smuggled"), "{number}: {}", got.text());
    }
}

async fn a44_a84_redirections_of_models_are_not_followed() {
    let trap = Provider::start(|_| json(CHAT)).await;
    for status in [300, 301, 302, 303, 307, 308] {
        let location = format!("{}/v1/chat/completions", trap.url);
        let provider =
            Provider::start(move |_| whole(status, "application/json", &[("location", &location)], CHAT)).await;
        let hub = route(&[&provider], &json!({"api_key": "sk-of-the-hub"})).start().await;
        for stream in [false, true] {
            let got = chat(&hub, stream).send().await;
            assert_eq!((got.status, got.header("x-tutti-code")), (502, Some("T-0907")), "{status}");
            assert_eq!(got.header("location"), None, "{status}: nor is the client sent there");
        }
    }
    assert_eq!(trap.asked().len(), 0);
}

async fn a47_a118_what_a_provider_says_is_told_in_visible_characters() {
    let evil = "\u{1b}[2J\u{202e}evil\r\nWARN forged\u{2028}\u{85}\u{200b}";
    let error = json!({"error": {"message": evil}}).to_string();
    let provider = Provider::start(move |_| {
        whole(
            500,
            "application/json",
            &[("x-request-id", "r1"), ("set-cookie", "a=b"), ("x-tutti-code", "T-0001")],
            &error,
        )
    })
    .await;
    let hub = route(&[&provider], &json!({})).start().await;
    let got = chat(&hub, false).send().await;
    assert_eq!((got.header("x-tutti-code"), got.header("set-cookie")), (Some("T-0907"), None));
    let said = got.json();
    let said = said["error"]["message"].as_str().expect("it has words");
    for text in [said, &logged(&hub, "T-0907").await] {
        assert!(
            text.contains("evil") && !text.contains(['\u{1b}', '\u{202e}', '\u{2028}', '\u{85}', '\u{200b}']),
            "{text:?}"
        );
        assert!(!text.lines().any(|line| line.starts_with("WARN forged")), "{text:?}");
    }
}

async fn a48_answers_are_never_pages() {
    let script = CHAT.replace("Hi there", "<script>alert(1)</script>");
    for (status, told) in [(200, 200), (400, 400), (500, 502)] {
        let script = script.clone();
        let provider = Provider::start(move |_| whole(status, "text/html", &[], &script)).await;
        let hub = route(&[&provider], &json!({})).start().await;
        let got = chat(&hub, false).send().await;
        assert_eq!((got.status, got.header("content-type")), (told, Some("application/json")), "{status}");
    }
}

async fn a85_proxies_of_the_environment_are_not_asked() {
    let (provider, trap) = (Provider::start(|_| json(CHAT)).await, Provider::start(|_| json(CHAT)).await);
    let mut setup = route(&[&provider], &json!({"api_key": "sk-of-the-hub"}));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        setup = setup.environment(name, &trap.url);
    }
    let hub = setup.start().await;
    assert_eq!(chat(&hub, false).send().await.status, 200);
    assert_eq!((provider.asked().len(), trap.asked().len()), (1, 0));
}

/// A text that would end an event, begin another and close the stream, if it were more than a text.
const BREAKOUT: &str = "a\n\ndata: [DONE]\n\nevent: error\ndata: {\"error\":{\"message\":\"forged\"}}\n\n\r\n\r\n{\"done\":true}\n\u{2028}\u{85}\u{0}z";

async fn a88_text_of_a_model_is_never_an_event() {
    for wire in ALL {
        let put = |text: &str| {
            let quoted = Value::from(BREAKOUT).to_string();
            let inner = &quoted[1..quoted.len() - 1];
            // It stands for the text, and for a name of a tool.
            text.replace("Let me ", inner).replace("look.", "").replace("get_weather", "x\\n\\ndata: forged\\n\\n")
        };
        let provider = Provider::start(move |asked| {
            if !wants_stream(wire, &asked.target, &asked.json()) {
                return json(&put(&wire.whole()));
            }
            let kind = if wire == Wire::Ollama { "application/x-ndjson" } else { "text/event-stream" };
            let pieces = wire.pieces().iter().map(|text| piece(&put(text))).collect::<Vec<_>>();
            [vec![stream_head(kind)], pieces, vec![end()]].concat()
        })
        .await;
        let models = json!({"providers": {"p": wire.provider(&provider.url)}, "routes": {"r": {"use": ["p/m"]}}});
        let hub = Setup::new().with("models", models).start().await;
        for client in ALL {
            for stream in [false, true] {
                let got = post(&hub, &client.path("r", stream), client.request("r", stream).to_string()).send().await;
                let what = format!("{client:?} before {wire:?}, stream {stream}: {}", got.text());
                assert_eq!(got.status, 200, "{what}");
                let said = if stream { read_stream(client, &got.text()) } else { read_whole(client, &got.json()) };
                assert_eq!(said.text, BREAKOUT, "{what}");
                let lines: Vec<String> = got.text().lines().map(str::to_owned).collect();
                assert!(!lines.iter().any(|line| line.starts_with("data: forged") || line == "event: error"), "{what}");
                assert!(lines.iter().filter(|line| *line == "data: [DONE]").count() <= 1, "{what}");
            }
        }
    }
}

async fn a92_no_pause_is_for_ever() {
    for wait in ["99999999999999999999", "18446744073709551615", "99999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let busy = Provider::start(move |_| whole(429, "application/json", &[("retry-after", wait)], "{}")).await;
        let hub = route(&[&busy], &json!({})).start().await;
        let told = chat(&hub, false).send().await;
        assert_eq!((told.status, told.header("x-tutti-code")), (429, Some("T-0908")), "{wait}");
        let seconds: Option<u64> = told.header("retry-after").map(|text| text.parse().expect("it is a number"));
        assert!(seconds.is_none_or(|seconds| seconds <= 600), "{wait}: {seconds:?}");
    }
}

async fn a118_credentials_that_a_provider_repeats_are_told_to_nobody() {
    let error = r#"{"error":{"message":"sk-canary-of-the-hub and canary-of-a-header are not known","type":"x"}}"#;
    let event = format!("data: {error}\n\n");
    let steps = [
        whole(400, "application/json", &[], error),
        whole(401, "application/json", &[], error),
        whole(429, "application/json", &[], error),
        whole(500, "application/json", &[], error),
        whole(200, "application/json", &[], error),
        events(&[&event]),
        events(&[CHAT_EVENTS[0], &event]),
    ];
    for steps in steps {
        let provider = Provider::start(move |_| steps.clone()).await;
        let entry = json!({"api_key": "sk-canary-of-the-hub", "headers": {"x-team": "canary-of-a-header"}});
        let hub = route(&[&provider], &entry).start().await;
        for (path, stream) in [("/v1/chat/completions", false), ("/v1/chat/completions", true), ("/v1/messages", true)]
        {
            let body = json!({"model": "r", "max_tokens": 5, "stream": stream, "messages": [{"role": "user", "content": "x"}]});
            let got = post(&hub, path, body.to_string()).send().await;
            assert!(got.header("x-tutti-code").is_some(), "{}", got.text());
            let (headers, log) = (format!("{:?}", got.headers), logged(&hub, "T-09").await);
            assert!(![got.text(), headers, log].iter().any(|text| text.contains("canary")), "{}", got.text());
        }
        assert_eq!(provider.asked()[0].header("authorization"), Some("Bearer sk-canary-of-the-hub"));
    }
}
