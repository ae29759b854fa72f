use super::{Eras, Outgoing, note, params, result, wants_input};
use mcp::version::meta;
use mcp::{Era, Method, raw};
use proptest::prelude::*;
use serde_json::{Value, json};

const LEGACY: Eras = Eras { client: Era::Legacy, upstream: Era::Legacy };
const MODERN: Eras = Eras { client: Era::Modern, upstream: Era::Modern };
const UP: Eras = Eras { client: Era::Legacy, upstream: Era::Modern };
const DOWN: Eras = Eras { client: Era::Modern, upstream: Era::Legacy };

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{0,6}", inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A client's token. It is longer than any name that [`any_json`] makes up, so that it stands in a text only once.
const TOKEN: &str = "the client's own";

fn outgoing(text: &str, eras: Eras) -> String {
    let names = vec![(raw::get(text, "name").unwrap(), "echo".to_owned())];
    let capabilities = r#"{"roots":{}}"#;
    params(text, &Outgoing { names, token: 42, eras, level: Some("info"), capabilities, trace: None }).into_owned()
}

proptest! {
    #[test]
    fn h13_the_hub_changes_only_what_it_says(arguments in any_json(), vendor in any_json(), pretty in any::<bool>()) {
        let sent = json!({"name": "u__echo", "arguments": arguments, "vendor": vendor,
            "_meta": {"progressToken": TOKEN, "other/key": vendor}});
        let text = if pretty { serde_json::to_string_pretty(&sent) } else { serde_json::to_string(&sent) }.unwrap();
        let same = outgoing(&text, LEGACY);
        prop_assert_eq!(same, text.replace("\"u__echo\"", "\"echo\"").replace(&format!("\"{TOKEN}\""), "42"));
        for eras in [MODERN, UP, DOWN] {
            let mut got: Value = serde_json::from_str(&outgoing(&text, eras)).unwrap();
            let members = got["_meta"].as_object_mut().unwrap();
            members.retain(|key, _| !key.starts_with(meta::RESERVED));
            let mut expected = sent.clone();
            expected["name"] = "echo".into();
            expected["_meta"]["progressToken"] = 42.into();
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn h13_a_result_comes_back_as_it_was(structured in any_json(), vendor in any_json()) {
        let sent = json!({"content": [{"type": "text", "text": "x", "vendor": vendor}], "structuredContent": structured,
            "isError": false, "_meta": {"vendor/key": vendor}, "extra": vendor});
        let text = sent.to_string();
        for eras in [LEGACY, MODERN] {
            prop_assert_eq!(result(&text, &Method::ToolsCall, "u", eras), text.as_str());
        }
        prop_assert_eq!(result(&text, &Method::ToolsCall, "u", UP), text.as_str());
        let mut down: Value = serde_json::from_str(&result(&text, &Method::ToolsCall, "u", DOWN)).unwrap();
        prop_assert_eq!(down["resultType"].take(), json!("complete"));
        down.as_object_mut().unwrap().remove("resultType");
        prop_assert_eq!(down, sent);
    }
}

#[test]
fn a_legacy_client_speaks_to_a_modern_upstream_through_the_hub() {
    for text in [
        r#"{"name":"u__echo"}"#,
        r#"{"name":"u__echo","_meta":{}}"#,
        r#"{"name":"u__echo","_meta":{"progressToken":1}}"#,
    ] {
        let got: Value = serde_json::from_str(&outgoing(text, UP)).unwrap();
        assert_eq!(got["_meta"][meta::PROTOCOL_VERSION], "2026-07-28", "{text}");
        assert_eq!(got["_meta"][meta::CLIENT_INFO]["name"], "tutti");
        assert_eq!(got["_meta"][meta::CLIENT_CAPABILITIES], json!({"roots": {}}), "what the client can be asked");
        assert_eq!(got["_meta"][meta::LOG_LEVEL], "info", "a modern upstream is told the level with each request");
        assert_eq!(got["_meta"].get("progressToken").is_some(), text.contains("progressToken"));
    }
    let complete = r#"{"resultType":"complete","content":[]}"#;
    assert_eq!(result(complete, &Method::ToolsCall, "u", UP), r#"{"content":[]}"#);
    let read = r#"{"resultType":"complete","contents":[],"ttlMs":5,"cacheScope":"public"}"#;
    assert_eq!(result(read, &Method::ResourcesRead, "u", UP), r#"{"contents":[]}"#);
}

#[test]
fn a_modern_client_declares_to_an_upstream_only_what_its_entry_offers() {
    let text =
        r#"{"name":"u__echo","_meta":{"io.modelcontextprotocol/clientCapabilities":{"sampling":{},"roots":{}},"x":1}}"#;
    let both = Eras { client: Era::Modern, upstream: Era::Modern };
    let got: Value = serde_json::from_str(&outgoing(text, both)).unwrap();
    assert_eq!(got["_meta"], json!({meta::CLIENT_CAPABILITIES: {"roots": {}}, "x": 1}));
    let same = r#"{"name":"u__echo","_meta":{"io.modelcontextprotocol/clientCapabilities":{"roots":{}}}}"#;
    assert_eq!(outgoing(same, both), same.replace("u__echo", "echo"), "nothing to change changes nothing");
}

#[test]
fn a13_the_address_that_clients_read_is_the_one_that_is_mapped() {
    let read = |text: &str, method| serde_json::from_str::<Value>(&result(text, &method, "files", LEGACY)).unwrap();
    let block = r#"{"type":"resource_link","uri":"file:///first","uri":"file:///last"}"#;
    let mapped = crate::naming::exposed_uri("files", "file:///last").into_owned();
    let called = read(&format!(r#"{{"content":[{block}]}}"#), Method::ToolsCall);
    assert_eq!(called["content"][0]["uri"], mapped);
    let prompt = read(&format!(r#"{{"messages":[{{"role":"user","content":{block}}}]}}"#), Method::PromptsGet);
    assert_eq!(prompt["messages"][0]["content"]["uri"], mapped);
    let contents = r#"{"contents":[{"uri":"file:///first","uri":"file:///last","text":""}]}"#;
    assert_eq!(read(contents, Method::ResourcesRead)["contents"][0]["uri"], mapped);
}

#[test]
fn h19_addresses_of_resources_are_mapped_wherever_they_stand() {
    let call = r#"{"content":[{"type":"resource_link","uri":"file:///a"},{"type":"resource","resource":{"uri":"x:\u0062","text":"t"}},{"type":"text","text":"uri resource"},{"type":"resource_link","uri":"ui://w"}]}"#;
    let mapped = result(call, &Method::ToolsCall, "u", LEGACY);
    assert_eq!(
        mapped,
        r#"{"content":[{"type":"resource_link","uri":"tutti://u/file:///a"},{"type":"resource","resource":{"uri":"tutti://u/x:b","text":"t"}},{"type":"text","text":"uri resource"},{"type":"resource_link","uri":"ui://w"}]}"#
    );
    let prompt = r#"{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"a:1"}}},{"content":[{"type":"resource_link","uri":"a:2"}]}]}"#;
    let mapped = result(prompt, &Method::PromptsGet, "u", LEGACY);
    assert_eq!(mapped, prompt.replace("a:", "tutti://u/a:"));
    let read = result(r#"{"contents":[{"uri":"a:1","blob":""}]}"#, &Method::ResourcesRead, "u", DOWN);
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read["contents"][0]["uri"], "tutti://u/a:1");
    assert_eq!((&read["ttlMs"], &read["cacheScope"]), (&json!(0), &json!("private")));
}

#[test]
fn progress_carries_the_token_of_its_client() {
    let source = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":42,"progress":1}}"#;
    let body = raw::get(source, "params");
    let got = note(source, body, &Method::Progress, Some("\"mine\"")).unwrap();
    assert_eq!(got, source.replace("42", "\"mine\""));
    assert!(note(source, body, &Method::Progress, None).is_none(), "a client without a token wants no progress");
}

#[test]
fn a_wish_for_input_is_recognised() {
    assert!(wants_input(r#"{"resultType":"input_required","inputRequests":{}}"#));
    assert!(!wants_input(r#"{"content":[{"type":"text","text":"input_required"}]}"#));
}

#[test]
fn an_empty_result_becomes_a_whole_modern_one() {
    let read = result("{}", &Method::ResourcesRead, "u", DOWN);
    let read: Value = serde_json::from_str(&read).unwrap();
    assert_eq!(read, json!({"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}));
}
