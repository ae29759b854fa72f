use super::{Kind, Malformed, Message};
use crate::Method;

fn parse(text: &str) -> Result<Message, Malformed> {
    Message::parse(text.to_owned())
}

#[test]
fn each_kind_of_message_is_told_apart() {
    let request = parse(r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"x"}}"#).unwrap();
    assert_eq!(request.kind(), &Kind::Request(Method::ToolsCall));
    assert_eq!((request.id(), request.body()), (Some("\"a\""), Some(r#"{"name":"x"}"#)));
    let notification = parse(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).unwrap();
    assert_eq!(notification.kind(), &Kind::Notification(Method::Initialized));
    let result = parse(r#"{"result":null,"id":7,"jsonrpc":"2.0"}"#).unwrap();
    assert_eq!((result.kind(), result.number_id(), result.body()), (&Kind::Result, Some(7), Some("null")));
    let error = parse(r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}"#).unwrap();
    assert_eq!(error.kind(), &Kind::Error);
    assert_eq!(error.number_id(), None);
}

#[test]
fn a14_ids_that_are_no_ids_are_refused() {
    for id in ["null", "{}", "[1]", "1.5", "9223372036854775808", "true", &format!("\"{}\"", "x".repeat(1 << 20))] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        assert!(matches!(parse(&text), Err(Malformed::Shape(_))), "{id:.40}");
    }
}

#[test]
fn a13_duplicate_members_are_refused() {
    for twice in [r#""method":"a","method":"b","id":1"#, r#""method":"a","id":1,"id":2"#] {
        let text = format!(r#"{{"jsonrpc":"2.0",{twice}}}"#);
        assert!(matches!(parse(&text), Err(Malformed::Syntax(_))), "{twice}");
    }
}

#[test]
fn a11_deep_and_huge_json_is_refused_or_taken_without_harm() {
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{}1{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(parse(&deep).unwrap_err(), Malformed::TooDeep);
    let wide =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":"{}","n":1e999999}}}}"#, "y".repeat(10 << 20));
    assert!(parse(&wide).is_ok(), "numbers that no machine holds go through as text");
}

#[test]
fn a12_odd_text_is_refused_or_preserved() {
    assert!(matches!(
        Message::from_bytes(b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}".to_vec()),
        Err(Malformed::Syntax(_))
    ));
    assert!(matches!(parse("\u{feff}{}"), Err(Malformed::Syntax(_))));
    let lone = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"\ud800\u0000"}}"#;
    assert_eq!(parse(lone).unwrap().body(), Some(r#"{"a":"\ud800\u0000"}"#));
}

#[test]
fn a15_batches_and_other_shapes_are_refused() {
    assert_eq!(parse(" [{}]").unwrap_err(), Malformed::Batch);
    for shape in [
        "{}",
        "1",
        r#"{"jsonrpc":"1.0","method":"x"}"#,
        r#"{"jsonrpc":"2.0","method":"x","params":[1]}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"x","result":1}"#,
        r#"{"jsonrpc":"2.0","result":1}"#,
        r#"{"jsonrpc":"2.0","method":1}"#,
    ] {
        assert!(matches!(parse(shape), Err(Malformed::Shape(_))), "{shape}");
    }
    assert!(matches!(parse("{"), Err(Malformed::Syntax(_))));
}
