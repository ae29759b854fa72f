//! There is no way around anything inside the hub's own tools.

use super::{inside, searching};
use crate::harness::{Client, Era, HttpUpstream, Setup, replace, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("modes::attacks":
        a28_hidden_tool_is_unknown_inside_call_tool,
        a13_call_inside_that_says_a_thing_twice_is_refused,
        a36_changed_tool_is_refused_inside_call_tool,
        h20_limits_hold_inside_call_tool,
        own_tools_take_no_names_from_upstreams,
    );
    tests.extend(trials!("modes::attacks": a23_headers_of_a_client_do_not_reach_a_call_inside));
    tests
}

async fn a28_hidden_tool_is_unknown_inside_call_tool(era: Era) {
    let views = json!({"x": {"servers": ["good"], "deny": ["good__secret"], "mode": "search"}});
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    // Before, a name that is not listed is the upstream's to refuse.
    hub.wait_for("good", "it works", |server| server["state"] == "ready").await;
    let client = Client::of(era, &hub.at("/mcp/x")).await;
    let unlike = |name: &str, raw: &str| raw.replace(name, "NAME");
    let unknown = client.request("tools/call", inside("good__never", &json!({}))).await;
    unknown.assert_code(&["T-0305"]);
    let unknown = unlike("good__never", &unknown.error().to_string());
    for hidden in ["good__secret", "faulty__secret", "faulty__echo", "secret", "call_tool", "search_tools"] {
        let refused = client.request("tools/call", inside(hidden, &json!({}))).await;
        assert_eq!(unlike(hidden, &refused.error().to_string()), unknown, "{hidden}");
        let described = client.call("describe_tools", json!({"names": [hidden]})).await;
        assert_eq!(described.text(), format!("{{\"tools\":[],\"unknown\":[\"{hidden}\"]}}"));
    }
    let called: Vec<Value> =
        ["good", "faulty"].iter().flat_map(|name| hub.recorded_method(name, "tools/call")).collect();
    assert!(called.is_empty(), "{called:?}");
}

async fn a13_call_inside_that_says_a_thing_twice_is_refused(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = searching(&hub, era).await;
    let send = async |arguments: &str| {
        let message = client.message(&json!(1), "tools/call", json!({"name": "call_tool", "arguments": "HERE"}));
        let text = message.to_string().replace("\"HERE\"", arguments);
        client.post(&message).body(text).send().await.json()
    };
    for arguments in [
        r#"{"name":"good__add","name":"good__secret","arguments":{}}"#,
        r#"{"name":"good__add","arguments":{},"arguments":{"a":1}}"#,
        r#"{"name":"good__add","n\u0061me":"good__secret"}"#,
    ] {
        let answer = send(arguments).await;
        assert_eq!(answer["error"]["data"]["code"], "T-0301", "{arguments}: {answer}");
    }
    for arguments in [
        r#"[]"#,
        r#""good__add""#,
        r#"{}"#,
        r#"{"name":["good__add"]}"#,
        r#"{"name":"good__add","arguments":[]}"#,
        r#"{"name":"good__add","arguments":"{}"}"#,
        r#"{"name":"good__add","a":1,"b":2}"#,
    ] {
        let answer = send(arguments).await;
        assert_eq!(answer["error"]["data"]["code"], "T-0304", "{arguments}: {answer}");
    }
    assert!(hub.recorded_method("good", "tools/call").is_empty());
}

async fn a36_changed_tool_is_refused_inside_call_tool(era: Era) {
    let tools = |description: &str| {
        let named = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
        let send = json!({"name": "send", "description": description, "inputSchema": {"type": "object"}});
        json!([named("echo"), send, named("change_tools")]).to_string()
    };
    let setup = Setup::new();
    replace(&setup.path("tools.json"), &tools("Sends a mail."));
    let file = setup.path_text("tools.json");
    let hub = setup.fixture("mail", &["--tools-file", &file], json!({})).ready().await;
    let client = searching(&hub, era).await;
    let call = async || client.request("tools/call", inside("mail__send", &json!({}))).await;
    assert_eq!(call().await.text(), "send of mail");
    replace(&hub.setup.path("tools.json"), &tools("Sends it elsewhere."));
    hub.call("mail__change_tools", json!({})).await.result();
    hub.wait_for("mail", "the tool is in quarantine", |server| server["quarantined"][0]["tool"] == "send").await;
    call().await.assert_code(&["T-0346"]);
    let described = client.call("describe_tools", json!({"names": ["mail__send"]})).await;
    assert_eq!(described.text(), r#"{"tools":[],"unknown":["mail__send"]}"#);
}

async fn h20_limits_hold_inside_call_tool(era: Era) {
    let limits = json!({"tools": {"echo": {"rate": "1/h"}, "hold": {"calls": 1}}});
    let hub = Setup::pair(&[], limits).ready().await;
    let client = searching(&hub, era).await;
    let echo = async || client.request("tools/call", inside("faulty__echo", &json!({"message": "x"}))).await;
    echo().await.result();
    echo().await.assert_code(&["T-0216"]);
    client.call("faulty__echo", json!({"message": "x"})).await.assert_code(&["T-0216"]);
    let held = client.start("tools/call", inside("faulty__hold", &json!({"name": "it"})));
    client.call("faulty__await_hold", json!({"name": "it"})).await.result();
    let busy = client.request("tools/call", inside("faulty__hold", &json!({"name": "more"}))).await;
    busy.assert_code(&["T-0211"]);
    client.call("faulty__release", json!({"name": "it"})).await.result();
    assert_eq!(held.finish().await.text(), "held it");
}

/// A server cannot put a tool in the place of one of the hub's own, where these are shown.
async fn own_tools_take_no_names_from_upstreams(era: Era) {
    let tools = json!([
        {"name": "call_tool", "inputSchema": {"type": "object"}},
        {"name": "echo", "inputSchema": {"type": "object"}},
    ]);
    let setup = Setup::new();
    replace(&setup.path("tools.json"), &tools.to_string());
    let file = setup.path_text("tools.json");
    let views = json!({"own": {"servers": ["odd"], "names": "own"}});
    let hub = setup.fixture("odd", &["--tools-file", &file], json!({})).with("views", views).ready().await;
    let plain = Client::of(era, &hub.at("/mcp/own")).await;
    assert_eq!(plain.call("call_tool", json!({})).await.text(), "call_tool of odd");
    let client = Client::of(era, &hub.at("/mcp/own?mode=search")).await;
    client.call("call_tool", json!({})).await.assert_code(&["T-0304"]);
    let through = client.request("tools/call", inside("call_tool", &json!({}))).await;
    assert_eq!(through.text(), "call_tool of odd", "it is reached as any other");
}

async fn a23_headers_of_a_client_do_not_reach_a_call_inside() {
    let marked = json!({"type": "string", "x-mcp-header": "Region"});
    let query = json!({"name": "query", "inputSchema": {"type": "object", "properties": {"region": marked}}});
    let setup = Setup::new();
    let tools = json!([query, {"name": "echo", "inputSchema": {"type": "object"}}]);
    std::fs::write(setup.path("tools.json"), tools.to_string()).unwrap();
    let (tools, record) = (setup.path_text("tools.json"), setup.path_text("remote.record"));
    let flags = ["--name", "remote", "--era", "modern", "--tools-file", &tools, "--record", &record];
    let upstream = HttpUpstream::start(&flags).await;
    let hub = setup.remote("remote", &upstream.url, json!({})).ready().await;
    let client = searching(&hub, Era::Modern).await.with_header("mcp-param-region", "us");
    let client = client.with_header("mcp-param-other", "x");
    let reply = client.request("tools/call", inside("remote__query", &json!({"region": "eu"}))).await;
    assert_eq!(reply.text(), "query of remote", "{}", reply.raw);
    let is_call = |entry: &Value| entry["message"]["method"] == "tools/call";
    let call = hub.recorded("remote").into_iter().find(is_call).unwrap();
    assert_eq!(call["headers"]["mcp-param-region"], "eu", "made of what is done: {call}");
    assert!(call["headers"].get("mcp-param-other").is_none(), "{call}");
}
