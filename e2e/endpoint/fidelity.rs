//! hub(x) = x: what the hub does not have to change arrives byte for byte.

use crate::harness::{Era, Setup, trials, trials_of_both_eras};
use crate::upstream::{VENDOR, definitions, prompt, text_of};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("endpoint":
        h13_h21_definitions_arrive_untouched,
        h13_results_arrive_untouched,
        h13_unknown_content_arrives_untouched,
        h13_arguments_arrive_untouched,
        h07_ids_come_back_as_they_were,
    );
    tests.extend(trials!("endpoint": h13_meta_of_the_client_arrives, large_arguments_and_results_arrive));
    tests
}

const ERAS: [&str; 2] = ["legacy", "modern"];

async fn h13_h21_definitions_arrive_untouched(era: Era) {
    for speaks in ERAS {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        let listed = client.list("tools/list", "tools").await;
        for own in definitions() {
            let mut expected: Value = serde_json::from_str(&text_of(&own)).unwrap();
            let name = format!("faulty__{}", own["name"].as_str().unwrap());
            expected["name"] = json!(name);
            let arrived = listed.iter().find(|tool| tool["name"] == name).unwrap_or_else(|| panic!("{name} is listed"));
            assert_eq!(*arrived, expected, "only the name is another one");
            let order = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(order(arrived), order(&expected), "the order of the members is kept");
        }
        let raw = client.request("tools/list", json!({})).await.raw;
        assert_eq!(raw.matches(&format!("\"x-vendor\":{VENDOR}")).count(), 2, "numbers and escapes are kept");
        let prompts = client.list("prompts/list", "prompts").await;
        let mut expected: Value = serde_json::from_str(&text_of(&prompt())).unwrap();
        expected["name"] = json!("faulty__greet");
        assert!(prompts.contains(&expected), "{prompts:?}");
    }
}

async fn h13_results_arrive_untouched(era: Era) {
    for speaks in ERAS {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        let requests = [
            ("tools/call", json!({"name": "faulty__echo", "arguments": {"message": "hi"}})),
            ("prompts/get", json!({"name": "faulty__greet", "arguments": {"name": "Ada"}})),
        ];
        for (method, params) in requests {
            let reply = client.request(method, params).await;
            assert!(reply.raw.contains(&format!("\"x-vendor\":{VENDOR}")), "{method} of {speaks}: {}", reply.raw);
        }
        let reply = client.call("faulty__echo", json!({"message": "hi"})).await;
        let result = reply.result();
        assert_eq!(result["_meta"]["com.example/from"], "faulty", "the upstream's own _meta is kept: {}", reply.raw);
        assert_eq!(result["content"][0]["annotations"], json!({"audience": ["user"]}));
        let known = ["content", "structuredContent", "_meta", "x-vendor", "resultType"];
        let all = result.as_object().unwrap();
        assert!(all.keys().all(|key| known.contains(&key.as_str())), "nothing is added: {}", reply.raw);
    }
}

async fn h13_unknown_content_arrives_untouched(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let reply = hub.client_of(era).await.call("faulty__kinds", json!({})).await;
    let result = reply.result();
    let kinds: Vec<&Value> = result["content"].as_array().unwrap().iter().map(|part| &part["type"]).collect();
    assert_eq!(kinds, ["text", "image", "audio", "video"]);
    assert!(reply.raw.contains(r#"{"type":"video","frames":[1,2.0,null]"#), "{}", reply.raw);
    assert_eq!(result.get("structuredContent"), Some(&Value::Null), "null is not nothing: {}", reply.raw);
    assert_eq!(result.get("isError"), Some(&json!(false)));
}

async fn h13_arguments_arrive_untouched(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let message = client.message(&json!(1), "tools/call", json!({"name": "faulty__echo", "arguments": "@"}));
    let arguments = format!(r#"{{ "message" : "h\u0069" , "x":{VENDOR},"name":"other__tool","deep":[[[{{}}]]] }}"#);
    let text = message.to_string().replace("\"@\"", &arguments);
    let answer = client.post(&message).body(text).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let all = hub.recorded("faulty");
    let call = all.iter().rfind(|entry| entry["message"]["method"] == "tools/call").expect("the call arrives");
    let raw = call["raw"].as_str().unwrap();
    assert!(raw.contains(&arguments), "the upstream gets the bytes of the client:\n{raw}\nnot\n{arguments}");
    assert_eq!(call["message"]["params"]["name"], "echo", "with its own name for the tool");
}

async fn h07_ids_come_back_as_they_were(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let ids = [json!(0), json!(-7), json!(i64::MAX), json!(""), json!("7"), json!("schlüssel \"quoted\" \\ \u{1F600}")];
    for id in ids {
        let call = json!({"name": "good__add", "arguments": {"a": 1, "b": 1}});
        for message in [client.message(&id, "tools/call", call), client.message(&id, "tools/list", json!({}))] {
            let reply = client.send(&message).await;
            assert_eq!(reply.message["id"], id, "the same id of the same type");
            reply.result();
        }
    }
}

/// What others put into `_meta` (trace context, vendors' keys) is theirs; only what belongs to the hop is changed.
async fn h13_meta_of_the_client_arrives() {
    for (era, speaks) in
        [(Era::Legacy, "legacy"), (Era::Legacy, "modern"), (Era::Modern, "legacy"), (Era::Modern, "modern")]
    {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = hub.client_of(era).await;
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let meta = json!({"traceparent": trace, "com.example/own": {"kept": [1.0, null]}, "progressToken": "mine"});
        let params = json!({"name": "faulty__echo", "arguments": {"message": "hi"}, "_meta": meta});
        client.request("tools/call", params).await.result();
        let calls = hub.recorded_method("faulty", "tools/call");
        let arrived = &calls.last().expect("the call arrives")["params"]["_meta"];
        assert_eq!(arrived["traceparent"], trace, "{} to {speaks}: {arrived}", era.word());
        assert_eq!(arrived["com.example/own"], meta["com.example/own"], "{} to {speaks}: {arrived}", era.word());
        assert_ne!(arrived["progressToken"], "mine", "tokens are unique per connection: {arrived}");
        let version = arrived.get("io.modelcontextprotocol/protocolVersion");
        assert_eq!(version.is_some(), speaks == "modern", "the version is that of the hop: {arrived}");
    }
}

async fn large_arguments_and_results_arrive() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let text = "ä😀\"\\\n".repeat(100_000);
    for era in Era::BOTH {
        let reply = hub.client_of(era).await.call("faulty__echo", json!({"message": text})).await;
        assert!(reply.text() == text, "a megabyte goes there and back");
    }
}
