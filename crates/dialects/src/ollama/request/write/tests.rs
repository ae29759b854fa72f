use super::*;
use conversation::dialect::Dialect;
use conversation::item::{CacheBreakpoint, Media, MediaKind, Opaque, Reasoning, Source, ToolCall};
use conversation::json::{Number, Raw};
use serde_json::Value;

fn call(id: &str, name: &str, arguments: &str) -> Item {
    let (id, name, arguments) = (Some(id.to_owned()), name.to_owned(), arguments.to_owned());
    Item::ToolCall(ToolCall { id, name, arguments, ..ToolCall::default() })
}

fn result(id: &str, text: &str) -> Item {
    let content = vec![Item::text(text)];
    Item::ToolResult(ToolResult { id: Some(id.to_owned()), content, is_error: Some(true), ..ToolResult::default() })
}

/// What stands under `member` when `request` is written, and what is lost.
fn written(request: &Request, member: &str) -> (Option<Value>, String) {
    let written = write_request(request);
    let mut body: Value = serde_json::from_str(&written.body).unwrap();
    (body.as_object_mut().unwrap().remove(member), written.losses.to_string())
}

/// The value that `text` is; none of no text.
fn value(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| serde_json::from_str(text).unwrap())
}

#[test]
fn results_in_one_turn_become_messages_that_name_their_tools() {
    let thought = Reasoning { text: "Hm.".to_owned(), signature: Some("s".to_owned()), ..Reasoning::default() };
    let turns = vec![
        Turn::new(Role::Developer, vec![Item::text("Be short."), Item::CacheBreakpoint(CacheBreakpoint::default())]),
        Turn::new(
            Role::Assistant,
            vec![
                Item::Reasoning(thought),
                Item::text("So:"),
                call("a", "f", r#"{"x": 1.0}"#),
                call("b", "g", "not json"),
            ],
        ),
        Turn::new(Role::User, vec![result("b", "second"), result("a", "first"), Item::text("Go on.")]),
    ];
    let request = Request { turns, ..Request::default() };
    let (messages, losses) = written(&request, "messages");
    let expected = concat!(
        r#"[{"content":"Be short.","role":"system"},"#,
        r#"{"content":"So:","role":"assistant","thinking":"Hm.","tool_calls":["#,
        r#"{"function":{"arguments":{"x":1.0},"name":"f"},"id":"a"},"#,
        r#"{"function":{"arguments":{"arguments":"not json"},"name":"g"},"id":"b"}]},"#,
        r#"{"content":"second","role":"tool","tool_call_id":"b","tool_name":"g"},"#,
        r#"{"content":"first","role":"tool","tool_call_id":"a","tool_name":"f"},"#,
        r#"{"content":"Go on.","role":"user"}]"#
    );
    assert_eq!(messages, value(expected));
    assert_eq!(losses, "cache_breakpoint, reasoning.signature, tool_call.arguments, tool_result.is_error");
}

#[test]
fn turns_of_a_model_are_one_message_and_lost_ones_none() {
    let thought = |text: &str| Item::Reasoning(Reasoning { text: text.to_owned(), ..Reasoning::default() });
    let lost = || Item::Opaque(Opaque::new(Dialect::OpenAiResponses, "computer_call", Raw::of_valid("{}")));
    let said = |item| Turn::new(Role::Assistant, vec![item]);
    let turns = vec![
        Turn::new(Role::User, vec![Item::text("Oslo and Rome?")]),
        said(thought("Both.")),
        said(lost()),
        Turn::new(Role::Assistant, vec![Item::text("I "), Item::text("look.")]),
        said(Item::text("Wait.")),
        said(call("a", "f", "{}")),
        said(call("b", "f", "{}")),
        Turn::new(Role::Tool, vec![lost()]),
        Turn::new(Role::Tool, vec![Item::ToolResult(ToolResult { id: Some("a".to_owned()), ..ToolResult::default() })]),
        said(lost()),
        said(Item::text("")),
        Turn::new(Role::User, vec![Item::text("")]),
    ];
    let (messages, losses) = written(&Request { turns, ..Request::default() }, "messages");
    let expected = concat!(
        r#"[{"content":"Oslo and Rome?","role":"user"},"#,
        r#"{"content":"I look.\nWait.","role":"assistant","thinking":"Both.","tool_calls":["#,
        r#"{"function":{"arguments":{},"name":"f"},"id":"a"},{"function":{"arguments":{},"name":"f"},"id":"b"}]},"#,
        r#"{"content":"","role":"tool","tool_call_id":"a","tool_name":"f"},"#,
        r#"{"content":"","role":"assistant"},{"content":"","role":"user"}]"#
    );
    assert_eq!((messages, losses.as_str()), (value(expected), "openai_responses.computer_call"));
}

#[test]
fn only_pictures_in_base64_can_be_said() {
    let media =
        |kind, source| Item::Media(Media { kind, source, media_type: None, name: None, extra: Default::default() });
    let items = vec![
        media(MediaKind::Image, Source::Url("https://example.com/a.png".to_owned())),
        media(MediaKind::Image, Source::Base64("AAAA".to_owned())),
        media(MediaKind::Audio, Source::Base64("BBBB".to_owned())),
        media(MediaKind::Document, Source::Text("A text.".to_owned())),
        media(MediaKind::Document, Source::File("file-1".to_owned())),
    ];
    let request = Request { turns: vec![Turn::new(Role::User, items)], ..Request::default() };
    let (messages, losses) = written(&request, "messages");
    assert_eq!(messages, value(r#"[{"content":"A text.","images":["AAAA"],"role":"user"}]"#));
    assert_eq!(losses, "media.image, media.audio, media.file");
}

#[test]
fn a_choice_of_tools_is_made_by_leaving_others_out() {
    let function = |name: &str| Tool::Function(Box::new(Function { name: name.to_owned(), ..Function::default() }));
    let (f, g) = (r#"{"function":{"name":"f"},"type":"function"}"#, r#"{"function":{"name":"g"},"type":"function"}"#);
    let allowed = |required| ToolChoice::Allowed { names: vec!["g".to_owned()], required };
    let cases = [
        (ToolChoice::Auto, format!("[{f},{g}]"), ""),
        (ToolChoice::None, String::new(), ""),
        (allowed(false), format!("[{g}]"), ""),
        (allowed(true), format!("[{g}]"), "tool_choice"),
        (ToolChoice::Required, format!("[{f},{g}]"), "tool_choice"),
        (ToolChoice::Function("g".to_owned()), format!("[{f},{g}]"), "tool_choice"),
    ];
    for (choice, tools, lost) in cases {
        let request =
            Request { tools: vec![function("f"), function("g")], tool_choice: Some(choice), ..Request::default() };
        assert_eq!(written(&request, "tools"), (value(&tools), lost.to_owned()), "{:?}", request.tool_choice);
    }
}

#[test]
fn thinking_is_said_as_a_word_or_a_level() {
    let effort = |word: &str| Thinking { effort: Some(word.to_owned()), ..Thinking::default() };
    let mode = |mode| Thinking { mode: Some(mode), ..Thinking::default() };
    let cases = [
        (effort("none"), "false", ""),
        (effort("minimal"), "\"low\"", "thinking.effort"),
        (effort("high"), "\"high\"", ""),
        (effort("xhigh"), "\"max\"", "thinking.effort"),
        (mode(ThinkingMode::Off), "false", ""),
        (mode(ThinkingMode::Adaptive), "true", ""),
        (Thinking { budget: Some(Number::from(2048)), ..Thinking::default() }, "true", "thinking.budget"),
        (Thinking { shown: Some(Shown::Hidden), ..mode(ThinkingMode::On) }, "true", "thinking.shown"),
        (Thinking::default(), "", ""),
    ];
    for (thinking, think, lost) in cases {
        let request = Request { thinking: Some(thinking), ..Request::default() };
        assert_eq!(written(&request, "think"), (value(think), lost.to_owned()), "{:?}", request.thinking);
    }
}

#[test]
fn a_form_is_a_word_or_a_schema() {
    let schema = |schema| {
        let name = Some("person".to_owned());
        Format::JsonSchema(JsonSchema { name, schema, strict: Some(true), ..JsonSchema::default() })
    };
    let cases = [
        (Format::Text, ""),
        (Format::JsonObject, "\"json\""),
        (schema(None), "\"json\""),
        (schema(Raw::parse(r#"{"type":"object"}"#).ok()), r#"{"type":"object"}"#),
    ];
    for (format, expected) in cases {
        let request = Request { format: Some(format), ..Request::default() };
        assert_eq!(written(&request, "format"), (value(expected), String::new()));
    }
}
