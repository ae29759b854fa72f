//! The same dialect on both sides: all of it as it was said, but for the model's name.

use super::provider::{Asked, Provider, Step, end, events, json, piece, stream_head, whole};
use super::{CHAT, CHAT_EVENTS, post};
use crate::harness::{Http, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::dialects":
        a_request_goes_on_as_it_was_written,
        the_most_tokens_have_the_name_that_the_provider_knows,
        each_dialect_goes_on_and_comes_back,
        each_stream_comes_back_as_it_was,
        a_stream_comes_while_it_is_made,
        lists_are_in_the_dialect_of_their_client,
        what_cannot_be_asked_is_refused_in_the_dialect,
        clients_send_all_of_a_conversation_that_nobody_keeps,
        a_server_without_responses_is_asked_in_chats,
        a_server_that_has_responses_is_not_asked_in_chats_for_what_it_lacks,
        who_had_nothing_for_a_moment_is_not_asked_in_chats_from_then_on,
    )
}

/// What each endpoint is asked, where the provider must be asked it, and what it answers.
const WHOLE: [(&str, &str, &str, &str); 9] = [
    ("/v1/chat/completions", r#"{"model":"a","messages":[]}"#, "/v1/chat/completions", CHAT),
    (
        "/v1/embeddings",
        r#"{"input":"x","model":"a"}"#,
        "/v1/embeddings",
        r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"model":"m"}"#,
    ),
    (
        "/v1/responses",
        r#"{"model":"a","input":"x"}"#,
        "/v1/responses",
        r#"{"id":"r","object":"response","status":"completed","error":null,"output":[]}"#,
    ),
    (
        "/v1/responses/input_tokens",
        r#"{"model":"a","input":"x"}"#,
        "/v1/responses/input_tokens",
        r#"{"object":"response.input_tokens","input_tokens":7}"#,
    ),
    (
        "/v1/messages",
        r#"{"model":"b","max_tokens":5,"messages":[]}"#,
        "/v1/messages",
        r#"{"id":"m","type":"message","role":"assistant","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"}"#,
    ),
    (
        "/v1/messages/count_tokens",
        r#"{"model":"b","messages":[]}"#,
        "/v1/messages/count_tokens",
        r#"{"input_tokens":7}"#,
    ),
    (
        "/v1beta/models/c:generateContent",
        r#"{"contents":[]}"#,
        "/v1beta/models/one:generateContent",
        r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}"#,
    ),
    ("/v1beta/models/c:countTokens", r#"{"contents":[]}"#, "/v1beta/models/one:countTokens", r#"{"totalTokens":3}"#),
    (
        "/api/chat",
        r#"{"model":"d","messages":[],"stream":false}"#,
        "/api/chat",
        r#"{"model":"m","message":{"role":"assistant","content":"x"},"done":true}"#,
    ),
];

/// A hub with a provider of each kind at the same address; the routes are a (OpenAI), b, c and d.
fn all_kinds(provider: &Provider) -> Setup {
    let of = |kind: &str| json!({"kind": kind, "url": provider.url, "api_key": format!("sk-{kind}")});
    let one = |name: &str| json!({"use": [format!("{name}/one")]});
    Setup::new().with(
        "models",
        json!({
            "providers": {
                "o": of("openai"), "anthropic": of("anthropic"), "g": of("gemini"), "ollama": of("ollama"),
            },
            "routes": {"a": one("o"), "b": one("anthropic"), "c": one("g"), "d": one("ollama")},
        }),
    )
}

async fn a_request_goes_on_as_it_was_written() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = all_kinds(&provider).start().await;
    let body = "{ \"temperature\":1.0e0,\n\t\"model\" : \"a\", \"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9 ü \\ud83d\\ude00\"}],\"x_unknown\":{\"b\":1,\"a\":[ ]},\"seed\":12345678901234567890}";
    let answer = post(&hub, "/v1/chat/completions", body).send().await;
    assert_eq!((answer.status, answer.text().as_str()), (200, CHAT));
    assert_eq!(answer.header("x-tutti-deployment"), Some("o/one"));
    assert_eq!(answer.header("x-tutti-attempts"), Some("o/one answered"));
    let asked = provider.last();
    assert_eq!(String::from_utf8_lossy(&asked.body), body.replace("\"a\",", "\"one\","));
    assert_eq!(asked.header("authorization"), Some("Bearer sk-openai"));
}

/// OpenAI's models that think refuse `max_tokens`, and Ollama passes over `max_completion_tokens`.
async fn the_most_tokens_have_the_name_that_the_provider_knows() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = all_kinds(&provider).start().await;
    let (older, newer) = ("max_tokens", "max_completion_tokens");
    let chat = "/v1/chat/completions";
    let table = [
        (chat, "a", older, newer),
        (chat, "a", newer, newer),
        (chat, "d", older, older),
        (chat, "d", newer, older),
        // What Responses does not know is asked in a chat.
        ("/v1/messages", "a", older, newer),
    ];
    for (path, model, said, told) in table {
        let stop = if path == chat { "stop" } else { "stop_sequences" };
        let messages = r#"[{"role":"user","content":"x"}]"#;
        let body = format!(r#"{{"model":"{model}","{said}":5,"{stop}":["END"],"messages":{messages}}}"#);
        assert_eq!(post(&hub, path, body.clone()).send().await.status, 200, "{body}");
        let asked = provider.last().json();
        let other = if told == older { newer } else { older };
        assert_eq!((&asked[told], asked.get(other)), (&json!(5), None), "{path} {body}");
    }
}

async fn each_dialect_goes_on_and_comes_back() {
    let provider = Provider::start(|asked| {
        let found = WHOLE.iter().find(|(_, _, target, _)| *target == asked.target);
        json(found.map_or("{}", |(_, _, _, answer)| answer))
    })
    .await;
    let hub = all_kinds(&provider).start().await;
    for (path, body, target, said) in WHOLE {
        let answer = post(&hub, path, body).send().await;
        assert_eq!((answer.status, answer.text().as_str()), (200, said), "{path}");
        let asked = provider.last();
        assert_eq!(asked.target, target);
        if !path.contains("/models/") {
            assert_eq!(asked.json()["model"], "one", "{path}");
        }
        let credential = ["authorization", "x-api-key", "x-goog-api-key"].map(|name| asked.header(name));
        let expected = match target {
            "/v1/messages" | "/v1/messages/count_tokens" => [None, Some("sk-anthropic"), None],
            "/api/chat" => [Some("Bearer sk-ollama"), None, None],
            _ if target.starts_with("/v1beta") => [None, None, Some("sk-gemini")],
            _ => [Some("Bearer sk-openai"), None, None],
        };
        assert_eq!(credential, expected, "{path}");
    }
    let versions = provider.asked().into_iter().map(|asked| asked.header("anthropic-version").map(str::to_owned));
    assert_eq!(versions.flatten().collect::<Vec<_>>(), ["2023-06-01", "2023-06-01"]);
}

/// What each endpoint is asked for a stream, and the stream.
fn streams() -> [(&'static str, &'static str, &'static str, String); 5] {
    [
        ("/v1/chat/completions", r#"{"model":"a","stream":true}"#, "text/event-stream; charset=utf-8", CHAT_EVENTS.concat()),
        (
            "/v1/responses",
            r#"{"model":"a","stream":true}"#,
            "text/event-stream",
            "event: response.created\ndata: {\"type\":\"response.created\"}\n\nevent: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\"}\n\n".to_owned(),
        ),
        (
            "/v1/messages",
            r#"{"model":"b","stream":true}"#,
            "text/event-stream",
            "event: message_start\r\ndata: {\"type\":\"message_start\"}\r\n\r\nevent: ping\r\ndata: {\"type\":\"ping\"}\r\n\r\nevent: content_block_delta\r\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"ü\"}}\r\n\r\nevent: message_stop\r\ndata: {\"type\":\"message_stop\"}\r\n\r\n".to_owned(),
        ),
        (
            "/v1beta/models/c:streamGenerateContent?alt=sse",
            "{}",
            "text/event-stream",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"y\"}]},\"finishReason\":\"STOP\"}]}\n\n".to_owned(),
        ),
        (
            "/api/chat",
            r#"{"model":"d"}"#,
            "application/x-ndjson",
            "{\"message\":{\"role\":\"assistant\",\"content\":\"x\"},\"done\":false}\n{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true}\n".to_owned(),
        ),
    ]
}

/// Answers with the stream that was asked for, in pieces of five bytes, so that characters are split too.
fn in_small_pieces(asked: &Asked) -> Vec<Step> {
    let path = asked.target.replace("/one:", "/c:");
    let all = streams();
    let (_, _, kind, text) = all.iter().find(|(known, ..)| *known == path).expect("one of the streams is asked for");
    let mut steps = vec![stream_head(kind)];
    for bytes in text.as_bytes().chunks(5) {
        steps.push(Step::Send([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()));
    }
    steps.push(end());
    steps
}

async fn each_stream_comes_back_as_it_was() {
    let provider = Provider::start(in_small_pieces).await;
    let hub = all_kinds(&provider).start().await;
    for (path, body, kind, text) in streams() {
        let answer = post(&hub, path, body).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        assert_eq!(answer.text(), text, "{path}");
    }
}

async fn a_stream_comes_while_it_is_made() {
    let provider = Provider::start(|_| {
        vec![stream_head("text/event-stream"), piece(CHAT_EVENTS[0]), piece(CHAT_EVENTS[1]), Step::Stall]
    })
    .await;
    let hub = all_kinds(&provider).start().await;
    let mut stream = post(&hub, "/v1/chat/completions", r#"{"model":"a","stream":true}"#).open().await;
    let first = stream.next_message("the first event").await;
    assert_eq!(first["choices"][0]["delta"]["role"], "assistant");
    let second = stream.next_message("the second event, while no third has come").await;
    assert_eq!(second["choices"][0]["delta"]["content"], "Hi");
}

async fn lists_are_in_the_dialect_of_their_client() {
    let provider = Provider::start(|_| events(&[])).await;
    let hub = all_kinds(&provider).start().await;
    let get = |path: &str| Http::new("GET", &hub.at(path));
    let names = |list: &Value, key: &str, name: &str| -> Vec<String> {
        let all = list[key].as_array().expect("the list is one").iter();
        all.map(|model| model[name].as_str().expect("each has a name").to_owned()).collect()
    };
    let openai = get("/v1/models").send().await.json();
    assert_eq!(names(&openai, "data", "id"), ["a", "b", "c", "d"]);
    let anthropic = get("/v1/models").header("anthropic-version", "2023-06-01").send().await.json();
    assert_eq!((anthropic["has_more"].clone(), anthropic["first_id"].clone()), (json!(false), json!("a")));
    let gemini = get("/v1beta/models").send().await.json();
    assert_eq!(names(&gemini, "models", "name")[0], "models/a");
    // Tokens are counted by a provider of the dialect alone.
    let counts = |name: &str| {
        let of_name = gemini["models"].as_array().into_iter().flatten().find(|model| model["displayName"] == name);
        let methods = of_name.and_then(|model| model["supportedGenerationMethods"].as_array()).cloned();
        methods.unwrap_or_default().contains(&json!("countTokens"))
    };
    assert_eq!(["a", "b", "c", "d"].map(counts), [false, false, true, false]);
    let google = get("/v1/models").header("x-goog-api-client", "google-genai-sdk").send().await.json();
    assert_eq!(google, gemini, "newer clients of Google ask under the path of OpenAI's");
    let ollama = get("/api/tags").send().await.json();
    assert_eq!(names(&ollama, "models", "model"), ["a", "b", "c", "d"]);
    assert_eq!(Http::new("DELETE", &hub.at("/v1/models")).send().await.status, 405);
}

async fn what_cannot_be_asked_is_refused_in_the_dialect() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = all_kinds(&provider).start().await;
    let answer = post(&hub, "/v1/messages/count_tokens", r#"{"model":"a","messages":[]}"#).send().await;
    let said = answer.json();
    assert_eq!((answer.status, answer.header("x-tutti-code")), (400, Some("T-0903")));
    assert_eq!((said["type"].clone(), said["error"]["type"].clone()), (json!("error"), json!("invalid_request_error")));
    let unknown = post(&hub, "/api/chat", r#"{"model":"nobody"}"#).send().await;
    assert_eq!((unknown.status, unknown.header("x-tutti-code")), (404, Some("T-0901")));
    assert!(unknown.json()["error"].as_str().is_some_and(|text| text.contains("there is no model `nobody`")));
    // Nor is what else clients of Ollama ask for, which is not served.
    for (method, path) in [("POST", "/api/generate"), ("POST", "/api/embed"), ("GET", "/api/version")] {
        let answer = Http::new(method, &hub.at(path)).send().await;
        assert_eq!((answer.status, answer.header("x-tutti-code")), (404, Some("T-0322")), "{path}");
        assert!(answer.json()["error"].as_str().is_some_and(|text| text.contains(path)), "{}", answer.text());
    }
    assert!(Http::new("GET", &hub.at("/api/v1/nobody")).send().await.json()["error"]["code"].is_number());
    // What a provider keeps is asked of it, and not of the hub.
    let beside =
        [("GET", "/v1/responses/resp_1"), ("DELETE", "/v1/responses/resp_1"), ("POST", "/v1/responses/resp_1/cancel")];
    let passed = [("POST", "/v1/responses/compact"), ("GET", "/v1/files/f"), ("POST", "/v1beta/files")];
    for (method, path) in beside.into_iter().chain(passed) {
        let answer = Http::new(method, &hub.at(path)).send().await;
        assert_eq!((answer.status, answer.header("x-tutti-code")), (400, Some("T-0903")), "{path}");
        let said = &answer.json()["error"];
        let word = if path.contains("beta") { &said["status"] } else { &said["type"] };
        let expected = if path.contains("beta") { "INVALID_ARGUMENT" } else { "invalid_request_error" };
        assert_eq!(
            (word, said["message"].as_str().is_some_and(|text| text.contains(path))),
            (&json!(expected), true),
            "{said}"
        );
    }
    let batches = Http::new("GET", &hub.at("/v1/messages/batches")).send().await.json();
    assert_eq!((&batches["type"], &batches["error"]["type"]), (&json!("error"), &json!("invalid_request_error")));
    let gemini = post(&hub, "/v1beta/models/c:streamGenerateContent", "{").send().await;
    assert_eq!((gemini.status, gemini.json()["error"]["status"].clone()), (400, json!("INVALID_ARGUMENT")));
    assert_eq!(provider.asked().len(), 0);
}

async fn a_server_without_responses_is_asked_in_chats() {
    let provider = Provider::start(|asked| match asked.target.as_str() {
        "/v1/chat/completions" if asked.json()["model"] == "m" => json(CHAT),
        _ => whole(404, "application/json", &[], r#"{"error":{"message":"Not Found"}}"#),
    })
    .await;
    let models = json!({"providers": {"a": {"url": format!("{}/v1", provider.url)}}});
    let hub = Setup::new().with("models", models).start().await;
    let ask = async |model: &str| {
        let before = provider.asked().len();
        let answer = post(&hub, "/v1/responses", json!({"model": model, "input": "x"}).to_string()).send().await;
        let targets: Vec<String> = provider.asked().into_iter().skip(before).map(|asked| asked.target).collect();
        (answer, targets.join(" "))
    };
    let (unknown, asked) = ask("a/other").await;
    assert_eq!(unknown.header("x-tutti-code"), Some("T-0901"), "{}", unknown.text());
    // A request of nothing shows that it is not the model which the server lacks.
    assert_eq!(asked, "/v1/responses /v1/responses /v1/chat/completions");
    // Known as soon as a chat was answered.
    for expected in ["/v1/responses /v1/responses /v1/chat/completions", "/v1/chat/completions"] {
        let (answer, asked) = ask("a/m").await;
        assert_eq!((answer.status, &answer.json()["object"]), (200, &json!("response")), "{}", answer.text());
        assert_eq!(asked, expected);
    }
}

async fn who_had_nothing_for_a_moment_is_not_asked_in_chats_from_then_on() {
    const SAID: &str = r#"{"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"model":"m","output":[],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}"#;
    for kind in ["openai", "openai-compatible"] {
        let there = Arc::new(AtomicBool::new(false));
        let switch = Arc::clone(&there);
        let provider = Provider::start(move |asked| match asked.target.as_str() {
            "/v1/responses" if switch.load(Ordering::SeqCst) => json(SAID),
            "/v1/chat/completions" if switch.load(Ordering::SeqCst) => json(CHAT),
            _ => whole(404, "text/plain", &[], "404 page not found"),
        })
        .await;
        let settings = json!({"kind": kind, "url": format!("{}/v1", provider.url), "api_key": "sk-of-the-hub"});
        let hub = Setup::new().with("models", json!({"providers": {"a": settings}})).start().await;
        let ask = async || post(&hub, "/v1/responses", r#"{"model":"a/m","input":"x"}"#).send().await;
        assert_eq!(ask().await.header("x-tutti-code"), Some("T-0901"), "{kind}");
        there.store(true, Ordering::SeqCst);
        let answer = ask().await;
        assert_eq!((answer.status, answer.text().as_str()), (200, SAID), "{kind}");
        assert_eq!(provider.last().target, "/v1/responses", "{kind}");
    }
}

async fn a_server_that_has_responses_is_not_asked_in_chats_for_what_it_lacks() {
    let provider = Provider::start(|asked| match (asked.target.as_str(), &asked.json()["model"]) {
        ("/v1/chat/completions", _) => json(CHAT),
        (_, Value::Null) => whole(400, "application/json", &[], r#"{"error":{"message":"model is required"}}"#),
        _ => whole(404, "application/json", &[], r#"{"error":{"message":"Vector store vs_1 not found"}}"#),
    })
    .await;
    let models = json!({"providers": {"a": {"url": format!("{}/v1", provider.url)}}});
    let hub = Setup::new().with("models", models).start().await;
    for expected in [2, 3] {
        let answer = post(&hub, "/v1/responses", r#"{"model":"a/m","input":"x"}"#).send().await;
        assert_eq!(answer.header("x-tutti-code"), Some("T-0901"), "{}", answer.text());
        assert_eq!(provider.asked().len(), expected, "it is looked once");
    }
    assert!(provider.asked().iter().all(|asked| asked.target == "/v1/responses"));
}

/// What the official library of Anthropic reads to send all of it.
async fn clients_send_all_of_a_conversation_that_nobody_keeps() {
    let provider = Provider::start(|_| json("{}")).await;
    let models = json!({"providers": {"a": {"kind": "anthropic", "url": provider.url, "api_key": "k"}}});
    let hub = Setup::new().with("models", models).start().await;
    let body = json!({"model": "a/claude", "max_tokens": 5, "messages": [{"role": "user", "content": "and then?"}],
        "thread": {"type": "continue", "previous_message_id": "msg_1"}});
    let refused = post(&hub, "/v1/messages", body.to_string()).send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (400, Some("T-0902")), "{}", refused.text());
    let error = &refused.json()["error"];
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["details"], json!({"error_code": "thread_unsupported_request", "unsupported": ["thread"]}));
    assert!(provider.asked().is_empty(), "nothing is asked that cannot be counted");
}
