use super::*;
use crate::responses;
use conversation::answer::{Answer, Reply};
use conversation::delta::Delta;
use conversation::item::Item;
use conversation::stream::{Event, replay};
use serde_json::{Value, json};
use std::sync::Arc;

const PATCH: &str = "*** Begin \"Patch\"\n+é\\\n";

/// A client that has a custom tool and a function.
fn reply() -> Reply {
    let body = json!({"model": "m", "input": "Hi", "tools": [
        {"type": "custom", "name": "apply_patch"}, {"type": "function", "name": "shell", "parameters": {}}]});
    let request = responses::read_request(&body.to_string()).unwrap();
    Reply { id: "0123456789abcdef01234567".to_owned(), created: 0, request: Arc::new(request) }
}

/// What a model of another dialect answers.
fn answer(calls: &[(&str, &str)]) -> Answer {
    let call = |(number, (name, arguments)): (usize, &(&str, &str))| {
        let (id, name) = (Some(format!("c{number}")), (*name).to_owned());
        Item::ToolCall(ToolCall { id, name, arguments: (*arguments).to_owned(), ..ToolCall::default() })
    };
    Answer { items: calls.iter().enumerate().map(call).collect(), ..Answer::default() }
}

fn calls() -> Answer {
    let spaced = format!("{{ \"input\" : {} }}", quote(PATCH));
    answer(&[("apply_patch", &spaced), ("shell", "{\"input\":\"ls\"}")])
}

/// The calls of an output, without their own ids.
fn told(output: &Value) -> Value {
    let mut output = output.clone();
    for item in output.as_array_mut().unwrap() {
        let id = item.as_object_mut().unwrap().remove("id").unwrap();
        let prefix = if item["type"] == "custom_tool_call" { "ctc_" } else { "fc_" };
        assert!(id.as_str().unwrap().starts_with(prefix), "{id}");
    }
    output
}

fn expected() -> Value {
    json!([
        {"type": "custom_tool_call", "status": "completed", "call_id": "c0", "name": "apply_patch", "input": PATCH},
        {"type": "function_call", "status": "completed", "call_id": "c1", "name": "shell", "arguments": "{\"input\":\"ls\"}"}])
}

#[test]
fn calls_of_custom_tools_come_back_as_such() {
    let written = responses::write_answer(&calls(), &reply());
    let body: Value = serde_json::from_str(&written.body).unwrap();
    assert_eq!(told(&body["output"]), expected());
    assert!(written.losses.is_empty(), "{}", written.losses);
    let mut writer = responses::Writer::new(reply());
    let events: Vec<Value> = replay(&calls())
        .iter()
        .flat_map(|event| writer.push(event))
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect();
    assert_eq!(told(&events.last().unwrap()["response"]["output"]), expected());
    let pieces = |name: &str, member: &str| -> String {
        events.iter().filter(|event| event["type"] == name).map(|event| event[member].as_str().unwrap()).collect()
    };
    assert_eq!(pieces("response.custom_tool_call_input.delta", "delta"), PATCH);
    assert_eq!(pieces("response.custom_tool_call_input.done", "input"), PATCH);
    assert_eq!(pieces("response.function_call_arguments.done", "arguments"), "{\"input\":\"ls\"}");
    let added = events.iter().find(|event| event["type"] == "response.output_item.added").unwrap();
    assert_eq!((&added["item"]["type"], &added["item"]["input"]), (&json!("custom_tool_call"), &json!("")));
}

#[test]
fn input_comes_as_it_is_written() {
    let text = "\u{1f600}é\t\"\\ \u{7} end";
    let escaped = r#"\ud83d\ude00é\t\"\\ \u0007 end"#;
    for arguments in [format!("{{\"input\":\"{escaped}\"}}"), format!(" {{ \"input\" : \"{escaped}\" , \"why\": 1}}")] {
        for size in [1, 2, 3, 7, 100] {
            let characters: Vec<char> = arguments.chars().collect();
            let mut unfold = Unfold::default();
            let pieces: Vec<String> =
                characters.chunks(size).map(|piece| unfold.feed(&piece.iter().collect::<String>())).collect();
            assert_eq!((pieces.concat(), unfold.given), (text.to_owned(), text.len()), "{arguments} {size}");
            assert!(size > 1 || pieces.iter().filter(|piece| !piece.is_empty()).count() > 8, "{pieces:?}");
        }
    }
    let mut unfold = Unfold::default();
    assert_eq!(["{", "\"why\":\"input\",\"input\":", "\"x\"}"].map(|piece| unfold.feed(piece)).concat(), "");
}

#[test]
fn a_stream_tells_the_input_in_pieces() {
    let mut writer = responses::Writer::new(reply());
    let mut events = vec![Event::ItemStart { index: 0, item: answer(&[("apply_patch", "")]).items.remove(0) }];
    let pieces = ["{\"in", "put\": \"*** Be", "gin\\", "n*** End", "\"}"];
    let deltas = pieces.map(|piece| Event::Delta { index: 0, delta: Delta::Arguments(piece.to_owned()) });
    events.extend(deltas);
    events.push(Event::ItemEnd { index: 0 });
    let told: Vec<Value> = events
        .iter()
        .flat_map(|event| writer.push(event))
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .filter(|event: &Value| event["type"] == "response.custom_tool_call_input.delta")
        .map(|event| event["delta"].clone())
        .collect();
    assert_eq!(told, [json!("*** Be"), json!("gin"), json!("\n*** End")]);
}

#[test]
fn arguments_of_another_form_are_the_input() {
    for (arguments, expected, lost) in [
        ("*** Begin Patch", "*** Begin Patch", ""),
        ("{\"patch\":\"x\"}", "{\"patch\":\"x\"}", ""),
        ("{\"input\":\"x\",\"why\":1}", "x", "tool_call.arguments"),
        ("{\"input\":", "{\"input\":", ""),
        ("{\"input\":\"*** Be", "*** Be", ""),
        ("{}", "", ""),
        ("", "", ""),
    ] {
        let written = responses::write_answer(&answer(&[("apply_patch", arguments)]), &reply());
        let body: Value = serde_json::from_str(&written.body).unwrap();
        assert_eq!(body["output"][0]["input"], expected, "{arguments}");
        assert_eq!(written.losses.to_string(), lost, "{arguments}");
    }
}

#[test]
fn input_and_arguments_say_the_same() {
    for input in ["", "a", PATCH, "\u{1}\u{2028}\"\\"] {
        assert_eq!(super::input(&arguments(input), &mut Losses::new()), input);
    }
}
