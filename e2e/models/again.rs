//! The only deployment is asked once more where what it failed by may be over.

use super::provider::{Provider, Step, json, whole};
use super::{CHAT, chat, post, route};
use crate::harness::{Answer, Http, eventually, trials};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::again":
        a_moments_failure_reaches_nobody,
        what_stays_is_told_and_not_asked_on_and_on,
        a_storm_is_not_answered_by_a_storm,
        a_short_pause_is_waited_for_where_nobody_else_answers,
        whose_pause_ends_in_time_is_asked_though_another_was_waited_for_in_vain,
        who_is_well_again_is_asked_where_nobody_else_is_left,
        a_conversation_goes_to_the_account_that_has_it,
    )
}

/// A provider that begins with these failures, each once.
async fn ill(failures: Vec<Vec<Step>>) -> Provider {
    let count = AtomicUsize::new(0);
    Provider::start(move |_| failures.get(count.fetch_add(1, Ordering::SeqCst)).cloned().unwrap_or_else(|| json(CHAT)))
        .await
}

fn status(status: u16, wait: Option<&str>) -> Vec<Step> {
    let headers: Vec<_> = wait.iter().map(|wait| ("retry-after", *wait)).collect();
    whole(status, "application/json", &headers, r#"{"error":{"message":"no"}}"#)
}

fn attempts(answer: &Answer) -> &str {
    answer.header("x-tutti-attempts").unwrap_or_default()
}

async fn a_moments_failure_reaches_nobody() {
    let cases = [
        ("T-0905", vec![Step::Reset]),
        ("T-0905", vec![Step::Close]),
        ("T-0907", status(500, None)),
        ("T-0907", status(503, Some("1"))),
        ("T-0908", status(429, Some("1"))),
    ];
    for (code, failure) in cases {
        let provider = ill(vec![failure]).await;
        let hub = route(&[&provider], &json!({})).start().await;
        let answer = chat(&hub, false).send().await;
        assert_eq!((answer.status, answer.text().as_str()), (200, CHAT), "{code}");
        assert_eq!(attempts(&answer), format!("p0/m0 {code}, p0/m0 answered"));
        assert_eq!(answer.header("x-tutti-deployment"), Some("p0/m0"));
    }
    // A name without a route is no different.
    let provider = ill(vec![vec![Step::Reset]]).await;
    let hub = route(&[&provider], &json!({})).start().await;
    let answer = post(&hub, "/v1/chat/completions", json!({"model": "p0/x", "messages": []}).to_string()).send().await;
    assert_eq!((answer.status, attempts(&answer)), (200, "p0/x T-0905, p0/x answered"));
}

async fn what_stays_is_told_and_not_asked_on_and_on() {
    let cases = [
        ("T-0907", status(500, None), 2),
        ("T-0907", status(503, Some("4")), 1),
        ("T-0908", status(429, None), 1),
        ("T-0912", status(400, None), 1),
    ];
    for (code, failure, expected) in cases {
        let provider = ill(vec![failure; 5]).await;
        let hub = route(&[&provider], &json!({})).start().await;
        let answer = chat(&hub, false).send().await;
        assert_eq!((answer.header("x-tutti-code"), provider.asked().len()), (Some(code), expected), "{code}");
    }
    // Where another deployment can be asked, that is better than to wait.
    let (provider, other) = (ill(vec![status(500, None); 5]).await, ill(Vec::new()).await);
    let hub = route(&[&provider, &other], &json!({})).start().await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, attempts(&answer)), (200, "p0/m0 T-0907, p1/m1 answered"));
}

async fn a_storm_is_not_answered_by_a_storm() {
    let provider = Provider::start(|_| vec![Step::Reset]).await;
    let hub = route(&[&provider], &json!({})).start().await;
    let asked: Vec<_> = (0..60).map(|_| tokio::spawn(chat(&hub, false).send())).collect();
    let mut sent = 0;
    for answer in asked {
        let answer = answer.await.expect("it does not panic");
        sent += attempts(&answer).matches("T-0905").count();
    }
    // Ten may be sent again at once, and one for each ten seconds that pass meanwhile.
    assert!(sent <= 60 + 20, "{sent}");
    assert_eq!(provider.asked().len(), sent);
}

async fn a_short_pause_is_waited_for_where_nobody_else_answers() {
    let (busy, down) = (ill(vec![status(429, Some("2"))]).await, ill(vec![status(500, None); 9]).await);
    let hub = route(&[&busy, &down], &json!({})).start().await;
    let first = chat(&hub, false).send().await;
    assert_eq!((first.status, attempts(&first)), (502, "p0/m0 T-0908, p1/m1 T-0907"));
    let together: Vec<_> = (0..3).map(|_| tokio::spawn(chat(&hub, false).send())).collect();
    for answer in together {
        let answer = answer.await.expect("it does not panic");
        assert_eq!((answer.status, attempts(&answer)), (200, "p1/m1 T-0907, p0/m0 T-0908, p0/m0 answered"));
    }
}

async fn whose_pause_ends_in_time_is_asked_though_another_was_waited_for_in_vain() {
    let busy = ill(vec![status(429, Some("1")); 9]).await;
    let free_later = ill(vec![status(429, Some("2"))]).await;
    let hub = route(&[&busy, &free_later], &json!({})).start().await;
    let first = chat(&hub, false).send().await;
    assert_eq!((first.status, attempts(&first)), (429, "p0/m0 T-0908, p1/m1 T-0908"));
    let answer = chat(&hub, false).send().await;
    assert_eq!(attempts(&answer), "p0/m0 T-0908, p1/m1 T-0908, p0/m0 T-0908, p1/m1 answered");
    assert_eq!((answer.status, busy.asked().len(), free_later.asked().len()), (200, 2, 2));
}

async fn who_is_well_again_is_asked_where_nobody_else_is_left() {
    let well = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&well);
    let provider =
        Provider::start(move |_| if switch.load(Ordering::SeqCst) { json(CHAT) } else { vec![Step::Reset] }).await;
    let hub = route(&[&provider], &json!({})).start().await;
    eventually("its breaker is open", || async {
        let answer = chat(&hub, false).send().await;
        assert_eq!(answer.header("x-tutti-code"), Some("T-0905"), "it is asked in any case");
        let deployments = Http::new("GET", &hub.at("/api/v1/models/p0%2Fm0")).send().await.json();
        let state = deployments["deployments"][0]["breaker"]["state"].clone();
        if state == "open" { Ok(()) } else { Err(deployments.to_string()) }
    })
    .await;
    well.store(true, Ordering::SeqCst);
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, attempts(&answer)), (200, "p0/m0 T-0910, p0/m0 answered"));
}

async fn a_conversation_goes_to_the_account_that_has_it() {
    let unknown = r#"{"error":{"message":"Previous response with id 'resp_b' not found.","type":"invalid_request_error","param":"previous_response_id","code":"previous_response_not_found"}}"#;
    let one = Provider::start(|_| whole(400, "application/json", &[], unknown)).await;
    let said = r#"{"id":"resp_c","object":"response","created_at":1,"status":"completed","error":null,"model":"m","output":[],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}"#;
    let other = Provider::start(|_| json(said)).await;
    let hub = route(&[&one, &other], &json!({})).start().await;
    let body = json!({"model": "r", "input": "And then?", "previous_response_id": "resp_b"});
    let answer = post(&hub, "/v1/responses", body.to_string()).send().await;
    assert_eq!((answer.status, attempts(&answer)), (200, "p0/m0 T-0912, p1/m1 answered"));
    // Where nobody has it the client is told in the provider's words.
    let hub = route(&[&one], &json!({})).start().await;
    let answer = post(&hub, "/v1/responses", body.to_string()).send().await;
    assert_eq!((answer.status, answer.text().as_str()), (400, unknown));
}
