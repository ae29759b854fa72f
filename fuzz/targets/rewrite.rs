//! What the hub changes in a message on its way: the rest comes out as it went in, and it stays JSON.

use super::input;
use mcp::extension::{self, Extensions};
use mcp::task;
use mcp::{Era, Method, capability, level, number, raw};
use serde_json::{Map, Value};
use telemetry::trace::Carried;
use tools::forward;
use tools::rewrite::{self, Eras, Outgoing, Trace};

const METHODS: [&str; 6] =
    ["tools/call", "prompts/get", "resources/read", "notifications/progress", "completion/complete", "x/unknown"];

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let Some([text, word]) = input::texts(data) else { return };
    let Some(members) = input::object(text).filter(|_| !input::says_twice(text.trim())) else { return };
    let text = text.trim();
    let era = |bit: usize| if chosen & bit == 0 { Era::Legacy } else { Era::Modern };
    let eras = Eras { client: era(1), upstream: era(2) };
    let method = Method::from_name(METHODS[chosen / 8 % METHODS.len()]);
    params(text, &members, eras, word, chosen & 4 == 0);
    let result = rewrite::result(text, &method, "files", eras);
    let mut after = read(&result);
    assert!(chosen & 3 != 0 && chosen & 3 != 3 || after.len() == members.len(), "members of the result");
    for name in ["content", "contents", "messages", "resultType", "ttlMs", "cacheScope"] {
        after.shift_remove(name);
    }
    assert!(after.iter().all(|(name, value)| members.get(name) == Some(value)), "something else was changed");
    if let Some(note) = rewrite::note(text, raw::get(text, "params"), &method, Some("7")) {
        read(&note);
    }
    read(&task::legacy(text));
    read(&task::modern(text, "task", None));
    read(&task::related(text, "\"id\""));
    let _ = (task::modern_created(text).map(|text| read(&text)), task::is_task(text), rewrite::wants_input(text));
    for version in ["2024-11-05", "2025-11-25", "2026-07-28"] {
        read(&number::for_client(text, &method, eras.upstream, version));
    }
    read(&number::address_needed(text));
    capabilities(text);
    questions(text, &members, word);
}

/// What a modern server asks in place of an answer, and how it gets the answers.
fn questions(text: &str, members: &Map<String, Value>, word: &str) {
    let old = serde_json::json!({"name": word, "inputResponses": {"old": {}}, "requestState": "old"});
    let Some((asks, params)) = forward::answered(text, &old.to_string()) else { return };
    let requests = members.get("inputRequests").and_then(Value::as_object).cloned().unwrap_or_default();
    assert_eq!(asks.len(), requests.len(), "number of questions");
    for (ask, request) in asks.iter().zip(requests.values()) {
        assert_eq!(Some(ask.method.name()), request.get("method").and_then(Value::as_str), "method");
    }
    let mut sent = read(&params);
    let responses = sent.shift_remove("inputResponses").unwrap_or_else(|| Value::Object(Map::new()));
    let expected: Map<String, Value> = requests.keys().map(|name| (name.clone(), Value::Object(Map::new()))).collect();
    assert_eq!(responses, Value::Object(expected), "answers");
    assert_eq!(sent.shift_remove("requestState").as_ref(), members.get("requestState"), "state");
    assert_eq!(Value::Object(sent), serde_json::json!({"name": word}), "something else was changed");
}

fn params(text: &str, members: &Map<String, Value>, eras: Eras, word: &str, traced: bool) {
    let carried = Carried { state: Some(Some(word.to_owned())), baggage: Some(word.to_owned()) };
    let trace = Trace { parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", carried: &carried };
    // A `_meta` that is no object is refused before this.
    if raw::get(text, "_meta").is_some_and(|meta| !raw::is_object(meta)) {
        return;
    }
    let names = raw::get(text, "name").map(|part| (part, word.to_owned())).into_iter().collect();
    let trace = traced.then_some(trace);
    let outgoing = Outgoing { names, token: 7, eras, level: Some("info"), capabilities: "{}", trace };
    let mut after = read(&rewrite::params(text, &outgoing));
    let mut before = members.clone();
    if before.contains_key("name") {
        before.insert("name".to_owned(), Value::from(word));
    }
    let (old, new) = (before.shift_remove("_meta"), after.shift_remove("_meta"));
    assert_eq!(before, after, "something else was changed");
    let own = |name: &str| {
        ["progressToken", "traceparent", "tracestate", "baggage"].contains(&name)
            || name.starts_with("io.modelcontextprotocol/")
    };
    let rest = |meta: Option<Value>| match meta {
        Some(Value::Object(members)) => members.into_iter().filter(|(name, _)| !own(name)).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    assert_eq!(rest(old), rest(new), "something else of `_meta` was changed");
}

fn capabilities(text: &str) {
    let mut extensions = Extensions::default();
    extensions.add(text);
    for modern in [false, true] {
        extensions.to_json(modern).map(|text| read(&text));
        let with = extension::with_tasks(text, modern);
        read(&with);
        assert_eq!(extension::takes_tasks(&with), modern, "tasks");
    }
    let _ = (capability::takes(text, &Method::Elicit, text), capability::is_safe(text), level::of_message(text));
}

fn read(text: &str) -> Map<String, Value> {
    input::object(text).unwrap_or_else(|| panic!("no object of JSON: {text}"))
}
