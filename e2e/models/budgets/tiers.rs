//! What is paid for depends on how a request is served, and on the route through which it is asked.

use crate::harness::{Http, Hub, Setup};
use crate::models::provider::{Provider, events, json};
use crate::models::{CHAT, post};
use serde_json::{Value, json};

/// What was spent, in nano-dollars.
async fn spent(hub: &Hub) -> u64 {
    let usage = Http::new("GET", &hub.at("/api/v1/usage?by=deployment")).send().await.json();
    let rows = usage["usage"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row["cost"]["nano_dollars"].as_u64()).sum()
}

/// A hub with OpenAI as it is in the table of prices, elsewhere.
fn openai(provider: &Provider, more: Value) -> Setup {
    let mut models = json!({"providers": {"openai": {"url": format!("{}/v1", provider.url), "local": false}}});
    if let (Some(models), Value::Object(more)) = (models.as_object_mut(), more) {
        models.extend(more);
    }
    Setup::new().with("models", models)
}

pub(super) async fn the_tier_that_an_answer_names_is_paid_for() {
    // 1,000 tokens of answers of gpt-5-mini cost 2,000,000 nano-dollars, 1,000,000 where there is room, 3,600,000 before others.
    let provider = Provider::start(|asked| {
        let body = asked.json();
        let served = match body["service_tier"].as_str() {
            Some("auto") => "priority",
            Some(named) => named,
            None => "default",
        };
        if body["stream"] == true {
            let first = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"Hi\"}},\"finish_reason\":\"stop\"}}],\"service_tier\":\"{served}\"}}\n\n");
            let last = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":1000,\"total_tokens\":1000}}\n\n";
            return events(&[&first, last, "data: [DONE]\n\n"]);
        }
        let mut answer: Value = serde_json::from_str(CHAT).unwrap_or_default();
        answer["service_tier"] = json!(served);
        answer["usage"] = json!({"prompt_tokens": 0, "completion_tokens": 1000, "total_tokens": 1000});
        json(&answer.to_string())
    })
    .await;
    let hub = openai(&provider, json!({})).start().await;
    let mut before = 0;
    for (tier, stream, expected) in [
        (None, false, 2_000_000),
        (Some("flex"), false, 1_000_000),
        (Some("flex"), true, 1_000_000),
        (Some("priority"), false, 3_600_000),
        (Some("auto"), true, 3_600_000),
    ] {
        let body = json!({"model": "openai/gpt-5-mini", "messages": [], "stream": stream, "service_tier": tier});
        let mut body = body;
        if let (None, Some(members)) = (tier, body.as_object_mut()) {
            members.remove("service_tier");
        }
        assert_eq!(post(&hub, "/v1/chat/completions", body.to_string()).send().await.status, 200);
        let now = spent(&hub).await;
        assert_eq!(now - before, expected, "{tier:?} {stream}");
        before = now;
    }
}

pub(super) async fn what_may_be_served_dearer_is_set_aside_dearer() {
    let provider = Provider::start(|_| json(CHAT)).await;
    // A thousand tokens as usual are below the budget, before others above it.
    let hub = openai(&provider, json!({"budget": "$0.003"})).start().await;
    let mut statuses = Vec::new();
    for tier in ["priority", "auto", "flex", "default"] {
        let body = json!({"model": "openai/gpt-5-mini", "max_tokens": 1000, "messages": [], "service_tier": tier});
        statuses.push(post(&hub, "/v1/chat/completions", body.to_string()).send().await.status);
    }
    assert_eq!(statuses, [429, 429, 200, 200]);
    // Nobody knows what a model costs before others that the table has only as usual.
    let body = json!({"model": "openai/gpt-4", "max_tokens": 1, "messages": [], "service_tier": "priority"});
    let answer = post(&hub, "/v1/chat/completions", body.to_string()).send().await;
    assert_eq!((answer.status, answer.header("x-tutti-code")), (503, Some("T-0915")), "{}", answer.text());
    assert!(answer.text().contains("tier"), "{}", answer.text());
}

pub(super) async fn each_route_of_a_request_pays_for_what_is_asked_through_it() {
    let failing = Provider::start(|_| super::whole(500, "application/json", &[], r#"{"error":{"message":"x"}}"#)).await;
    let provider = Provider::start(|_| json(CHAT)).await;
    let models = json!({
        "providers": {
            "f": {"url": format!("{}/v1", failing.url), "local": false},
            "p": {"url": format!("{}/v1", provider.url), "local": false},
        },
        "routes": {
            "first": {"use": ["f/m"], "budget": "$0.002"},
            "second": {"use": ["p/m"], "budget": "$0.004"},
        },
        "deployments": {
            "f/m": {"price": {"input": 0, "output": 1000}, "max_output": 2},
            "p/m": {"price": {"input": 0, "output": 1000}, "max_output": 2},
        },
    });
    let hub = Setup::new().with("models", models).start().await;
    let both = json!({"model": "first", "models": ["second"], "messages": []}).to_string();
    let mut answers = Vec::new();
    for _ in 0..3 {
        let answer = post(&hub, "/v1/chat/completions", both.clone()).send().await;
        answers.push((answer.status, answer.header("x-tutti-attempts").unwrap_or_default().to_owned()));
    }
    // What fails costs the first route nothing; what the second one's deployment answers is the second one's.
    assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [200, 200, 502], "{answers:?}");
    assert!(answers.iter().all(|(_, attempts)| attempts.starts_with("f/m T-")), "{answers:?}");
    assert!(answers[2].1.contains("p/m T-0914"), "{answers:?}");
    let budgets = Http::new("GET", &hub.at("/api/v1/budgets")).send().await.json();
    let spent = |name: &str| {
        let rows = budgets["budgets"].as_array().cloned().unwrap_or_default();
        let row = rows.into_iter().find(|row| row["name"] == name).unwrap_or_default();
        row["spent"]["nano_dollars"].as_u64()
    };
    assert_eq!((spent("route:first"), spent("route:second")), (Some(0), Some(4_000_000)), "{budgets}");
}
