use super::*;
use conversation::answer::Reason;
use conversation::item::ToolCall;

fn lines(events: &[Event]) -> (String, String) {
    let mut writer = Writer::new(Reply { created: 1_700_000_000, ..Reply::default() });
    let lines = events.iter().flat_map(|event| writer.push(event)).map(|event| event.to_line());
    let lines = lines.collect::<String>().replace(r#""model":"","created_at":"2023-11-14T22:13:20Z","#, "");
    (lines, writer.losses().to_string())
}

#[test]
fn calls_are_gathered_and_thoughts_flow() {
    let call = ToolCall { id: Some("c".to_owned()), name: "f".to_owned(), ..ToolCall::default() };
    let summary = |part, text: &str| Event::Delta { index: 0, delta: Delta::Summary { part, text: text.to_owned() } };
    let arguments = |text: &str| Event::Delta { index: 1, delta: Delta::Arguments(text.to_owned()) };
    let (lines, losses) = lines(&[
        Event::ItemStart { index: 0, item: Item::Reasoning(Reasoning::default()) },
        summary(0, "One"),
        summary(0, " and"),
        summary(1, "two"),
        Event::Delta { index: 0, delta: Delta::Signature("s".to_owned()) },
        Event::ItemEnd { index: 0 },
        Event::ItemStart { index: 1, item: Item::ToolCall(call) },
        arguments("{\"a\""),
        arguments(": 1}"),
        Event::ItemEnd { index: 1 },
        Event::Usage(Usage { input: Some(3), output: Some(4), ..Usage::default() }),
        Event::Finish(Finish { sequence: Some("x".to_owned()), ..Finish::new(Reason::StopSequence) }),
        Event::End,
    ]);
    let expected = concat!(
        r#"{"message":{"role":"assistant","content":"","thinking":"One"},"done":false}"#,
        "\n",
        r#"{"message":{"role":"assistant","content":"","thinking":" and"},"done":false}"#,
        "\n",
        r#"{"message":{"role":"assistant","content":"","thinking":"\n\ntwo"},"done":false}"#,
        "\n",
        r#"{"message":{"role":"assistant","content":"","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a": 1}}}]},"done":false}"#,
        "\n",
        r#"{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":4}"#,
        "\n",
    );
    assert_eq!(lines, expected);
    assert_eq!(losses, "reasoning.signature, stop_sequence");
}
