//! The only deployment is asked once more where what it failed by may be over.

use super::provider::{Provider, Step, json, whole};
use super::{CHAT, chat, post, route};
use crate::harness::{Answer, trials};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::again":
        a_moments_failure_reaches_nobody,
        what_stays_is_told_and_not_asked_on_and_on,
        a_storm_is_not_answered_by_a_storm,
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
