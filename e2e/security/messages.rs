//! A11 to A17: messages that are not what they should be.

use super::{ENDPOINTS, assert_refused_message, client_at, guarded};
use crate::harness::{Answer, Client, Era, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("security":
        a11_deep_json,
        a11_wide_and_long_json,
        a12_text_that_is_none,
        a13_duplicate_keys,
        a14_ids_of_wrong_types,
        a15_batches,
        a16_answers_that_nobody_asked_for,
        a17_unknown_notifications,
    );
    tests.extend(trials!("security": a13_second_name_does_not_reach_a_hidden_tool, a13_line_ends_smuggle_nothing, a14_id_that_is_in_flight));
    tests
}

/// A hub that does not wait long for `good`, which gets what it may not be able to read.
fn impatient() -> Setup {
    guarded().fixture("good", &[], json!({"timeouts": {"call": "5s"}}))
}

/// Sends bytes as the body of an otherwise proper request.
async fn send(client: &Client, body: impl Into<bytes::Bytes>) -> Answer {
    let message = client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": {}}));
    client.post(&message).body(body).send().await
}

async fn a11_deep_json(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    let call = client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": "@"})).to_string();
    let nested = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
    let arrays = call.replace("\"@\"", &nested("[", "]", 100_000));
    let objects = call.replace("\"@\"", &format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    for path in ENDPOINTS {
        let client = client_at(&hub, era, path).await;
        for (what, body) in [("arrays", &arrays), ("objects", &objects)] {
            let answer = send(&client, body.clone()).await;
            assert_refused_message(&answer, what, 400, &[-32700], &["T-0315"]);
        }
        for unclosed in ["[".repeat(1_000_000), format!("{{\"jsonrpc\":{}", "[".repeat(1_000_000))] {
            let answer = send(&client, unclosed).await;
            assert_refused_message(&answer, "unclosed", 400, &[-32700, -32600], &["T-0315", "T-0301", "T-0316"]);
        }
    }
    hub.assert_good().await;
}

async fn a11_wide_and_long_json(era: Era) {
    let hub = impatient().ready().await;
    let client = hub.client_of(era).await;
    let call = client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": "@"})).to_string();
    let keys: String = (0..100_000).map(|number| format!(",\"k{number}\":0")).collect();
    let bodies = [
        ("many keys", format!("{{\"message\":\"ok\"{keys}}}")),
        ("long number", format!("{{\"message\":\"ok\",\"n\":{}}}", "9".repeat(300))),
        ("large exponent", "{\"message\":\"ok\",\"n\":1e999999}".to_owned()),
    ];
    for (what, arguments) in bodies {
        let answer = send(&client, call.replace("\"@\"", &arguments)).await;
        // Passed on as it is, or refused in the protocol's words. The upstream may refuse a number that it cannot hold.
        assert!(
            [200, 400].contains(&answer.status) && !answer.body.is_empty(),
            "{what}: {} {:.300}",
            answer.status,
            answer.text()
        );
    }
    hub.assert_good().await;
}

async fn a12_text_that_is_none(era: Era) {
    let hub = impatient().ready().await;
    let client = hub.client_of(era).await;
    let call = client
        .message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": {"message": "@"}}))
        .to_string();
    let with = |bytes: &[u8]| {
        let (head, tail) = call.split_once('@').unwrap();
        [head.as_bytes(), bytes, tail.as_bytes()].concat()
    };
    for bytes in [b"\xff\xfe".as_slice(), b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x00", b"\n"] {
        let answer = send(&client, with(bytes)).await;
        assert_refused_message(&answer, &format!("{bytes:?}"), 400, &[-32700], &["T-0301"]);
    }
    for body in
        ["", " ", "{", "{}}", "nul", "\u{feff}", "{\"jsonrpc\":\"2.0\",}", "{'jsonrpc':'2.0'}", "NaN", "{\"a\":01}"]
    {
        let answer = send(&client, body).await;
        assert_refused_message(&answer, body, 400, &[-32700, -32600], &["T-0301", "T-0302"]);
    }
    // Valid, though nobody can read it: kept as it is or refused, but nothing breaks.
    for escaped in [r"\u0000", r"\ud800", r"\udfff\ud800"] {
        let answer = send(&client, with(escaped.as_bytes())).await;
        assert!([200, 400, 504].contains(&answer.status), "{escaped}: {} {}", answer.status, answer.text());
    }
    hub.assert_good().await;
}

async fn a13_duplicate_keys(era: Era) {
    let hub = guarded().ready().await;
    let doubled = [
        r#""jsonrpc":"2.0""#,
        r#""id":2"#,
        r#""method":"tools/list""#,
        r#""params":{}"#,
        r#""m\u0065thod":"tools/list""#,
        r#""\u0069d":2"#,
    ];
    for path in ENDPOINTS {
        let client = client_at(&hub, era, path).await;
        let call =
            client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": {"message": "hi"}}));
        let call = call.to_string();
        let (front, back) = (&call[..call.len() - 1], &call[1..]);
        for member in doubled {
            for body in [format!("{{{member},{back}"), format!("{front},{member}}}")] {
                let answer = send(&client, body).await;
                assert_refused_message(&answer, member, 400, &[-32700, -32600], &["T-0301", "T-0302"]);
            }
        }
    }
    let calls = hub.recorded_method("good", "tools/call");
    assert!(calls.iter().all(|call| call["params"]["name"] != "echo"), "nothing was passed on: {calls:?}");
    hub.assert_good().await;
}

/// The hub would route by one `name` and the upstream read the other: a way around every rule about tools.
async fn a13_second_name_does_not_reach_a_hidden_tool() {
    let hub = guarded().ready().await;
    let template = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{@,"arguments":{},"_meta":#}}"#;
    let members: String = (0..100).map(|number| format!("\"f{number}\":0,")).collect();
    let filler = format!(r#"{members}"name":"good__add","name":"secret""#);
    for era in Era::BOTH {
        let client = client_at(&hub, era, "/mcp/x").await;
        let meta = client.message(&json!(1), "tools/call", json!({"_meta": {}}))["params"]["_meta"].to_string();
        let tricks = [
            r#""name":"good__add","name":"secret""#,
            r#""name":"secret","name":"good__add""#,
            r#""name":"good__add","name":"good__secret""#,
            r#""name":"good__add","n\u0061me":"secret""#,
            r#""n\u0061me":"secret","name":"good__add""#,
            r#""name":"good__add","name":"good__add","name":"secret""#,
            r#""\ud800":1,"name":"good__add","name":"secret""#,
            filler.as_str(),
        ];
        for trick in tricks {
            let body = template.replace('@', trick).replace('#', &meta);
            let message = client.message(&json!(1), "tools/call", json!({"name": "good__add"}));
            let answer = client.post(&message).body(body).send().await;
            assert!(!answer.text().contains("the secret of good"), "{trick}: {}", answer.text());
        }
    }
    let calls = hub.recorded_method("good", "tools/call");
    assert!(calls.iter().all(|call| call["params"]["name"] != "secret"), "the hidden tool was called: {calls:?}");
    hub.assert_good().await;
}

/// A pipe carries a message a line. Line ends in a client's message are white space and must stay that: as they are, what
/// stands between two of them would be a message of its own, with any name and any id.
async fn a13_line_ends_smuggle_nothing() {
    let hub = guarded().ready().await;
    for era in Era::BOTH {
        let client = client_at(&hub, era, "/mcp/x").await;
        let message =
            client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": {"message": "hi"}}));
        let pretty = serde_json::to_string_pretty(&message).expect("a value is JSON");
        for body in [pretty.clone(), pretty.replace('\n', "\r\n"), pretty.replace('\n', "\r")] {
            let answer = client.post(&message).body(body).send().await;
            assert!(answer.text().contains("hi"), "a message over several lines is one: {}", answer.text());
        }
        let call = r#"{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"secret","arguments":{}}}"#;
        let hidden: Vec<String> = (1..60).map(|id| call.replace('@', &id.to_string())).collect();
        let arguments = format!("{{\"message\":\"hi\",\"a\":[1,\n{}\n,2]}}", hidden.join("\n,\n"));
        let body = message.to_string().replace(r#"{"message":"hi"}"#, &arguments);
        let answer = client.post(&message).body(body).send().await;
        assert!(!answer.text().contains("the secret of good"), "{}", answer.text());
    }
    let calls = hub.recorded_method("good", "tools/call");
    assert!(calls.iter().all(|call| call["params"]["name"] != "secret"), "the hidden tool was called: {calls:?}");
    hub.assert_good().await;
}

async fn a14_ids_of_wrong_types(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    let call = client
        .message(&json!("@"), "tools/call", json!({"name": "good__echo", "arguments": {"message": "hi"}}))
        .to_string();
    let long = format!("\"{}\"", "i".repeat(1_000_000));
    for path in ENDPOINTS {
        let client = client_at(&hub, era, path).await;
        for id in ["null", "{}", "[]", "true", "1.5", "1e3", "9223372036854775808", "1e400", long.as_str()] {
            let answer = send(&client, call.replace("\"@\"", id)).await;
            assert_refused_message(&answer, &id[..id.len().min(30)], 400, &[-32600], &["T-0302"]);
        }
    }
    let calls = hub.recorded_method("good", "tools/call");
    assert!(calls.iter().all(|call| call["params"]["name"] != "echo"), "nothing was passed on: {calls:?}");
    hub.assert_good().await;
}

async fn a14_id_that_is_in_flight() {
    let hub = guarded().ready().await;
    let client = hub.client().await;
    let held = client.start_call("good__hold", json!({"name": "first"}));
    client.call("good__await_hold", json!({"name": "first"})).await.result();
    let again = client.message(&held.id, "tools/call", json!({"name": "good__echo", "arguments": {"message": "hi"}}));
    let answer = client.post(&again).send().await;
    assert_refused_message(&answer, "the same id", 400, &[-32600], &["T-0321"]);
    // The same id of another type, and of other clients, is another id.
    let text = client.message(&json!(held.id.to_string()), "tools/call", again["params"].clone());
    assert_eq!(client.send(&text).await.text(), "hi");
    for other in [hub.client().await, hub.modern()] {
        let message = other.message(&held.id, "tools/call", again["params"].clone());
        assert_eq!(other.send(&message).await.text(), "hi");
    }
    client.call("good__release", json!({"name": "first"})).await.result();
    let id = held.id.clone();
    assert_eq!(held.finish().await.text(), "held first", "the first one is not disturbed");
    let message = client.message(&id, "tools/call", again["params"].clone());
    assert_eq!(client.send(&message).await.text(), "hi", "after the answer the id is free");
}

async fn a15_batches(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    let call = client.message(&json!(1), "tools/call", json!({"name": "good__echo", "arguments": {"message": "hi"}}));
    for path in ENDPOINTS {
        let client = client_at(&hub, era, path).await;
        let batches = [json!([]), json!([call]), Value::from(vec![call.clone(); 10_000]), json!([1, null])];
        for batch in batches {
            for text in [batch.to_string(), format!(" \n\t{batch}")] {
                let answer = send(&client, text).await;
                assert_refused_message(&answer, "a batch", 400, &[-32600], &["T-0316"]);
            }
        }
    }
    let calls = hub.recorded_method("good", "tools/call");
    assert!(calls.iter().all(|call| call["params"]["name"] != "echo"), "nothing was passed on: {calls:?}");
    hub.assert_good().await;
}

async fn a16_answers_that_nobody_asked_for(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    for id in [json!(1), json!("x"), json!(null)] {
        let result = json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}});
        let error = json!({"jsonrpc": "2.0", "id": id, "error": {"code": -1, "message": "no"}});
        for message in [result, error] {
            let answer = send(&client, message.to_string()).await;
            assert!([202, 400].contains(&answer.status), "{message}: {} {}", answer.status, answer.text());
        }
    }
    hub.assert_good().await;
}

async fn a17_unknown_notifications(era: Era) {
    let hub = guarded().ready().await;
    let client = hub.client_of(era).await;
    let (long, odd) = (format!("notifications/{}", "x".repeat(100_000)), "notifications/ünï/../code\u{202e}");
    let unknown = ["notifications/unknown", "tools/call", long.as_str(), odd, ""];
    for method in unknown {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": {}});
        // The header of a modern request is left out: not every one of these could be written there.
        let request = client.post(&message).without("mcp-method").without("mcp-name").body(message.to_string());
        let answer = request.send().await;
        assert!([202, 400].contains(&answer.status), "{method:.40}: {} {}", answer.status, answer.text());
    }
    let reached = |method: &&str| !hub.recorded_method("good", method).is_empty();
    let passed_on: Vec<&str> = unknown.into_iter().filter(reached).collect();
    assert!(passed_on.is_empty(), "none of them reaches an upstream: {passed_on:?}");
    hub.assert_good().await;
}
