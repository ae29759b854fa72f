use super::*;
use conversation::failure::{Failure, FailureKind};
use conversation::item::{Reasoning, ToolCall};

fn written(events: &[Event]) -> (String, String) {
    let mut writer = Writer::new(Reply { id: "reply".to_owned(), ..Reply::default() });
    let text = events.iter().flat_map(|event| writer.push(event)).map(|event| event.to_sse()).collect();
    (text, writer.losses().to_string())
}

#[test]
fn empty_items_leave_no_block_and_calls_get_ids() {
    let call = ToolCall { name: "f".to_owned(), ..ToolCall::default() };
    let reasoning = Event::ItemStart { index: 0, item: Item::Reasoning(Reasoning::default()) };
    let (text, losses) = written(&[
        reasoning,
        Event::Delta { index: 0, delta: Delta::Encrypted("secret".to_owned()) },
        Event::ItemEnd { index: 0 },
        Event::ItemStart { index: 1, item: Item::ToolCall(call) },
        Event::Delta { index: 1, delta: Delta::Arguments("{}".to_owned()) },
        Event::ItemEnd { index: 1 },
        Event::Finish(Finish::new(Reason::ToolCalls)),
        Event::End,
    ]);
    let id = conversation::ids::derived("reply", 0);
    let expected = [
        (
            "contentBlockStart",
            format!(r#"{{"start":{{"toolUse":{{"toolUseId":"{id}","name":"f"}}}},"contentBlockIndex":0}}"#),
        ),
        ("contentBlockDelta", r#"{"delta":{"toolUse":{"input":"{}"}},"contentBlockIndex":0}"#.to_owned()),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#.to_owned()),
        ("messageStop", r#"{"stopReason":"tool_use"}"#.to_owned()),
    ];
    let expected: String = expected.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect();
    assert_eq!((text, losses), (expected, "reasoning.encrypted".to_owned()));
}

#[test]
fn an_error_is_an_exception_of_its_kind() {
    let (text, _) = written(&[Event::Error(Failure::new(FailureKind::RateLimit, "Slow down."))]);
    assert_eq!(text, "event: throttlingException\ndata: {\"message\":\"Slow down.\"}\n\n");
}
