use super::*;
use crate::responses::{Reader, Writer, read_answer, read_request, write_answer, write_request};
use conversation::answer::{Answer, Reply};
use conversation::delta::Delta;
use conversation::request::ToolChoice;
use conversation::stream::{Event, replay};
use serde_json::{Value, json};
use std::sync::Arc;

fn function(name: &str) -> Value {
    json!({"type": "function", "name": name, "parameters": {"type": "object"}, "strict": false})
}

fn namespace(name: &str, tools: &[&str]) -> Value {
    json!({"type": "namespace", "name": name, "tools": tools.iter().map(|tool| function(tool)).collect::<Vec<_>>()})
}

fn asked(body: &Value) -> Request {
    let mut body = body.clone();
    body["model"] = json!("m");
    if body["input"].is_null() {
        body["input"] = json!("Hi");
    }
    let request = read_request(&body.to_string()).unwrap();
    // Whatever stands here, this dialect gets it back.
    let written: Value = serde_json::from_str(&write_request(&request).body).unwrap();
    assert_eq!(written, body);
    request
}

fn names(request: &Request) -> Vec<&str> {
    let names = request.tools.iter().map(|tool| match tool {
        Tool::Function(function) => function.name.as_str(),
        Tool::Opaque(opaque) => opaque.kind.as_str(),
    });
    names.collect()
}

#[test]
fn each_tool_of_a_namespace_is_one_of_its_own() {
    for (name, tools, expected) in [
        ("mcp__github__", ["add", "list"], ["mcp__github__add", "mcp__github__list"]),
        ("mcp__github", ["add", "_list"], ["mcp__github__add", "mcp__github___list"]),
        ("web_", ["open", "null"], ["web___open", "web___null"]),
        ("null", ["null", "a\"b"], ["null__null", "null__a\"b"]),
    ] {
        let request = asked(&json!({"tools": [namespace(name, &tools)]}));
        assert_eq!(names(&request), expected);
    }
}

#[test]
fn what_a_namespace_says_of_all_stands_at_the_first() {
    let mut group = namespace("crm", &["find", "list"]);
    group["description"] = json!("Customers");
    group["tools"][0]["description"] = json!("Finds one");
    group["owner"] = json!("me");
    let request = asked(&json!({"tools": [group]}));
    let [Tool::Function(first), Tool::Function(second)] = request.tools.as_slice() else { panic!("{request:?}") };
    let told = "Finds one\n\nOf all tools whose names begin with `crm__`: Customers";
    assert_eq!((first.description.as_deref(), &second.description), (Some(told), &None));
    let mut losses = conversation::loss::Losses::new();
    first.extra.lose("tools[0]", &mut losses);
    second.extra.lose("tools[1]", &mut losses);
    assert_eq!(losses.to_string(), "tools[0].namespace.owner");
}

#[test]
fn what_is_no_plain_namespace_stays_as_it_is() {
    for group in [
        json!({"type": "namespace", "name": "a", "tools": [function("b"), {"type": "web_search"}]}),
        json!({"type": "namespace", "name": "a", "tools": [{"type": "function"}]}),
        json!({"type": "namespace", "name": "a", "tools": []}),
        json!({"type": "namespace", "name": "a"}),
        json!({"type": "namespace", "name": "", "tools": [function("b")]}),
        json!({"type": "namespace", "name": 1, "tools": [function("b")]}),
    ] {
        let request = asked(&json!({"tools": [group]}));
        assert_eq!(names(&request), ["namespace"]);
    }
}

#[test]
fn tools_whose_joined_names_are_the_same_stay_apart() {
    let tools = json!([namespace("a", &["b", "b"]), function("a__b"), namespace("a__", &["b"]), function("a__b_3")]);
    let call = |namespace: &str| json!({"type": "function_call", "call_id": namespace, "namespace": namespace, "name": "b", "arguments": "{}"});
    let request = asked(&json!({"tools": tools, "input": [call("a"), call("a__")]}));
    let expected = ["a__b_2", "a__b_4", "a__b", "a__b_5", "a__b_3"];
    assert_eq!(names(&request), expected);
    let called: Vec<&str> = calls(&request.turns.iter().flat_map(|turn| turn.items.clone()).collect::<Vec<_>>())
        .into_iter()
        .map(|call| expected.into_iter().find(|name| *name == call.name).unwrap())
        .collect();
    assert_eq!(called, ["a__b_2", "a__b_5"]);
    let told = told(&answered(&["a__b_4", "a__b", "a__b_5"]), &request);
    let expected = [("b", json!("a")), ("a__b", Value::Null), ("b", json!("a__"))];
    for (call, (name, namespace)) in told.iter().zip(expected) {
        assert_eq!((&call["name"], &call["namespace"]), (&json!(name), &namespace));
    }
}

fn calls(items: &[Item]) -> Vec<ToolCall> {
    let call = |item: &Item| match item {
        Item::ToolCall(call) => Some(call.clone()),
        _ => None,
    };
    items.iter().filter_map(call).collect()
}

#[test]
fn calls_in_a_conversation_have_the_names_of_the_tools() {
    let call = |namespace: Value, name: &str| json!({"type": "function_call", "call_id": name, "namespace": namespace, "name": name, "arguments": "{}"});
    let custom = json!({"type": "custom_tool_call", "call_id": "d", "namespace": "crm", "name": "ask", "input": "x"});
    let input = [
        call(json!("crm"), "find"),
        call(json!("shell"), "shell"),
        call(json!("crm"), "shell"),
        call(json!("gone"), "find"),
        call(json!(""), "find"),
        call(json!(null), "find"),
        custom,
    ];
    let mut group = namespace("crm", &["find", "ask"]);
    group["tools"][1] = json!({"type": "custom", "name": "ask"});
    let request = asked(&json!({"tools": [function("shell"), group], "input": input}));
    let items: Vec<Item> = request.turns.iter().flat_map(|turn| turn.items.clone()).collect();
    let called: Vec<String> = calls(&items).into_iter().map(|call| call.name).collect();
    assert_eq!(called, ["crm__find", "shell", "shell", "gone__find", "find", "find", "crm__ask"]);
}

#[test]
fn a_choice_names_a_tool_of_a_namespace() {
    let mut group = namespace("crm", &["find", "ask"]);
    group["tools"][1] = json!({"type": "custom", "name": "ask"});
    let tools = json!([function("shell"), group]);
    let chosen = |choice: Value| asked(&json!({"tools": tools, "tool_choice": choice})).tool_choice.unwrap();
    let find = json!({"type": "function", "name": "find", "namespace": "crm"});
    let ask = json!({"type": "custom", "name": "ask", "namespace": "crm"});
    assert_eq!(chosen(find.clone()), ToolChoice::Function("crm__find".to_owned()));
    assert_eq!(chosen(ask.clone()), ToolChoice::Function("crm__ask".to_owned()));
    let shell = json!({"type": "function", "name": "shell"});
    let allowed = json!({"type": "allowed_tools", "mode": "required", "tools": [find, ask, shell]});
    let names = ["crm__find", "crm__ask", "shell"].map(str::to_owned).to_vec();
    assert_eq!(chosen(allowed), ToolChoice::Allowed { names, required: true });
    for unknown in [
        json!({"type": "function", "name": "crm__find"}),
        json!({"type": "function", "name": "find", "namespace": "web"}),
        json!({"type": "function", "name": "ask", "namespace": "crm"}),
        json!({"type": "function", "name": "find", "namespace": null}),
    ] {
        assert!(matches!(chosen(unknown.clone()), ToolChoice::Opaque(_)), "{unknown}");
    }
}

/// What a model of another dialect answers that calls these.
fn answered(names: &[&str]) -> Answer {
    let call = |(number, name): (usize, &&str)| {
        let (id, name) = (Some(format!("c{number}")), (*name).to_owned());
        Item::ToolCall(ToolCall { id, name, arguments: "{\"input\":\"x\"}".to_owned(), ..ToolCall::default() })
    };
    Answer { items: names.iter().enumerate().map(call).collect(), ..Answer::default() }
}

/// The output that the client of `request` gets, the same as a whole and in a stream.
fn told(answer: &Answer, request: &Request) -> Vec<Value> {
    let reply = Reply { id: "abc".to_owned(), created: 0, request: Arc::new(request.clone()) };
    let body: Value = serde_json::from_str(&write_answer(answer, &reply).body).unwrap();
    let mut writer = Writer::new(reply);
    let events: Vec<Value> = replay(answer)
        .iter()
        .flat_map(|event| writer.push(event))
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect();
    assert_eq!(events.last().unwrap()["response"]["output"], body["output"]);
    let output = body["output"].as_array().unwrap();
    let items = |name: &str| -> Vec<Value> {
        events.iter().filter(|event| event["type"] == name).map(|event| event["item"].clone()).collect()
    };
    assert_eq!(items("response.output_item.done"), *output);
    for (begun, whole) in items("response.output_item.added").iter().zip(output) {
        assert_eq!((&begun["name"], &begun["namespace"]), (&whole["name"], &whole["namespace"]));
    }
    let done = events.iter().filter(|event| event["type"] == "response.function_call_arguments.done");
    let called = output.iter().filter(|item| item["type"] == "function_call");
    assert!(done.map(|event| &event["name"]).eq(called.map(|item| &item["name"])));
    output.clone()
}

#[test]
fn calls_are_told_with_both_names_apart() {
    let mut group = namespace("mcp__crm__", &["find", "ask"]);
    group["tools"][1] = json!({"type": "custom", "name": "ask"});
    let request = asked(&json!({"tools": [function("shell"), group]}));
    let output = told(&answered(&["mcp__crm__find", "mcp__crm__ask", "shell", "mcp__crm__lost"]), &request);
    let expected = [
        ("function_call", "find", json!("mcp__crm__")),
        ("custom_tool_call", "ask", json!("mcp__crm__")),
        ("function_call", "shell", Value::Null),
        ("function_call", "mcp__crm__lost", Value::Null),
    ];
    assert_eq!(output.len(), expected.len());
    for (item, (kind, name, namespace)) in output.iter().zip(expected) {
        assert_eq!((&item["type"], &item["name"], &item["namespace"]), (&json!(kind), &json!(name), &namespace));
    }
}

#[test]
fn calls_of_an_answer_are_read_as_those_of_a_conversation() {
    let item = json!({"type": "function_call", "id": "fc_1", "call_id": "c", "status": "completed", "name": "find",
        "namespace": "crm", "arguments": "{}"});
    let answer = read_answer(&json!({"id": "resp_1", "status": "completed", "output": [item]}).to_string()).unwrap();
    let read = calls(&answer.items);
    assert_eq!(read.len(), 1);
    let mut reader = Reader::default();
    let mut events = Vec::new();
    let mut begun = item.clone();
    begun["arguments"] = json!("");
    for event in [
        json!({"type": "response.output_item.added", "output_index": 0, "item": begun}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
    ] {
        let name = event["type"].as_str().unwrap();
        events.extend(reader.feed(Some(name), &event.to_string()).unwrap());
    }
    let mut streamed = Vec::new();
    for event in events {
        match event {
            Event::ItemStart { item: Item::ToolCall(call), .. } => streamed.push(call),
            Event::Delta { delta: Delta::Arguments(piece), .. } => streamed[0].arguments.push_str(&piece),
            Event::Delta { delta: Delta::Extra(later), .. } => streamed[0].extra.merge(later),
            _ => {}
        }
    }
    for call in [read, streamed].concat() {
        assert_eq!((call.name.as_str(), call.arguments.as_str()), ("crm__find", "{}"));
        let output = told(&Answer { items: vec![Item::ToolCall(call)], ..Answer::default() }, &Request::default());
        assert_eq!(output, std::slice::from_ref(&item));
    }
}
