//! Long talks between models and tools that steps lend them, on the real binary: what is left out of them is a note for the
//! model and a handle for everybody.

use crate::harness::{Hub, Setup, trials};
use crate::models::provider::{Provider, json as says};
use crate::workflows::{command, get, put, stands, start};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("talks":
        a_long_talk_is_made_shorter_and_the_model_calls_back_what_it_needs,
        a_step_says_what_stays_and_rounds_are_called_back_by_their_numbers,
        a_talk_of_a_model_that_nobody_knows_stays_whole,
    )
}

/// How many pages there are, each of about a thousand tokens.
const PAGES: usize = 6;

fn page(number: usize) -> String {
    format!(
        "The bird of page {number} is {}.\n{}",
        ["heron", "owl", "wren"][number % 3],
        "It sings and sings. ".repeat(200)
    )
}

/// A provider whose model reads all pages, one in each round, then does what `then` makes of what it was asked, and tells what
/// it was given last.
async fn provider(then: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Provider {
    let round = Arc::new(AtomicUsize::new(0));
    Provider::start(move |asked| {
        let asked = asked.json();
        let round = round.fetch_add(1, Ordering::SeqCst);
        let call = |name: &str, arguments: Value| {
            let function = json!({"name": name, "arguments": arguments.to_string()});
            let call = json!({"id": format!("t{round}"), "type": "function", "function": function});
            json!({"role": "assistant", "content": null, "tool_calls": [call]})
        };
        let (message, finish) = match round {
            round if round < PAGES => (call("pages__read_file", json!({"path": format!("{round}.txt")})), "tool_calls"),
            PAGES => (call("recall", then(&asked)), "tool_calls"),
            _ => {
                let last = asked["messages"].as_array().and_then(|all| all.last()).expect("there are messages");
                (json!({"role": "assistant", "content": last["content"]}), "stop")
            }
        };
        let choice = json!({"index": 0, "message": message, "finish_reason": finish});
        let usage = json!({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5});
        let answer = json!({"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice],
            "usage": usage});
        says(&answer.to_string())
    })
    .await
}

/// A hub with the pages and a workflow whose model may read them. `limits` says what is known of the model, `memory` what the
/// step says of its memory.
async fn hub(provider: &Provider, limits: Value, memory: &str) -> Hub {
    let models = json!({
        "providers": {"p": {"url": format!("{}/v1", provider.url), "local": false}},
        "routes": {"r": {"use": ["p/m"]}},
        "deployments": {"p/m": limits},
    });
    let setup = Setup::new().with("models", models).with("workflows", json!(["flows/*.yaml"]));
    let root = setup.path("pages");
    let pages = json!({"builtin": "files", "root": root});
    let setup = setup.with("servers", json!({"pages": pages}));
    for number in 0..PAGES {
        put(&setup, &format!("pages/{number}.txt"), &page(number));
    }
    let step = format!(
        "{{ name: ask, tool: model_call, {memory} inputs: {{ model: r, prompt: Read., tools: [\"mcp://pages/read_file\"] }} }}"
    );
    put(&setup, "flows/birds.yaml", &format!("name: birds\nsteps: [{step}]\noutput: \"{{{{ steps.ask.output }}}}\"\n"));
    let hub = setup.start().await;
    hub.wait_for_tool("pages__read_file").await;
    hub
}

/// The texts of what was asked, for each request.
fn texts(provider: &Provider) -> Vec<Vec<String>> {
    let of = |asked: Value| {
        let messages = asked["messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["content"].as_str().unwrap_or_default().to_owned()).collect()
    };
    provider.asked().into_iter().map(|asked| of(asked.json())).collect()
}

async fn a_long_talk_is_made_shorter_and_the_model_calls_back_what_it_needs() {
    // The model takes the handle out of the first note.
    let provider = provider(|asked| {
        let notes =
            asked["messages"].as_array().into_iter().flatten().filter_map(|message| message["content"].as_str());
        let note =
            notes.filter(|text| text.contains("is left out")).find_map(|text| text.split_once("{\"handle\": \""));
        json!({"handle": note.and_then(|(_, rest)| rest.split('"').next()).expect("a note names a handle")})
    })
    .await;
    let hub = hub(&provider, json!({"context_length": 6000}), "").await;
    let run = start(&hub, "birds", json!({})).await;
    let ended = stands(&hub, &run, "succeeded").await;
    let told = ended["result"].as_str().expect("the model answers");
    assert!(
        told.contains("The bird of page 0 is heron.") && told.contains("<untrusted source=\"pages__read_file\""),
        "{told}"
    );

    let asked = texts(&provider);
    let long: Vec<usize> = asked.iter().map(|texts| texts.iter().map(String::len).sum()).collect();
    assert_eq!(asked.len(), PAGES + 2);
    // A page has 4,000 characters: a fourth one would be more than 70 % of what the model reads.
    assert!(long.iter().all(|bytes| *bytes < 4 * page(0).len()), "{long:?}");
    for (round, texts) in asked.iter().enumerate().take(PAGES + 1).skip(1) {
        assert!(texts.last().is_some_and(|last| last.contains(&page(round - 1))), "what was not read is whole");
        assert_eq!(texts[0], "Read.", "what was asked first stays");
    }
    let offered: Vec<bool> =
        provider.asked().iter().map(|asked| asked.json()["tools"].to_string().contains("\"recall\"")).collect();
    let cut: Vec<bool> = asked.iter().map(|texts| texts.iter().any(|text| text.contains("is left out"))).collect();
    assert_eq!(offered, cut, "it is offered where something is left out");

    let note = asked[PAGES].iter().find_map(|text| text.split_once("{\"handle\": \"")).expect("there is a note");
    let handle = &note.1[..64];
    let shown = command(&hub, &["memory", "show", "--handle", handle]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.contains("The bird of page 0 is heron.") && shown.stdout.len() > page(0).len(), "{shown:?}");
    // What was given back is not kept a second time.
    let again =
        get(&hub, &format!("/api/v1/memory/fragments/run%3A{run}/transcript%2Fask?version={}", 2 * PAGES + 3)).await;
    assert!(again["text"].as_str().is_some_and(|text| text.contains(handle) && text.len() < 500), "{again}");
}

async fn a_step_says_what_stays_and_rounds_are_called_back_by_their_numbers() {
    let provider = provider(|_| json!({"turn": 3})).await;
    let memory = "memory: { transcript: { compact_at: 2500, clear_tool_results: 4, keep_last: 1 } },";
    let hub = hub(&provider, json!({}), memory).await;
    let run = start(&hub, "birds", json!({})).await;
    let ended = stands(&hub, &run, "succeeded").await;
    let told = ended["result"].as_str().expect("the model answers");
    assert!(told.contains("The bird of page 0 is heron."), "{told}");
    let asked = texts(&provider);
    let first = &asked[PAGES][0];
    assert!(first.starts_with("Read.\n\n[What was said and done next is left out."), "{first}");
    assert!(first.contains("\n- 2 a call of pages__read_file, 3 its result"), "{first}");
    let pages = |texts: &Vec<String>| texts.iter().filter(|text| text.contains("The bird of page")).count();
    let pages: Vec<usize> = asked.iter().map(pages).collect();
    assert!(pages.iter().all(|count| *count <= 2) && pages.windows(2).any(|pair| pair[1] < pair[0]), "{pages:?}");
}

async fn a_talk_of_a_model_that_nobody_knows_stays_whole() {
    let provider = provider(|_| json!({"turn": 3})).await;
    let hub = hub(&provider, json!({}), "").await;
    let run = start(&hub, "birds", json!({})).await;
    let ended = stands(&hub, &run, "succeeded").await;
    // There is no such tool where nothing is left out.
    assert!(ended["result"].as_str().is_some_and(|told| told.contains("offers no tool `recall`")), "{ended}");
    let pages = texts(&provider)[PAGES].iter().filter(|text| text.contains("The bird of page")).count();
    assert_eq!(pages, PAGES);
}
