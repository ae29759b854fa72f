//! Which deployment answers: by the route's strategy, by what a request needs, by what a client prefers, and beside one that is
//! slow.

use super::provider::{Provider, Step, json};
use super::{CHAT, chat, post};
use crate::harness::{Answer, Http, Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::choices":
        the_cheapest_is_asked_first_and_the_answer_says_why,
        a_cheaper_deployment_is_asked_though_only_the_dearer_one_has_answered,
        each_is_asked_as_often_as_its_weight_says,
        what_a_request_needs_leaves_out_who_lacks_it,
        a_plain_route_passes_over_who_cannot_and_refuses_nobody,
        what_is_asked_of_ones_own_machines_goes_nowhere_else,
        a_conversation_stays_where_it_is,
        a_client_says_what_it_prefers,
        the_next_model_of_a_list_answers,
        names_of_a_list_that_mean_nothing_are_told,
        a_slow_deployment_is_not_waited_for,
        no_more_is_spent_for_speed_than_said,
    )
}

/// Providers `a`, `b`, …, far away unless `more` says otherwise.
async fn hub(providers: &[&Provider], route: Value, deployments: Value) -> Hub {
    let mut models = json!({"providers": {}, "routes": {"r": route}, "deployments": deployments});
    for (name, provider) in ["a", "b", "c"].iter().zip(providers) {
        models["providers"][name] = json!({"url": format!("{}/v1", provider.url), "local": false});
    }
    Setup::new().with("models", models).start().await
}

async fn answering() -> Provider {
    Provider::start(|_| json(CHAT)).await
}

fn deployment(answer: &Answer) -> &str {
    answer.header("x-tutti-deployment").unwrap_or_default()
}

async fn the_cheapest_is_asked_first_and_the_answer_says_why() {
    let (one, two, three) = (answering().await, answering().await, answering().await);
    let route = json!({"use": ["a/m", "b/m", "c/m"], "strategy": "cost"});
    let price = |dollars: f64| json!({"price": {"input": dollars, "output": dollars}});
    let prices = json!({"a/m": price(3.0), "b/m": price(0.5), "c/m": price(1.0)});
    let hub = hub(&[&one, &two, &three], route, prices).await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, deployment(&answer)), (200, "b/m"));
    let why = answer.header("x-tutti-choice").unwrap_or_default();
    assert!(why.starts_with("cost: b/m $") && why.contains(" < c/m $"), "{why}");
}

async fn a_cheaper_deployment_is_asked_though_only_the_dearer_one_has_answered() {
    let (one, two) = (answering().await, answering().await);
    let route = json!({"use": ["a/m", "b/m"], "strategy": "cost"});
    let price = |dollars: f64| json!({"price": {"input": dollars, "output": 5.0 * dollars}});
    let hub = hub(&[&one, &two], route, json!({"a/m": price(2.0), "b/m": price(1.0)})).await;
    let asked = async |model: &str, only: Value| {
        let mut body = json!({"model": model, "messages": [{"role": "user", "content": "yes or no?"}]});
        body["provider"] = only;
        post(&hub, "/v1/chat/completions", body.to_string()).send().await
    };
    for _ in 0..3 {
        assert_eq!(deployment(&asked("r", json!({"only": ["a"]})).await), "a/m");
    }
    for model in ["r", "r:floor", "r"] {
        let answer = asked(model, json!({})).await;
        assert_eq!(deployment(&answer), "b/m", "{:?}", answer.header("x-tutti-choice"));
    }
}

async fn each_is_asked_as_often_as_its_weight_says() {
    let (one, two) = (answering().await, answering().await);
    let route =
        json!({"use": [{"deployment": "a/m", "weight": 0}, {"deployment": "b/m", "weight": 5}], "strategy": "weight"});
    let hub = hub(&[&one, &two], route, json!({})).await;
    for _ in 0..8 {
        assert_eq!(deployment(&chat(&hub, false).send().await), "b/m");
    }
    assert_eq!(one.asked().len(), 0);
}

async fn what_a_request_needs_leaves_out_who_lacks_it() {
    let (one, two) = (answering().await, answering().await);
    let route = json!({"use": ["a/m", "b/m"], "strategy": "order", "sticky": true});
    let known = json!({
        "a/m": {"capabilities": ["stream"], "context_length": 1000},
        "b/m": {"capabilities": ["stream", "tools"], "context_length": 2000},
    });
    let hub = hub(&[&one, &two], route, known).await;
    let asked = async |more: Value| {
        let mut body = json!({"model": "r", "messages": [{"role": "user", "content": "x"}]});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        post(&hub, "/v1/chat/completions", body.to_string()).send().await
    };
    assert_eq!(deployment(&asked(json!({})).await), "a/m");
    let tools = json!({"tools": [{"type": "function", "function": {"name": "f"}}]});
    let answer = asked(tools).await;
    assert_eq!(deployment(&answer), "b/m");
    let why = answer.header("x-tutti-choice").unwrap_or_default();
    assert!(why.contains("left out a/m (no tools)"), "{why}");
    assert_eq!(deployment(&asked(json!({"max_tokens": 1500})).await), "b/m");
    let none = asked(json!({"max_tokens": 5000})).await;
    assert_eq!((none.status, none.header("x-tutti-code")), (400, Some("T-0916")), "{}", none.text());
}

async fn a_plain_route_passes_over_who_cannot_and_refuses_nobody() {
    let (one, two) = (answering().await, answering().await);
    let known = json!({
        "a/m": {"capabilities": ["stream", "tools"], "context_length": 1000},
        "b/m": {"capabilities": ["stream", "tools", "vision"], "context_length": 2000},
    });
    let hub = hub(&[&one, &two], json!({"use": ["a/m", "b/m"]}), known).await;
    let asked = async |content: Value, more: Value| {
        let mut body = json!({"model": "r", "messages": [{"role": "user", "content": content}]});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        post(&hub, "/v1/chat/completions", body.to_string()).send().await
    };
    let picture = json!([{"type": "image_url", "image_url": {"url": "https://x.example/y.png"}}]);
    let answer = asked(picture.clone(), json!({})).await;
    let why = answer.header("x-tutti-choice").unwrap_or_default();
    assert_eq!(deployment(&answer), "b/m");
    assert!(why.contains("left out a/m (no vision)"), "{why}");
    // What a parameter of a tool is called is no picture.
    let parameters = json!({"type": "object", "properties": {"image": {"type": "string"}, "file": {"type": "string"}}});
    let tools = json!({"tools": [{"type": "function", "function": {"name": "image_url", "parameters": parameters}}]});
    assert_eq!(deployment(&asked(json!("image"), tools).await), "a/m");
    // Where all are known to lack something, they say so themselves.
    let nobody = asked(picture, json!({"max_tokens": 5000})).await;
    let why = nobody.header("x-tutti-choice").unwrap_or_default();
    assert_eq!((nobody.status, deployment(&nobody)), (200, "a/m"));
    assert!(why.starts_with("order: as written") && why.contains("b/m (context 2000 <"), "{why}");
}

async fn what_is_asked_of_ones_own_machines_goes_nowhere_else() {
    let (near, far) = (Provider::start(|_| vec![Step::Reset]).await, answering().await);
    let models = json!({
        "providers": {
            "near": {"url": format!("{}/v1", near.url)},
            "far": {"url": format!("{}/v1", far.url), "local": false},
            "claude": {"kind": "anthropic", "url": near.url},
        },
        "routes": {
            "only": {"use": ["far/m", "near/m"], "place": "local-only"},
            "chats": {"use": ["claude/m"], "place": "local-only"},
            "rather": {"use": ["far/m", "near/m"], "place": "prefer-local"},
        },
    });
    let hub = Setup::new().with("models", models).start().await;
    let asked = async |model: &str| {
        post(&hub, "/v1/chat/completions", json!({"model": model, "messages": []}).to_string()).send().await
    };
    let only = asked("only").await;
    assert_eq!((only.status, far.asked().len()), (502, 0), "{}", only.text());
    // Nor do other names lead there that stand in for it.
    for (other, partition) in [("far/m", "model"), ("rather", "model"), ("far/m", "none")] {
        let body = json!({
            "model": "only",
            "models": [other],
            "provider": {"sort": {"by": "price", "partition": partition}},
            "messages": [],
        });
        let answer = post(&hub, "/v1/chat/completions", body.to_string()).send().await;
        assert_eq!((answer.status, far.asked().len()), (502, 0), "{other}: {}", answer.text());
    }
    // Also where the first has nothing that answers this.
    let vectors = json!({"model": "chats", "models": ["far/m"], "input": "secret"}).to_string();
    let vectors = post(&hub, "/v1/embeddings", vectors).send().await;
    assert_eq!((vectors.status, vectors.header("x-tutti-code")), (400, Some("T-0916")), "{}", vectors.text());
    assert_eq!(far.asked().len(), 0);
    let rather = asked("rather").await;
    assert_eq!((rather.status, deployment(&rather)), (200, "far/m"));
    assert!(!near.asked().is_empty());
}

async fn a_conversation_stays_where_it_is() {
    let (one, two, three) = (answering().await, answering().await, answering().await);
    let route = json!({"use": ["a/m", "b/m", "c/m"], "strategy": "least-busy", "sticky": true});
    let hub = hub(&[&one, &two, &three], route, json!({})).await;
    let mut homes = Vec::new();
    for conversation in 0..12 {
        let first = json!({"role": "user", "content": format!("conversation {conversation}")});
        let mut messages = vec![first];
        let mut seen = Vec::new();
        for _ in 0..3 {
            let body = json!({"model": "r", "messages": messages}).to_string();
            seen.push(deployment(&post(&hub, "/v1/chat/completions", body).send().await).to_owned());
            messages.extend([json!({"role": "assistant", "content": "Hi"}), json!({"role": "user", "content": "on"})]);
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
        homes.push(seen.remove(0));
    }
    homes.sort();
    homes.dedup();
    assert!(homes.len() > 1, "conversations are spread: {homes:?}");
}

async fn a_client_says_what_it_prefers() {
    let (one, two) = (answering().await, answering().await);
    let prices = json!({"a/m": {"price": {"input": 3, "output": 15}}, "b/m": {"price": {"input": 1, "output": 5}}});
    let hub = hub(&[&one, &two], json!({"use": ["a/m", "b/m"]}), prices).await;
    let asked = async |model: &str, provider: Value| {
        let body = json!({"model": model, "messages": [], "provider": provider}).to_string();
        post(&hub, "/v1/chat/completions", body).send().await
    };
    assert_eq!(deployment(&asked("r", json!({"order": ["b"]})).await), "b/m");
    assert_eq!(two.last().json(), json!({"model": "m", "messages": []}), "what is for the gateway goes no further");
    assert_eq!(deployment(&asked("r", json!({"ignore": ["a"]})).await), "b/m");
    assert_eq!(deployment(&asked("r", json!({"sort": "price"})).await), "b/m");
    assert_eq!(deployment(&asked("r", json!({"max_price": {"prompt": 2}})).await), "b/m");
    assert_eq!(deployment(&asked("r:floor", json!({})).await), "b/m");
    assert_eq!(deployment(&asked("r", json!({})).await), "a/m");
    let none = asked("r", json!({"only": ["nobody"]})).await;
    assert_eq!((none.status, none.header("x-tutti-code")), (400, Some("T-0916")));
    // What nothing is done about is told, and refused where nothing may be left out.
    let more = json!({"max_price": {"prompt": 5, "image": 1}, "novel": true});
    let told = asked("r", more.clone()).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(told.header("x-tutti-lost"), Some("provider.max_price.image, provider.novel"));
    let body = json!({"model": "r", "messages": [], "provider": more}).to_string();
    let before = one.asked().len();
    let refused = post(&hub, "/v1/chat/completions", body).header("x-tutti-strict", "true").send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (400, Some("T-0913")), "{}", refused.text());
    assert_eq!(one.asked().len(), before, "what is refused is not sent");
    let wrong = asked("r", json!({"order": 7})).await;
    assert_eq!((wrong.status, wrong.header("x-tutti-code")), (400, Some("T-0902")), "{}", wrong.text());
}

async fn the_next_model_of_a_list_answers() {
    let (one, two) = (Provider::start(|_| vec![Step::Reset]).await, answering().await);
    let hub = hub(&[&one, &two], json!({"use": ["a/m"]}), json!({})).await;
    let body = json!({"model": "r", "models": ["r", "b/other"], "messages": []}).to_string();
    let answer = post(&hub, "/v1/chat/completions", body).send().await;
    assert_eq!((answer.status, deployment(&answer)), (200, "b/other"));
    assert_eq!(two.last().json(), json!({"model": "other", "messages": []}));
}

async fn names_of_a_list_that_mean_nothing_are_told() {
    let one = answering().await;
    let hub = hub(&[&one], json!({"use": ["a/m"]}), json!({})).await;
    let asked = |body: Value| post(&hub, "/v1/chat/completions", body.to_string());
    let mistyped = json!({"model": "r", "models": ["a/other", "gpt-tpyo"], "messages": []});
    let told = asked(mistyped.clone()).send().await;
    assert_eq!((told.status, told.header("x-tutti-lost")), (200, Some("models.gpt-tpyo")), "{}", told.text());
    let told = asked(json!({"model": "gpt-tpyo", "models": ["r"], "messages": []})).send().await;
    assert_eq!((told.status, told.header("x-tutti-lost")), (200, Some("model")), "{}", told.text());
    let before = one.asked().len();
    let refused = asked(mistyped).header("x-tutti-strict", "true").send().await;
    assert_eq!((refused.status, refused.header("x-tutti-code")), (400, Some("T-0913")), "{}", refused.text());
    assert_eq!(one.asked().len(), before, "what is refused is not sent");
}

async fn a_slow_deployment_is_not_waited_for() {
    // It answers quickly until enough is known of it, and then never again.
    let count = AtomicUsize::new(0);
    let slow = Provider::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0..=30 => json(CHAT),
        _ => vec![Step::Stall],
    })
    .await;
    let quick = answering().await;
    let hedge = json!({"least": "10ms", "share": "100%"});
    let hub = hub(&[&slow, &quick], json!({"use": ["a/m", "b/m"], "hedge": hedge}), json!({})).await;
    for _ in 0..=30 {
        assert_eq!(chat(&hub, false).send().await.status, 200);
    }
    let answer = tokio::time::timeout(Duration::from_secs(60), chat(&hub, false).send()).await.expect("it answers");
    assert_eq!((answer.status, deployment(&answer)), (200, "b/m"));
    assert!(
        answer.header("x-tutti-attempts").is_some_and(|told| told.contains("b/m answered")),
        "{:?}",
        answer.headers
    );
    crate::harness::eventually("the slow request is given up", || async {
        if slow.left() >= 1 { Ok(()) } else { Err(slow.left().to_string()) }
    })
    .await;
    // Who won is recorded as it counted itself, and who was given up with what it had read by then.
    crate::harness::eventually("both are recorded", || async {
        let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await.json();
        let row = |name: &str| {
            let rows = usage["usage"].as_array().into_iter().flatten();
            rows.clone().find(|row| row["deployment"] == name).cloned().unwrap_or_default()
        };
        let (winner, loser) = (row("b/m"), row("a/m"));
        let numbers = |row: &Value| ["requests", "failed", "estimated"].map(|name| row[name].as_u64());
        let whole = winner["tokens"]["input"] == 1 && winner["tokens"]["output"] == 2;
        let read = loser["tokens"]["input"].as_u64().is_some_and(|input| input > 31);
        let counted =
            numbers(&winner) == [Some(1), Some(0), Some(0)] && numbers(&loser) == [Some(32), Some(1), Some(1)];
        if whole && read && counted { Ok(()) } else { Err(usage.to_string()) }
    })
    .await;
}

async fn no_more_is_spent_for_speed_than_said() {
    // It answers at once until enough is known of it, and then late, or never.
    for (spend, then, expected) in [("1%", Some(Duration::from_millis(700)), "a/m"), ("100%", None, "b/m")] {
        let count = AtomicUsize::new(0);
        let slow = Provider::start(move |_| {
            let mut steps = json(CHAT);
            if count.fetch_add(1, Ordering::SeqCst) < 40 {
                return steps;
            }
            let (Some(late), Some(Step::Send(head))) = (then, steps.first().cloned()) else { return vec![Step::Stall] };
            steps[0] = Step::Send(head[1..].to_vec());
            steps.insert(0, Step::Drip(head[..1].to_vec(), late));
            steps
        })
        .await;
        let quick = answering().await;
        let price = json!({"price": {"request": 1}});
        let hedge = json!({"least": "10ms", "share": "100%", "spend": spend});
        let route = json!({"use": ["a/m", "b/m"], "hedge": hedge});
        let hub = hub(&[&slow, &quick], route, json!({"a/m": price, "b/m": price})).await;
        for _ in 0..40 {
            assert_eq!(chat(&hub, false).send().await.status, 200);
        }
        let answer = chat(&hub, false).send().await;
        assert_eq!((answer.status, deployment(&answer)), (200, expected), "{spend}");
    }
}
