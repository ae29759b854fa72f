//! Strategies in which several models answer one request: what each does with what its models say, what it does when one
//! fails, and that what it costs is the sum of its parts.

mod documents;

use super::provider::{Asked, Provider, Step, json};
use super::wire::{ALL, Wire};
use super::{chat, post};
use crate::harness::{Answer, Http, Hub, Setup, eventually, trials};
use documents::{documents, reader};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::hybrid":
        boost_sends_less_and_the_facts_stay,
        boost_goes_on_without_its_helper,
        a_draft_is_refined,
        a_cascade_escalates_what_the_judge_rejects,
        compare_chooses_and_shows,
        parts_of_a_text_are_read_by_many,
        who_begins_first_answers_and_the_others_are_left,
        every_client_gets_the_answer_in_its_dialect,
        what_it_costs_is_the_sum_of_its_parts,
        a_budget_of_the_route_holds_for_all_parts,
        who_may_ask_for_the_route_needs_no_other,
        what_no_strategy_can_do_is_refused,
    )
}

/// What a model of the scripted provider is told last, without the client's dialect.
fn told(asked: &Asked) -> String {
    let messages = asked.json()["messages"].as_array().cloned().unwrap_or_default();
    let users = messages.iter().rev().take_while(|message| message["role"] != "assistant");
    let texts: Vec<String> = users
        .map(|message| match &message["content"] {
            Value::String(text) => text.clone(),
            parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
        })
        .collect();
    texts.join("\n")
}

/// The model that a request of the hub names.
fn model(asked: &Asked) -> String {
    asked.json()["model"].as_str().unwrap_or_default().to_owned()
}

/// An answer, whole or as a stream, that counts a token for each four bytes read and one for each word said.
fn say(asked: &Asked, text: &str) -> Vec<Step> {
    let (input, output) = (asked.body.len() / 4, text.split_whitespace().count());
    let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    if asked.json()["stream"] == true {
        let delta = json!({"id": "c", "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}}]});
        let end = json!({"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        let usage = json!({"id": "c", "choices": [], "usage": usage});
        let pieces = [delta, end, usage].map(|piece| format!("data: {piece}\n\n"));
        return super::provider::events(&[&pieces[0], &pieces[1], &pieces[2], "data: [DONE]\n\n"]);
    }
    let message = json!({"role": "assistant", "content": text});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    json(
        &json!({"id": "c", "object": "chat.completion", "created": 1, "choices": [choice], "usage": usage}).to_string(),
    )
}

/// A failure that nobody hopes to be over in a moment.
fn failing() -> Vec<Step> {
    super::provider::whole(409, "application/json", &[], r#"{"error":{"message":"no"}}"#)
}

/// A hub with one provider whose models say what `script` says, and the route `r`.
async fn hub(route: Value, script: impl Fn(&str, &Asked) -> Vec<Step> + Send + Sync + 'static) -> (Provider, Hub) {
    let provider = Provider::start(move |asked| script(&model(asked), asked)).await;
    let hub = setup(&provider, &route, json!({})).start().await;
    (provider, hub)
}

fn setup(provider: &Provider, route: &Value, more: Value) -> Setup {
    let providers = json!({"p": {"url": format!("{}/v1", provider.url), "dialects": ["openai-chat"]}});
    let mut models = json!({"providers": providers, "routes": {"r": route}});
    if let (Some(models), Value::Object(more)) = (models.as_object_mut(), more) {
        models.extend(more);
    }
    Setup::new().with("models", models)
}

async fn ask(hub: &Hub, texts: &[&str]) -> Answer {
    let messages: Vec<Value> = texts.iter().map(|text| json!({"role": "user", "content": text})).collect();
    post(hub, "/v1/chat/completions", json!({"model": "r", "messages": messages}).to_string()).send().await
}

#[track_caller]
fn words(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned()
}

fn header(answer: &Answer, name: &str) -> String {
    answer.header(name).unwrap_or_default().to_owned()
}

async fn boost_sends_less_and_the_facts_stay() {
    let (provider, hub) = hub(json!({"strategy": "boost", "helper": "p/small", "use": "p/big"}), reader).await;
    let (mut whole, mut sent) = (0, 0);
    for (document, question, fact) in documents() {
        let plain = json!({"model": "p/big", "messages": [{"role": "user", "content": &document}, {"role": "user", "content": &question}]});
        let plain = post(&hub, "/v1/chat/completions", plain.to_string()).send().await;
        assert_eq!(words(&plain), fact);
        let boosted = ask(&hub, &[&document, &question]).await;
        assert_eq!(words(&boosted), fact, "{question}");
        assert!(
            header(&boosted, "x-tutti-parts").starts_with("extract p/small answered"),
            "{boosted:?}",
            boosted = boosted.headers
        );
        assert!(header(&boosted, "x-tutti-saved").contains(" of "), "{:?}", boosted.headers);
        let tokens = |answer: &Answer| answer.json()["usage"]["prompt_tokens"].as_u64().unwrap_or_default();
        whole += tokens(&plain);
        sent += tokens(&boosted);
    }
    assert!(sent * 10 <= whole * 6, "{sent} of {whole} tokens");
    assert_eq!(provider.asked().len(), 60);
}

async fn boost_goes_on_without_its_helper() {
    for (helper, code) in [("fails", "T-0907"), ("stalls", "T-0906")] {
        let route = json!({"strategy": "boost", "helper": format!("p/{helper}"), "use": "p/big", "patience": "200ms"});
        let (_provider, hub) = hub(route, |name, asked| match name {
            "fails" => failing(),
            "stalls" => vec![Step::Stall],
            _ => reader(name, asked),
        })
        .await;
        let (document, question, fact) = documents().swap_remove(3);
        let answer = ask(&hub, &[&document, &question]).await;
        assert_eq!(words(&answer), fact);
        assert_eq!(header(&answer, "x-tutti-parts"), format!("extract p/{helper} {code}, answer p/big answered"));
    }
}

async fn a_draft_is_refined() {
    let route = json!({"strategy": "draft_refine", "helper": "p/small", "use": "p/big"});
    let (provider, hub) = hub(route, |name, asked| match name {
        "small" if told(asked).contains("no draft") => failing(),
        "small" => say(asked, "rough"),
        _ if told(asked).contains("nobody refines") => failing(),
        _ => say(asked, &format!("{} words before", asked.json()["messages"].as_array().map_or(0, Vec::len))),
    })
    .await;
    assert_eq!(words(&ask(&hub, &["why?"]).await), "3 words before");
    assert!(String::from_utf8_lossy(&provider.last().body).contains("rough"), "the draft is seen");
    assert_eq!(words(&ask(&hub, &["no draft"]).await), "1 words before");
    // The second model is asked what follows the draft, and so the word stands in the first turn.
    let (_provider, alone) =
        self::hub(json!({"strategy": "draft_refine", "helper": "p/small", "use": "p/big"}), |name, asked| {
            if name == "small" { say(asked, "rough") } else { failing() }
        })
        .await;
    let answer = ask(&alone, &["why?"]).await;
    assert_eq!(words(&answer), "rough");
    let parts = header(&answer, "x-tutti-parts");
    assert!(parts.starts_with("draft p/small answered ") && parts.ends_with(", answer p/big T-0907"), "{parts}");
}

async fn a_cascade_escalates_what_the_judge_rejects() {
    let check = json!({"judge": "p/judge", "least": 7});
    let route = json!({"strategy": "cascade", "use": ["p/small", "p/middle", "p/big"], "check": check});
    let (provider, hub) = hub(route, |name, asked| {
        let told = told(asked);
        match name {
            // The question says what the judge thinks of each answer.
            "judge" => {
                let of = if told.contains("says small") { "small=" } else { "middle=" };
                let mark =
                    told.split(of).nth(1).and_then(|rest| rest.split([' ', '\n', '.']).next()).unwrap_or_default();
                if mark == "fails" { failing() } else { say(asked, mark) }
            }
            "small" if told.contains("small=down") => failing(),
            _ => say(asked, &format!("says {name}")),
        }
    })
    .await;
    for (question, expected, judged) in [
        ("small=9 middle=9", "says small", 1),
        ("small=7 middle=9", "says small", 1),
        ("small=6 middle=9", "says middle", 2),
        ("small=2 middle=3", "says big", 2),
        ("small=fails middle=8", "says middle", 2),
        ("small=well middle=8", "says middle", 2),
        ("small=down middle=8", "says middle", 1),
        ("small=down middle=1", "says big", 1),
    ] {
        let before = provider.asked().len();
        let answer = ask(&hub, &[question]).await;
        assert_eq!(words(&answer), expected, "{question}");
        let asked: Vec<String> = provider.asked()[before..].iter().map(model).collect();
        assert_eq!(asked.iter().filter(|name| *name == "judge").count(), judged, "{question}: {asked:?}");
        assert_eq!(asked.iter().any(|name| name == "big"), expected == "says big", "{question}: {asked:?}");
    }
}

async fn compare_chooses_and_shows() {
    let script = |name: &str, asked: &Asked| match name {
        "judge" if told(asked).contains("best is two") => say(asked, "Answer 2"),
        "judge" => failing(),
        "two" if told(asked).contains("two is down") => failing(),
        _ => say(asked, &format!("says {name}")),
    };
    let route = |more: Value| {
        let mut route = json!({"strategy": "compare", "use": ["p/one", "p/two", "p/three"]});
        route.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        route
    };
    let (_provider, judged) = hub(route(json!({"judge": "p/judge"})), script).await;
    assert_eq!(words(&ask(&judged, &["best is two"]).await), "says two");
    assert_eq!(words(&ask(&judged, &["who knows"]).await), "says one");
    assert_eq!(words(&ask(&judged, &["best is two, but two is down"]).await), "says three");
    let (_provider, shown) = hub(route(json!({"show": "all"})), script).await;
    let all = words(&ask(&shown, &["who knows"]).await);
    assert!(
        ["# p/one", "says one", "# p/two", "says two", "# p/three", "says three"].iter().all(|part| all.contains(part)),
        "{all}"
    );
}

async fn parts_of_a_text_are_read_by_many() {
    let route = json!({"strategy": "map_reduce", "helper": "p/small", "use": "p/big", "chunk": "1kB", "chunks": 24, "long": "2kB"});
    let (provider, hub) = hub(route, |name, asked| {
        let told = told(asked);
        match name {
            "small" => {
                let text = told.split(">>>").next().unwrap_or_default();
                let price = text
                    .split(" for ")
                    .find_map(|rest| rest.split(',').next().filter(|price| price.ends_with("crowns")));
                say(asked, price.unwrap_or("NONE"))
            }
            _ if told.contains("Helpers will each read") => say(asked, "1. Find the price of the bridge"),
            _ => say(
                asked,
                &format!("It was {}.", told.lines().find(|line| line.starts_with("- ")).unwrap_or("nothing")),
            ),
        }
    })
    .await;
    let (document, question, fact) = documents().swap_remove(5);
    let answer = ask(&hub, &[&document, &question]).await;
    assert_eq!(words(&answer), format!("It was - {fact}."));
    let reads = provider.asked().iter().filter(|asked| model(asked) == "small").count();
    assert!((10..=24).contains(&reads), "{reads}");
    assert!(provider.last().body.len() < document.len() / 4, "the provider reads notes");
}

async fn who_begins_first_answers_and_the_others_are_left() {
    let (provider, hub) = hub(json!({"strategy": "speculate", "use": ["p/slow", "p/quick"]}), |name, asked| {
        if name == "slow" {
            vec![super::provider::stream_head("text/event-stream"), Step::Stall]
        } else {
            say(asked, "first")
        }
    })
    .await;
    let answer = chat(&hub, true).send().await;
    assert!(answer.text().contains("first") && answer.text().ends_with("data: [DONE]\n\n"), "{}", answer.text());
    assert_eq!(header(&answer, "x-tutti-parts"), "answer p/quick answered, answer p/slow given up");
    let left = || async { if provider.left() == 1 { Ok(()) } else { Err("it is still asked".to_owned()) } };
    eventually("the slow one is left", left).await;
}

async fn every_client_gets_the_answer_in_its_dialect() {
    let check = json!({"judge": "p/judge"});
    let (_provider, hub) =
        hub(json!({"strategy": "cascade", "use": ["p/small", "p/big"], "check": check}), |name, asked| {
            say(asked, if name == "judge" { "9" } else { "the answer is here" })
        })
        .await;
    for client in ALL {
        for stream in [false, true] {
            let body = client.request("r", stream).to_string();
            let answer = post(&hub, &client.path("r", stream), body).send().await;
            let text = answer.text();
            assert_eq!(answer.status, 200, "{client:?} {stream}: {text}");
            // The last character of a stream of Gemini comes with its end.
            assert!(text.contains("the answer is her"), "{client:?} {stream}: {text}");
            let kind = header(&answer, "content-type");
            let expected = match (stream, client) {
                (false, _) => "application/json",
                (true, Wire::Ollama) => "application/x-ndjson",
                (true, _) => "text/event-stream",
            };
            assert_eq!(kind, expected, "{client:?}");
            assert!(
                header(&answer, "x-tutti-parts").contains("judge p/judge answered"),
                "{client:?} {stream}: {:?}",
                answer.headers
            );
        }
    }
}

async fn what_it_costs_is_the_sum_of_its_parts() {
    let check = json!({"judge": "p/judge"});
    let route = json!({"strategy": "cascade", "use": ["p/small", "p/big"], "check": check});
    let provider = Provider::start(|asked| {
        say(
            asked,
            match &*model(asked) {
                "judge" => "2",
                "small" => "a short one",
                _ => "a much longer answer of the big one",
            },
        )
    })
    .await;
    // Dollars for a million tokens.
    let price = |input: f64, output: f64| json!({"price": {"input": input, "output": output}});
    let prices = json!({"p/small": price(1.0, 2.0), "p/judge": price(3.0, 4.0), "p/big": price(5.0, 6.0)});
    let hub = setup(&provider, &route, json!({"deployments": prices})).start().await;
    let answer = ask(&hub, &["why?"]).await;
    assert_eq!(words(&answer), "a much longer answer of the big one");
    let run = header(&answer, "x-tutti-run");
    assert!(run.starts_with("r-"), "{run}");
    let of = |asked: &Asked| match &*model(asked) {
        "small" => (1_000, 2_000 * 3),
        "judge" => (3_000, 4_000),
        _ => (5_000, 6_000 * 8),
    };
    let nano_dollars: usize =
        provider.asked().iter().map(|asked| (asked.body.len() / 4) * of(asked).0 + of(asked).1).sum();
    let usage = Http::new("GET", &hub.at("/api/v1/usage?by=run")).send().await.json();
    let row = usage["usage"].as_array().into_iter().flatten().find(|row| row["run"] == json!(run)).cloned();
    let row = row.unwrap_or_else(|| panic!("the run is in the books: {usage}"));
    assert_eq!(row["requests"], 3, "{row}");
    assert_eq!(row["cost"]["nano_dollars"], nano_dollars, "{row}");
}

async fn a_budget_of_the_route_holds_for_all_parts() {
    let provider = Provider::start(|asked| say(asked, "two words")).await;
    let route = json!({"strategy": "compare", "use": ["p/one", "p/two"], "budget": "$0.008"});
    let price = json!({"price": {"input": 0, "output": 1000}, "max_output": 2});
    let hub = setup(&provider, &route, json!({"deployments": {"p/one": price, "p/two": price}})).start().await;
    // Each part costs $0.002.
    assert_eq!((ask(&hub, &["a"]).await.status, ask(&hub, &["b"]).await.status), (200, 200));
    let third = ask(&hub, &["c"]).await;
    assert_eq!((third.status, third.header("x-tutti-code")), (429, Some("T-0914")), "{}", third.text());
    assert_eq!(provider.asked().len(), 4);
}

async fn who_may_ask_for_the_route_needs_no_other() {
    const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
    const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";
    let provider = Provider::start(|asked| say(asked, "so")).await;
    let keys = json!({"alice": {"key": ALICE, "models": ["r"]}});
    let setup = setup(&provider, &json!({"strategy": "draft_refine", "helper": "p/small", "use": "p/big"}), json!({}));
    let hub = setup.with("key", json!(KEY)).with("keys", keys).start().await;
    let asked = async |model: &str| {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "why?"}]}).to_string();
        post(&hub, "/v1/chat/completions", body).header("authorization", &format!("Bearer {ALICE}")).send().await
    };
    assert_eq!(asked("r").await.status, 200);
    assert_eq!(asked("p/big").await.status, 404);
}

async fn what_no_strategy_can_do_is_refused() {
    let (_provider, hub) =
        hub(json!({"strategy": "speculate", "use": ["p/one", "p/two"]}), |_, asked| say(asked, "so")).await;
    let embedding = post(&hub, "/v1/embeddings", r#"{"model":"r","input":"x"}"#).send().await;
    assert_eq!((embedding.status, embedding.header("x-tutti-code")), (400, Some("T-0903")), "{}", embedding.text());
    for (model, other) in [("nobody/x", "r"), ("r", "p/one")] {
        let both = json!({"model": model, "models": [other], "messages": []}).to_string();
        let both = post(&hub, "/v1/chat/completions", both).send().await;
        assert!(both.status >= 400, "{}", both.text());
    }
    // What a client wants of providers holds for each part.
    let picky = json!({"model": "r", "provider": {"only": ["elsewhere"]}, "messages": []}).to_string();
    let picky = post(&hub, "/v1/chat/completions", picky).send().await;
    assert_eq!((picky.status, picky.header("x-tutti-code")), (400, Some("T-0916")), "{}", picky.text());
    let listed = Http::new("GET", &hub.at("/api/v1/models")).send().await.text();
    assert!(listed.contains("speculate"), "{listed}");
}
