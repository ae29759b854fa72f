//! Routes that take over from others.

use super::provider::{Provider, Step, json, whole};
use super::{CHAT, chat, post};
use crate::harness::{Hub, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::fallbacks":
        a_route_takes_over_where_all_of_another_have_failed,
        what_has_failed_is_not_asked_again_under_another_name,
        who_was_left_alone_is_asked_once_in_the_end_though_two_routes_have_it,
        what_is_asked_of_ones_own_machines_stays_there_all_the_way,
        a_route_takes_over_from_those_that_may_not_answer_and_the_choice_says_so,
        a_client_that_wants_no_others_gets_none,
    )
}

/// Providers `a`, `b`, … and these routes.
async fn hub(providers: &[(&Provider, bool)], routes: Value, deployments: Value) -> Hub {
    let mut models = json!({"providers": {}, "routes": routes, "deployments": deployments});
    for (name, (provider, local)) in ["a", "b", "c"].iter().zip(providers) {
        models["providers"][name] = json!({"url": format!("{}/v1", provider.url), "local": local});
    }
    Setup::new().with("models", models).start().await
}

async fn failing() -> Provider {
    Provider::start(|_| vec![Step::Reset]).await
}

async fn answering() -> Provider {
    Provider::start(|_| json(CHAT)).await
}

async fn a_route_takes_over_where_all_of_another_have_failed() {
    let (one, two, three) = (failing().await, failing().await, answering().await);
    let routes = json!({
        "r": {"use": ["a/m", "b/m"], "fallback": "small"},
        "small": {"use": "b/n", "fallback": "last"},
        "last": {"use": "c/m"},
    });
    let hub = hub(&[(&one, false), (&two, false), (&three, false)], routes, json!({})).await;
    for stream in [false, true] {
        let answer = chat(&hub, stream).send().await;
        assert_eq!(answer.status, if stream { 502 } else { 200 }, "{}", answer.text());
        let attempts = answer.header("x-tutti-attempts").unwrap_or_default();
        assert!(attempts.starts_with("a/m T-0905, b/m T-0905, b/n T-0905, c/m "), "{attempts}");
        // At first nothing is known against anybody.
        let choice = match stream {
            false => "fallback small",
            true => {
                "order: a/m (failing), b/m (failing); fallback small: order: b/n (failing); fallback last: order: c/m"
            }
        };
        assert_eq!(answer.header("x-tutti-choice"), Some(choice));
    }
    let answer = post(&hub, "/v1/chat/completions", json!({"model": "last", "messages": []}).to_string()).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-choice")), (200, None));
}

async fn what_has_failed_is_not_asked_again_under_another_name() {
    let (one, two) = (failing().await, answering().await);
    let routes = json!({"r": {"use": "a/m", "fallback": "small"}, "small": {"use": ["a/m", "b/m"]}});
    let hub = hub(&[(&one, false), (&two, false)], routes, json!({})).await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-attempts")), (200, Some("a/m T-0905, b/m answered")));
    assert_eq!(one.asked().len(), 1);
}

async fn who_was_left_alone_is_asked_once_in_the_end_though_two_routes_have_it() {
    // The first request finds both busy; the second waits until their pauses are over, and one has an answer then.
    let busy = |pause: &'static str, then: fn() -> Vec<Step>| {
        let count = AtomicUsize::new(0);
        let pause = [("retry-after", pause)];
        Provider::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            0 => whole(429, "application/json", &pause, r#"{"error":{"message":"busy"}}"#),
            _ => then(),
        })
    };
    let failure = || whole(500, "application/json", &[], r#"{"error":{"message":"no"}}"#);
    let (one, two) = (busy("1", failure).await, busy("2", || json(CHAT)).await);
    let routes = json!({"r": {"use": "a/m", "fallback": "small"}, "small": {"use": ["a/m", "b/m"]}});
    let hub = hub(&[(&one, false), (&two, false)], routes, json!({})).await;
    assert_eq!(chat(&hub, false).send().await.status, 429);
    let answer = chat(&hub, false).send().await;
    let attempts = answer.header("x-tutti-attempts").unwrap_or_default();
    assert_eq!(answer.status, 200, "{attempts}");
    assert_eq!((one.asked().len(), two.asked().len()), (2, 2), "{attempts}");
}

async fn what_is_asked_of_ones_own_machines_stays_there_all_the_way() {
    let (near, far) = (failing().await, answering().await);
    let routes = json!({
        "r": {"use": "a/m", "place": "local-only", "fallback": "small"},
        "small": {"use": ["b/m"]},
    });
    let hub = hub(&[(&near, true), (&far, false)], routes, json!({})).await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, far.asked().len()), (502, 0), "{}", answer.text());
    assert_eq!(answer.header("x-tutti-attempts"), Some("a/m T-0905, a/m T-0905"), "it is asked once more");
}

async fn a_route_takes_over_from_those_that_may_not_answer_and_the_choice_says_so() {
    let (one, two) = (answering().await, answering().await);
    let routes = json!({
        "r": {"use": "a/m", "strategy": "cost", "fallback": "small"},
        "small": {"use": "b/m"},
    });
    let hub = hub(&[(&one, false), (&two, false)], routes, json!({"a/m": {"context_length": 50}})).await;
    let body = json!({"model": "r", "max_tokens": 100, "messages": [{"role": "user", "content": "x"}]}).to_string();
    let answer = post(&hub, "/v1/chat/completions", body).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-deployment")), (200, Some("b/m")), "{}", answer.text());
    let why = answer.header("x-tutti-choice").unwrap_or_default();
    assert!(why.contains("fallback small: "), "{why}");
}

async fn a_client_that_wants_no_others_gets_none() {
    let (one, two) = (failing().await, answering().await);
    let routes = json!({"r": {"use": "a/m", "fallback": "small"}, "small": {"use": "b/m"}});
    let hub = hub(&[(&one, false), (&two, false)], routes, json!({})).await;
    let asked = async |allowed: bool| {
        let body = json!({"model": "r", "messages": [], "provider": {"allow_fallbacks": allowed}}).to_string();
        post(&hub, "/v1/chat/completions", body).send().await
    };
    assert_eq!((asked(false).await.status, two.asked().len()), (502, 0));
    assert_eq!((asked(true).await.status, two.asked().len()), (200, 1));
}
