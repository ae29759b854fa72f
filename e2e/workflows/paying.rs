//! What runs take of their budgets.

use super::{ANSWER, calls, get, put, setup, stands, start};
use crate::harness::{eventually, trials};
use crate::models::provider::{Provider, Step, head, json as says};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("workflows":
        what_a_run_takes_is_in_its_account_and_in_the_books,
        an_answer_that_is_lost_is_paid_from_the_budget_of_its_run_by_what_was_set_aside,
        a_model_with_tools_asks_no_more_than_its_run_can_pay,
    )
}

async fn what_a_run_takes_is_in_its_account_and_in_the_books() {
    let provider = Provider::start(|_| says(ANSWER)).await;
    let hub = setup(&provider).ready().await;
    let run = start(&hub, "sums", json!({"a": 3})).await;
    let waiting = stands(&hub, &run, "waiting").await;
    assert_eq!(waiting["spent"], json!({"nano_dollars": 2_000_000, "tokens": 5}), "{waiting}");
    let books = eventually("the books have it", || async {
        let said = get(&hub, "/api/v1/usage?by=run").await;
        if said["usage"][0]["run"] == run.as_str() { Ok(said) } else { Err(said.to_string()) }
    })
    .await;
    assert_eq!(books["usage"][0]["cost"]["nano_dollars"], 2_000_000, "{books}");
}

async fn an_answer_that_is_lost_is_paid_from_the_budget_of_its_run_by_what_was_set_aside() {
    let provider = Provider::start(|_| vec![head(200, &[("content-length", "100")]), Step::Close]).await;
    let setup = setup(&provider);
    for (name, budget) in [("limited", "budget: { money: 1 }"), ("free", "")] {
        let step = "{ name: say, tool: model_call, inputs: { model: r, prompt: Hello } }";
        put(&setup, &format!("flows/{name}.yaml"), &format!("name: {name}\n{budget}\nsteps: [{step}]\n"));
    }
    let hub = setup.ready().await;
    // Nobody knows what the answer had. Where nothing is limited, nothing was set aside, and what may have been written in the time counts.
    for (name, spent) in [("limited", 2_000_000..=2_000_000), ("free", 1..=2_000_000)] {
        let run = start(&hub, name, json!({})).await;
        let failed = stands(&hub, &run, "failed").await;
        assert_eq!(failed["result"]["code"], "T-0905", "{failed}");
        let told = failed["spent"]["nano_dollars"].as_u64();
        assert!(told.is_some_and(|told| spent.contains(&told)), "{name}: {failed}");
        assert!(failed["spent"]["tokens"].as_u64().is_some_and(|tokens| tokens > 0), "what was asked: {failed}");
    }
}

/// A model that calls a tool whenever it is asked.
const CALLS: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"good__echo","arguments":"{\"message\":\"x\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#;

async fn a_model_with_tools_asks_no_more_than_its_run_can_pay() {
    let provider = Provider::start(|asked| {
        let said = asked.json();
        let messages = said["messages"].as_array().map_or(0, Vec::len);
        // Three times, then it has an answer.
        says(if said["tools"].is_array() && messages < 7 { CALLS } else { ANSWER })
    })
    .await;
    let setup = setup(&provider);
    let step = "{ name: say, tool: model_call, inputs: { model: r, prompt: Hello, tools: [\"mcp://good/echo\"] } }";
    let both = "{ name: all, tool: parallel_query, inputs: { queries: [{ model: r, prompt: Hello, tools: [\"mcp://good/echo\"] }, { model: r, prompt: Hello }] } }";
    for (name, budget, step) in [
        ("small", "budget: { money: 0.005 }", step),
        ("none", "budget: { money: 0.001 }", step),
        ("large", "budget: { money: 1 }", step),
        ("both", "budget: { money: 0.007 }", both),
        ("free", "", step),
    ] {
        put(&setup, &format!("flows/{name}.yaml"), &format!("name: {name}\n{budget}\nsteps: [{step}]\n"));
    }
    let hub = setup.ready().await;
    // An answer costs two thousandths of a dollar.
    for (name, status, requests) in [
        ("small", "failed", 2),
        ("none", "failed", 0),
        ("large", "succeeded", 4),
        ("both", "failed", 3),
        ("free", "succeeded", 4),
    ] {
        let before = (provider.asked().len(), calls(&hub, "good", "echo").len());
        let run = start(&hub, name, json!({})).await;
        let ended = stands(&hub, &run, status).await;
        assert_eq!(provider.asked().len() - before.0, requests, "{name}: {ended}");
        assert_eq!(ended["spent"]["nano_dollars"], 2_000_000 * requests, "{name}: {ended}");
        if status == "failed" {
            assert_eq!(ended["result"]["code"], "T-1214", "{name}: {ended}");
        }
        assert!(requests == 0 || calls(&hub, "good", "echo").len() > before.1, "{name}: tools were called");
    }
}
