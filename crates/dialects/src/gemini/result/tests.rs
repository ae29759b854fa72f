use super::*;

fn parts_of(result: &ToolResult, name: Option<&str>, takes_media: bool) -> (Vec<String>, String) {
    let (mut out, mut losses) = (Vec::new(), Losses::new());
    write(result, name, takes_media, &mut out, &mut losses);
    (out, losses.to_string())
}

fn picture() -> Item {
    let source = conversation::item::Source::Base64("AAAA".to_owned());
    let media_type = Some("image/png".to_owned());
    Item::Media(conversation::item::Media {
        kind: conversation::item::MediaKind::Image,
        source,
        media_type,
        name: None,
        extra: conversation::extra::Extra::default(),
    })
}

#[test]
fn what_a_tool_said_becomes_an_object() {
    let cases = [
        ("rain", None, r#"{"output":"rain"}"#),
        ("", None, r#"{"output":""}"#),
        ("[1]", None, r#"{"output":"[1]"}"#),
        (r#"{"degrees":19.50}"#, None, r#"{"degrees":19.50}"#),
        (r#"{"error":"its own"}"#, Some(false), r#"{"output":"{\"error\":\"its own\"}"}"#),
        (r#"{"degrees":1}"#, Some(true), r#"{"error":"{\"degrees\":1}"}"#),
        ("no such file", Some(true), r#"{"error":"no such file"}"#),
    ];
    for (text, is_error, response) in cases {
        let result = ToolResult { content: vec![Item::text(text)], is_error, ..ToolResult::default() };
        let expected = format!(r#"{{"functionResponse":{{"name":"now","response":{response}}}}}"#);
        assert_eq!(parts_of(&result, Some("now"), true), (vec![expected], String::new()), "{text}");
    }
}

#[test]
fn pictures_stand_in_the_response_or_behind_it() {
    let result = ToolResult { content: vec![Item::text("x"), picture()], ..ToolResult::default() };
    let picture = r#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#;
    let within = format!(r#"{{"functionResponse":{{"name":"look","response":{{"output":"x"}},"parts":[{picture}]}}}}"#);
    assert_eq!(parts_of(&result, Some("look"), true).0, [within]);
    let alone = r#"{"functionResponse":{"name":"look","response":{"output":"x"}}}"#;
    assert_eq!(parts_of(&result, Some("look"), false).0, [alone, picture]);
}

#[test]
fn a_result_without_a_call_is_said_as_text() {
    let result =
        ToolResult { id: Some("x".to_owned()), content: vec![Item::text("1"), picture()], ..ToolResult::default() };
    let (parts, lost) = parts_of(&result, None, true);
    assert_eq!(parts, [r#"{"text":"1"}"#, r#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#]);
    assert_eq!(lost, "tool_result.id");
}

#[test]
fn responses_say_whether_they_are_errors() {
    let cases = [
        (r#"{"output":"x"}"#, "x", false),
        (r#"{"result":{"a": 1}}"#, r#"{"a":1}"#, false),
        (r#"{"error":"x"}"#, "x", true),
        (r#"{"error":"x","path":"y"}"#, r#"{"error":"x","path":"y"}"#, true),
        (r#"{"output":"x","error":null}"#, r#"{"output":"x","error":null}"#, false),
        (r#"{"output":"x","error":"y"}"#, r#"{"output":"x","error":"y"}"#, false),
        ("{}", "{}", false),
        ("[1]", "[1]", false),
    ];
    for (response, text, failed) in cases {
        assert_eq!(said(&Raw::parse(response).unwrap()), (text.to_owned(), failed), "{response}");
    }
}
