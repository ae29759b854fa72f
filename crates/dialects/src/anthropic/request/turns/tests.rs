use super::*;
use conversation::extra::Extra;
use conversation::item::{Media, MediaKind, Reasoning, Source, Text, ToolCall};
use conversation::json::Number;
use conversation::request::{Request, Sampling};

fn call(id: Option<&str>, name: &str) -> Item {
    let (id, name) = (id.map(str::to_owned), name.to_owned());
    Item::ToolCall(ToolCall { id, name, arguments: "{}".to_owned(), ..ToolCall::default() })
}

fn result(id: Option<&str>, name: Option<&str>, text: &str) -> Item {
    let (id, name) = (id.map(str::to_owned), name.map(str::to_owned));
    Item::ToolResult(ToolResult { id, name, content: vec![Item::text(text)], ..ToolResult::default() })
}

fn written_of(turns: &[Turn]) -> (String, String, String) {
    let mut losses = Losses::new();
    let conversation = write(turns, false, &mut losses);
    (conversation.system.unwrap_or_default(), conversation.messages.finish(), losses.to_string())
}

#[test]
fn roles_alternate_and_results_come_first() {
    let turns = vec![
        Turn::new(Role::System, vec![Item::text("Be kind.")]),
        Turn::new(Role::Developer, vec![Item::text("Be brief.")]),
        Turn::new(Role::User, vec![Item::text("Go.")]),
        Turn::new(Role::Assistant, vec![Item::text(""), call(Some("c1"), "f")]),
        Turn::new(Role::Assistant, vec![call(Some("c2"), "f")]),
        Turn::new(Role::User, vec![Item::text("Hurry.")]),
        Turn::new(Role::Tool, vec![result(Some("c1"), None, "1")]),
        Turn::new(Role::Tool, vec![result(Some("c2"), None, "2")]),
    ];
    let (system, messages, losses) = written_of(&turns);
    assert_eq!(system, r#"[{"type":"text","text":"Be kind."},{"type":"text","text":"Be brief."}]"#);
    let calls = concat!(
        r#"[{"type":"tool_use","id":"c1","name":"f","input":{}},"#,
        r#"{"type":"tool_use","id":"c2","name":"f","input":{}}]"#
    );
    let results = concat!(
        r#"[{"type":"tool_result","tool_use_id":"c1","content":"1"},"#,
        r#"{"type":"tool_result","tool_use_id":"c2","content":"2"},{"type":"text","text":"Hurry."}]"#
    );
    let expected = format!(
        r#"[{{"role":"user","content":"Go."}},{{"role":"assistant","content":{calls}}},{{"role":"user","content":{results}}}]"#
    );
    assert_eq!((messages, losses), (expected, String::new()));
}

#[test]
fn results_whose_calls_are_gone_are_said_as_texts_in_their_place() {
    let turns = [
        Turn::new(Role::User, vec![Item::text("Run it")]),
        Turn::new(Role::Assistant, vec![Item::Reasoning(Reasoning { text: "Hm".into(), ..Reasoning::default() })]),
        Turn::new(
            Role::Tool,
            vec![result(Some("gone"), None, "1"), result(None, Some("g"), "2"), result(None, None, "")],
        ),
        Turn::new(Role::Assistant, vec![call(Some("c1"), "f")]),
        Turn::new(Role::Tool, vec![result(Some("older"), None, "3"), result(Some("c1"), None, "4")]),
    ];
    let texts = ["Run it", "1", "2"].map(|text| format!(r#"{{"type":"text","text":"{text}"}}"#)).join(",");
    let call = r#"{"type":"tool_use","id":"c1","name":"f","input":{}}"#;
    let results = r#"{"type":"tool_result","tool_use_id":"c1","content":"4"},{"type":"text","text":"3"}"#;
    let expected = format!(
        r#"[{{"role":"user","content":[{texts}]}},{{"role":"assistant","content":[{call}]}},{{"role":"user","content":[{results}]}}]"#
    );
    assert_eq!(written_of(&turns), (String::new(), expected, "reasoning, tool_result.id".to_owned()));
}

#[test]
fn calls_without_ids_get_them_and_strange_ids_are_fitted() {
    let long = "x".repeat(100);
    for id in [None, Some("a.b:c"), Some(long.as_str())] {
        let turns = vec![
            Turn::new(Role::Assistant, vec![call(id, "f"), call(id.map(|_| "fine-1"), "f")]),
            Turn::new(Role::Tool, vec![result(id, Some("f"), "1"), result(id.map(|_| "fine-1"), Some("f"), "2")]),
        ];
        let (_, messages, _) = written_of(&turns);
        let ids = |member: &str| -> Vec<String> {
            let beginning = format!("\"{member}\":\"");
            messages.split(&beginning).skip(1).map(|part| part.split('"').next().unwrap().to_owned()).collect()
        };
        assert_eq!(ids("id"), ids("tool_use_id"));
        assert_eq!(ids("id").len(), 2);
        let fits = |id: &String| {
            id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        assert!(ids("id").iter().all(fits), "{messages}");
    }
}

#[test]
fn what_has_no_place_is_named() {
    let media = |kind, source, media_type: Option<&str>| {
        let media_type = media_type.map(str::to_owned);
        Item::Media(Media { kind, source, media_type, name: None, extra: Default::default() })
    };
    let bytes = || Source::Base64("iVBORw0K".to_owned());
    let unsigned = Item::Reasoning(Reasoning { text: "Hm".into(), ..Reasoning::default() });
    let signed = Item::Text(Text { text: "a".into(), signature: Some("s".into()), ..Text::default() });
    let table = [
        (Role::Assistant, unsigned, "[]", "reasoning"),
        (Role::Assistant, media(MediaKind::Image, bytes(), None), "[]", "media.image"),
        (Role::User, media(MediaKind::Audio, bytes(), Some("audio/wav")), "[]", "media.audio"),
        (Role::User, media(MediaKind::Document, bytes(), Some("text/csv")), "[]", "media.document"),
        (Role::User, media(MediaKind::Image, Source::File("file-1".into()), None), "[]", "media.file"),
        (
            Role::User,
            media(MediaKind::Image, bytes(), None),
            r#"[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0K"}}]}]"#,
            "",
        ),
        (Role::Assistant, signed, r#"[{"role":"assistant","content":[{"type":"text","text":"a"}]}]"#, "text.signature"),
        (Role::Other("critic".into()), Item::text("a"), r#"[{"role":"user","content":"a"}]"#, "message.role"),
    ];
    for (role, item, messages, lost) in table {
        let (_, written, losses) = written_of(&[Turn::new(role, vec![item.clone()])]);
        assert_eq!((written.as_str(), losses.as_str()), (messages, lost), "{item:?}");
    }
}

#[test]
fn instructions_behind_others_are_lifted_and_alone_become_a_message() {
    let late = vec![
        Turn::new(Role::User, vec![Item::text("Hi")]),
        Turn::new(Role::System, vec![Item::text("Be kind.")]),
        Turn::new(Role::User, vec![Item::text("You?")]),
    ];
    let content = r#"[{"type":"text","text":"Hi"},{"type":"text","text":"You?"}]"#;
    let expected =
        (r#""Be kind.""#.into(), format!(r#"[{{"role":"user","content":{content}}}]"#), "message.order".into());
    assert_eq!(written_of(&late), expected);
    let alone = vec![Turn::new(Role::System, vec![Item::text("Say hi.")])];
    let expected = (String::new(), r#"[{"role":"user","content":"Say hi."}]"#.into(), "message.role".into());
    assert_eq!(written_of(&alone), expected);
}

#[test]
fn a_turn_with_nothing_that_can_be_said_parts_no_message() {
    let unsigned = Item::Reasoning(Reasoning { text: "Hm".into(), ..Reasoning::default() });
    let turns = [
        Turn::new(Role::User, vec![Item::text("a")]),
        Turn::new(Role::Assistant, vec![unsigned, Item::text("")]),
        Turn::new(Role::User, vec![Item::text("b")]),
    ];
    let content = r#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#;
    let expected = format!(r#"[{{"role":"user","content":{content}}}]"#);
    assert_eq!(written_of(&turns), (String::new(), expected, "reasoning".to_owned()));
}

#[test]
fn blank_texts_are_left_out() {
    let blank = || vec![Item::text(" \n"), Item::text("")];
    let with = |text: &str| [blank(), vec![Item::text(text)]].concat();
    let parts = ToolResult { id: Some("c2".into()), content: with("2"), ..ToolResult::default() };
    let turns = [
        Turn::new(Role::System, with("Be kind.")),
        Turn::new(Role::User, with("Hi")),
        Turn::new(Role::Assistant, [blank(), vec![call(Some("c1"), "f"), call(Some("c2"), "f")]].concat()),
        Turn::new(Role::Tool, vec![result(Some("c1"), None, "\t"), Item::ToolResult(parts)]),
        Turn::new(Role::User, blank()),
    ];
    let calls =
        ["c1", "c2"].map(|id| format!(r#"{{"type":"tool_use","id":"{id}","name":"f","input":{{}}}}"#)).join(",");
    let results = concat!(
        r#"{"type":"tool_result","tool_use_id":"c1"},"#,
        r#"{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"2"}]}"#
    );
    let expected = format!(
        r#"[{{"role":"user","content":"Hi"}},{{"role":"assistant","content":[{calls}]}},{{"role":"user","content":[{results}]}}]"#
    );
    assert_eq!(written_of(&turns), (r#""Be kind.""#.to_owned(), expected, String::new()));
}

#[test]
fn breakpoints_stand_on_the_block_before_them() {
    let point = || Item::CacheBreakpoint(CacheBreakpoint { ttl: Some("1h".into()), ..CacheBreakpoint::default() });
    let thought = Item::Reasoning(Reasoning { text: "t".into(), signature: Some("s".into()), ..Reasoning::default() });
    let turns = vec![
        Turn::new(Role::System, vec![Item::text("Rules."), point()]),
        Turn::new(Role::Assistant, vec![thought, point(), Item::text("a")]),
    ];
    let (system, messages, losses) = written_of(&turns);
    assert_eq!(system, r#"[{"type":"text","text":"Rules.","cache_control":{"type":"ephemeral","ttl":"1h"}}]"#);
    assert!(!messages.contains("cache_control"));
    assert_eq!(losses, "cache_breakpoint");
}

#[test]
fn sampling_and_more_is_brought_into_range() {
    let number = |text: &str| Number::parse(text);
    let request = Request {
        model: "claude-sonnet-4-5".into(),
        sampling: Sampling {
            temperature: number("1.5"),
            top_p: number("0.5"),
            seed: number("7"),
            presence_penalty: number("0.1"),
            ..Sampling::default()
        },
        stop: vec!["END".into(), "\n".into()],
        user: Some("u1".into()),
        ..Request::default()
    };
    let written = crate::anthropic::write_request(&request);
    let expected = concat!(
        r#"{"model":"claude-sonnet-4-5","max_tokens":8192,"messages":[],"temperature":1,"#,
        r#""stop_sequences":["END"],"metadata":{"user_id":"u1"}}"#
    );
    assert_eq!(written.body, expected);
    assert_eq!(written.losses.to_string(), "temperature, top_p, seed, presence_penalty, stop");
}

#[test]
fn top_p_is_kept_where_it_stands_alone() {
    let sampling = |temperature| Sampling { temperature, top_p: Number::parse("0.5"), ..Sampling::default() };
    let written = |sampling, extra| {
        let request = Request { model: "claude-opus-4-1".into(), sampling, extra, ..Request::default() };
        let written = crate::anthropic::write_request(&request);
        (written.body.contains("\"top_p\":0.5"), written.losses.to_string())
    };
    assert_eq!(written(sampling(None), Extra::default()), (true, String::new()));
    assert_eq!(written(sampling(Number::parse("0.2")), Extra::default()), (false, "top_p".to_owned()));
    assert_eq!(written(sampling(Number::parse("0.2")), Extra::new(OWN)), (true, String::new()));
}
