//! The hub's own endpoint: all of what the upstreams have, as they have it, for clients of both eras.

mod fidelity;
mod hints;
mod resumption;
mod sessions;
mod streams;

use crate::harness::{Client, Era, Http, Setup, trials, trials_of_both_eras};
use crate::upstream::{NAMES, definitions};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("endpoint":
        everything_of_both_upstreams_is_listed,
        h16_pages_of_an_upstream_are_followed,
        h16_long_list_is_whole,
        prompts_lead_to_their_upstream,
        h19_resources_lead_to_their_upstream,
        h19_arguments_are_completed,
        h20_views_show_their_part,
        h07_clients_with_the_same_ids_are_kept_apart,
    );
    tests.extend(trials!("endpoint": content_types_are_negotiated, health_is_told, unknown_methods_and_paths));
    [tests, fidelity::tests(), hints::tests(), resumption::tests(), sessions::tests(), streams::tests()]
        .into_iter()
        .flatten()
        .collect()
}

async fn everything_of_both_upstreams_is_listed(era: Era) {
    let hub = Setup::pair(&["--tools", "5"], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let tools = client.tool_names().await;
    let own = definitions();
    let mut expected: HashSet<String> = (1..=5).map(|number| format!("faulty__tool_{number:04}")).collect();
    for tool in &own {
        let name = tool["name"].as_str().unwrap();
        expected.extend(["faulty", "good"].map(|upstream| format!("{upstream}__{name}")));
    }
    assert_eq!(tools.iter().cloned().collect::<HashSet<_>>(), expected);
    assert_eq!(tools.len(), expected.len(), "no name comes twice");
    for (method, member, key) in [
        ("prompts/list", "prompts", "name"),
        ("resources/list", "resources", "uri"),
        ("resources/templates/list", "resourceTemplates", "uriTemplate"),
    ] {
        let all = client.list(method, member).await;
        let keys: HashSet<String> = all.iter().map(|entry| entry[key].to_string()).collect();
        assert_eq!((all.len(), keys.len()), (2, 2), "{method} has one of each upstream: {all:?}");
    }
    assert_eq!(client.tool_names().await, tools, "the order is the same each time");
}

async fn h16_pages_of_an_upstream_are_followed(era: Era) {
    let hub = Setup::pair(&["--tools", "60", "--page-size", "7"], json!({})).ready().await;
    let names = hub.client_of(era).await.tool_names().await;
    let of_faulty = names.iter().filter(|name| name.starts_with("faulty__")).count();
    assert_eq!(of_faulty, definitions().len() + 60);
}

async fn h16_long_list_is_whole(era: Era) {
    let setup = Setup::new().fixture("faulty", &["--tools", "1500"], json!({}));
    let hub = setup.fixture("good", &["--tools", "1500"], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let names = client.tool_names().await;
    let different: HashSet<&String> = names.iter().collect();
    assert_eq!((names.len(), different.len()), (2 * (definitions().len() + 1500), names.len()));
    assert_eq!(client.call("faulty__tool_1500", json!({})).await.text(), "tool_1500 of faulty");
}

async fn prompts_lead_to_their_upstream(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    for upstream in ["faulty", "good"] {
        let params = json!({"name": format!("{upstream}__greet"), "arguments": {"name": "Ada"}});
        let reply = client.request("prompts/get", params).await;
        let text = format!("Say hello to Ada from {upstream}.");
        assert_eq!(reply.result()["messages"][0]["content"]["text"], text);
    }
    let missing = client.request("prompts/get", json!({"name": "good__greet"})).await;
    assert_eq!(missing.error()["code"], -32602, "the upstream's own refusal: {}", missing.raw);
    let unknown = client.request("prompts/get", json!({"name": "good__nothing"})).await;
    assert_eq!(unknown.assert_code(&["T-0306"])["code"], -32602);
}

async fn h19_resources_lead_to_their_upstream(era: Era) {
    // Both upstreams have the same addresses.
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let owner = |entry: &Value| {
        let text = entry["description"].as_str().unwrap_or_default().trim_end_matches('.').to_owned();
        text.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    for resource in client.list("resources/list", "resources").await {
        let reply = client.request("resources/read", json!({"uri": resource["uri"]})).await;
        let content = &reply.result()["contents"][0];
        assert_eq!(content["text"], format!("static of {}", owner(&resource)));
        assert_eq!(content["uri"], resource["uri"], "the answer has the address that was asked for");
    }
    for template in client.list("resources/templates/list", "resourceTemplates").await {
        let pattern = template["uriTemplate"].as_str().unwrap();
        assert!(pattern.contains("{id}"), "a template stays a template: {pattern}");
        let reply = client.request("resources/read", json!({"uri": pattern.replace("{id}", "7")})).await;
        assert_eq!(reply.result()["contents"][0]["text"], format!("item 7 of {}", owner(&template)));
        let gone = client.request("resources/read", json!({"uri": pattern.replace("item/{id}", "nothing")})).await;
        assert!([-32602, -32002].iter().any(|code| gone.error()["code"] == *code), "not found: {}", gone.raw);
    }
}

async fn h19_arguments_are_completed(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let complete = async |reference: Value, name: &str, value: &str| {
        let params = json!({"ref": reference, "argument": {"name": name, "value": value}});
        client.request("completion/complete", params).await.result()["completion"]["values"].clone()
    };
    let starting: Vec<&str> = NAMES.into_iter().filter(|name| name.starts_with('A')).collect();
    for upstream in ["faulty", "good"] {
        let prompt = json!({"type": "ref/prompt", "name": format!("{upstream}__greet")});
        assert_eq!(complete(prompt, "name", "A").await, json!(starting));
    }
    for template in client.list("resources/templates/list", "resourceTemplates").await {
        let reference = json!({"type": "ref/resource", "uri": template["uriTemplate"]});
        assert_eq!(complete(reference, "id", "1").await, json!(["1", "10", "11", "12"]));
    }
    let unknown =
        json!({"ref": {"type": "ref/prompt", "name": "good__nothing"}, "argument": {"name": "a", "value": ""}});
    client.request("completion/complete", unknown).await.assert_code(&["T-0306", "T-0304"]);
}

async fn h20_views_show_their_part(era: Era) {
    let views = json!({
        "x": {"tools": ["good__*"]},
        "calculator": {"servers": ["faulty"], "tools": ["faulty__add", "faulty__e*"], "deny": ["faulty__exit"]},
    });
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let x = Client::of(era, &hub.at("/mcp/x")).await;
    let names = x.tool_names().await;
    assert!(!names.is_empty() && names.iter().all(|name| name.starts_with("good__")), "{names:?}");
    assert_eq!(x.call("good__add", json!({"a": 1, "b": 2})).await.structured()["sum"], 3.0);
    x.call("faulty__add", json!({"a": 1, "b": 2})).await.assert_code(&["T-0305"]);
    let calculator = Client::of(era, &hub.at("/mcp/calculator")).await;
    let names: HashSet<String> = calculator.tool_names().await.into_iter().collect();
    let expected = ["add", "echo", "error", "environment"].map(|name| format!("faulty__{name}"));
    assert_eq!(names, HashSet::from(expected));
    let nowhere = hub.bare(era);
    let message = nowhere.message(&json!(1), "tools/list", json!({}));
    let answer = nowhere.at(&hub.at("/mcp/no-such-view")).post(&message).send().await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(answer.json()["error"]["data"]["code"], "T-0320");
}

/// Every client numbers its requests from one: the hub must not mix them up.
async fn h07_clients_with_the_same_ids_are_kept_apart(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let mut pending = Vec::new();
    for number in 0..30 {
        let client = hub.client_of(Era::BOTH[number % 2]).await;
        let upstream = ["faulty", "good"][number / 2 % 2];
        let held = client.start_call(&format!("{upstream}__hold"), json!({"name": format!("caller {number}")}));
        pending.push((number, upstream, held));
    }
    let client = hub.client_of(era).await;
    for (number, upstream, _) in pending.iter().rev() {
        let name = json!({"name": format!("caller {number}")});
        client.call(&format!("{upstream}__await_hold"), name.clone()).await.result();
        client.call(&format!("{upstream}__release"), name).await.result();
    }
    for (number, _, held) in pending {
        assert_eq!(held.finish().await.text(), format!("held caller {number}"));
    }
}

async fn content_types_are_negotiated() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.modern();
    let message = client.message(&json!(1), "tools/call", json!({"name": "good__add", "arguments": {}}));
    for accepted in ["application/json, text/event-stream", "*/*", "application/json;q=0.9,text/event-stream;q=0.5"] {
        let answer = client.post(&message).header("accept", accepted).send().await;
        assert_eq!(answer.status, 200, "{accepted}: {}", answer.text());
    }
    let answer = client.post(&message).header("accept", "text/html").send().await;
    assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (406, &json!("T-0317")));
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer = client.post(&message).header("content-type", kind).send().await;
        assert_eq!((answer.status, &answer.json()["error"]["data"]["code"]), (415, &json!("T-0318")), "{kind}");
    }
    let with_charset = client.post(&message).header("content-type", "application/json; charset=utf-8").send().await;
    assert_eq!(with_charset.status, 200, "{}", with_charset.text());
}

async fn health_is_told() {
    let hub = Setup::pair(&["--never-start"], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let answer = Http::new("GET", &hub.at("/healthz")).send().await;
    assert_eq!(answer.status, 200, "one upstream that fails does not make the hub ill: {}", answer.text());
    for told in ["faulty", "good", "licence"] {
        assert!(!answer.text().contains(told), "it tells nobody what is behind the hub: {}", answer.text());
    }
}

async fn unknown_methods_and_paths() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    for era in Era::BOTH {
        let client = hub.client_of(era).await;
        let reply = client.request("no/such/method", json!({})).await;
        assert_eq!(reply.assert_code(&["T-0303"])["code"], -32601, "{}", era.word());
    }
    for path in ["/", "/nothing", "/mcp/", "/api/v1/nothing", "/admin"] {
        let answer = Http::new("GET", &hub.at(path)).send().await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
    for method in ["PUT", "PATCH", "TRACE"] {
        let answer = Http::new(method, &hub.url).send().await;
        assert_eq!(answer.status, 405, "{method}: {}", answer.text());
    }
}
