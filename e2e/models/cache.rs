//! Kept answers: given again as they came, once for all who want the same, and to nobody else.

use super::provider::{Asked, Provider, Step, events, json, piece, stream_head, whole};
use super::wire::{ALL, Wire};
use super::{CHAT, CHAT_EVENTS, post, route};
use crate::harness::{Answer, Http, Hub, Setup, eventually, replace, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::cache":
        what_came_once_comes_again_in_every_dialect,
        nothing_is_kept_unless_the_route_says_so,
        clients_may_want_a_new_answer,
        what_is_no_answer_is_not_kept,
        many_clients_ask_once,
        a_stream_goes_on_when_the_first_reader_leaves,
        another_takes_over_when_the_first_leaves_before_the_answer,
        a_failure_is_no_answer_for_others,
        another_configuration_has_other_answers,
        texts_that_mean_the_same_get_the_same_answer,
        a91_what_one_key_was_answered_no_other_key_is,
        a91_requests_that_differ_in_anything_are_asked,
    )
}

const KEY: &str = "o7rXf2kQ9vLm4TzB8sWn3YcD";
const ALICE: &str = "Zq5uE1hG7jNx6RbV0pKt2MaS";
const BOB: &str = "Yw3dF8sJ1kLc5TnH4vQe7XgA";

/// A hub whose route keeps answers as `cache` says.
fn keeping(providers: &[&Provider], cache: &Value) -> Setup {
    let mut setup = route(providers, &json!({}));
    setup.config["models"]["routes"]["r"]["cache"] = cache.clone();
    setup
}

/// A question with a sure answer.
fn question(hub: &Hub, text: &str, more: &Value) -> Http {
    let mut body = json!({"model": "r", "temperature": 0, "messages": [{"role": "user", "content": text}]});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    post(hub, "/v1/chat/completions", body.to_string())
}

/// What became of the cache.
fn found(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("x-tutti-cache").unwrap_or("nothing")
}

/// A provider that numbers its answers, and has one vector for all.
async fn numbering() -> Provider {
    let count = AtomicUsize::new(0);
    let answer = move || CHAT.replace("Hi there", &format!("Hi {}", count.fetch_add(1, Ordering::SeqCst)));
    let vector = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}]}"#;
    Provider::start(move |asked| json(&if asked.target.ends_with("/embeddings") { vector.into() } else { answer() }))
        .await
}

async fn what_came_once_comes_again_in_every_dialect() {
    for wire in [Wire::Chat, Wire::Anthropic] {
        let provider = Provider::start(move |asked| {
            if asked.json()["stream"] != true {
                return json(&wire.whole());
            }
            let mut steps = vec![stream_head("text/event-stream")];
            steps.extend(wire.pieces().iter().map(|text| piece(text)));
            steps.push(super::provider::end());
            steps
        })
        .await;
        let routes = json!({"one": {"use": ["p/m"], "cache": {"exact": "1h", "any_temperature": true}}});
        let models = json!({"providers": {"p": wire.provider(&provider.url)}, "routes": routes});
        let hub = Setup::new().with("models", models).start().await;
        let mut asked = 0;
        for client in ALL {
            for stream in [false, true] {
                let ask = || {
                    let body = client.request("one", stream).to_string();
                    post(&hub, &client.path("one", stream), body).send()
                };
                let (first, second) = (ask().await, ask().await);
                let what = format!("{client:?} before {wire:?}, stream {stream}: {}", first.text());
                asked += 1;
                assert_eq!(provider.asked().len(), asked, "{what}");
                assert_eq!((found(&first), found(&second)), ("miss", "hit"), "{what}");
                assert_eq!(first.text(), second.text(), "{what}");
                for name in ["content-type", "x-tutti-deployment", "x-tutti-attempts", "x-tutti-lost", "cache-control"]
                {
                    assert_eq!(first.header(name), second.header(name), "{name} of {what}");
                }
                assert_eq!((first.header("age"), second.header("age").is_some()), (None, true), "{what}");
            }
        }
        let metrics = Http::new("GET", &hub.at("/metrics")).send().await.text();
        for result in ["hit", "miss"] {
            let line =
                format!("tutti_model_cache_requests_total{{tutti_route=\"one\",tutti_result=\"{result}\"}} {asked}");
            assert!(metrics.contains(&line), "{line} in {metrics}");
        }
    }
}

async fn nothing_is_kept_unless_the_route_says_so() {
    let provider = numbering().await;
    let plain = route(&[&provider], &json!({})).start().await;
    for _ in 0..2 {
        assert_eq!(found(&question(&plain, "Hello", &json!({})).send().await), "nothing");
    }
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    for (more, expected) in [
        (json!({"temperature": 0.7}), ["bypass", "bypass"]),
        (json!({"temperature": null}), ["bypass", "bypass"]),
        (json!({"temperature": 0.7, "seed": 1}), ["miss", "hit"]),
        (json!({"store": true}), ["bypass", "bypass"]),
        (json!({"provider": {"order": ["p0"]}}), ["bypass", "bypass"]),
        (json!({"model": "r:floor", "models": ["p0/x"]}), ["bypass", "bypass"]),
        (json!({}), ["miss", "hit"]),
        (json!({"n": 2}), ["miss", "hit"]),
        (json!({"model": "p0/m0"}), ["nothing", "nothing"]),
    ] {
        let ask = || question(&hub, "Hello", &more).send();
        assert_eq!([found(&ask().await), found(&ask().await)], expected, "{more}");
    }
    let embed = || post(&hub, "/v1/embeddings", r#"{"model":"r","input":"x"}"#).send();
    assert_eq!([found(&embed().await), found(&embed().await)], ["miss", "hit"], "no chance is in it");
}

async fn clients_may_want_a_new_answer() {
    let provider = numbering().await;
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    let ask = |name: &'static str, value: &'static str| {
        let asked = question(&hub, "Hello", &json!({}));
        async move {
            let answer = if name.is_empty() { asked } else { asked.header(name, value) }.send().await;
            let said = answer.json()["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned();
            (found(&answer).to_owned(), said)
        }
    };
    for (name, value, expected, said) in [
        ("", "", "miss", "Hi 0"),
        ("cache-control", "no-store", "bypass", "Hi 1"),
        ("x-tutti-cache", "off", "bypass", "Hi 2"),
        ("", "", "hit", "Hi 0"),
        ("cache-control", "no-cache", "miss", "Hi 3"),
        ("cache-control", "max-age=3600", "hit", "Hi 3"),
        ("", "", "hit", "Hi 3"),
    ] {
        assert_eq!(ask(name, value).await, (expected.to_owned(), said.to_owned()), "{name}: {value}");
    }
}

async fn what_is_no_answer_is_not_kept() {
    let filtered = CHAT.replace("stop", "content_filter");
    let go = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&go);
    let provider = Provider::start(move |asked| match asked.json()["messages"][0]["content"].as_str() {
        Some("refused") => whole(400, "application/json", &[], r#"{"error":{"message":"no"}}"#),
        Some("busy") => whole(429, "application/json", &[], "{}"),
        Some("filtered") => json(&filtered),
        // The client has a part of it when it breaks off.
        _ => [events(&CHAT_EVENTS[..2])[..3].to_vec(), vec![Step::Wait(Arc::clone(&gate)), Step::Close]].concat(),
    })
    .await;
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    for (text, status, stream) in
        [("refused", 400, false), ("busy", 429, false), ("filtered", 200, false), ("broken", 200, true)]
    {
        let before = provider.asked().len();
        for number in 1..=2 {
            let answer = question(&hub, text, &json!({"stream": stream})).open().await;
            go.add_permits(usize::from(stream));
            let answer = answer.finish().await;
            assert_eq!((answer.status, answer.header("x-tutti-cache")), (status, Some("miss")), "{}", answer.text());
            assert_eq!(provider.asked().len(), before + number, "{text}");
        }
    }
}

/// A provider whose answers wait for the test; a stream has begun by then.
async fn waiting(go: &Arc<Semaphore>) -> Provider {
    let go = Arc::clone(go);
    Provider::start(move |asked: &Asked| {
        let go = Arc::clone(&go);
        let gate = Step::Wait(go);
        if asked.json()["stream"] == true {
            let mut steps = events(&CHAT_EVENTS);
            steps.insert(3, gate);
            steps
        } else {
            [vec![gate], json(CHAT)].concat()
        }
    })
    .await
}

async fn many_clients_ask_once() {
    for stream in [false, true] {
        let go = Arc::new(Semaphore::new(0));
        let provider = waiting(&go).await;
        let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
        let clients = (0..50).map(|_| tokio::spawn(question(&hub, "Hello", &json!({"stream": stream})).send()));
        let clients: Vec<_> = clients.collect();
        shared(&hub, 49).await;
        go.add_permits(50);
        let mut misses = 0;
        for client in clients {
            let answer = client.await.expect("no client panics");
            misses += usize::from(found(&answer) == "miss");
            let expected = if stream { CHAT_EVENTS.concat() } else { CHAT.to_owned() };
            assert_eq!(answer.text(), expected);
        }
        assert_eq!((provider.asked().len(), misses), (1, 1), "stream {stream}");
    }
}

/// Waits until so many requests are under way besides the first one, or have a stream that is.
async fn shared(hub: &Hub, count: usize) {
    let waits = format!("tutti_requests_in_flight {}\n", count + 2);
    let reads = format!("tutti_model_cache_requests_total{{tutti_route=\"r\",tutti_result=\"shared\"}} {count}\n");
    eventually("all are under way", || async {
        let metrics = Http::new("GET", &hub.at("/metrics")).send().await.text();
        if metrics.contains(&waits) || metrics.contains(&reads) { Ok(()) } else { Err(metrics) }
    })
    .await;
}

async fn a_stream_goes_on_when_the_first_reader_leaves() {
    let go = Arc::new(Semaphore::new(0));
    let provider = waiting(&go).await;
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    let ask = || question(&hub, "Hello", &json!({"stream": true}));
    let mut first = ask().open().await;
    assert!(first.next_data().await.is_some_and(|data| data.contains("assistant")));
    let mut second = ask().open().await;
    assert_eq!(second.header("x-tutti-cache"), Some("shared"));
    assert!(second.next_data().await.is_some_and(|data| data.contains("assistant")), "it comes while it goes on");
    drop(first);
    go.add_permits(1);
    let rest = second.finish().await;
    assert!(rest.text().ends_with("data: [DONE]\n\n"), "{}", rest.text());
    let third = ask().send().await;
    assert_eq!((found(&third), third.text()), ("hit", CHAT_EVENTS.concat()));
    assert_eq!((provider.asked().len(), provider.left()), (1, 0));
}

async fn another_takes_over_when_the_first_leaves_before_the_answer() {
    let go = Arc::new(Semaphore::new(0));
    let provider = waiting(&go).await;
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    let first = tokio::spawn(question(&hub, "Hello", &json!({})).send());
    eventually("the first is asked", || async {
        if provider.asked().len() == 1 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    let others: Vec<_> = (0..2).map(|_| tokio::spawn(question(&hub, "Hello", &json!({})).send())).collect();
    shared(&hub, 2).await;
    first.abort();
    eventually("another one is asked", || async {
        if provider.asked().len() == 2 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    go.add_permits(10);
    for other in others {
        assert_eq!(other.await.expect("no client panics").text(), CHAT);
    }
    assert_eq!(provider.asked().len(), 2);
}

async fn a_failure_is_no_answer_for_others() {
    let go = Arc::new(Semaphore::new(0));
    let (gate, count) = (Arc::clone(&go), AtomicUsize::new(0));
    let provider = Provider::start(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            [vec![Step::Wait(Arc::clone(&gate))], whole(404, "application/json", &[], "{}")].concat()
        } else {
            json(CHAT)
        }
    })
    .await;
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    let first = tokio::spawn(question(&hub, "Hello", &json!({})).send());
    eventually("the first is asked", || async {
        if provider.asked().len() == 1 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    let second = tokio::spawn(question(&hub, "Hello", &json!({})).send());
    shared(&hub, 1).await;
    go.add_permits(1);
    assert_eq!(first.await.expect("no client panics").header("x-tutti-code"), Some("T-0901"));
    let second = second.await.expect("no client panics");
    assert_eq!((found(&second), second.text()), ("miss", CHAT.to_owned()));
}

async fn another_configuration_has_other_answers() {
    let (one, two) = (numbering().await, Provider::start(|_| json(CHAT)).await);
    let hub = keeping(&[&one], &json!({"exact": "1h"})).start().await;
    let ask = || question(&hub, "Hello", &json!({})).send();
    assert_eq!([found(&ask().await), found(&ask().await)], ["miss", "hit"]);
    let mut config = hub.setup.config.clone();
    // A change elsewhere leaves what is kept.
    config["models"]["routes"]["other"] = json!({"use": ["p0/x"], "cache": {"exact": "1m"}});
    replace(&hub.setup.config_path(), &config.to_string());
    eventually("the other route is there", || async {
        let body = r#"{"model":"other","temperature":0,"messages":[]}"#;
        let answer = post(&hub, "/v1/chat/completions", body).send().await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    assert_eq!(found(&ask().await), "hit");
    config["models"]["providers"]["p0"]["url"] = json!(format!("{}/v1", two.url));
    replace(&hub.setup.config_path(), &config.to_string());
    eventually("the other provider answers", || async {
        let answer = ask().await;
        if answer.text() == CHAT { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}

async fn texts_that_mean_the_same_get_the_same_answer() {
    let provider = numbering().await;
    let hub = keeping(&[&provider], &json!({"exact": "1h", "semantic": {"check": "0%"}})).start().await;
    let tools = json!({"tools": [{"type": "function", "function": {"name": "f"}}]});
    for (text, more, expected) in [
        ("Show me the open issues", json!({}), "miss"),
        (" Show me the open issues\n", json!({}), "alike"),
        ("Show me the closed issues", json!({}), "miss"),
        ("Show me the open issues", json!({"max_tokens": 5}), "miss"),
        ("Show me the open issues", tools.clone(), "miss"),
        (" Show me the open issues\n", tools, "miss"),
        ("Show me the open issues", json!({}), "hit"),
        ("Count the items: red, green, blue", json!({}), "miss"),
        ("Count the items: red, green blue", json!({}), "miss"),
    ] {
        let answer = question(&hub, text, &more).send().await;
        assert_eq!(found(&answer), expected, "{text} {more}");
        if expected == "alike" {
            assert_eq!(answer.header("x-tutti-likeness"), Some("1.000"));
            assert!(answer.text().contains("Hi 0"), "{}", answer.text());
        }
    }
}

async fn a91_what_one_key_was_answered_no_other_key_is() {
    let provider = numbering().await;
    let keys = json!({"alice": ALICE, "bob": BOB});
    for (shared, expected) in [(false, ["miss", "hit", "miss", "hit"]), (true, ["miss", "hit", "hit", "hit"])] {
        let cache = json!({"exact": "1h", "shared": shared, "semantic": {"check": "0%"}});
        let hub = keeping(&[&provider], &cache).with("key", json!(KEY)).with("keys", keys.clone()).start().await;
        let ask = |key: &str, text: &str| {
            question(&hub, text, &json!({})).header("authorization", &format!("Bearer {key}")).send()
        };
        let text = "Show me the open issues";
        let mut got = Vec::new();
        for key in [ALICE, ALICE, BOB, BOB] {
            got.push(found(&ask(key, text).await).to_owned());
        }
        assert_eq!(got, expected, "shared {shared}");
        // Nor for a text that means the same.
        let other = "Get the open tickets";
        assert_eq!(found(&ask(ALICE, other).await), "miss");
        let alike = if shared { "alike" } else { "miss" };
        assert_eq!(found(&ask(BOB, " Get the open tickets").await), alike, "shared {shared}");
    }
}

async fn a91_requests_that_differ_in_anything_are_asked() {
    let provider = numbering().await;
    let hub = keeping(&[&provider], &json!({"exact": "1h"})).start().await;
    let message = |role: &str, text: &str| json!([{"role": role, "content": text}]);
    let bodies = [
        json!({"messages": message("user", "a")}),
        json!({"messages": message("system", "a")}),
        json!({"messages": message("user", "a ")}),
        json!({"messages": message("user", "A")}),
        json!({"messages": message("user", "a"), "tools": []}),
        json!({"messages": message("user", "a"), "max_tokens": 1}),
        json!({"messages": message("user", "a"), "response_format": {"type": "json_object"}}),
    ];
    for (number, more) in bodies.iter().enumerate() {
        let answer = question(&hub, "", more).send().await;
        assert_eq!((found(&answer), provider.asked().len()), ("miss", number + 1), "{more}");
    }
    // Said otherwise it is the same; said twice it is nothing that can be kept.
    let reordered = "{ \"temperature\":0,\n\"messages\":[{\"content\":\"\\u0061\",\"role\":\"user\"}], \"model\":\"r\", \"user\":\"someone\" }";
    assert_eq!(found(&post(&hub, "/v1/chat/completions", reordered).send().await), "hit");
    let twice = r#"{"model":"r","temperature":0,"messages":[{"role":"user","content":"b","content":"a"}]}"#;
    for _ in 0..2 {
        assert_eq!(found(&post(&hub, "/v1/chat/completions", twice).send().await), "bypass");
    }
    let strict = question(&hub, "", &bodies[0]).header("x-tutti-strict", "true").send().await;
    assert_eq!(found(&strict), "miss", "headers count that the gateway heeds");
    let noise = question(&hub, "", &bodies[0]).header("connection", "x-tutti-strict").header("age", "5").send().await;
    assert_eq!(found(&noise), "hit");
}
