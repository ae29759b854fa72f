//! What goes wrong at a provider: another one answers, or the client is told the truth in its dialect. Never a part of an
//! answer for the whole.

use super::provider::{Provider, Step, end, events, head, json, piece, stream_head, whole};
use super::{CHAT, CHAT_EVENTS, chat, post, route};
use crate::harness::{Answer, Http, Hub, Setup, eventually, trials};
use crate::security::certificates::{authority, certificate, encrypt, to_pem};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::failures":
        before_the_first_token_another_answers,
        alone_the_failure_is_told,
        a_wish_to_be_left_alone_is_honoured,
        after_the_first_token_the_stream_ends_in_an_error,
        each_dialect_has_its_own_last_event,
        what_the_request_is_at_fault_for_is_not_asked_again,
        a_provider_that_is_not_there_is_passed_over,
        a_certificate_that_is_not_trusted_is_passed_over,
        a_client_that_leaves_ends_the_request,
        what_failed_is_counted,
    )
}

const EVENTS: &str = "text/event-stream";

/// How providers fail before they have said anything, and the code that tells of each.
fn failures() -> Vec<(&'static str, &'static str, Vec<Step>)> {
    let error = r#"{"error":{"message":"too much"}}"#;
    let status = |status, headers: &[(&str, &str)]| whole(status, "application/json", headers, error);
    let length = ("content-length", "500");
    vec![
        ("429", "T-0908", status(429, &[])),
        ("429 with Retry-After", "T-0908", status(429, &[("retry-after", "7")])),
        ("500", "T-0907", whole(500, "text/html", &[], "<html>oops</html>")),
        ("529", "T-0907", status(529, &[])),
        ("503", "T-0907", status(503, &[])),
        ("expired key", "T-0909", status(401, &[])),
        ("unpaid", "T-0909", status(402, &[])),
        ("no such model", "T-0901", status(404, &[])),
        ("redirection", "T-0907", status(307, &[("location", "http://127.0.0.1:1/")])),
        ("reset before headers", "T-0905", vec![Step::Reset]),
        ("closed before headers", "T-0905", vec![Step::Close]),
        ("reset within a body", "T-0905", vec![head(200, &[length]), Step::Send(b"{\"a\"".to_vec()), Step::Reset]),
        ("no HTTP", "T-0905", vec![Step::Send(b"SSH-2.0-nobody\r\n\r\n".to_vec()), Step::Close]),
        ("stall before headers", "T-0906", vec![Step::Stall]),
        ("stall within a body", "T-0906", vec![head(200, &[length]), Step::Stall]),
        ("slow drip", "T-0906", vec![head(200, &[length]), Step::Drip(vec![b' '; 500], Duration::from_millis(50))]),
        ("invalid JSON", "T-0905", whole(200, "application/json", &[], "{\"choices\": [")),
        ("wrong content type", "T-0905", whole(200, "text/html", &[], "<html>welcome</html>")),
        ("success with an error", "T-0907", whole(200, "application/json", &[], error)),
    ]
}

/// How streams fail before they have said anything.
fn failures_of_streams() -> Vec<(&'static str, &'static str, Vec<Step>)> {
    let ping = piece(": ping\n\n");
    let quiet = || vec![stream_head(EVENTS), piece(CHAT_EVENTS[0])];
    let and = |steps: Vec<Step>, more: Vec<Step>| [steps, more].concat();
    vec![
        ("an error event at once", "T-0907", events(&["data: {\"error\":{\"message\":\"full\"}}\n\n"])),
        (
            "an error event behind the prelude",
            "T-0907",
            and(quiet(), vec![piece("data: {\"error\":{\"message\":\"full\"}}\n\n"), end()]),
        ),
        ("reset before the first token", "T-0905", and(quiet(), vec![Step::Reset])),
        ("ended before the first token", "T-0905", and(quiet(), vec![end()])),
        ("nothing at all", "T-0905", events(&[])),
        ("an event that is none", "T-0905", and(quiet(), vec![piece("data: {\"choices\n\n"), end()])),
        (
            "an event that is no text",
            "T-0905",
            vec![stream_head(EVENTS), Step::Send(b"9\r\ndata: \xff\n\n\r\n".to_vec())],
        ),
        ("stall before the first token", "T-0906", and(quiet(), vec![ping, Step::Stall])),
        ("JSON and no stream", "T-0905", json(CHAT)),
    ]
}

/// All ways to fail before the first token, of answers and of streams.
fn all() -> Vec<Failing> {
    let plain = failures().into_iter().map(|(name, code, steps)| Failing { stream: false, name, code, steps });
    // What fails before there is an answer fails so for streams too.
    let streams = failures().into_iter().take(11).chain(failures_of_streams());
    plain.chain(streams.map(|(name, code, steps)| Failing { stream: true, name, code, steps })).collect()
}

#[derive(Clone)]
struct Failing {
    stream: bool,
    name: &'static str,
    code: &'static str,
    steps: Vec<Step>,
}

impl Failing {
    async fn provider(&self) -> Provider {
        let steps = self.steps.clone();
        Provider::start(move |_| steps.clone()).await
    }

    /// The entry of the provider, impatient only where it must be: machines may be slow.
    fn entry(&self, url: &str) -> Value {
        let url = format!("{url}/v1");
        if self.name.contains("stall") || self.name.contains("drip") {
            return json!({"url": url, "timeouts": {"answer": "2s", "idle": "1s"}, "api_key": "sk-of-the-hub"});
        }
        json!({"url": url, "api_key": "sk-of-the-hub"})
    }
}

/// A hub with a provider `p<number>` for each failure, behind a route `r<number>` that uses `others` after it.
async fn hub_of(all: &[Failing], others: &Value) -> (Hub, Vec<Provider>) {
    let (mut models, mut providers) = (json!({"providers": others, "routes": {}}), Vec::new());
    for (index, failing) in all.iter().enumerate() {
        let provider = failing.provider().await;
        models["providers"][format!("p{index}")] = failing.entry(&provider.url);
        let others = others.as_object().expect("they are by name").keys().map(|name| format!("{name}/other"));
        let used: Vec<String> = [format!("p{index}/m")].into_iter().chain(others).collect();
        models["routes"][format!("r{index}")] = json!({"use": used});
        providers.push(provider);
    }
    (Setup::new().with("models", models).start().await, providers)
}

/// The answers of all routes, asked at once.
async fn ask_all(hub: &Hub, all: &[Failing]) -> Vec<Answer> {
    let asked: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(index, failing)| {
            let body = json!({"model": format!("r{index}"), "messages": [], "stream": failing.stream}).to_string();
            tokio::spawn(post(hub, "/v1/chat/completions", body).send())
        })
        .collect();
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.expect("the request does not panic"));
    }
    answers
}

async fn before_the_first_token_another_answers() {
    let well =
        Provider::start(|asked| if asked.json()["stream"] == true { events(&CHAT_EVENTS) } else { json(CHAT) }).await;
    let all = all();
    let (hub, ill) = hub_of(&all, &json!({"well": {"url": format!("{}/v1", well.url)}})).await;
    for (index, (answer, failing)) in ask_all(&hub, &all).await.iter().zip(&all).enumerate() {
        let Failing { stream, name, code, .. } = failing;
        let expected = if *stream { CHAT_EVENTS.concat() } else { CHAT.to_owned() };
        assert_eq!((answer.status, answer.text()), (200, expected), "{name}, stream {stream}");
        let attempts = format!("p{index}/m {code}, well/other answered");
        assert_eq!(answer.header("x-tutti-attempts"), Some(&*attempts), "{name}, stream {stream}");
        assert_eq!(ill[index].asked().len(), 1, "{name}: it is asked once");
    }
    assert!(well.asked().iter().all(|asked| asked.json()["model"] == "other"));
}

async fn alone_the_failure_is_told() {
    let all = all();
    let (hub, ill) = hub_of(&all, &json!({})).await;
    for (index, (answer, failing)) in ask_all(&hub, &all).await.iter().zip(&all).enumerate() {
        let Failing { stream, name, code, .. } = failing;
        let said = answer.json();
        assert_eq!(said["error"]["code"], *code, "{name}, stream {stream}: {said}");
        assert_eq!(answer.header("x-tutti-code"), Some(*code), "{name}");
        assert!(answer.status >= 400, "{name}: {}", answer.status);
        assert_eq!(answer.header("x-tutti-attempts"), Some(&*format!("p{index}/m {code}")), "{name}");
        assert!(!answer.text().contains("sk-of-the-hub"), "{name}: {}", answer.text());
        assert_eq!(ill[index].asked().len(), 1, "{name}");
    }
}

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
        assert_eq!((again.status, again.header("x-tutti-code")), (503, Some("T-0910")), "{status}");
        assert_eq!(busy.asked().len(), 1, "{status}");
    }
}

/// How streams fail after the model has said something.
fn failures_in_the_middle() -> Vec<(&'static str, &'static str, Vec<Step>)> {
    let begun = || vec![stream_head(EVENTS), piece(CHAT_EVENTS[0]), piece(CHAT_EVENTS[1])];
    let and = |more: Vec<Step>| [begun(), more].concat();
    vec![
        ("reset", "T-0905", and(vec![Step::Reset])),
        ("truncated", "T-0905", and(vec![end()])),
        (
            "truncated within an event",
            "T-0905",
            and(vec![piece("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\""), end()]),
        ),
        ("stall", "T-0906", and(vec![Step::Stall])),
        ("stall within an event", "T-0906", and(vec![piece("data: {\"choi"), Step::Stall])),
        ("an event that is none", "T-0905", and(vec![piece("data: <html>\n\n"), Step::Stall])),
    ]
}

/// A provider that fails so. The first token has gone on when the rest happens, so that the failure comes after it.
async fn failing_in_the_middle(steps: &[Step]) -> Provider {
    let (begin, rest) = steps.split_at(3);
    let steps = [begin, &[pause()], rest].concat();
    Provider::start(move |_| steps.clone()).await
}

async fn after_the_first_token_the_stream_ends_in_an_error() {
    let other = Provider::start(|_| events(&CHAT_EVENTS)).await;
    for (name, code, steps) in failures_in_the_middle() {
        let ill = failing_in_the_middle(&steps).await;
        let idle = if name.contains("stall") { "1s" } else { "60s" };
        let hub = route(&[&ill, &other], &json!({"timeouts": {"idle": idle}})).start().await;
        let mut stream = chat(&hub, true).open().await;
        assert_eq!(stream.status, 200, "{name}");
        stream.next_message("the prelude").await;
        assert_eq!(stream.next_message("the first token").await["choices"][0]["delta"]["content"], "Hi", "{name}");
        let last = stream.next_message("the error").await;
        assert_eq!(last["error"]["code"], code, "{name}: {last}");
        assert_eq!(stream.next_data().await, None, "{name}: it ends with the error");
        assert_eq!(other.asked().len(), 0, "{name}");
    }
}

/// Long enough for what came before to have gone on, where that matters to nothing but what is tested.
fn pause() -> Step {
    Step::Drip(b"8\r\n: wait\n\n\r\n".to_vec(), Duration::from_millis(10))
}

async fn each_dialect_has_its_own_last_event() {
    let table: [(&str, &str, &str, &str, &str); 4] = [
        (
            "openai",
            "/v1/responses",
            r#"{"model":"r","stream":true}"#,
            "event: x\ndata: {\"type\":\"response.output_text.delta\"}\n\n",
            "event: error\ndata: {\"type\":\"error\",\"code\":\"T-0905\"",
        ),
        (
            "anthropic",
            "/v1/messages",
            r#"{"model":"r","stream":true}"#,
            "event: x\ndata: {\"type\":\"content_block_delta\"}\n\n",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"",
        ),
        (
            "gemini",
            "/v1beta/models/r:streamGenerateContent?alt=sse",
            "{}",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n",
            "data: {\"error\":{\"code\":502,",
        ),
        (
            "ollama",
            "/api/chat",
            r#"{"model":"r"}"#,
            "{\"message\":{\"content\":\"x\"},\"done\":false}\n",
            "{\"error\":\"",
        ),
    ];
    for (kind, path, body, token, last) in table {
        let content = if kind == "ollama" { "application/x-ndjson" } else { EVENTS };
        let provider =
            Provider::start(move |_| vec![stream_head(content), piece(token), pause_in(kind), Step::Reset]).await;
        let models = json!({
            "providers": {"p": {"kind": kind, "url": provider.url}}, "routes": {"r": {"use": ["p/m"]}},
        });
        let hub = Setup::new().with("models", models).start().await;
        let answer = post(&hub, path, body).send().await;
        let text = answer.text();
        assert!(text.starts_with(token), "{kind}: {text}");
        assert!(text.contains(last) && text.contains("T-0905"), "{kind}: {text}");
    }
}

/// As [`pause`], in a dialect of lines too.
fn pause_in(kind: &str) -> Step {
    if kind == "ollama" { Step::Drip(b"1\r\n\n\r\n".to_vec(), Duration::from_millis(20)) } else { pause() }
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

async fn a_certificate_that_is_not_trusted_is_passed_over() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let (trusted, other) = (authority(), authority());
    let good = encrypt(certificate("localhost", 2999, Some(&trusted)), &provider.url).await;
    let forged = encrypt(certificate("localhost", 2999, Some(&other)), &provider.url).await;
    let entry = |port: u16| json!({"url": format!("https://localhost:{port}/v1"), "api_key": "sk-of-the-hub"});
    let models = json!({
        "providers": {"good": entry(good), "forged": entry(forged)},
        "routes": {"r": {"use": ["forged/m", "good/m"]}, "alone": {"use": ["forged/m"]}},
    });
    let setup = Setup::new().with("models", models);
    let file = setup.path_text("trusted.pem");
    std::fs::write(&file, to_pem(trusted.der())).expect("the folder of the test can be written");
    let hub = setup.environment("SSL_CERT_FILE", &file).start().await;
    let answer = chat(&hub, false).send().await;
    let attempts = answer.header("x-tutti-attempts").map(str::to_owned);
    assert_eq!((answer.status, attempts.as_deref()), (200, Some("forged/m T-0904, good/m answered")));
    assert_eq!(provider.asked().len(), 1, "no credential goes to a server that is not trusted");
    let body = r#"{"model":"alone","messages":[]}"#;
    let said = post(&hub, "/v1/chat/completions", body).send().await.json();
    assert!(said["error"]["message"].as_str().is_some_and(|text| text.contains("SSL_CERT_FILE")), "{said}");
}

async fn a_client_that_leaves_ends_the_request() {
    let provider = Provider::start(|asked| match asked.json()["stream"].as_bool() {
        Some(true) => vec![stream_head(EVENTS), piece(CHAT_EVENTS[1]), Step::Stall],
        _ => vec![Step::Stall],
    })
    .await;
    let hub = route(&[&provider], &json!({})).start().await;
    let mut stream = chat(&hub, true).open().await;
    stream.next_message("the first token").await;
    drop(stream);
    left(&provider, 1).await;
    let waiting = tokio::spawn(chat(&hub, false).try_open());
    eventually("the second request is there", || async {
        let count = provider.asked().len();
        if count == 2 { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
    waiting.abort();
    left(&provider, 2).await;
    tell(&hub, "left", "p0", 2).await;
}

async fn left(provider: &Provider, count: usize) {
    eventually("the provider sees that nobody waits", || async {
        let seen = provider.left();
        if seen == count { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
}

async fn what_failed_is_counted() {
    let ill = failing_in_the_middle(&failures_in_the_middle().swap_remove(1).2).await;
    let hub = route(&[&ill], &json!({})).start().await;
    chat(&hub, true).send().await;
    tell(&hub, "broken_off", "p0", 1).await;
    tell(&hub, "answered", "p0", 0).await;
    assert!(hub.stderr().contains("T-0905"), "the log tells of it: {}", hub.stderr());
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
