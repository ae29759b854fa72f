//! Configuration: taken over while the hub runs, with secrets, and refused with words.

use super::provider::{Provider, json};
use super::{CHAT, chat, route};
use crate::harness::{Http, Hub, Setup, eventually, replace, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::reload":
        another_route_is_taken_over,
        a_secret_is_the_credential,
        a_provider_without_its_variable_keeps_only_itself_out,
    )
}

fn write(hub: &Hub, models: Value) {
    let mut config = hub.setup.config.clone();
    config["models"] = models;
    replace(&hub.setup.config_path(), &config.to_string());
}

async fn another_route_is_taken_over() {
    let (one, two) = (Provider::start(|_| json(CHAT)).await, Provider::start(|_| json(CHAT)).await);
    let hub = route(&[&one], &json!({})).start().await;
    assert_eq!(chat(&hub, false).send().await.header("x-tutti-deployment"), Some("p0/m0"));
    let url = format!("{}/v1", two.url);
    write(&hub, json!({"providers": {"other": {"url": url}}, "routes": {"r": {"use": ["other/m"]}}}));
    eventually("the other provider is asked", || async {
        let answer = chat(&hub, false).send().await;
        let deployment = answer.header("x-tutti-deployment").unwrap_or_default().to_owned();
        if deployment == "other/m" { Ok(()) } else { Err(deployment) }
    })
    .await;
    // One with a fault changes nothing.
    write(&hub, json!({"providers": {"other": {"url": url}}, "routes": {"r": {"use": ["nobody/m"]}}}));
    eventually("the fault is told", || async {
        let told = hub.stderr();
        if told.contains("`models.routes.r.use` has `nobody/m`") { Ok(()) } else { Err(told) }
    })
    .await;
    assert_eq!(chat(&hub, false).send().await.status, 200);
}

async fn a_secret_is_the_credential() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let hub = route(&[&provider], &json!({"api_key": "${secret:PROVIDER}"})).start().await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-code")), (500, Some("T-0110")));
    let secret = |method: &str| {
        Http::new(method, &hub.at("/api/v1/secrets/PROVIDER")).header("content-type", "application/json")
    };
    let set = secret("PUT").body(r#"{"value":"sk-first"}"#).send().await;
    assert_eq!(set.json()["used_by"], json!(["models.providers.p0"]), "{}", set.text());
    assert_eq!(chat(&hub, false).send().await.status, 200);
    assert_eq!(provider.last().header("authorization"), Some("Bearer sk-first"));
    let removed = secret("DELETE").send().await;
    assert_eq!((removed.status, removed.text().contains("models.providers.p0")), (409, true), "{}", removed.text());
}

async fn a_provider_without_its_variable_keeps_only_itself_out() {
    let provider = Provider::start(|_| json(CHAT)).await;
    let url = format!("{}/v1", provider.url);
    let models = json!({
        "providers": {"a": {"url": url, "api_key": "${NOBODY_SETS_THIS}"}, "b": {"url": url}},
        "routes": {"r": {"use": ["a/m", "b/m"]}},
    });
    let hub = Setup::new().with("models", models).start().await;
    let answer = chat(&hub, false).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-attempts")), (200, Some("a/m T-0105, b/m answered")));
    assert!(hub.stderr().contains("the provider `a` of models is not asked: T-0105"), "{}", hub.stderr());
}
