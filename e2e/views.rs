//! Views: what they hide cannot be reached on any path, and what they show is as its server wrote it.

use crate::harness::{Client, Era, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("views":
        h20_what_is_hidden_is_reached_on_no_path,
        h20_renamed_tools_have_lost_their_names,
        h18_odd_names_lead_to_their_tools,
        h21_schemas_arrive_byte_for_byte,
        h31_what_hosts_read_of_sizes_is_kept,
    );
    tests.extend(trials!("views": h20_call_is_not_taken_up_again_on_another_view));
    tests
}

/// Two legacy servers, and the view `x`, which hides one thing of each kind.
fn hiding() -> Setup {
    let deny = ["good__secret", "good__greet", "tutti://good/test://*"];
    Setup::legacy_pair().with("views", json!({"x": {"servers": ["good"], "deny": deny}}))
}

async fn client_at(hub: &Hub, era: Era, path: &str) -> Client {
    Client::of(era, &hub.at(path)).await
}

async fn h20_what_is_hidden_is_reached_on_no_path(era: Era) {
    let hub = hiding().ready().await;
    let client = client_at(&hub, era, "/mcp/x").await;
    for (method, member) in [
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        assert!(client.list(method, member).await.is_empty(), "{method}");
    }
    assert!(!client.tool_names().await.contains(&"good__secret".to_owned()));
    let uris =
        ["tutti://good/test://static", "tutti://good/test://item/7", "test://static", "tutti://faulty/test://static"];
    let mut requests = vec![
        ("tools/call", json!({"name": "good__secret", "arguments": {}})),
        ("tools/call", json!({"name": "good__secret", "arguments": {}, "task": {"ttl": 60_000}})),
        ("tools/call", json!({"name": "secret", "arguments": {}})),
        ("tools/call", json!({"name": "faulty__secret", "arguments": {}})),
        ("prompts/get", json!({"name": "good__greet", "arguments": {"name": "Ada"}})),
        ("prompts/get", json!({"name": "faulty__greet", "arguments": {"name": "Ada"}})),
        ("completion/complete", completion(&json!({"type": "ref/prompt", "name": "good__greet"}))),
        ("completion/complete", completion(&json!({"type": "ref/resource", "uri": "tutti://good/test://item/{id}"}))),
    ];
    requests.extend(uris.map(|uri| ("resources/read", json!({"uri": uri}))));
    if era == Era::Legacy {
        requests.extend(uris.map(|uri| ("resources/subscribe", json!({"uri": uri}))));
    }
    for (method, params) in requests {
        let reply = client.request(method, params.clone()).await;
        assert!(reply.message.get("error").is_some(), "{method} {params}: {}", reply.raw);
    }
    if era == Era::Modern {
        let filter = json!({"toolsListChanged": true, "resourceSubscriptions": uris});
        let mut stream = client.open_subscription(&filter, &json!("s")).await;
        let granted = stream.next_message("the acknowledgement").await["params"]["notifications"].clone();
        assert_eq!(granted, json!({"toolsListChanged": true}), "what is hidden is not told of");
    }
    for name in ["good", "faulty"] {
        let reached: Vec<Value> = hub.recorded(name).into_iter().filter(|entry| !harmless(entry)).collect();
        assert!(reached.is_empty(), "{name} was asked: {reached:?}");
    }
    // It is there where nothing hides it.
    assert_eq!(hub.client_of(era).await.call("good__secret", json!({})).await.text(), "the secret of good");
}

fn completion(reference: &Value) -> Value {
    json!({"ref": reference, "argument": {"name": "name", "value": ""}})
}

/// Whether a message is one that the hub sends of itself.
fn harmless(entry: &Value) -> bool {
    let method = entry["message"]["method"].as_str().unwrap_or_default();
    ["initialize", "notifications/", "server/discover", "ping"].iter().any(|known| method.starts_with(known))
        || method.ends_with("/list")
}

async fn h20_renamed_tools_have_lost_their_names(era: Era) {
    let views = json!({"x": {"tools": ["good__add"], "rename": {"good__add": "sum"}}});
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let client = client_at(&hub, era, "/mcp/x").await;
    assert_eq!(client.tool_names().await, ["sum"]);
    assert_eq!(client.call("sum", json!({"a": 1, "b": 2})).await.structured()["sum"], 3.0);
    for other in ["good__add", "add", "good__sum", "SUM", "sum_"] {
        client.call(other, json!({"a": 1, "b": 2})).await.assert_code(&["T-0305"]);
    }
}

/// A call that waits for answers belongs to the view on which it was begun.
async fn h20_call_is_not_taken_up_again_on_another_view() {
    for speaks in ["legacy", "modern"] {
        let views = json!({"x": {"tools": ["good__*"]}});
        let hub = Setup::pair(&["--era", speaks], json!({})).with("views", views).ready().await;
        let able = json!({"roots": {}});
        let call = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
        let client = hub.bare(Era::Modern).able(&able);
        let first = client.request("tools/call", call.clone()).await;
        let result = first.result();
        assert_eq!(result["resultType"], "input_required", "{}", first.raw);
        let question = result["inputRequests"].as_object().and_then(|all| all.keys().next()).unwrap();
        let mut again = call;
        again["requestState"] = result["requestState"].clone();
        again["inputResponses"] = json!({question.clone(): {"roots": []}});
        let elsewhere = client.clone().at(&hub.at("/mcp/x"));
        elsewhere.request("tools/call", again.clone()).await.assert_code(&["T-0341", "T-0305"]);
        client.request("tools/call", again).await.result();
    }
}

/// A hub whose server `odd` has these tools beside `echo`.
async fn with_tools(tools: &Value) -> Hub {
    let setup = Setup::new();
    let mut all = tools.as_array().expect("a list").clone();
    all.push(json!({"name": "echo", "inputSchema": {"type": "object"}}));
    let file = setup.path_text("tools.json");
    std::fs::write(&file, Value::from(all).to_string()).unwrap();
    setup.fixture("odd", &["--tools-file", &file], json!({})).ready().await
}

async fn h18_odd_names_lead_to_their_tools(era: Era) {
    let long = "a_very_long_name_".repeat(7);
    let odd = ["with.dot", "with/slash", "with space", "ünïcode", &long, &format!("{long}2"), "UPPER", "a__b", "_"];
    let tools = odd.iter().map(|name| json!({"name": name, "inputSchema": {"type": "object"}})).collect();
    let hub = with_tools(&tools).await;
    let client = hub.client_of(era).await;
    let names = client.tool_names().await;
    assert_eq!(names.len(), odd.len() + 1, "{names:?}");
    for (own, name) in odd.iter().zip(&names) {
        let fine = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
        assert!(name.len() <= 64 && name.starts_with("odd__") && name.chars().all(fine), "{name}");
        client.call(name, json!({})).await;
        let called = hub.recorded_method("odd", "tools/call");
        assert_eq!(called.last().expect("it arrives")["params"]["name"], **own);
    }
    // The same each time, also of another process.
    let hub = hub.stop().await.ready().await;
    assert_eq!(hub.client_of(era).await.tool_names().await, names);
}

/// What a model's service cannot read is for whoever speaks to it to mend; a client gets what the server wrote.
async fn h21_schemas_arrive_byte_for_byte(era: Era) {
    let schemas = [
        r##"{"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}},"type":"object","properties":{"n":{"$ref":"#/$defs/node"}}}"##,
        r#"{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}],"properties":{"b":{"type":["string","null"]},"a":true}}"#,
        r#"{"type":"object","properties":{"s":{"type":"string","minLength":1,"pattern":"^\\p{L}+$","format":"x"}},"x-own":{"z":1,"a":[1.5,null]}}"#,
        r#"{"type":"object","additionalProperties":false,"patternProperties":{"^x":{}},"if":{"required":["x"]},"then":{},"unevaluatedProperties":false}"#,
        r#"{"properties":{},"type":"object","$schema":"http://json-schema.org/draft-07/schema#","default":{"ü":"\t\"\\"}}"#,
    ];
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let number = |(number, text): (usize, &&str)| json!({"name": format!("t{number}"), "inputSchema": parsed(text), "outputSchema": parsed(text)});
    let hub = with_tools(&schemas.iter().enumerate().map(number).collect()).await;
    let raw = hub.client_of(era).await.request("tools/list", json!({})).await.raw;
    for text in schemas {
        for member in ["inputSchema", "outputSchema"] {
            assert!(raw.contains(&format!("\"{member}\":{text}")), "{member} {text}\n{raw}");
        }
    }
}

/// Hosts cut results and descriptions by what servers say of their sizes, so that must arrive.
async fn h31_what_hosts_read_of_sizes_is_kept(era: Era) {
    let description = "long ".repeat(2_000);
    let tool = json!({
        "name": "large", "description": description, "inputSchema": {"type": "object"},
        "_meta": {"anthropic/maxResultSizeChars": 500_000, "com.example/other": 1},
    });
    let hub = with_tools(&json!([tool])).await;
    let client = hub.client_of(era).await;
    let listed = client.list("tools/list", "tools").await;
    let large = listed.iter().find(|tool| tool["name"] == "odd__large").expect("it is listed");
    assert_eq!((&large["_meta"], &large["description"]), (&tool["_meta"], &tool["description"]));
}
