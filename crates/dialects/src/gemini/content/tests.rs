use super::*;
use conversation::item::{Reasoning, ToolCall, ToolResult};

fn call(id: &str, name: &str, signature: Option<&str>) -> Item {
    Item::ToolCall(ToolCall {
        id: Some(id.to_owned()),
        name: name.to_owned(),
        arguments: "{}".to_owned(),
        signature: signature.map(str::to_owned),
        ..ToolCall::default()
    })
}

fn result(id: &str) -> Turn {
    let result = ToolResult { id: Some(id.to_owned()), content: vec![Item::text("ok")], ..ToolResult::default() };
    Turn::new(Role::Tool, vec![Item::ToolResult(result)])
}

fn written(turns: &[Turn], model: &str) -> (Conversation, String) {
    let mut losses = Losses::new();
    let conversation = Conversation::write(turns, model, &mut losses);
    (conversation, losses.to_string())
}

#[test]
fn results_of_one_step_stand_in_one_content_and_the_first_call_is_signed() {
    let turns = [
        Turn::new(Role::User, vec![Item::text("Go")]),
        Turn::new(Role::Assistant, vec![call("1", "a", None), call("2", "b", None)]),
        result("1"),
        result("2"),
        Turn::new(Role::User, vec![Item::text("And?")]),
    ];
    let (conversation, lost) = written(&turns, "gemini-3-pro");
    assert_eq!(
        conversation.contents,
        [
            r#"{"role":"user","parts":[{"text":"Go"}]}"#,
            r#"{"role":"model","parts":[{"functionCall":{"id":"1","name":"a","args":{}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"id":"2","name":"b","args":{}}}]}"#,
            r#"{"role":"user","parts":[{"functionResponse":{"id":"1","name":"a","response":{"output":"ok"}}},{"functionResponse":{"id":"2","name":"b","response":{"output":"ok"}}},{"text":"And?"}]}"#,
        ]
    );
    assert_eq!(lost, "");
}

#[test]
fn calls_that_are_signed_stay_so_and_older_models_need_no_signature() {
    let turns = |signature| [Turn::new(Role::Assistant, vec![call("1", "a", signature)])];
    let signed = written(&turns(Some("Sig==")), "gemini-3-pro").0.contents;
    assert!(signed.concat().contains(r#""thoughtSignature":"Sig==""#), "{signed:?}");
    let old = written(&turns(None), "gemini-2.5-flash").0.contents;
    assert!(!old.concat().contains("thoughtSignature"), "{old:?}");
}

#[test]
fn what_the_system_says_is_lifted_unless_nobody_else_speaks() {
    let system = |text: &str| Turn::new(Role::System, vec![Item::text(text)]);
    let turns =
        [system("a"), Turn::new(Role::User, vec![Item::text("b")]), Turn { role: Role::Developer, ..system("c") }];
    let (conversation, lost) = written(&turns, "m");
    assert_eq!(conversation.instruction.as_deref(), Some(r#"{"parts":[{"text":"a"},{"text":"c"}]}"#));
    assert_eq!(conversation.contents, [r#"{"role":"user","parts":[{"text":"b"}]}"#]);
    assert_eq!(lost, "message.position");
    let (alone, lost) = written(&turns[..1], "m");
    assert_eq!((alone.instruction, lost.as_str()), (None, ""));
    assert_eq!(alone.contents, [r#"{"role":"user","parts":[{"text":"a"}]}"#]);
}

#[test]
fn thoughts_of_other_models_go_on_without_what_only_those_can_read() {
    let thought = Reasoning {
        text: "Hm.".to_owned(),
        signature: Some("of Anthropic".to_owned()),
        encrypted: Some("x".to_owned()),
        ..Reasoning::default()
    };
    let sealed = Reasoning { encrypted: Some("x".to_owned()), ..Reasoning::default() };
    let turns = [Turn::new(Role::Assistant, vec![Item::Reasoning(thought), Item::Reasoning(sealed)])];
    let (conversation, lost) = written(&turns, "m");
    assert_eq!(conversation.contents, [r#"{"role":"model","parts":[{"text":"Hm.","thought":true}]}"#]);
    assert_eq!(lost, "reasoning.encrypted, reasoning.signature");
}

#[test]
fn empty_texts_of_others_are_no_parts() {
    let signed = conversation::item::Text { signature: Some("Sig==".to_owned()), ..Default::default() };
    let gone = ToolResult { id: Some("gone".to_owned()), ..ToolResult::default() };
    let turns = [
        Turn::new(Role::System, vec![Item::text("")]),
        Turn::new(Role::User, vec![Item::text(""), Item::text("Go")]),
        Turn::new(Role::Assistant, vec![Item::text("")]),
        Turn::new(Role::Tool, vec![Item::ToolResult(gone)]),
        Turn::new(Role::Assistant, vec![Item::Text(signed)]),
    ];
    let (conversation, lost) = written(&turns, "m");
    assert_eq!(conversation.instruction, None);
    assert_eq!(
        conversation.contents,
        [
            r#"{"role":"user","parts":[{"text":"Go"}]}"#,
            r#"{"role":"model","parts":[{"text":"","thoughtSignature":"Sig=="}]}"#,
        ]
    );
    assert_eq!(lost, "tool_result.id");
}
