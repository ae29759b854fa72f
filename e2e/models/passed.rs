//! What is passed on to providers that have it: ranks, pictures, sound, moderations, texts that go on.

use super::provider::{Provider, Step, events, head, json, piece, stream_head, whole};
use super::{post, route};
use crate::harness::{Http, Hub, Setup, eventually, trials};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::passed":
        bodies_of_json_are_passed_on_and_answers_come_back,
        an_upload_goes_on_byte_for_byte_and_to_the_next_one,
        sound_comes_as_it_is_made,
        sound_that_breaks_off_never_looks_whole,
        events_of_pictures_and_transcripts_are_watched,
        transcripts_that_are_no_json_come_as_they_are,
        providers_that_have_no_such_endpoint_are_not_asked,
        a_client_that_leaves_ends_an_upload_and_a_voice,
        what_is_told_or_counted_is_charged,
        a09_uploads_are_held_to_limits,
        a12_forms_that_name_two_models_reach_nobody,
    )
}

const BOUNDARY: &str = "----formdata-42";

/// A form of these fields, and a file that is no text.
fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let file = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n"
    );
    body.extend_from_slice(file.as_bytes());
    body.extend_from_slice(b"\xff\xfb\x90\0\r\n-\r\n--\n");
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A form to the hub.
fn upload(hub: &Hub, path: &str, body: impl Into<bytes::Bytes>) -> Http {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Http::new("POST", &hub.at(path)).header("content-type", &kind).body(body)
}

async fn bodies_of_json_are_passed_on_and_answers_come_back() {
    let cases = [
        (
            "/v1/rerank",
            "/v1/rerank",
            r#"{"query":"q","documents":["a","b"],"top_n":1,"model":"r"}"#,
            r#"{"model":"m","usage":{"total_tokens":9},"results":[{"index":1,"relevance_score":0.9}]}"#,
        ),
        (
            "/v2/rerank",
            "/v2/rerank",
            r#"{ "model" : "r", "query":"q","documents":["a"]}"#,
            r#"{"id":"x","results":[{"index":0,"relevance_score":0.4}],"meta":{"api_version":{"version":"2"},"billed_units":{"search_units":1}}}"#,
        ),
        (
            "/v1/images/generations",
            "/v1/images/generations",
            r#"{"model":"r","prompt":"an owl","n":2}"#,
            r#"{"created":1,"data":[{"b64_json":"aGk="},{"b64_json":"aGk="}]}"#,
        ),
        (
            "/v1/moderations",
            "/v1/moderations",
            r#"{"model":"r","input":"hello"}"#,
            r#"{"id":"modr-1","model":"m","results":[{"flagged":false}]}"#,
        ),
        (
            "/v1/completions",
            "/v1/completions",
            r#"{"model":"r","prompt":["a","b"],"max_tokens":3}"#,
            r#"{"id":"cmpl-1","object":"text_completion","choices":[{"text":"x","index":0,"finish_reason":"stop"}]}"#,
        ),
        ("/v1/audio/transcriptions", "/v1/audio/transcriptions", r#"{"model":"r","file":"aGk="}"#, r#"{"text":"Hi"}"#),
    ];
    for (path, target, body, answer) in cases {
        let busy = Provider::start(|_| whole(500, "application/json", &[], r#"{"error":{"message":"no"}}"#)).await;
        let provider = Provider::start(move |_| json(answer)).await;
        let hub = route(&[&busy, &provider], &json!({"api_key": "sk-p"})).start().await;
        let got = post(&hub, path, body).header("authorization", "Bearer client").send().await;
        assert_eq!((got.status, got.text()), (200, answer.to_owned()), "{path}");
        assert_eq!(got.header("x-tutti-attempts"), Some("p0/m0 T-0907, p1/m1 answered"));
        let asked = provider.last();
        assert_eq!((&*asked.target, asked.header("authorization")), (target, Some("Bearer sk-p")));
        assert_eq!(String::from_utf8_lossy(&asked.body), body.replace("\"r\"", "\"m1\""));
        let odd = post(&hub, path, r#"{"model":"r","model":"m"}"#).send().await;
        assert_eq!(odd.json()["error"]["code"], "T-0902", "{path}");
    }
}

async fn an_upload_goes_on_byte_for_byte_and_to_the_next_one() {
    let busy = Provider::start(|_| whole(429, "application/json", &[("retry-after", "60")], "{}")).await;
    let provider = Provider::start(|_| json(r#"{"text":"Hi","data":[]}"#)).await;
    let hub = route(&[&busy, &provider], &json!({})).start().await;
    let large = "x".repeat(300_000);
    for path in ["/v1/audio/transcriptions", "/v1/audio/translations", "/v1/images/edits", "/v1/images/variations"] {
        for more in ["short", large.as_str()] {
            let fields = |model| form(&[("prompt", more), ("model", model), ("image[]", "ü")]);
            let got = upload(&hub, path, fields("r")).send().await;
            assert_eq!((got.status, got.json()["text"].as_str()), (200, Some("Hi")), "{path}: {}", got.text());
            let asked = provider.last();
            assert_eq!(asked.target, path);
            assert!(asked.body == fields("m1"), "{path}: all but the name stays");
            let kind = format!("multipart/form-data; boundary=\"{BOUNDARY}\"");
            assert_eq!(asked.header("content-type"), Some(&*kind));
        }
    }
    assert_eq!(busy.asked().len(), 1, "it is left alone as long as it wishes");
    assert!(busy.last().body.windows(2).any(|pair| pair == b"m0"));
}

async fn sound_comes_as_it_is_made() {
    let go = Arc::new(Notify::new());
    let gate = Arc::clone(&go);
    let provider = Provider::start(move |asked| {
        if asked.json()["stream_format"] == "sse" {
            return events(&[
                "data: {\"type\":\"speech.audio.delta\",\"audio\":\"aGk=\"}\n\n",
                "data: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}}\n\n",
            ]);
        }
        vec![stream_head("audio/mpeg"), piece("first"), Step::Await(Arc::clone(&gate)), piece("last"), super::provider::end()]
    })
    .await;
    let empty = Provider::start(|_| vec![stream_head("audio/mpeg"), super::provider::end()]).await;
    let wrong = Provider::start(|_| json(r#"{"error":{"message":"no voice"}}"#)).await;
    let hub = route(&[&wrong, &empty, &provider], &json!({})).start().await;
    let body = r#"{"model":"r","voice":"alloy","input":"Hello"}"#;
    let mut voice = post(&hub, "/v1/audio/speech", body).open().await;
    assert_eq!((voice.status, voice.header("content-type")), (200, Some("audio/mpeg")));
    assert_eq!(voice.header("x-tutti-attempts"), Some("p0/m0 T-0907, p1/m1 T-0905, p2/m2 answered"));
    voice.wait_for("first").await;
    go.notify_one();
    assert_eq!(voice.finish().await.text(), "firstlast");
    let streamed = r#"{"model":"p2/m","voice":"alloy","input":"Hello","stream_format":"sse"}"#;
    let got = post(&hub, "/v1/audio/speech", streamed).send().await;
    assert_eq!(got.header("content-type"), Some("text/event-stream"));
    assert!(got.text().ends_with("\"total_tokens\":3}}\n\n"), "{}", got.text());
}

async fn sound_that_breaks_off_never_looks_whole() {
    let go = Arc::new(Notify::new());
    let gate = Arc::clone(&go);
    let provider = Provider::start(move |_| {
        vec![stream_head("audio/mpeg"), piece("half"), Step::Await(Arc::clone(&gate)), Step::Close]
    })
    .await;
    let page = Provider::start(|_| whole(200, "text/html", &[], "<html>")).await;
    let hub = route(&[&provider], &json!({})).start().await;
    let body = r#"{"model":"r","voice":"alloy","input":"Hello"}"#;
    let mut heard = post(&hub, "/v1/audio/speech", body).open().await;
    heard.wait_for("half").await;
    go.notify_one();
    assert!(!heard.ends_whole().await, "no end is said where there is none");
    let hub = route(&[&page], &json!({})).start().await;
    let got = post(&hub, "/v1/audio/speech", body).send().await;
    assert_eq!((got.status, got.header("x-tutti-code")), (502, Some("T-0905")), "a page is no sound");
}

async fn events_of_pictures_and_transcripts_are_watched() {
    let cases = [
        (
            "/v1/images/generations",
            "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"aa\"}\n\n",
            "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"ab\"}\n\n",
        ),
        (
            "/v1/audio/transcriptions",
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hi\"}\n\n",
            "data: {\"type\":\"transcript.text.done\",\"text\":\"Hi\"}\n\n",
        ),
        (
            "/v1/audio/transcriptions",
            "data: {\"object\":\"transcription.chunk\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        ),
        (
            "/v1/completions",
            "data: {\"object\":\"text_completion\",\"choices\":[{\"text\":\"Hi\",\"index\":0,\"finish_reason\":null}]}\n\n",
            "data: {\"choices\":[{\"text\":\"\",\"index\":0,\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        ),
    ];
    for (path, first, last) in cases {
        let away = Provider::start(|_| events(&["data: {\"error\":{\"message\":\"overloaded\"}}\n\n"])).await;
        let provider = Provider::start(move |_| events(&[first, last])).await;
        let go = Arc::new(Notify::new());
        let gate = Arc::clone(&go);
        let half = Provider::start(move |_| {
            vec![stream_head("text/event-stream"), piece(first), Step::Await(Arc::clone(&gate)), super::provider::end()]
        })
        .await;
        let hub = route(&[&away, &provider, &half], &json!({})).start().await;
        let ask = |model: &str| match path {
            "/v1/audio/transcriptions" => upload(&hub, path, form(&[("model", model), ("stream", "true")])),
            _ => post(&hub, path, json!({"model": model, "prompt": "an owl", "stream": true}).to_string()),
        };
        let got = ask("r").send().await;
        assert_eq!((got.status, got.text()), (200, format!("{first}{last}")), "{path}");
        assert_eq!(got.header("x-tutti-attempts"), Some("p0/m0 T-0907, p1/m1 answered"), "{path}");
        let mut begun = ask("p2/m").open().await;
        begun.wait_for(first).await;
        go.notify_one();
        let got = begun.finish().await;
        assert!(got.text().starts_with(first) && got.text().contains("\"code\":\"T-0905\""), "{path}: {}", got.text());
    }
}

async fn transcripts_that_are_no_json_come_as_they_are() {
    let subtitles = "1\n00:00:00,000 --> 00:00:02,000\nHi\n";
    let provider = Provider::start(move |_| whole(200, "text/plain; charset=utf-8", &[], subtitles)).await;
    let page = Provider::start(|_| whole(200, "text/html", &[], "<html>")).await;
    let hub = route(&[&page, &provider], &json!({})).start().await;
    let got =
        upload(&hub, "/v1/audio/transcriptions", form(&[("model", "r"), ("response_format", "srt")])).send().await;
    assert_eq!((got.status, got.text()), (200, subtitles.to_owned()));
    assert_eq!(got.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(got.header("x-tutti-attempts"), Some("p0/m0 T-0905, p1/m1 answered"));
    let json = upload(&hub, "/v1/audio/transcriptions", form(&[("model", "r")])).send().await;
    assert_eq!(json.header("x-tutti-code"), Some("T-0905"), "text is none where JSON was asked for");
}

async fn providers_that_have_no_such_endpoint_are_not_asked() {
    let provider = Provider::start(|_| json("{}")).await;
    let entry = |kind: &str| json!({"kind": kind, "url": provider.url, "api_key": "k"});
    let kinds = ["openai", "anthropic", "gemini", "ollama"];
    let providers: serde_json::Map<_, _> = kinds.iter().map(|kind| ((*kind).to_owned(), entry(kind))).collect();
    let hub = Setup::new().with("models", json!({"providers": providers})).start().await;
    for kind in kinds {
        let rank = json!({"model": format!("{kind}/m"), "query": "q", "documents": []}).to_string();
        let mut refused = vec![post(&hub, "/v1/rerank", rank.clone()), post(&hub, "/v2/rerank", rank.clone())];
        if kind != "openai" {
            refused.extend(
                ["/v1/moderations", "/v1/images/generations", "/v1/audio/speech"]
                    .map(|path| post(&hub, path, rank.clone())),
            );
            refused.push(upload(&hub, "/v1/audio/transcriptions", form(&[("model", &format!("{kind}/m"))])));
        }
        for request in refused {
            let got = request.send().await;
            assert_eq!(
                (got.status, got.json()["error"]["code"].as_str()),
                (400, Some("T-0903")),
                "{kind}: {}",
                got.text()
            );
        }
    }
    assert_eq!(provider.asked().len(), 0);
}

async fn a_client_that_leaves_ends_an_upload_and_a_voice() {
    let voice = Provider::start(|_| vec![stream_head("audio/mpeg"), piece("first"), Step::Stall]).await;
    let silent = Provider::start(|_| vec![Step::Stall]).await;
    let hub = route(&[&voice, &silent], &json!({})).start().await;
    let body = r#"{"model":"r","voice":"alloy","input":"Hello"}"#;
    let mut heard = post(&hub, "/v1/audio/speech", body).open().await;
    heard.wait_for("first").await;
    drop(heard);
    eventually("the provider sees that nobody listens", || async {
        if voice.left() == 1 { Ok(()) } else { Err(voice.left().to_string()) }
    })
    .await;
    let waiting = upload(&hub, "/v1/audio/transcriptions", form(&[("model", "p1/m")]));
    let waiting = tokio::spawn(async move { waiting.try_open().await.is_ok() });
    eventually("the provider is asked", || async {
        if silent.asked().len() == 1 { Ok(()) } else { Err(silent.asked().len().to_string()) }
    })
    .await;
    waiting.abort();
    eventually("the provider sees that nobody waits", || async {
        if silent.left() == 1 { Ok(()) } else { Err(silent.left().to_string()) }
    })
    .await;
}

async fn what_is_told_or_counted_is_charged() {
    let provider = Provider::start(|asked| match &*asked.target {
        "/v1/audio/speech" => {
            vec![head(200, &[("content-type", "audio/mpeg"), ("content-length", "2")]), Step::Send(b"hi".to_vec())]
        }
        "/v1/images/generations" => json(r#"{"data":[{"url":"https://x/y.png"},{"url":"https://x/z.png"}]}"#),
        "/v1/rerank" => json(r#"{"results":[],"meta":{"billed_units":{"search_units":2}}}"#),
        _ => json(r#"{"text":"Hi","usage":{"type":"duration","seconds":9}}"#),
    })
    .await;
    let price = json!({"image": 0.04, "second": 0.001, "characters": 1000, "request": 0.002});
    let models = json!({
        "providers": {"p": {"url": format!("{}/v1", provider.url), "local": false}},
        "deployments": {"p/m": {"price": price}},
        "budget": "$1",
    });
    let hub = Setup::new().with("models", models).start().await;
    let asked = [
        post(&hub, "/v1/audio/speech", r#"{"model":"p/m","voice":"a","input":"Hello"}"#),
        post(&hub, "/v1/images/generations", r#"{"model":"p/m","prompt":"an owl","n":2}"#),
        post(&hub, "/v1/rerank", r#"{"model":"p/m","query":"q","documents":["a"]}"#),
        upload(&hub, "/v1/audio/transcriptions", form(&[("model", "p/m")])),
    ];
    for request in asked {
        let got = request.send().await;
        assert_eq!(got.status, 200, "{}", got.text());
    }
    // Five characters, two pictures, one more unit of search, nine seconds, and four calls.
    let expected = 0.005 + 0.08 + 0.002 + 0.009 + 4.0 * 0.002;
    eventually("all is in the books", || async {
        let budgets = Http::new("GET", &hub.at("/api/v1/budgets")).send().await.text();
        let spent = format!("{expected:.3}");
        if budgets.contains(&spent) { Ok(()) } else { Err(format!("{spent}: {budgets}")) }
    })
    .await;
    let many = post(&hub, "/v1/images/generations", r#"{"model":"p/m","prompt":"an owl","n":100}"#).send().await;
    assert_eq!(many.header("x-tutti-code"), Some("T-0914"), "a hundred pictures are above the budget");
}

async fn a09_uploads_are_held_to_limits() {
    let provider = Provider::start(|_| json(r#"{"text":"Hi"}"#)).await;
    let hub = route(&[&provider], &json!({})).with("limits", json!({"body": "64KiB"})).start().await;
    let path = "/v1/audio/transcriptions";
    let large = upload(&hub, path, form(&[("model", "r"), ("prompt", &"x".repeat(70_000))])).send().await;
    assert_eq!((large.status, large.header("x-tutti-code")), (413, Some("T-0314")));
    let fields: Vec<(&str, &str)> = std::iter::repeat_n(("x", "1"), 400).chain([("model", "r")]).collect();
    let many = upload(&hub, path, form(&fields)).send().await;
    assert_eq!(many.json()["error"]["code"], "T-0902", "too many parts");
    let boundary = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for (kind, code) in
        [(&*boundary, "T-0902"), ("multipart/form-data", "T-0902"), ("multipart/mixed; boundary=a", "T-0313")]
    {
        let got =
            Http::new("POST", &hub.at(path)).header("content-type", kind).body(form(&[("model", "r")])).send().await;
        assert!(got.status >= 400 && got.header("x-tutti-code").is_some(), "{kind}");
        if code == "T-0902" {
            assert_eq!(got.header("x-tutti-code"), Some(code), "{kind}");
        }
    }
    let packed = upload(&hub, path, form(&[("model", "r")])).header("content-encoding", "gzip").send().await;
    assert_eq!(packed.status, 415);
    assert_eq!(provider.asked().len(), 0);
}

async fn a12_forms_that_name_two_models_reach_nobody() {
    let provider = Provider::start(|_| json(r#"{"text":"Hi"}"#)).await;
    let key = "Zq5uE1hG7jNx6RbV0pKt2MaS";
    let keys = json!({"alice": {"key": key, "models": ["r"]}});
    let hub =
        route(&[&provider], &json!({})).with("key", json!("o7rXf2kQ9vLm4TzB8sWn3YcD")).with("keys", keys).start().await;
    let model =
        |name: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{name}\r\n");
    let file = |name: &str, content: &str| {
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        )
    };
    let own = model("r");
    let bodies = [
        format!("{own}{}", model("p0/dear")),
        format!("{own}{}", file("a\"; name=\"model", "p0/dear")),
        format!("{own}{}", file("a\r\nContent-Disposition: form-data; name=\"model", "p0/dear")),
        format!("{own}{}", file("a\nContent-Disposition: form-data; name=model", "p0/dear")),
        format!("{own}{}", file("a", &model("p0/dear").replace("\r\n", "\n"))),
        format!(
            "{own}{}",
            file("a", &format!("x\r\n--{BOUNDARY} \r\nContent-Disposition: form-data; name=\"model\"\r\n\r\np0/dear"))
        ),
        own.replace("\r\n\r\n", "\r\nContent-Length: 400\r\n\r\n"),
        own.replace("name=\"model\"", "name=\"model\"; name=\"x\""),
        format!("{own}{}", model("p0/dear").replace("\"model\"", "\"model[]\"")),
        format!("{own}{}", model("p0/dear").replace("\"model\"", "\"mod\\el\"")),
        format!("{own}{}", model("p0/dear").replace("\"model\"", "\"fallbacks\"")),
        model("p0/dear"),
    ];
    for body in bodies {
        let body = format!("{body}--{BOUNDARY}--\r\n");
        let got = upload(&hub, "/v1/audio/transcriptions", body.clone())
            .header("authorization", &format!("Bearer {key}"))
            .send()
            .await;
        assert!([400, 404].contains(&got.status), "{body}: {}", got.text());
        assert!(
            ["T-0901", "T-0902"].contains(&got.header("x-tutti-code").unwrap_or_default()),
            "{body}: {}",
            got.text()
        );
    }
    assert_eq!(provider.asked().len(), 0);
    let fine = upload(&hub, "/v1/audio/transcriptions", form(&[("model", "r")]))
        .header("authorization", &format!("Bearer {key}"));
    assert_eq!(fine.send().await.status, 200);
}
