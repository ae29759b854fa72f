//! Models that the program runs itself: the one in the binary, whose answers are known, and what becomes of its process.

use super::post;
use crate::harness::{Answer, Hub, Setup, alive, children_of, eventually, send_signal, trials, tutti};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::JoinSet;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::builtin":
        known_questions_have_known_answers,
        every_client_gets_the_answer_in_its_dialect,
        streams_say_the_same,
        forms_are_kept,
        what_it_does_not_do_is_refused,
        files_are_models_by_their_names,
        many_ask_at_once,
        a_process_that_dies_takes_only_its_answers,
        clients_that_leave_cost_nothing,
        a_card_that_cannot_be_used_is_told_of,
        nobody_asked_and_it_is_gone,
        no_process_stays_behind_a_hub_that_was_killed,
        the_demo_needs_nothing,
    )
}

const EXPECTED: &str = include_str!("../../tiny/data/expected.json");
const TINY: &[u8] = include_bytes!("../../tiny/data/tiny.gguf");

/// Questions and their answers.
fn known() -> Vec<(String, String)> {
    let expected: Value = serde_json::from_str(EXPECTED).expect("the fixture is JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let questions = expected["questions"].as_array().expect("a list").iter();
    questions.map(|known| (text(&known["question"]), text(&known["answer"]))).collect()
}

fn question(text: &str, more: Value) -> Value {
    let mut body = json!({"model": "builtin/tiny", "messages": [{"role": "user", "content": text}], "temperature": 0});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

async fn ask(hub: &Hub, body: &Value) -> Answer {
    post(hub, "/v1/chat/completions", body.to_string()).send().await
}

#[track_caller]
fn words(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned()
}

/// The process of the model, which is the only child that is no supervisor.
fn process(hub: &Hub) -> Option<u32> {
    let is_model = |pid: &u32| {
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains("__model-worker")
    };
    children_of(hub.pid()).into_iter().filter(is_model).find(|pid| alive(*pid))
}

async fn known_questions_have_known_answers() {
    let hub = Setup::new().start().await;
    for (asked, expected) in known() {
        let answer = ask(&hub, &question(&asked, json!({}))).await;
        assert_eq!(words(&answer), expected, "{asked}");
        let json = answer.json();
        assert_eq!(json["choices"][0]["finish_reason"], "stop");
        assert!(json["usage"]["prompt_tokens"].as_u64() > Some(0), "{json}");
        assert!(json["usage"]["completion_tokens"].as_u64() > Some(0), "{json}");
    }
    let cut = ask(&hub, &question("Count to ten.", json!({"max_tokens": 3}))).await;
    assert_eq!(cut.json()["choices"][0]["finish_reason"], "length");
    assert_eq!(cut.json()["usage"]["completion_tokens"], 3);
    let stopped = ask(&hub, &question("Count to ten.", json!({"stop": ["4"]}))).await;
    assert_eq!(words(&stopped), "1, 2, 3, ");
    let once = question("Tell me a story.", json!({"temperature": 1.5, "seed": 11}));
    assert_eq!(words(&ask(&hub, &once).await), words(&ask(&hub, &once).await));
    let embedded = json!({"model": "builtin/tiny", "input": ["red", "red", "What is 2 plus 3?"]});
    let embedded = post(&hub, "/v1/embeddings", embedded.to_string()).send().await.json();
    let vectors = embedded["data"].as_array().expect("vectors");
    assert_eq!(vectors[0]["embedding"].as_array().map(Vec::len), Some(64));
    assert_eq!(vectors[0]["embedding"], vectors[1]["embedding"]);
    assert_ne!(vectors[0]["embedding"], vectors[2]["embedding"]);
}

async fn every_client_gets_the_answer_in_its_dialect() {
    let hub = Setup::new().start().await;
    for (asked, expected) in known().into_iter().take(12) {
        let mut body = question(&asked, json!({"max_tokens": 100}));
        let whole = post(&hub, "/v1/messages", body.to_string()).send().await;
        assert_eq!(whole.json()["content"][0]["text"], expected, "{}", whole.text());
        body["stream"] = json!(true);
        let streamed = post(&hub, "/v1/messages", body.to_string()).send().await.text();
        let datas = streamed.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = datas.map(|data| serde_json::from_str::<Value>(data).expect("JSON"));
        let said: String = events.filter_map(|event| Some(event["delta"]["text"].as_str()?.to_owned())).collect();
        assert_eq!(said, expected);
        let body = json!({"model": "builtin/tiny", "input": asked, "temperature": 0});
        let response = post(&hub, "/v1/responses", body.to_string()).send().await;
        assert_eq!(response.json()["output"][0]["content"][0]["text"], expected, "{}", response.text());
    }
}

async fn streams_say_the_same() {
    let hub = Setup::new().start().await;
    for (asked, expected) in known().into_iter().take(12) {
        let more = json!({"stream": true, "stream_options": {"include_usage": true}});
        let answer = ask(&hub, &question(&asked, more)).await;
        let text = answer.text();
        let datas: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        assert_eq!(datas.last(), Some(&"[DONE]"), "{text}");
        let chunks: Vec<Value> = datas.iter().filter_map(|data| serde_json::from_str(data).ok()).collect();
        let said: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
        assert_eq!(said, expected);
        assert!(chunks.iter().any(|chunk| chunk["usage"]["completion_tokens"].as_u64() > Some(0)), "{text}");
    }
}

async fn forms_are_kept() {
    let hub = Setup::new().start().await;
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["animal", "age"],
        "properties": {"animal": {"enum": ["dog", "fox"]}, "age": {"type": "integer", "minimum": 0, "maximum": 30}},
    });
    let form = json!({"type": "json_schema", "json_schema": {"name": "animal", "strict": true, "schema": schema}});
    let answer = words(&ask(&hub, &question("Describe the dog.", json!({"response_format": form}))).await);
    let said: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert!(["dog", "fox"].contains(&said["animal"].as_str().unwrap_or_default()), "{answer}");
    assert!(said["age"].as_u64().is_some_and(|age| age <= 30), "{answer}");
    let object = json!({"response_format": {"type": "json_object"}});
    let answer = words(&ask(&hub, &question("Describe the red hen as JSON.", object)).await);
    assert!(serde_json::from_str::<Value>(&answer).is_ok_and(|json| json.is_object()), "{answer}");
}

async fn what_it_does_not_do_is_refused() {
    let hub = Setup::new().start().await;
    let picture = json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]);
    let tools = json!([{"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}}]);
    let long = "word ".repeat(2_000);
    let cases = [
        (json!({"messages": picture}), "text only"),
        (json!({"tools": tools}), "calls no tools"),
        (json!({"n": 2}), "one answer"),
        (json!({"messages": [{"role": "user", "content": long}]}), "tokens"),
    ];
    for (more, why) in cases {
        let answer = ask(&hub, &question("Hello!", more)).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().contains(why), "{why}: {}", answer.text());
    }
    for name in ["builtin/none", "builtin/../secret", "builtin/.hidden"] {
        let answer = ask(&hub, &question("Hello!", json!({"model": name}))).await;
        assert_eq!(answer.status, 404, "{name}: {}", answer.text());
    }
    assert_eq!(words(&ask(&hub, &question("What is 2 plus 3?", json!({}))).await), "2 plus 3 is 5.");
}

async fn files_are_models_by_their_names() {
    let setup = Setup::new();
    std::fs::create_dir(setup.path("models")).expect("a folder");
    std::fs::write(setup.path("models/mine.gguf"), TINY).expect("a file");
    std::fs::write(setup.path("models/broken.gguf"), &TINY[..5_000]).expect("a file");
    let hub = setup.start().await;
    let listed = crate::harness::Http::new("GET", &hub.at("/v1/models")).send().await.text();
    assert!(listed.contains("\"mine\""), "{listed}");
    for name in ["mine", "builtin/mine"] {
        let answer = ask(&hub, &question("What is 2 plus 3?", json!({"model": name}))).await;
        assert_eq!(words(&answer), "2 plus 3 is 5.");
    }
    let broken = ask(&hub, &question("Hello!", json!({"model": "broken"}))).await;
    assert!(broken.status >= 500 && broken.text().contains("does not run"), "{}", broken.text());
}

async fn many_ask_at_once() {
    let hub = std::sync::Arc::new(Setup::new().start().await);
    let mut asking = JoinSet::new();
    for (asked, expected) in known().into_iter().take(8) {
        let hub = std::sync::Arc::clone(&hub);
        asking.spawn(async move {
            assert_eq!(words(&ask(&hub, &question(&asked, json!({}))).await), expected, "{asked}");
        });
    }
    asking.join_all().await;
}

/// Whether somebody is connected to a port on which the process listens.
fn is_connected(process: u32) -> bool {
    let held = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let held: Vec<String> = held
        .filter_map(|entry| std::fs::read_link(entry.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let table = std::fs::read_to_string(format!("/proc/{process}/net/tcp")).unwrap_or_default();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    // Fields: the local address, the other one, the state (0A listens, 01 is connected) and, in the tenth, the inode.
    let own = rows.iter().find(|row| row[3] == "0A" && held.iter().any(|inode| inode == row[9]));
    own.is_some_and(|own| rows.iter().any(|row| row[3] == "01" && row[2] == own[1]))
}

/// A process that has answered, and stands still.
async fn stopped_process(hub: &Hub) -> u32 {
    assert_eq!(words(&ask(hub, &question("What is 2 plus 3?", json!({}))).await), "2 plus 3 is 5.");
    let process = process(hub).expect("the model has a process");
    eventually("earlier connections are closed", || async {
        if is_connected(process) { Err("connected".to_owned()) } else { Ok(()) }
    })
    .await;
    send_signal(process, Signal::STOP);
    process
}

async fn connected(process: u32) {
    eventually("the hub is connected", || async {
        if is_connected(process) { Ok(()) } else { Err("not connected".to_owned()) }
    })
    .await;
}

async fn a_process_that_dies_takes_only_its_answers() {
    let hub = std::sync::Arc::new(Setup::new().start().await);
    for stream in [false, true] {
        let process = stopped_process(&hub).await;
        let asking = {
            let hub = std::sync::Arc::clone(&hub);
            tokio::spawn(async move { ask(&hub, &question("Tell me a story.", json!({"stream": stream}))).await })
        };
        connected(process).await;
        send_signal(process, Signal::KILL);
        let answer = asking.await.expect("an answer");
        assert_eq!(answer.status, 502, "{}", answer.text());
        assert!(answer.text().contains("T-09"), "{}", answer.text());
        let next = ask(&hub, &question("What is 2 plus 3?", json!({}))).await;
        assert_eq!(words(&next), "2 plus 3 is 5.");
    }
}

async fn clients_that_leave_cost_nothing() {
    let hub = Setup::new().start().await;
    let stopped = stopped_process(&hub).await;
    for _ in 0..6 {
        let body = question("Tell me a story.", json!({"stream": true})).to_string();
        let asking = post(&hub, "/v1/chat/completions", body).try_open();
        tokio::select! {
            answer = asking => panic!("a process that stands still answered: {:?}", answer.is_ok()),
            () = connected(stopped) => {}
        }
    }
    send_signal(stopped, Signal::CONT);
    assert_eq!(words(&ask(&hub, &question("What is 2 plus 3?", json!({}))).await), "2 plus 3 is 5.");
    assert_eq!(process(&hub), Some(stopped), "the same process goes on");
}

/// Built without cards, or on a machine without this one.
async fn a_card_that_cannot_be_used_is_told_of() {
    let on = |device: &str| json!({"providers": {"builtin": {"device": device}}});
    let hub = Setup::new().with("models", on("no such card")).start().await;
    let answer = ask(&hub, &question("What is 2 plus 3?", json!({}))).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (502, &json!("T-0904")), "{}", answer.text());
    assert!(answer.text().contains("`device` of the provider"), "{}", answer.text());
    for device in ["cpu", "auto"] {
        let hub = Setup::new().with("models", on(device)).start().await;
        assert_eq!(words(&ask(&hub, &question("What is 2 plus 3?", json!({}))).await), "2 plus 3 is 5.");
    }
}

async fn nobody_asked_and_it_is_gone() {
    let provider = json!({"providers": {"builtin": {"idle": "100ms", "memory": "1GiB", "threads": 1, "context": 128}}});
    let hub = Setup::new().with("models", provider).start().await;
    for _ in 0..2 {
        let answer = ask(&hub, &question("What is 2 plus 3?", json!({}))).await;
        assert_eq!(words(&answer), "2 plus 3 is 5.");
        eventually("the process has ended", || async {
            process(&hub).map_or(Ok(()), |pid| Err(format!("process {pid} is there")))
        })
        .await;
    }
}

async fn no_process_stays_behind_a_hub_that_was_killed() {
    let hub = Setup::new().start().await;
    assert_eq!(words(&ask(&hub, &question("What is 2 plus 3?", json!({}))).await), "2 plus 3 is 5.");
    let process = process(&hub).expect("the model has a process");
    hub.signal(Signal::KILL);
    eventually("its process has ended", || async {
        if alive(process) { Err(format!("process {process} is there")) } else { Ok(()) }
    })
    .await;
}

async fn the_demo_needs_nothing() {
    let hub = Setup::new().words(&["--demo"]).start().await;
    let told = || hub.stderr().matches("the configuration was read again").count();
    for turn in 0..2 {
        eventually("the configuration was read", || async { if told() == turn { Ok(()) } else { Err(hub.stderr()) } })
            .await;
        for model in ["tiny", "default"] {
            let asked = json!({"model": model, "messages": [{"role": "user", "content": "What is 2 plus 3?"}]});
            assert_eq!(words(&ask(&hub, &asked).await), "2 plus 3 is 5.", "{model}");
        }
        hub.signal(Signal::HUP);
    }
    let listed = hub.servers().await;
    assert!(listed.iter().any(|server| server["name"] == "files"), "the files of the folder are served: {listed:?}");
    let (url, home) = (hub.at(""), hub.setup.path_text("."));
    let words = ["--url", &url, "workflow", "run", "tour"];
    let toured = tutti(&words, &[("HOME", &home), ("TUTTI_HOME", &home)]).await;
    assert_eq!(toured.code, Some(0), "{toured:?}");
    let told: Value = serde_json::from_str(&toured.stdout).expect("the output is JSON");
    assert_eq!(told["sum"], "2 plus 3 is 5.", "{toured:?}");
    assert!(told["entries"].is_u64(), "{toured:?}");
}
