//! Workflows as models.

use super::house::House;
use crate::{Models, Served};
use base::Code;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use llm::{Asked, Body, Caller, Endpoint};
use serde_json::{Value, json};
use std::future::poll_fn;

const SAY: &str = "
name: say
params: { user_prompt: { type: string }, loud: { type: boolean, default: false } }
steps:
  - name: say
    tool: mcp://web/say
    effect: read
    inputs: { text: '{{ params.user_prompt }}' }
output: 'I heard {{ steps.say.output.with.text }}'
";

const OBJECT: &str = "
name: object
params: { question: { type: string } }
steps:
  - name: say
    tool: mcp://web/slow
    effect: read
output: { asked: '{{ params.question }}' }
";

const TWO: &str = "
name: two
params: { from: { type: string }, to: { type: string } }
steps:
  - name: say
    tool: mcp://web/say
    effect: read
";

const GATE: &str = "
name: gate
params: { user_prompt: { type: string } }
steps:
  - name: ask
    gate: { prompt: May I? }
";

const FAILS: &str = "
name: fails
params: { user_prompt: { type: string } }
steps:
  - name: one
    tool: mcp://web/fails
    effect: read
";

const ALL: [&str; 5] = [SAY, OBJECT, TWO, GATE, FAILS];

fn caller() -> Caller {
    Caller::local("anna".into())
}

fn chat(model: &str, said: &str, stream: bool) -> Asked {
    let body = json!({
        "model": model,
        "stream": stream,
        "messages": [
            {"role": "user", "content": "before"},
            {"role": "assistant", "content": "yes"},
            {"role": "user", "content": said},
        ],
    });
    Asked::read(Endpoint::ChatCompletions, None, Bytes::from(body.to_string())).unwrap()
}

async fn answer(house: &House, asked: &Asked) -> base::Result<Value> {
    let (served, course) = Models::new(house.carried()).ask(asked, &caller(), &HeaderMap::new()).await;
    assert_eq!(course.contains_key("x-tutti-run"), !house.runs().await.is_empty());
    match served? {
        Served::Answer(llm::Answer { body: Body::Whole(body), .. }) => Ok(serde_json::from_slice(&body).unwrap()),
        _ => panic!("no whole answer"),
    }
}

async fn stream(house: &House, asked: &Asked) -> String {
    let (served, _) = Models::new(house.carried()).ask(asked, &caller(), &HeaderMap::new()).await;
    let Ok(Served::Waiting(_, mut waiting)) = served else { panic!("no stream") };
    let mut all = Vec::new();
    while let Some(piece) = poll_fn(|context| waiting.poll_next(context)).await {
        all.extend_from_slice(&piece);
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_last_message_becomes_the_prompt() {
    let house = House::of(&ALL).await;
    let said = answer(&house, &chat("workflow/say", "Hello", false)).await.unwrap();
    assert_eq!(said["choices"][0]["message"]["content"], "I heard Hello");
    assert_eq!((&said["model"], &said["choices"][0]["finish_reason"]), (&json!("workflow/say"), &json!("stop")));
    assert_eq!((&said["usage"]["completion_tokens"], &said["usage"]["total_tokens"]), (&json!(5), &json!(5)));
    let said = answer(&house, &chat("workflow/object", "Why?", false)).await.unwrap();
    assert_eq!(said["choices"][0]["message"]["content"], "{\"asked\":\"Why?\"}");
    assert_eq!(house.runs().await[0].principal, "anna");
}

#[tokio::test(start_paused = true)]
async fn every_dialect_gets_its_own_answer() {
    let house = House::of(&ALL).await;
    let table = [
        (
            Endpoint::Messages,
            json!({"model": "workflow/say", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}),
            "/content/0/text",
        ),
        (Endpoint::Responses, json!({"model": "workflow/say", "input": "Hi"}), "/output/0/content/0/text"),
    ];
    for (endpoint, body, place) in table {
        let asked = Asked::read(endpoint, None, Bytes::from(body.to_string())).unwrap();
        let said = answer(&house, &asked).await.unwrap();
        assert_eq!(said.pointer(place), Some(&json!("I heard Hi")), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_that_the_run_goes_on_and_then_all_of_the_answer() {
    let house = House::of(&ALL).await;
    let said = stream(&house, &chat("workflow/object", "Why?", true)).await;
    assert!(said.starts_with(": the run goes on\n\n: the run goes on\n\n"), "{said}");
    assert!(said.contains(r#"{\"asked\":\"Why?\"}"#) && said.ends_with("data: [DONE]\n\n"), "{said}");
    let said = stream(&house, &chat("workflow/fails", "Why?", true)).await;
    assert!(said.contains("T-1402") && !said.contains("[DONE]"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn only_what_takes_a_prompt_is_a_model() {
    let house = House::of(&ALL).await;
    let models = Models::new(house.carried());
    assert_eq!(models.names(), ["workflow/fails", "workflow/gate", "workflow/object", "workflow/say"]);
    models.check("workflow/say", &caller()).unwrap();
    let no = |model: &str, caller: &Caller| models.check(model, caller).unwrap_err().code();
    assert_eq!(no("workflow/two", &caller()), Code::ModelRequest);
    assert_eq!(no("workflow/nothing", &caller()), Code::ModelUnknown);
    let mut bounded = caller();
    bounded.models = Some(["workflow/object".to_owned()].into());
    assert_eq!(no("workflow/say", &bounded), Code::ModelUnknown);
    models.check("workflow/object", &bounded).unwrap();
    let empty = answer(&house, &chat("workflow/say", "  ", false)).await;
    assert_eq!(empty.unwrap()["choices"][0]["message"]["content"], "I heard before");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_end_well_is_told_with_its_name() {
    let house = House::of(&ALL).await;
    let error = answer(&house, &chat("workflow/gate", "Well?", false)).await.unwrap_err();
    let run = house.runs().await[0].id.to_string();
    assert_eq!(error.code(), Code::RunWaits);
    assert!(error.to_string().contains(&format!("tutti run approve {run}")), "{error}");
    let error = answer(&house, &chat("workflow/fails", "Well?", false)).await.unwrap_err();
    let run = house.runs().await[0].id.to_string();
    assert_eq!(error.code(), Code::RunFailed);
    assert!(error.message().contains(&run) && error.message().contains("T-0205"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_sent_twice_begins_one_run() {
    let house = House::of(&ALL).await;
    let (models, mut given) = (Models::new(house.carried()), HeaderMap::new());
    given.insert("idempotency-key", HeaderValue::from_static("stainless-node-retry-1"));
    for _ in 0..2 {
        models.ask(&chat("workflow/say", "Hello", false), &caller(), &given).await.0.unwrap();
    }
    assert_eq!(house.runs().await.len(), 1);
}
