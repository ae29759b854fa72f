//! What becomes of an answer.

use super::{Api, Asked, Said, ready, shop};
use crate::harness::trials;
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("openapi::answers":
        pictures_and_bytes_are_content,
        errors_are_results_that_say_why,
        an_api_that_asks_to_wait_is_left_alone,
        answers_that_break_a_promise_are_told,
        an_api_that_is_gone_is_told,
    )
}

async fn pictures_and_bytes_are_content() {
    let api = Api::start(|asked: &Asked| {
        if asked.path().ends_with("/1/picture") {
            Said::of("image/png", b"\x89PNG".to_vec())
        } else {
            Said::of("application/x-thing", vec![0, 255])
        }
    })
    .await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let picture = hub.call("pets__getPicture", json!({"petId": "1"})).await;
    let content = &picture.result()["content"][0];
    assert_eq!(content, &json!({"type": "image", "data": "iVBORw==", "mimeType": "image/png"}));
    let thing = hub.call("pets__getPicture", json!({"petId": "2"})).await;
    let resource = &thing.result()["content"][0]["resource"];
    assert_eq!((&resource["blob"], &resource["mimeType"]), (&json!("AP8="), &json!("application/x-thing")));
}

async fn errors_are_results_that_say_why() {
    let api = Api::start(|asked: &Asked| match asked.path() {
        "/v1/health" => Said::of("text/plain", "slow down").status(429),
        _ => Said::json(&json!({"why": "no such pet"})).status(404),
    })
    .await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let missing = hub.call("pets__getPet", json!({"petId": "9"})).await;
    assert_eq!(missing.result()["isError"], true);
    let structured = missing.structured();
    assert_eq!((&structured["code"], &structured["status"]), (&json!("T-0223"), &json!(404)));
    assert_eq!(structured["body"]["why"], "no such pet");
    assert!(missing.text().contains("404 Not Found"), "{}", missing.raw);
    let busy = hub.call("pets__get_health", json!({})).await;
    assert_eq!((&busy.structured()["status"], &busy.structured()["body"]), (&json!(429), &json!("slow down")));
    assert_eq!(hub.server("pets").await["state"], "ready", "an API that says no works");
}

/// What only reads is sent again after the time that the API asks for; for longer ones the client is told.
async fn an_api_that_asks_to_wait_is_left_alone() {
    let asked_before = std::sync::atomic::AtomicBool::new(false);
    let api = Api::start(move |asked: &Asked| match asked.path() {
        "/v1/health" if !asked_before.swap(true, std::sync::atomic::Ordering::Relaxed) => {
            Said::of("text/plain", "slow down").status(503).header("retry-after", "1")
        }
        "/v1/health" => Said::of("text/plain", "fine"),
        _ => Said::of("text/plain", "slow down").status(429).header("retry-after", "600"),
    })
    .await;
    let hub = ready(shop(&api.url, json!({}))).await;
    assert_eq!(hub.call("pets__get_health", json!({})).await.text(), "fine");
    assert_eq!(api.asked().len(), 2, "{:?}", api.asked());
    let reply = hub.call("pets__getPet", json!({"petId": "1"})).await;
    let error = reply.assert_fault(&["T-0211", "T-0217"], "pets");
    assert!(error["data"]["retry_after_ms"].as_u64().is_some_and(|wait| wait > 500_000), "{}", reply.raw);
    assert_eq!(api.asked().len(), 3, "nothing is sent again before that time: {:?}", api.asked());
}

async fn answers_that_break_a_promise_are_told() {
    let api = Api::start(|_: &Asked| Said::of("text/html", "<h1>log in</h1>")).await;
    let hub = ready(shop(&api.url, json!({}))).await;
    let page = hub.call("pets__getPet", json!({"petId": "1"})).await;
    assert_eq!((&page.result()["isError"], &page.structured()["code"]), (&json!(true), &json!("T-0226")));
    assert_eq!(page.result()["content"][1]["text"], "<h1>log in</h1>");
}

async fn an_api_that_is_gone_is_told() {
    let api = Api::start(|_: &Asked| Said::json(&json!({}))).await;
    let setup = shop(&api.url, json!({"backoff": {"first": "10ms", "max": "10ms"}}));
    let hub = ready(setup.fixture("good", &[], json!({}))).await;
    hub.wait_for_tool("good__echo").await;
    drop(api);
    hub.call("pets__getPet", json!({"petId": "1"})).await.assert_fault(&["T-0205", "T-0202"], "pets");
    hub.assert_good().await;
}
