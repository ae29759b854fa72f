//! A21 to A32: headers, versions, sessions, names and cursors.

use super::{ENDPOINTS, assert_refused_message, client_at, guarded};
use crate::harness::{Client, Era, Http, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("security":
        a28_hidden_tool_is_as_unknown,
        a29_foreign_cursors,
        a31_ids_and_tokens_of_others,
        a32_foreign_resources,
        a47_names_do_not_reach_the_terminal,
    );
    tests.extend(trials!("security":
        a21_name_header_differs,
        a21_method_header_differs,
        a22_missing_headers,
        a23_encoded_headers,
        a25_unsupported_versions,
        a25_legacy_version_header,
        a26_sessions_that_are_none,
        a26_session_of_another_view,
        a34_foreign_event_ids,
    ));
    tests
}

fn add() -> Value {
    json!({"name": "good__add", "arguments": {"a": 1, "b": 1}})
}

async fn a21_name_header_differs() {
    let hub = guarded().ready().await;
    for path in ENDPOINTS {
        let client = client_at(&hub, Era::Modern, path).await;
        let tool = client.message(&json!(1), "tools/call", json!({"name": "good__secret", "arguments": {}}));
        let prompt =
            client.message(&json!(1), "prompts/get", json!({"name": "good__greet", "arguments": {"name": "A"}}));
        let resource = client.message(&json!(1), "resources/read", json!({"uri": "test://static"}));
        for message in [tool, prompt, resource] {
            for name in ["good__add", "GOOD__SECRET", "good__secret,good__add", "", "secret"] {
                let answer = client.post(&message).header("mcp-name", name).send().await;
                assert_refused_message(&answer, name, 400, &[-32020], &["T-0309"]);
            }
        }
    }
    let calls = hub.recorded_method("good", "tools/call");
    assert!(calls.iter().all(|call| call["params"]["name"] != "secret"), "nothing was carried out: {calls:?}");
    assert!(hub.recorded_method("good", "prompts/get").is_empty());
}

async fn a21_method_header_differs() {
    let hub = guarded().ready().await;
    for path in ENDPOINTS {
        let client = client_at(&hub, Era::Modern, path).await;
        let message =
            client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": {"message": "x"}}));
        for method in ["tools/list", "Tools/Call", "tools/call,tools/list", "", "ping"] {
            let answer = client.post(&message).header("mcp-method", method).send().await;
            assert_refused_message(&answer, method, 400, &[-32020], &["T-0309"]);
        }
    }
    assert!(hub.recorded_method("good", "tools/call").iter().all(|call| call["params"]["name"] != "echo"));
}

async fn a22_missing_headers() {
    let hub = guarded().ready().await;
    for path in ENDPOINTS {
        let client = client_at(&hub, Era::Modern, path).await;
        let call = client.message(&json!(1), "tools/call", add());
        for header in ["mcp-method", "mcp-protocol-version", "mcp-name"] {
            let answer = client.post(&call).without(header).send().await;
            assert_refused_message(&answer, header, 400, &[-32020], &["T-0309"]);
        }
        let list = client.message(&json!(1), "tools/list", json!({}));
        assert_eq!(client.post(&list).send().await.status, 200, "a list needs no name");
    }
}

async fn a23_encoded_headers() {
    let hub = guarded().ready().await;
    let client = hub.modern();
    let call = client.message(&json!(1), "tools/call", add());
    let good = "=?base64?Z29vZF9fYWRk?=";
    assert_eq!(client.post(&call).header("mcp-name", good).send().await.status, 200, "base64 is read");
    for name in [
        "=?base64?!!?=",
        "=?base64?Z29vZF9fYWRk",
        "=?base64??=",
        "=?base64?Z29vZF9fc2VjcmV0?=",
        "=?BASE64?Z29vZF9fYWRk?=",
    ] {
        let answer = client.post(&call).header("mcp-name", name).send().await;
        assert_refused_message(&answer, name, 400, &[-32020], &["T-0309"]);
    }
}

fn with_version(client: &Client, version: &Value) -> Value {
    let mut message = client.message(&json!(1), "tools/call", add());
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.clone();
    message
}

async fn a25_unsupported_versions() {
    let hub = guarded().ready().await;
    for path in ENDPOINTS {
        let client = client_at(&hub, Era::Modern, path).await;
        for version in ["9999-01-01", "2026-07-29", "1.0", "latest", "2026-07-28.1"] {
            let message = with_version(&client, &json!(version));
            let answer = client.post(&message).header("mcp-protocol-version", version).send().await;
            let body = assert_refused_message(&answer, version, 400, &[-32022], &["T-0310"]);
            let supported = body["error"]["data"]["supported"].as_array().cloned().unwrap_or_default();
            assert!(supported.contains(&json!("2026-07-28")), "what is supported is told: {body}");
            assert_eq!(body["error"]["data"]["requested"], version, "{body}");
        }
        // Header and body say different things.
        for (header, meta) in
            [("2025-11-25", json!("2026-07-28")), ("2026-07-28", json!("2025-11-25")), ("2026-07-28", json!(7))]
        {
            let message = with_version(&client, &meta);
            let answer = client.post(&message).header("mcp-protocol-version", header).send().await;
            let codes = ["T-0309", "T-0310", "T-0304"];
            assert_refused_message(&answer, header, 400, &[-32020, -32022, -32602], &codes);
        }
    }
}

async fn a25_legacy_version_header() {
    let hub = guarded().ready().await;
    let client = hub.client().await;
    let message = client.message(&json!(1), "tools/call", add());
    for version in ["9999-01-01", "nonsense", "2025-11-2"] {
        let answer = client.post(&message).header("mcp-protocol-version", version).send().await;
        assert_eq!(answer.status, 400, "{version}: {}", answer.text());
        let code = answer.json()["error"]["data"]["code"].clone();
        assert!(["T-0310", "T-0309"].iter().any(|known| code == *known), "{version}: {}", answer.text());
    }
    let without = client.post(&message).without("mcp-protocol-version").send().await;
    assert_eq!(without.status, 200, "versions before 2025-06-18 have no such header: {}", without.text());
}

async fn a26_sessions_that_are_none() {
    let hub = guarded().ready().await;
    for path in ENDPOINTS {
        let client = client_at(&hub, Era::Legacy, path).await;
        let known = client.session.clone().unwrap();
        let message = client.message(&json!(1), "tools/list", json!({}));
        let flipped: String = known
            .chars()
            .map(|letter| if letter.is_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() })
            .collect();
        let (longer, shorter) = (format!("{known}x"), known[..known.len() - 1].to_owned());
        let forged = [
            "00000000-0000-0000-0000-000000000000",
            "1",
            "../../etc/passwd",
            "' OR 1=1--",
            &longer,
            &shorter,
            &flipped,
        ];
        for session in forged.into_iter().filter(|forged| *forged != known) {
            let answer = client.post(&message).header("mcp-session-id", session).send().await;
            assert_refused_message(&answer, session, 404, &[-32001], &["T-0312"]);
            let get =
                Http::new("GET", &client.url).header("accept", "text/event-stream").header("mcp-session-id", session);
            assert_eq!(get.send().await.status, 404, "GET with {session}");
            let delete = Http::new("DELETE", &client.url).header("mcp-session-id", session);
            assert_eq!(delete.send().await.status, 404, "DELETE with {session}");
        }
        let missing = client.post(&message).without("mcp-session-id").send().await;
        assert_refused_message(&missing, "no session", 400, &[-32600], &["T-0311"]);
        let huge = client.post(&message).header("mcp-session-id", &"s".repeat(1_000_000)).try_open().await;
        let refused = huge.as_ref().map_or(true, |answer| (400..500).contains(&answer.status));
        assert!(refused, "a session of a megabyte: {:?}", huge.map(|answer| answer.status));
        client.close().await;
        let ended = client.post(&message).send().await;
        assert_refused_message(&ended, "after DELETE", 404, &[-32001], &["T-0312"]);
    }
    hub.assert_good().await;
}

/// A session that was opened where more is to be seen must not open that elsewhere, nor the other way round.
async fn a26_session_of_another_view() {
    let hub = guarded().ready().await;
    let wide = client_at(&hub, Era::Legacy, "/mcp").await;
    let narrow = client_at(&hub, Era::Legacy, "/mcp/x").await;
    for client in [wide.clone().at(&hub.at("/mcp/x")), narrow.at(&hub.at("/mcp"))] {
        let message = client.message(&json!(1), "tools/call", json!({"name": "good__secret", "arguments": {}}));
        let answer = client.post(&message).send().await;
        assert!(!answer.text().contains("the secret of good"), "{}", answer.text());
    }
    assert_eq!(wide.call("good__secret", json!({})).await.text(), "the secret of good", "where it may be seen");
}

async fn a28_hidden_tool_is_as_unknown(era: Era) {
    let hub = guarded().ready().await;
    let client = client_at(&hub, era, "/mcp/x").await;
    let hidden = [("good__secret", "good__absent"), ("faulty__echo", "faulty__none")];
    for (hidden, unknown) in hidden {
        let normal = |reply: &crate::harness::Reply, name: &str| {
            let error = reply.assert_code(&["T-0305"]).to_string().replace(name, "NAME");
            (reply.status, error)
        };
        let (one, other) = (client.call(hidden, json!({})).await, client.call(unknown, json!({})).await);
        assert_eq!(normal(&one, hidden), normal(&other, unknown), "nobody can tell a hidden tool from none");
    }
    assert!(!client.tool_names().await.iter().any(|name| name == "good__secret"));
    assert!(hub.recorded_method("good", "tools/call").iter().all(|call| call["params"]["name"] != "secret"));
}

async fn a29_foreign_cursors(era: Era) {
    let hub = guarded().fixture("long", &["--tools", "1500", "--page-size", "400"], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let own = client.request("tools/list", json!({})).await.result().get("nextCursor").cloned();
    let mut cursors = vec![
        json!("long:400"),
        json!("fixture:10"),
        json!("0"),
        json!("1"),
        json!("AAAA"),
        json!("MA=="),
        json!("' OR 1=1"),
        json!("x".repeat(10_000)),
        json!("\u{0}"),
    ];
    if let Some(own) = own.as_ref().and_then(Value::as_str) {
        let other = if own.ends_with('A') { 'B' } else { 'A' };
        cursors.extend([
            json!(format!("{}{other}", &own[..own.len() - 1])),
            json!(format!("{own}{own}")),
            json!(&own[1..]),
        ]);
        let prompts = client.request("prompts/list", json!({"cursor": own})).await;
        assert_eq!(prompts.assert_code(&["T-0308"])["code"], -32602, "the cursor of one list is none of another");
        let elsewhere = client_at(&hub, era, "/mcp/x").await.request("tools/list", json!({"cursor": own})).await;
        assert_eq!(elsewhere.assert_code(&["T-0308"])["code"], -32602, "nor of another view");
    }
    for cursor in cursors {
        let reply = client.request("tools/list", json!({"cursor": cursor})).await;
        assert_eq!(reply.assert_code(&["T-0308"])["code"], -32602, "{cursor}");
    }
    for cursor in [json!(7), json!({"a": 1})] {
        let reply = client.request("tools/list", json!({"cursor": cursor})).await;
        assert_eq!(reply.assert_code(&["T-0308", "T-0304"])["code"], -32602, "{cursor}");
    }
    hub.assert_good().await;
}

async fn a31_ids_and_tokens_of_others(era: Era) {
    let hub = guarded().ready().await;
    let owner = hub.client().await;
    let params = json!({"name": "good__progress", "arguments": {"steps": 2, "label": "mine", "hold": "h"}, "_meta": {"progressToken": "t"}});
    let pending = owner.start("tools/call", params);
    let stranger = hub.client_of(era).await;
    stranger.call("good__await_hold", json!({"name": "h"})).await.result();
    let tokens = ["t".into(), json!(1), json!(2), json!(3)];
    for token in tokens {
        let answer = stranger.notify("notifications/progress", json!({"progressToken": token, "progress": 99})).await;
        assert!([202, 400].contains(&answer.status), "{token}: {}", answer.text());
    }
    stranger.call("good__release", json!({"name": "h"})).await.result();
    let reply = pending.finish().await;
    assert_eq!(reply.notifications("notifications/progress").len(), 2, "nobody else's progress: {:?}", reply.before);
}

async fn a32_foreign_resources(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    let uris = [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "test://static",
        "static",
        "",
        "tutti://",
        "tutti://nobody/test://static",
        "tutti:///etc/passwd",
        "javascript:alert(1)",
        "ui://unknown/page",
    ];
    for uri in uris {
        let reply = client.request("resources/read", json!({"uri": uri})).await;
        let error = reply.assert_code(&["T-0307", "T-0304"]);
        assert!([-32602, -32002].iter().any(|code| error["code"] == *code), "{uri}: {}", reply.raw);
    }
    assert!(hub.recorded_method("good", "resources/read").is_empty(), "no upstream was asked");
    hub.assert_good().await;
}

async fn a47_names_do_not_reach_the_terminal(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    let name = "good__\u{1b}]8;;http://evil.example\u{7}click\u{1b}[2J\r\nT-0000 forged \u{202e}line";
    let mut message = client.message(&json!(1), "tools/call", json!({"name": "good__add", "arguments": {}}));
    message["params"]["name"] = json!(name);
    let mut request =
        client.post(&client.message(&json!(1), "tools/call", add())).without("mcp-name").body(message.to_string());
    if era == Era::Modern {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(name);
        request = request.header("mcp-name", &format!("=?base64?{encoded}?="));
    }
    let answer = request.send().await;
    assert!(answer.text().contains("T-0305"), "{}", answer.text());
    hub.call("faulty__stderr", json!({"text": name})).await.result();
    hub.assert_good().await;
    let written = hub.stderr();
    assert!(
        !written.contains('\u{1b}') && !written.contains('\u{202e}'),
        "control characters are escaped: {written:?}"
    );
    assert!(!written.lines().any(|line| line.starts_with("T-0000")), "no line is forged: {written}");
}

async fn a34_foreign_event_ids() {
    let hub = guarded().ready().await;
    let client = hub.client().await;
    client.call("good__echo", json!({"message": "told to somebody else"})).await.result();
    for id in ["0", "1", "2", "x", "../1"] {
        let other = hub.client().await.with_header("last-event-id", id);
        let request = other.add_session(Http::new("GET", &other.url).header("accept", "text/event-stream"));
        let mut stream = request.open().await;
        if stream.status != 200 {
            assert!((400..500).contains(&stream.status), "{id}: {}", stream.status);
            continue;
        }
        other.call("good__change_tools", json!({})).await.result();
        let first = stream.next_message("the announcement of the change").await;
        assert_eq!(first["method"], "notifications/tools/list_changed", "nothing is played again: {first}");
    }
}
