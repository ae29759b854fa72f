//! What goes wrong at a provider: another one answers, or the client is told the truth in its dialect. Never a part of an
//! answer for the whole, and never a wait without end.

use super::failing::{self, Failing, begun};
use super::provider::{Provider, Step, json};
use super::wire::{ALL, Wire, answer};
use super::wire_answers::{read_stream, read_whole};
use super::{post, wants_stream};
use crate::harness::{Answer, Hub, Setup, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

/// Every client before a provider of its own dialect and one of another.
pub(super) fn tests() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (number, client) in ALL.into_iter().enumerate() {
        for wire in [client, ALL[(number + 2) % ALL.len()]] {
            let name = |what: &str| format!("models::failures::{what}_{client:?}_before_{wire:?}").to_lowercase();
            trials.push(trial(name("another_answers"), move || another_answers(client, wire)));
            trials.push(trial(name("alone_it_is_told"), move || alone_it_is_told(client, wire)));
            trials.push(trial(name("a_begun_stream_ends_in_an_error"), move || begun_streams_end(client, wire)));
        }
    }
    trials
}

/// A row of the table, and whether the client asks for a stream.
struct Case {
    stream: bool,
    failing: Failing,
}

impl Case {
    fn what(&self) -> String {
        format!("{}, stream {}", self.failing.name, self.stream)
    }

    /// The code of a failure of which the provider says nothing that goes on.
    fn code(&self) -> &'static str {
        self.failing.code.expect("nothing has gone on before")
    }
}

/// All that fails before anything has gone to the client.
fn cases(wire: Wire) -> Vec<Case> {
    let of = |stream: bool, rows: Vec<Failing>| rows.into_iter().map(move |failing| Case { stream, failing });
    let whole = of(false, failing::before_any_answer(wire)).chain(of(false, failing::whole_answers(wire)));
    let streamed = of(true, failing::before_any_answer(wire)).chain(of(true, failing::before_the_first_token(wire)));
    whole.chain(streamed).collect()
}

/// The entry of a provider that fails so, impatient only where it must be: machines may be slow.
fn entry(wire: Wire, url: &str, failing: &Failing, timeouts: &Value) -> Value {
    let mut entry = wire.provider(url);
    entry["api_key"] = json!("sk-of-the-hub");
    if failing.is_slow() {
        entry["timeouts"] = timeouts.clone();
    }
    entry
}

/// A hub with a provider `p<number>` for each failure, behind a route `r<number>` that uses `others` after it.
async fn hub_of(wire: Wire, rows: Vec<(Failing, Vec<Step>)>, others: &Value, timeouts: &Value) -> (Hub, Vec<Provider>) {
    let (mut models, mut providers) = (json!({"providers": others, "routes": {}}), Vec::new());
    for (index, (failing, steps)) in rows.into_iter().enumerate() {
        let provider = Provider::start(move |_| steps.clone()).await;
        models["providers"][format!("p{index}")] = entry(wire, &provider.url, &failing, timeouts);
        let others = others.as_object().expect("they are by name").keys().map(|name| format!("{name}/other"));
        let used: Vec<String> = [format!("p{index}/m")].into_iter().chain(others).collect();
        models["routes"][format!("r{index}")] = json!({"use": used});
        providers.push(provider);
    }
    (Setup::new().with("models", models).start().await, providers)
}

/// The answers of all routes, asked at once.
async fn ask_all(hub: &Hub, client: Wire, cases: &[Case]) -> Vec<Answer> {
    let asked: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(index, case)| {
            let model = format!("r{index}");
            let body = client.request(&model, case.stream).to_string();
            tokio::spawn(post(hub, &client.path(&model, case.stream), body).send())
        })
        .collect();
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.expect("the request does not panic"));
    }
    answers
}

async fn ask_cases(client: Wire, wire: Wire, others: &Value) -> Vec<(Case, Answer, usize)> {
    let cases = cases(wire);
    let rows = cases.iter().map(|case| (case.failing.clone(), case.failing.steps.clone())).collect();
    let (hub, ill) = hub_of(wire, rows, others, &json!({"answer": "2s", "idle": "1s"})).await;
    let answers = ask_all(&hub, client, &cases).await;
    let all = cases.into_iter().zip(answers).zip(&ill);
    all.map(|((case, answer), ill)| (case, answer, ill.asked().len())).collect()
}

async fn another_answers(client: Wire, wire: Wire) {
    let well = Provider::start(move |asked| {
        if wants_stream(wire, &asked.target, &asked.json()) { failing::stream(wire) } else { json(&wire.whole()) }
    })
    .await;
    let others = json!({"well": wire.provider(&well.url)});
    for (index, (case, got, asked)) in ask_cases(client, wire, &others).await.into_iter().enumerate() {
        let what = case.what();
        assert_eq!(got.status, 200, "{what}: {}", got.text());
        let said = if case.stream { read_stream(client, &got.text()) } else { read_whole(client, &got.json()) };
        assert_eq!(said, answer(), "{what}: {}", got.text());
        let attempts = format!("p{index}/m {}, well/other answered", case.code());
        assert_eq!(got.header("x-tutti-attempts"), Some(&*attempts), "{what}");
        assert_eq!((got.header("x-tutti-code"), asked), (None, 1), "{what}: it is asked once");
    }
}

async fn alone_it_is_told(client: Wire, wire: Wire) {
    for (index, (case, got, asked)) in ask_cases(client, wire, &json!({})).await.into_iter().enumerate() {
        let (what, code) = (case.what(), case.code());
        assert!(got.status >= 400, "{what}: {} {}", got.status, got.text());
        assert_eq!(got.header("x-tutti-code"), Some(code), "{what}: {}", got.text());
        assert_eq!(got.header("content-type"), Some("application/json"), "{what}");
        assert_error(client, &got.json(), Some(got.status), Some(code), &what);
        let count = if case.failing.is_repeated() { 2 } else { 1 };
        let attempts = vec![format!("p{index}/m {code}"); count].join(", ");
        assert_eq!(got.header("x-tutti-attempts"), Some(&*attempts), "{what}");
        assert!(!got.text().contains("sk-of-the-hub"), "{what}: {}", got.text());
        assert_eq!(asked, count, "{what}");
        let wait = (case.failing.name == "429 with Retry-After").then_some("7");
        assert_eq!(got.header("retry-after"), wait, "{what}");
    }
}

/// Holds `said` to be an error as clients of this dialect read it; of a body with this status, or of a stream.
fn assert_error(client: Wire, said: &Value, status: Option<u16>, code: Option<&str>, what: &str) {
    let what = format!("{what}: {said}");
    let error = &said["error"];
    let words = match client {
        Wire::Ollama => error,
        // A provider's own failure is that of the response.
        Wire::Responses if said["type"] == "response.failed" => {
            assert!(said["response"]["error"]["code"].is_string(), "{what}");
            &said["response"]["error"]["message"]
        }
        Wire::Responses if status.is_none() => {
            assert_eq!((&said["type"], said["code"].is_string()), (&json!("error"), true), "{what}");
            &said["message"]
        }
        _ => &error["message"],
    };
    let words = words.as_str().unwrap_or_else(|| panic!("it has words: {what}"));
    assert!(code.is_none_or(|code| words.contains(code)), "{what}");
    match client {
        Wire::Chat => assert!(error["type"].is_string(), "{what}"),
        Wire::Responses if status.is_some() => assert_eq!(error["code"], json!(code), "{what}"),
        Wire::Anthropic => assert_eq!((&said["type"], error["type"].is_string()), (&json!("error"), true), "{what}"),
        Wire::Gemini => {
            assert!(error["status"].is_string(), "{what}");
            assert!(status.is_none_or(|status| error["code"] == status), "{what}");
        }
        _ => {}
    }
}

async fn begun_streams_end(client: Wire, wire: Wire) {
    let other = Provider::start(|_| vec![Step::Reset]).await;
    let (mut rows, mut gates) = (Vec::new(), Vec::new());
    for failing in failing::after_the_first_token(wire) {
        // What fails comes once the client has what came before.
        let gate = Arc::new(Notify::new());
        let (begin, rest) = failing.steps.split_at(begun(wire).len());
        let steps = [begin, &[Step::Await(Arc::clone(&gate))], rest].concat();
        gates.push((failing.clone(), gate));
        rows.push((failing, steps));
    }
    let others = json!({"other": wire.provider(&other.url)});
    let (hub, _ill) = hub_of(wire, rows, &others, &json!({"answer": "5s", "idle": "1s"})).await;
    let asked = gates.into_iter().enumerate().map(|(index, (failing, gate))| {
        let model = format!("r{index}");
        let request = post(&hub, &client.path(&model, true), client.request(&model, true).to_string());
        tokio::spawn(async move {
            let mut stream = request.open().await;
            assert_eq!(stream.status, 200, "{}", failing.name);
            stream.wait_for("Let me").await;
            gate.notify_one();
            (failing, stream.finish().await.text())
        })
    });
    for asked in asked.collect::<Vec<_>>() {
        let (failing, text) = asked.await.expect("the request does not panic");
        let name = failing.name;
        let last = text.trim_end().lines().last().unwrap_or_default();
        let last = last.strip_prefix("data: ").unwrap_or(last);
        let last = serde_json::from_str(last).unwrap_or_else(|error| panic!("{name}: {error} in {text}"));
        assert_error(client, &last, None, failing.code, &format!("{name}, {text}"));
        let complete = ["[DONE]", "message_stop", "response.completed", "\"done\":true", "finishReason\":\""];
        assert!(complete.iter().all(|end| !text.contains(end)), "{name}: {text}");
    }
    assert_eq!(other.asked().len(), 0, "nobody else is asked to go on");
}
