//! The commands about models: what is known of them, what was spent, and a talk with one.

use super::run::{Order, address, desk, run_line};
use crate::harness::{Http, Hub, Run, Setup, replace, trials};
use crate::models::provider::{Asked, Provider, Step, events, json, piece, stream_head, whole};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::model":
        what_is_known_is_listed_and_described,
        a_test_tells_who_answered_and_what_it_cost,
        what_was_spent_is_told_to_those_whose_it_is,
        a_talk_goes_on_line_by_line,
        a_talk_that_fails_says_so_at_its_end,
        a47_what_a_model_says_moves_no_cursor,
        a_talk_ends_in_the_middle_when_it_is_told_to,
        servers_of_this_machine_are_found,
        one_model_is_told_of_in_each_dialect,
        models_are_resources,
        how_good_an_answer_was_is_told,
    )
}

const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";

/// Says `Hi there` in two pieces, and what that took.
fn said() -> Vec<Step> {
    let chunk = |rest: Value| {
        let mut event = json!({"id": "c1", "object": "chat.completion.chunk", "choices": []});
        event.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        format!("data: {event}\n\n")
    };
    let delta =
        |text: &str, end: Value| json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": end}]});
    let pieces = [
        chunk(delta("Hi", Value::Null)),
        chunk(delta(" there", json!("stop"))),
        chunk(json!({"usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}})),
        "data: [DONE]\n\n".to_owned(),
    ];
    events(&pieces.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A provider as llama.cpp's server is.
fn llama_cpp(asked: &Asked) -> Vec<Step> {
    match asked.target.as_str() {
        "/v1/models" => {
            json(r#"{"object":"list","data":[{"id":"q.gguf","owned_by":"llamacpp","meta":{"n_ctx_train":40960}}]}"#)
        }
        "/props" => json(r#"{"default_generation_settings":{"n_ctx":8192},"total_slots":4,"model_path":"/m/q.gguf"}"#),
        // It lists its models where Ollama does too, but has no version there.
        "/api/tags" => {
            json(r#"{"models":[{"name":"q.gguf","model":"q.gguf"}],"object":"list","data":[{"id":"q.gguf"}]}"#)
        }
        "/api/version" => whole(404, "application/json", &[], r#"{"error":{"message":"File Not Found"}}"#),
        _ => said(),
    }
}

/// A hub with a route `r`: first a provider that always fails, then `good`, which costs a dollar for a million tokens read
/// and two for those written.
async fn hub(bad: &Provider, good: &Provider, more: impl FnOnce(Setup) -> Setup) -> Hub {
    let models = json!({
        "providers": {
            "bad": {"url": format!("{}/v1", bad.url)},
            "good": {"url": format!("{}/v1", good.url), "models": ["listed"]},
        },
        "routes": {"r": {"use": ["bad/b", "good/g"]}, "other": {"use": ["good/o"]}},
        "deployments": {"good/g": {"price": {"input": 1, "output": 2}, "context_length": 5000, "max_output": 700}},
        "budget": "$1/day",
    });
    more(desk().with("models", models)).start().await
}

async fn providers() -> (Provider, Provider) {
    let bad = Provider::start(|_| whole(500, "application/json", &[], r#"{"error":{"message":"broken"}}"#)).await;
    (bad, Provider::start(llama_cpp).await)
}

async fn answer(hub: &Hub, line: &str) -> Value {
    let run = at(hub, line).run().await;
    assert_eq!(run.code, Some(0), "{line}: {run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{line}: not JSON ({error}): {run:?}"))
}

fn at(hub: &Hub, line: &str) -> Order {
    let words = super::run::words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Order::new(&hub.setup, &words).variable("TUTTI_URL", &format!("http://{}", address(hub)))
}

async fn what_is_known_is_listed_and_described() {
    let (bad, good) = providers().await;
    let hub = hub(&bad, &good, |setup| setup).await;
    let listed = answer(&hub, "model list --json").await;
    let names: Vec<&str> =
        listed["models"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["other", "r", "listed", "bad/b", "good/g", "good/listed", "good/o"]);
    let people = at(&hub, "model list").run().await;
    assert!(people.stdout.contains("good/g") && people.stdout.contains("$1"), "{people:?}");
    let known = answer(&hub, "model describe r --json").await;
    let of_good = &known["deployments"][1];
    assert_eq!((&known["kind"], &of_good["name"]), (&json!("route"), &json!("good/g")));
    assert_eq!(of_good["context"]["limits"]["context"], json!({"value": 5000, "source": "config"}));
    assert_eq!((&of_good["breaker"]["state"], &of_good["latency"]), (&json!("closed"), &Value::Null));
    // Nobody is asked unless somebody wants it.
    assert_eq!(good.asked().len() + bad.asked().len(), 0);
    let probed = answer(&hub, "model describe r --probe --json").await;
    let runtime = &probed["deployments"][1]["context"]["runtime"];
    assert_eq!(runtime["context_allocated"], json!({"value": 8192, "source": "probe"}));
    assert_eq!(probed["deployments"][1]["unprobed"], Value::Null);
    assert_eq!(probed["deployments"][0]["unprobed"]["code"], "T-0905");
    let people = at(&hub, "model describe r --probe").run().await;
    assert!(people.stdout.contains("runtime.slots") && people.stdout.contains("probe"), "{people:?}");
    assert!(!people.stdout.contains("127.0.0.1"), "{people:?}");
    let unknown = at(&hub, "model describe nobody").run().await;
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
}

async fn a_test_tells_who_answered_and_what_it_cost() {
    let (bad, good) = providers().await;
    let hub = hub(&bad, &good, |setup| setup).await;
    let tested = answer(&hub, "model test r --json").await;
    assert_eq!(
        (&tested["ok"], &tested["deployment"], &tested["answer"]),
        (&json!(true), &json!("good/g"), &json!("Hi there"))
    );
    assert_eq!(tested["tokens"], json!({"input": 1000, "output": 500}));
    assert_eq!(tested["cost"], json!({"nano_dollars": 2_000_000, "text": "$0.002"}));
    assert_eq!(tested["attempts"][0]["deployment"], "bad/b");
    assert_eq!(tested["attempts"][1], json!({"deployment": "good/g", "outcome": "answered"}));
    let failed = at(&hub, "model test bad/b").run().await;
    assert!(failed.code != Some(0) && failed.stdout.contains("failed"), "{failed:?}");
    let none = run_line(&desk(), "model test r").await;
    assert_eq!(none.code, Some(7), "{none:?}");
}

async fn what_was_spent_is_told_to_those_whose_it_is() {
    let (bad, good) = providers().await;
    let keys = json!({"alice": {"key": ALICE, "budget": "$2/month", "team": "red", "models": ["r", "o*"]}});
    let hub = hub(&bad, &good, |setup| setup.with("key", json!(KEY)).with("keys", keys)).await;
    let body = json!({"model": "r", "messages": [{"role": "user", "content": "Hello"}], "stream": true}).to_string();
    let post = |key: &str| {
        let http = Http::new("POST", &hub.at("/v1/chat/completions")).header("content-type", "application/json");
        http.header("authorization", &format!("Bearer {key}")).body(body.clone()).send()
    };
    assert_eq!((post(KEY).await.status, post(ALICE).await.status, post(ALICE).await.status), (200, 200, 200));
    let as_who = |key: &'static str, line: &str| at(&hub, line).variable("TUTTI_KEY", key).run();
    let value = |run: Run| -> Value { serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("JSON: {run:?}")) };
    let all = value(as_who(KEY, "usage --by key --json").await);
    let rows: Vec<(&str, u64)> = all["usage"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| Some((row["key"].as_str()?, row["cost"]["nano_dollars"].as_u64()?)))
        .collect();
    assert_eq!(rows, [("alice", 4_000_000), ("local", 2_000_000)]);
    let own = value(as_who(ALICE, "usage --by key,deployment --json").await);
    let rows = own["usage"].as_array().expect("a list");
    assert!(rows.iter().all(|row| row["key"] == "alice"), "{own}");
    assert!(rows.iter().any(|row| row["deployment"] == "good/g" && row["requests"] == 2), "{own}");
    let people = as_who(KEY, "usage --by key").await;
    assert!(people.stdout.contains("alice") && people.stdout.contains("$0.004"), "{people:?}");
    let budgets = value(as_who(ALICE, "usage --budgets --json").await);
    let names: Vec<&str> =
        budgets["budgets"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["key:alice"]);
    assert_eq!(budgets["budgets"][0]["spent"]["nano_dollars"], 4_000_000);
    let all = value(as_who(KEY, "usage --budgets --json").await);
    assert_eq!(all["budgets"].as_array().map(Vec::len), Some(2), "{all}");
    // What may be asked for is what may be looked at.
    let listed = value(as_who(ALICE, "model list --json").await);
    let names: Vec<&str> =
        listed["models"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["other", "r"]);
    assert_eq!(as_who(ALICE, "model describe listed").await.code, Some(5));
    assert_eq!(as_who(ALICE, "model describe r --probe").await.code, Some(8));
}

async fn a_talk_goes_on_line_by_line() {
    let (bad, good) = providers().await;
    let hub = hub(&bad, &good, |setup| setup).await;
    let talk = at(&hub, "model chat r --system Be␣brief. --tools all")
        .input("Hello\n\n//etc\n/save talk.md\n/model other\nAgain\n/exit\nnever");
    let run = talk.run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "Hi there\nHi there\nHi there\n"), "{run:?}");
    let last = good.last().json();
    assert_eq!((&last["model"], last["messages"].as_array().map(Vec::len)), (&json!("o"), Some(6)));
    assert_eq!(last["messages"][0], json!({"role": "system", "content": "Be brief."}));
    assert_eq!(last["messages"][3]["content"], "/etc");
    let saved = std::fs::read_to_string(hub.setup.path("talk.md")).expect("it was written");
    assert!(saved.contains("## user\n\n/etc\n\n## assistant\n\nHi there"), "{saved}");
    // What was said is kept, and can be gone on with.
    let kept = std::fs::read_to_string(hub.setup.path("home/chat.jsonl")).expect("it is kept");
    assert_eq!(kept.lines().count(), 6, "{kept}");
    let asked = good.asked().len();
    let run = at(&hub, "model chat good/g --continue --history none --json").input("More").run().await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(good.asked().len(), asked + 1);
    // Without a history there is none to go on with.
    assert_eq!(good.last().json()["messages"].as_array().map(Vec::len), Some(1));
    let said: Value = serde_json::from_str(&run.stdout).expect("a line of JSON");
    assert_eq!((&said["answer"], &said["deployment"]), (&json!("Hi there"), &json!("good/g")));
    let run = at(&hub, "model chat good/g --continue").input("More").run().await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(good.last().json()["messages"].as_array().map(Vec::len), Some(7));
}

async fn a_talk_that_fails_says_so_at_its_end() {
    let (bad, good) = providers().await;
    let hub = hub(&bad, &good, |setup| setup).await;
    let run = at(&hub, "model chat bad/b").input("Hello\n/nothing\n/model good/g\nAgain\n").run().await;
    assert_eq!(run.stdout, "Hi there\n", "{run:?}");
    assert!(run.code != Some(0) && run.stderr.contains("is no command"), "{run:?}");
    // The question that got no answer is not asked again.
    assert_eq!(good.last().json()["messages"].as_array().map(Vec::len), Some(1));
}

async fn a47_what_a_model_says_moves_no_cursor() {
    // In one piece, cut in the middle of a sequence, and in an error behind it.
    let good = Provider::start(|_| {
        let said = ["a\u{1b}[2Jb\u{1b}", "]8;;https://evil.example\u{7}c\u{9b}", "31md\u{202e}e\rf\u{8}\u{85}g"];
        let delta =
            |text: &str| format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}));
        let error = json!({"error": {"message": "\u{1b}[31mforged\u{1b}]0;title\u{7}"}});
        let pieces: Vec<String> = said.map(delta).into_iter().chain([format!("data: {error}\n\n")]).collect();
        events(&pieces.iter().map(String::as_str).collect::<Vec<_>>())
    })
    .await;
    let hub = hub(&good, &good, |setup| setup).await;
    for line in ["model chat good/g", "model chat good/g --json", "model test good/g"] {
        let run = at(&hub, line).input("Hello\n").run().await;
        let all = format!("{}{}", run.stdout, run.stderr);
        let moves = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(all.contains("forged") && !all.contains(moves), "{line}: {all:?}");
    }
}

async fn a_talk_ends_in_the_middle_when_it_is_told_to() {
    let begun = || {
        let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Well\"},\"finish_reason\":null}]}\n\n";
        vec![stream_head("text/event-stream"), piece(event), Step::Stall]
    };
    let bad = Provider::start(move |_| begun()).await;
    let good = Provider::start(llama_cpp).await;
    let hub = hub(&bad, &good, |setup| setup).await;
    // Asks, waits for the first word, interrupts the program, asks another, and waits for that.
    let lines = r#"child = start(stdin=subprocess.PIPE)
child.stdin.write(b"Hello\n"); child.stdin.flush()
assert child.stdout.read(4) == b"Well"
interrupt(child)
assert child.stdout.read(1) == b"\n"
child.stdin.write(b"/model good/g\nAgain\n"); child.stdin.close()
print(child.stdout.read().decode(), child.wait())"#;
    let run = at(&hub, "model chat bad/b").driven(lines).await;
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "Hi there\n 0"), "{run:?}");
}

async fn servers_of_this_machine_are_found() {
    let (_, good) = providers().await;
    let port = good.url.rsplit(':').next().expect("an address has a port").to_owned();
    let run = run_line(&desk(), &format!("model discover --port {port}")).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = format!(
        "models:\n  providers:\n    llama-cpp:\n      kind: openai-compatible\n      url: http://127.0.0.1:{port}/v1\n      models: [\"q.gguf\"]\n"
    );
    assert_eq!(run.stdout, expected);
    // What is printed is a configuration.
    let setup = desk();
    replace(&setup.path("tutti.yaml"), &expected);
    let run = run_line(&setup, &format!("model discover --json --port {port}")).await;
    let said: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(said["servers"][0]["models"], json!(["q.gguf"]));
    // Ollama answers in OpenAI's dialect too.
    let ollama = Provider::start(|asked: &Asked| match asked.target.as_str() {
        "/api/version" => json(r#"{"version":"0.12.6"}"#),
        "/api/tags" => json(r#"{"models":[{"name":"qwen3:8b","model":"qwen3:8b"}]}"#),
        "/v1/models" => json(r#"{"object":"list","data":[{"id":"qwen3:8b","owned_by":"library"}]}"#),
        _ => whole(404, "text/plain", &[], "404 page not found"),
    })
    .await;
    let port = ollama.url.rsplit(':').next().expect("an address has a port").to_owned();
    let run = run_line(&setup, &format!("model discover --port {port}")).await;
    let expected = "    ollama:\n      kind: ollama\n      url: ";
    assert!(run.stdout.contains(&format!("{expected}{}\n      models: [\"qwen3:8b\"]\n", ollama.url)), "{run:?}");
}

async fn one_model_is_told_of_in_each_dialect() {
    let (bad, good) = providers().await;
    let hub = hub(&bad, &good, |setup| setup).await;
    let get = |path: &str| Http::new("GET", &hub.at(path));
    let openai = get("/v1/models/good%2Fg").send().await;
    assert_eq!((openai.status, &openai.json()["id"]), (200, &json!("good/g")));
    let anthropic = get("/v1/models/r").header("anthropic-version", "2023-06-01").send().await;
    assert_eq!((anthropic.status, &anthropic.json()["type"]), (200, &json!("model")));
    let gemini = get("/v1beta/models/listed").send().await;
    assert_eq!((gemini.status, &gemini.json()["name"]), (200, &json!("models/listed")));
    let missing = get("/v1/models/nobody").send().await;
    assert_eq!((missing.status, &missing.json()["error"]["type"]), (404, &json!("not_found_error")));
    let missing = get("/v1/models/nobody").header("anthropic-version", "2023-06-01").send().await;
    assert_eq!((missing.status, &missing.json()["error"]["type"]), (404, &json!("not_found_error")));
    assert_eq!(missing.json()["type"], "error");
    let missing = get("/v1beta/models/nobody").send().await;
    assert_eq!((missing.status, &missing.json()["error"]["status"]), (404, &json!("NOT_FOUND")));
    let wrong = Http::new("POST", &hub.at("/v1beta/models/r:deleteModel")).body("{}").send().await;
    assert_eq!(wrong.status, 404, "{}", wrong.text());
}

async fn models_are_resources() {
    let (bad, good) = providers().await;
    let hub = hub(&bad, &good, |setup| setup).await;
    let client = hub.modern();
    let listed = client.list("resources/list", "resources").await;
    let addresses: Vec<&str> = listed.iter().filter_map(|one| one["uri"].as_str()).collect();
    assert_eq!(addresses, ["model://other", "model://r", "model://listed"]);
    let templates = client.list("resources/templates/list", "resourceTemplates").await;
    assert_eq!(templates[0]["uriTemplate"], "model://{name}");
    let read = client.request("resources/read", json!({"uri": "model://good/g"})).await;
    let text = read.result()["contents"][0]["text"].as_str().expect("it is text");
    let known: Value = serde_json::from_str(text).expect("it is JSON");
    assert_eq!(known["deployments"][0]["context"]["limits"]["context"]["value"], 5000);
    let missing = client.request("resources/read", json!({"uri": "model://nobody"})).await;
    assert!(missing.error()["message"].as_str().is_some_and(|text| text.contains("nobody")));
}

async fn how_good_an_answer_was_is_told() {
    let (_, good) = providers().await;
    let models = json!({
        "providers": {"good": {"url": format!("{}/v1", good.url)}},
        "routes": {"r": {"use": ["good/g"], "strategy": "learned"}},
    });
    let hub = desk().with("models", models).start().await;
    let asked = answer(&hub, "ask Why? --models r --json").await;
    let id = asked["answers"][0]["id"].as_str().expect("the answer has an id").to_owned();
    assert_eq!(answer(&hub, &format!("model feedback {id} 0.9 --json")).await, json!({"answers": 1}));
    let again = at(&hub, &format!("model feedback {id} 0.9")).run().await;
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "counted for 0 answers\n"), "{again:?}");
    let people = at(&hub, "model describe r").run().await;
    assert!(people.stdout.contains("learned: decided 1 requests") && people.stdout.contains("is worth"), "{people:?}");
    assert_eq!(at(&hub, "model feedback nobody 1").run().await.code, Some(5));
    assert_eq!(at(&hub, &format!("model feedback {id} 2")).run().await.code, Some(2));
}
