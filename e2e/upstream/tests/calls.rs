//! The tools that behave.

use crate::harness::{Direct, trials};
use crate::upstream::{NAMES, VENDOR, definitions};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("upstream":
        echo_keeps_the_vendor_field,
        add_adds,
        hold_waits_for_release,
        hold_waits_for_a_file,
        progress_carries_the_token,
        log_respects_the_level,
        cancelled_tells_the_id,
        ask_brings_back_the_answer,
        tool_errors_and_protocol_errors,
        change_tools_changes_the_list,
        lists_come_in_pages,
        tools_file_is_read_again,
        prompts_resources_and_completion,
        subscribed_resources_are_announced,
        record_keeps_every_message,
    )
}

fn structured(answer: &Value) -> &Value {
    &answer["result"]["structuredContent"]
}

async fn echo_keeps_the_vendor_field() {
    let mut direct = Direct::legacy(&[]).await;
    direct
        .send_raw(
            br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"message":"hi"}}}"#,
        )
        .await;
    let line = String::from_utf8(direct.line().await.unwrap()).unwrap();
    assert!(line.contains(&format!("\"x-vendor\":{VENDOR}")), "{line}");
    let answer: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(answer["result"]["content"][0]["text"], "hi");
    assert_eq!(structured(&answer)["message"], "hi");
    assert!(answer["result"].get("resultType").is_none(), "a legacy result has no resultType");
    let missing = direct.call(2, "echo", json!({})).await;
    assert_eq!(missing["error"]["code"], -32602);
}

async fn add_adds() {
    let mut direct = Direct::legacy(&[]).await;
    assert_eq!(structured(&direct.call(1, "add", json!({"a": 2, "b": 3})).await)["sum"], 5.0);
}

async fn hold_waits_for_release() {
    let mut direct = Direct::legacy(&[]).await;
    let call = |id: i64, tool: &str| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": {"name": "a"}}});
    direct.send(&call(1, "hold")).await;
    assert_eq!(direct.request(2, "tools/call", call(2, "await_hold")["params"].clone()).await["id"], 2);
    direct.send(&call(3, "release")).await;
    let mut ids = [direct.message().await["id"].clone(), direct.message().await["id"].clone()];
    ids.sort_by_key(Value::as_i64);
    assert_eq!(ids, [json!(1), json!(3)], "both are answered after the release");
    // A release that comes first is kept for the next hold.
    direct.call(4, "release", json!({"name": "b"})).await;
    assert_eq!(direct.call(5, "hold", json!({"name": "b"})).await["result"]["content"][0]["text"], "held b");
}

async fn hold_waits_for_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("go");
    let mut direct = Direct::legacy(&[]).await;
    let arguments = json!({"name": "f", "file": file});
    direct.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "hold", "arguments": arguments}})).await;
    assert_eq!(direct.call(2, "await_hold", json!({"name": "f"})).await["id"], 2);
    std::fs::write(&file, "").unwrap();
    assert_eq!(direct.message().await["id"], 1);
}

async fn progress_carries_the_token() {
    let mut direct = Direct::legacy(&[]).await;
    for token in [json!("seven"), json!(7)] {
        let params =
            json!({"name": "progress", "arguments": {"steps": 2, "label": "l"}, "_meta": {"progressToken": token}});
        let first = direct.request(1, "tools/call", params).await;
        assert_eq!(first["method"], "notifications/progress");
        assert_eq!(first["params"]["progressToken"], token);
        assert_eq!(first["params"]["message"], "l 1 of 2");
        assert_eq!(direct.message().await["params"]["progress"], 2);
        assert_eq!(structured(&direct.message().await)["token"], token);
    }
    let none = direct.call(2, "progress", json!({"steps": 2})).await;
    assert_eq!(none["id"], 2, "without a token there are no notifications");
}

async fn log_respects_the_level() {
    let mut direct = Direct::legacy(&[]).await;
    assert_eq!(direct.call(1, "log", json!({"level": "debug", "text": "a"})).await["params"]["data"], "a");
    assert_eq!(direct.message().await["id"], 1);
    assert_eq!(direct.request(2, "logging/setLevel", json!({"level": "error"})).await["result"], json!({}));
    assert_eq!(structured(&direct.call(3, "log", json!({"level": "info", "text": "b"})).await)["sent"], false);
    assert_eq!(direct.call(4, "log", json!({"level": "alert", "text": "c"})).await["params"]["level"], "alert");
}

async fn cancelled_tells_the_id() {
    let mut direct = Direct::legacy(&[]).await;
    let hang = |id: Value| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "hold", "arguments": {"name": "x"}}});
    direct.send(&hang(json!("one"))).await;
    direct.send(&hang(json!(2))).await;
    for id in [json!("one"), json!(99)] {
        direct.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})).await;
    }
    let answer = direct.call(3, "cancelled", json!({"at_least": 2})).await;
    let list = structured(&answer)["cancelled"].as_array().unwrap();
    let find = |id: Value| list.iter().find(|entry| entry["requestId"] == id).unwrap();
    assert_eq!(find(json!("one"))["inFlight"], true);
    assert_eq!(find(json!("one"))["tool"], "hold");
    assert_eq!(find(json!(99))["inFlight"], false, "an id that is not in flight is told too");
    direct.call(4, "release", json!({"name": "x"})).await;
    assert_eq!(direct.message().await["id"], 2, "the other one goes on, the cancelled one is never answered");
}

async fn ask_brings_back_the_answer() {
    let mut direct = Direct::legacy(&[]).await;
    let question = direct.call(1, "ask", json!({"method": "roots/list"})).await;
    assert_eq!(question["method"], "roots/list");
    direct.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": {"roots": []}})).await;
    assert_eq!(structured(&direct.message().await)["result"], json!({"roots": []}));
}

async fn tool_errors_and_protocol_errors() {
    let mut direct = Direct::legacy(&[]).await;
    assert_eq!(direct.call(1, "fail", json!({"text": "no"})).await["result"]["isError"], true);
    let error = direct.call(2, "error", json!({"code": -32050, "message": "own", "data": {"k": 1}})).await;
    assert_eq!(error["error"], json!({"code": -32050, "message": "own", "data": {"k": 1}}));
    assert_eq!(direct.call(3, "no_such_tool", json!({})).await["error"]["code"], -32602);
    assert_eq!(direct.request(4, "no/such/method", json!({})).await["error"]["code"], -32601);
    direct.send_raw(b"{").await;
    assert_eq!(direct.message().await["error"]["code"], -32700);
    let kinds = direct.call(5, "kinds", json!({})).await;
    assert_eq!(kinds["result"]["content"][3]["type"], "video");
    assert!(kinds["result"].as_object().unwrap().contains_key("structuredContent"));
}

async fn change_tools_changes_the_list() {
    let mut direct = Direct::legacy(&[]).await;
    let note = direct.call(1, "change_tools", json!({})).await;
    assert_eq!(note["method"], "notifications/tools/list_changed");
    assert_eq!(structured(&direct.message().await)["extra"], true);
    let list = direct.request(2, "tools/list", json!({})).await;
    assert_eq!(list["result"]["tools"].as_array().unwrap().last().unwrap()["name"], "extra");
    assert_eq!(direct.call(3, "extra", json!({})).await["result"]["content"][0]["text"], "extra of fixture");
}

async fn lists_come_in_pages() {
    let mut direct = Direct::legacy(&["--name", "p", "--tools", "30", "--page-size", "10"]).await;
    let (mut names, mut params) = (Vec::new(), json!({}));
    for id in 1.. {
        let page = direct.request(id, "tools/list", params).await;
        names.extend(page["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()));
        let Some(cursor) = page["result"].get("nextCursor") else { break };
        params = json!({"cursor": cursor});
    }
    assert_eq!(names.len(), definitions().len() + 30);
    assert_eq!(names.last().unwrap(), "tool_0030");
    let foreign = direct.request(99, "tools/list", json!({"cursor": "q:10"})).await;
    assert_eq!(foreign["error"]["code"], -32602, "the cursor of another upstream is refused");
}

async fn tools_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tools.json");
    std::fs::write(&file, r#"[{"name": "one", "inputSchema": {"type": "object"}}]"#).unwrap();
    let mut direct = Direct::legacy(&["--tools-file", file.to_str().unwrap()]).await;
    assert_eq!(direct.request(1, "tools/list", json!({})).await["result"]["tools"][0]["name"], "one");
    std::fs::write(&file, r#"[{"name": "two", "inputSchema": {"type": "object"}}]"#).unwrap();
    assert_eq!(direct.request(2, "tools/list", json!({})).await["result"]["tools"][0]["name"], "two");
    assert_eq!(direct.call(3, "two", json!({})).await["result"]["content"][0]["text"], "two of fixture");
}

async fn prompts_resources_and_completion() {
    let mut direct = Direct::legacy(&["--name", "u", "--scheme", "own"]).await;
    assert_eq!(direct.request(1, "prompts/list", json!({})).await["result"]["prompts"][0]["name"], "greet");
    let prompt = direct.request(2, "prompts/get", json!({"name": "greet", "arguments": {"name": "Ada"}})).await;
    assert_eq!(prompt["result"]["messages"][0]["content"]["text"], "Say hello to Ada from u.");
    assert_eq!(direct.request(3, "prompts/get", json!({"name": "greet"})).await["error"]["code"], -32602);
    assert_eq!(direct.request(4, "resources/list", json!({})).await["result"]["resources"][0]["uri"], "own://static");
    let template = direct.request(5, "resources/templates/list", json!({})).await;
    assert_eq!(template["result"]["resourceTemplates"][0]["uriTemplate"], "own://item/{id}");
    for (uri, text) in [("own://static", "static of u"), ("own://item/7", "item 7 of u")] {
        let read = direct.request(6, "resources/read", json!({"uri": uri})).await;
        assert_eq!(read["result"]["contents"][0]["text"], text);
    }
    assert_eq!(direct.request(7, "resources/read", json!({"uri": "test://static"})).await["error"]["code"], -32602);
    let prompt = json!({"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "name", "value": "A"}});
    let values = &direct.request(8, "completion/complete", prompt).await["result"]["completion"]["values"];
    assert_eq!(*values, json!(NAMES.iter().filter(|name| name.starts_with('A')).collect::<Vec<_>>()));
    let item =
        json!({"ref": {"type": "ref/resource", "uri": "own://item/{id}"}, "argument": {"name": "id", "value": "1"}});
    let values = &direct.request(9, "completion/complete", item).await["result"]["completion"]["values"];
    assert_eq!(*values, json!(["1", "10", "11", "12"]));
}

async fn subscribed_resources_are_announced() {
    let mut direct = Direct::legacy(&[]).await;
    let uri = json!({"uri": "test://static"});
    assert_eq!(structured(&direct.call(1, "touch", uri.clone()).await)["subscribed"], false);
    direct.request(2, "resources/subscribe", uri.clone()).await;
    let note = direct.call(3, "touch", uri.clone()).await;
    assert_eq!(note["method"], "notifications/resources/updated");
    assert_eq!(note["params"], uri);
    assert_eq!(structured(&direct.message().await)["subscribed"], true);
    direct.request(4, "resources/unsubscribe", uri.clone()).await;
    assert_eq!(structured(&direct.call(5, "touch", uri).await)["subscribed"], false);
}

async fn record_keeps_every_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record");
    let mut direct = Direct::legacy(&["--record", file.to_str().unwrap()]).await;
    let raw = r#"{"jsonrpc":"2.0", "id":1, "method":"ping", "x":1.0}"#;
    direct.send_raw(raw.as_bytes()).await;
    direct.message().await;
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let methods: Vec<&Value> = lines.iter().map(|line| &line["message"]["method"]).collect();
    assert_eq!(methods, ["initialize", "notifications/initialized", "ping"]);
    assert_eq!(lines[2]["raw"], raw, "byte for byte");
    assert_eq!(lines[2]["pid"], direct.pid());
}
