use super::*;
use conversation::answer::{Finish, Reason};
use conversation::dialect::Dialect;
use conversation::item::{Media, MediaKind, Opaque, Reasoning, Source, Text, ToolCall};
use conversation::json::Raw;

fn reply() -> Reply {
    Reply { id: "abc".to_owned(), ..Reply::default() }
}

fn written(items: Vec<Item>) -> (String, String) {
    let finish = Some(Finish::new(Reason::Stop));
    let written = write(&Answer { items, finish, ..Answer::default() }, &reply());
    let mut object = Object::read(&written.body).unwrap();
    (object.raw("content").unwrap().to_owned(), written.losses.to_string())
}

#[test]
fn items_of_other_dialects_become_blocks() {
    let call =
        |arguments: &str| ToolCall { name: "f".to_owned(), arguments: arguments.to_owned(), ..ToolCall::default() };
    let foreign = Raw::parse("{}").unwrap();
    let id = ids::derived("abc", 0);
    let image = Media {
        kind: MediaKind::Image,
        source: Source::Base64("AA==".to_owned()),
        media_type: None,
        name: None,
        extra: Extra::default(),
    };
    let table: [(Item, String, &str); 8] = [
        (Item::text("a"), r#"[{"type":"text","text":"a"}]"#.into(), ""),
        (
            Item::Text(Text { text: "no".into(), refusal: true, signature: Some("s".into()), ..Text::default() }),
            r#"[{"type":"text","text":"no"}]"#.into(),
            "text.signature",
        ),
        (
            Item::Reasoning(Reasoning {
                summary: vec!["one".into(), "two".into()],
                encrypted: Some("e".into()),
                id: Some("rs_1".into()),
                ..Reasoning::default()
            }),
            r#"[{"type":"thinking","thinking":"one\n\ntwo","signature":""}]"#.into(),
            "reasoning.encrypted, reasoning.id",
        ),
        (Item::ToolCall(call("")), format!(r#"[{{"type":"tool_use","id":"{id}","name":"f","input":{{}}}}]"#), ""),
        (
            Item::ToolCall(call("{\"a\": 1.50}")),
            format!(r#"[{{"type":"tool_use","id":"{id}","name":"f","input":{{"a": 1.50}}}}]"#),
            "",
        ),
        (
            Item::ToolCall(call("[1")),
            format!(r#"[{{"type":"tool_use","id":"{id}","name":"f","input":{{"arguments":"[1"}}}}]"#),
            "tool_call.arguments",
        ),
        (Item::Media(image), "[]".into(), "media.image"),
        (Item::Opaque(Opaque::new(Dialect::Gemini, "executableCode", foreign)), "[]".into(), "gemini.executableCode"),
    ];
    for (item, content, losses) in table {
        assert_eq!(written(vec![item]), (content, losses.to_owned()));
    }
}

#[test]
fn only_what_claude_encrypted_is_redacted_thinking() {
    let from = |dialect, format: Option<&str>| {
        let mut extra = Extra::new(dialect);
        format.into_iter().for_each(|format| extra.keep("format", Raw::text(format)));
        written(vec![Item::Reasoning(Reasoning { encrypted: Some("e".into()), extra, ..Reasoning::default() })])
    };
    let redacted = r#"[{"type":"redacted_thinking","data":"e"}]"#;
    assert_eq!(from(Dialect::Anthropic, None), (redacted.to_owned(), String::new()));
    assert_eq!(from(Dialect::Bedrock, None), (redacted.to_owned(), String::new()));
    let openrouter = from(Dialect::OpenAiChat, Some("anthropic-claude-v1"));
    assert_eq!(openrouter, (redacted.to_owned(), "reasoning.format".to_owned()));
    let lost = "reasoning.encrypted, reasoning.format".to_owned();
    assert_eq!(from(Dialect::OpenAiChat, Some("openai-responses-v1")), ("[]".to_owned(), lost));
    assert_eq!(from(Dialect::OpenAiResponses, None), ("[]".to_owned(), "reasoning.encrypted".to_owned()));
}

#[test]
fn what_an_answer_lacks_is_made_up_of_the_reply() {
    let body = write(&Answer::default(), &reply()).body;
    let head = r#"{"id":"msg_abc","type":"message","role":"assistant","model":"","content":[],"stop_reason":null,"#;
    assert!(body.starts_with(head), "{body}");
}

#[test]
fn strange_members_are_kept_and_refuse_nothing() {
    let body =
        r#"{"id":7,"type":"msg","content":[1,{"type":"text"},{"type":"text","text":"a"}],"stop_reason":3,"usage":[]}"#;
    let answer = read(body).unwrap();
    assert_eq!(answer.items.len(), 3);
    assert_eq!(answer.items.last(), read(r#"{"content":[{"type":"text","text":"a"}]}"#).unwrap().items.first());
    let again = write(&answer, &reply()).body;
    for kept in [r#""type":"msg""#, r#"[1,{"type":"text"},"#] {
        assert!(again.contains(kept), "{again}");
    }
    assert!(read("[]").is_err());
}
