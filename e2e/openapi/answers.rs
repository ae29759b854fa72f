//! What becomes of an answer.

use super::{Api, Asked, Said, ready, shop};
use crate::harness::trials;
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("openapi::answers":
        pictures_and_bytes_are_content,
        errors_are_results_that_say_why,
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
        "/v1/health" => Said::of("text/plain", "slow down").status(429).header("retry-after", "7"),
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
    assert_eq!(busy.structured()["retry_after"], "7");
    assert!(busy.text().contains("wait 7 seconds"), "{}", busy.raw);
    assert_eq!(hub.server("pets").await["state"], "ready", "an API that says no works");
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
