//! Arguments of tools that headers repeat (`x-mcp-header`), in front of and behind the hub.

use crate::harness::{Client, Era, HttpUpstream, Hub, Setup, trials, trials_of_both_eras, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("parameters":
        arguments_become_headers,
        a24_faulty_tools_are_left_out,
    );
    tests.extend(trials!("parameters":
        a23_parameter_headers,
        a23_first_call_of_all,
        unknown_headers_go_on,
        legacy_upstream_gets_none,
    ));
    tests
}

/// The tools of the upstream: one with headers, one without, and those that no client may take.
fn tools() -> Value {
    let tool = |name: &str, properties: Value| json!({"name": name, "description": name, "inputSchema": {"type": "object", "properties": properties}});
    let marked = |kind: &str, name: &str| json!({"type": kind, "x-mcp-header": name});
    json!([
        tool("echo", json!({"message": {"type": "string"}})),
        tool(
            "query",
            json!({
                "region": marked("string", "Region"),
                "count": marked("integer", "Count"),
                "deep": {"type": "object", "properties": {"on": marked("boolean", "On")}},
                "text": {"type": "string"},
            })
        ),
        tool("faulty_host", json!({"a": marked("string", "Host")})),
        tool("faulty_authorization", json!({"a": marked("string", "authorization")})),
        tool("faulty_line_end", json!({"a": marked("string", "A\r\nX: y")})),
        tool("faulty_twice", json!({"a": marked("string", "Field"), "b": marked("string", "fIELD")})),
        tool("faulty_number", json!({"a": marked("number", "A")})),
        tool("faulty_empty", json!({"a": marked("string", "")})),
        tool("faulty_items", json!({"a": {"type": "array", "items": marked("string", "A")}})),
    ])
}

struct Stage {
    hub: Hub,
    _upstream: HttpUpstream,
}

/// A hub in front of the tools at an address. With `late` the upstream answers only when that file is there.
async fn stage(flags: &[&str], late: bool) -> Stage {
    let setup = Setup::new();
    std::fs::write(setup.path("tools.json"), tools().to_string()).unwrap();
    let (tools, record, go) = (setup.path_text("tools.json"), setup.path_text("remote.record"), setup.path_text("go"));
    let mut all = vec!["--name", "remote", "--tools-file", &tools, "--record", &record];
    all.extend(flags);
    if late {
        all.extend(["--start-delay-file", &go]);
    }
    let upstream = HttpUpstream::start(&all).await;
    let setup = setup.remote("remote", &upstream.url, json!({}));
    let hub = if late { setup.start().await } else { setup.ready().await };
    Stage { hub, _upstream: upstream }
}

impl Stage {
    /// The headers of the calls that reached the upstream.
    fn calls(&self) -> Vec<Value> {
        let record = self.hub.recorded("remote");
        let calls = record.into_iter().filter(|entry| entry["message"]["method"] == "tools/call");
        calls.map(|entry| entry["headers"].clone()).collect()
    }
}

/// A modern client that sends these headers with each request; a legacy one that sends none.
async fn client_with(hub: &Hub, era: Era, headers: &[(&str, &str)]) -> Client {
    let client = hub.client_of(era).await;
    match era {
        Era::Legacy => client,
        Era::Modern => headers.iter().fold(client, |client, (name, value)| client.with_header(name, value)),
    }
}

async fn arguments_become_headers(era: Era) {
    let stage = stage(&["--era", "modern"], false).await;
    let table: [(Value, &[(&str, &str)]); 4] = [
        (
            json!({"region": "us-west1", "count": 42, "deep": {"on": true}}),
            &[("mcp-param-region", "us-west1"), ("mcp-param-count", "42"), ("mcp-param-on", "true")],
        ),
        (json!({"region": "Hello, 世界"}), &[("mcp-param-region", "=?base64?SGVsbG8sIOS4lueVjA==?=")]),
        (json!({"region": null, "text": "x"}), &[]),
        (json!({}), &[]),
    ];
    for (arguments, expected) in table {
        let client = client_with(&stage.hub, era, expected).await;
        assert_eq!(client.call("remote__query", arguments.clone()).await.text(), "query of remote");
        let headers = stage.calls().pop().unwrap();
        for name in ["mcp-param-region", "mcp-param-count", "mcp-param-on"] {
            let wanted = expected.iter().find(|(known, _)| *known == name).map(|(_, value)| json!(value));
            assert_eq!(headers.get(name).cloned(), wanted, "{name} for {arguments}: {headers}");
        }
        assert_eq!(headers["mcp-name"], "query", "{headers}");
    }
}

async fn a24_faulty_tools_are_left_out(era: Era) {
    let stage = stage(&[], false).await;
    let hub = &stage.hub;
    let client = hub.client_of(era).await;
    assert_eq!(client.tool_names().await, ["remote__echo", "remote__query"], "the others are left out");
    client.call("remote__faulty_host", json!({"a": "x"})).await.assert_code(&["T-0305"]);
    assert!(stage.calls().is_empty(), "nothing was carried out");
    let server = hub.server("remote").await;
    let left_out = server["left_out"].as_array().unwrap();
    assert_eq!(left_out.len(), 7, "{server}");
    assert!(left_out.iter().all(|error| error["code"] == "T-0342"), "{server}");
    let address = hub.at("");
    for arguments in [["server", "list"], ["server", "test"]] {
        let run = tutti(&[&arguments[..], &["--url", &address]].concat(), &[]).await;
        assert!(run.stdout.contains("faulty_line_end"), "{arguments:?}: {} {}", run.stdout, run.stderr);
    }
    let logs = tutti(&["server", "logs", "remote", "--url", &address], &[]).await;
    assert!(logs.stdout.contains("T-0342") && logs.stdout.contains("faulty_twice"), "{} {}", logs.stdout, logs.stderr);
}

async fn a23_parameter_headers() {
    let stage = stage(&[], false).await;
    let client = stage.hub.modern();
    let call = |arguments: Value| {
        client.message(&json!(1), "tools/call", json!({"name": "remote__query", "arguments": arguments}))
    };
    let bad: [(Value, &[(&str, &str)]); 9] = [
        (json!({"region": "eu"}), &[("mcp-param-region", "us")]),
        (json!({"region": "eu"}), &[("mcp-param-region", "EU")]),
        (json!({"region": "eu"}), &[]),
        (json!({"region": "Hello"}), &[("mcp-param-region", "=?base64?!!?=")]),
        (json!({"region": "Hello"}), &[("mcp-param-region", "=?base64?SGVsbG8?=")]),
        (json!({"region": "Hello"}), &[("mcp-param-region", "=?base64?SGVsbG9=?=")]),
        (json!({}), &[("mcp-param-region", "eu")]),
        (json!({"count": 7}), &[("mcp-param-count", "8")]),
        (json!({"deep": {"on": true}}), &[("mcp-param-on", "false")]),
    ];
    for (arguments, headers) in bad {
        let http = client.post(&call(arguments.clone()));
        let answer = headers.iter().fold(http, |http, (name, value)| http.header(name, value)).send().await;
        assert_eq!(answer.status, 400, "{arguments} {headers:?}: {}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!((&error["code"], &error["data"]["code"]), (&json!(-32020), &json!("T-0309")), "{error}");
    }
    assert!(stage.calls().is_empty(), "nothing was carried out");
    let good: [(Value, &[(&str, &str)]); 3] = [
        (json!({"region": "Hello"}), &[("Mcp-Param-REGION", "=?base64?SGVsbG8=?=")]),
        (json!({"region": "=?base64?SGVsbG8="}), &[("mcp-param-region", "=?base64?SGVsbG8=")]),
        (json!({"count": 42}), &[("mcp-param-count", "42.0")]),
    ];
    for (arguments, headers) in good {
        let http = client.post(&call(arguments.clone()));
        let answer = headers.iter().fold(http, |http, (name, value)| http.header(name, value)).send().await;
        assert_eq!(answer.status, 200, "{arguments} {headers:?}: {}", answer.text());
    }
}

/// The first call may come before the hub knows what the tool is: it waits, and is held against the tool then.
async fn a23_first_call_of_all() {
    for era in ["modern", "legacy"] {
        let stage = stage(&["--era", era], true).await;
        let client = stage.hub.modern();
        let differing = client.clone().with_header("mcp-param-region", "us");
        let agreeing = client.with_header("mcp-param-region", "eu");
        let arguments = json!({"region": "eu"});
        let bad = differing.start_call("remote__query", arguments.clone());
        let needless = agreeing.start_call("remote__query", json!({}));
        let good = agreeing.start_call("remote__query", arguments);
        std::fs::write(stage.hub.setup.path("go"), "").unwrap();
        assert_eq!(bad.finish().await.error()["code"], -32020, "{era}");
        assert_eq!(needless.finish().await.error()["code"], -32020, "{era}");
        assert_eq!(good.finish().await.text(), "query of remote", "{era}");
        assert_eq!(stage.calls().len(), 1, "{era}: the others were not carried out");
    }
}

async fn unknown_headers_go_on() {
    let stage = stage(&["--era", "modern"], false).await;
    let client = stage.hub.modern().with_header("Mcp-Param-Tenant", "blue").with_header("X-Other", "no");
    client.call("remote__echo", json!({"message": "x"})).await;
    client.clone().with_header("mcp-param-region", "eu").call("remote__query", json!({"region": "eu"})).await.result();
    for headers in stage.calls() {
        assert_eq!(headers["mcp-param-tenant"], "blue", "{headers}");
        assert_eq!(headers.get("x-other"), None, "other headers are the client's and the hub's: {headers}");
    }
    assert_eq!(stage.calls()[1]["mcp-param-region"], "eu");
}

async fn legacy_upstream_gets_none() {
    let stage = stage(&["--era", "legacy"], false).await;
    let client = stage.hub.modern().with_header("mcp-param-region", "eu").with_header("mcp-param-tenant", "blue");
    client.call("remote__query", json!({"region": "eu"})).await.result();
    let headers = stage.calls().pop().unwrap();
    assert!(!headers.to_string().contains("mcp-param"), "{headers}");
}
