use super::{coded, error, refused};
use base::error::Location;
use base::{Code, Error};
use http::StatusCode;
use serde_json::json;

#[test]
fn an_error_of_the_hub_is_the_same_error_again() {
    let place = Location { file: "tutti.yaml".to_owned(), line: 3, column: 7 };
    let original = Error::new(Code::UpstreamExited, "the process of `x` ended", "start it")
        .of_upstream("x")
        .with_detail("line one\nline two")
        .at(place);
    let object = mcp::write::error_object(&original);
    let again = error(&object, None);
    assert_eq!(again.to_json(), original.to_json());
    let again = refused(StatusCode::BAD_GATEWAY, &mcp::write::error("null", &original), "http://h");
    assert_eq!(again.to_json(), original.to_json());
}

#[test]
fn a_person_is_told_about_the_variable_and_not_about_the_header() {
    let original = Error::new(Code::KeyMissing, "this hub wants a key", "send the header `Authorization: Bearer`");
    let error = error(&mcp::write::error_object(&original), Some("x"));
    assert_eq!((error.code(), error.message()), (Code::KeyMissing, "this hub wants a key"));
    assert!(error.next().contains("TUTTI_KEY"));
}

#[test]
fn an_error_without_our_code_says_what_the_server_said() {
    let cases = [
        (json!({"code": -32602, "message": "bad \u{1b}[31margument"}), "-32602: bad argument", None),
        (json!({"code": -32000, "message": "m", "data": "more"}), "-32000: m", Some("more")),
        (json!({"code": -32000, "message": "m", "data": {"a": 1}}), "-32000: m", Some("{\"a\":1}")),
        (json!({"code": -1, "message": "m", "data": {"code": "T-9999", "message": "new"}}), "-1: m", Some("T-9999")),
        (json!({}), "does not say", None),
        (json!([]), "does not say", None),
    ];
    for (object, message, detail) in cases {
        let error = error(&object.to_string(), None);
        assert_eq!(error.code(), Code::HubAnswer, "{object}");
        assert!(error.message().contains(message), "{error}");
        assert_eq!(error.detail().is_some(), detail.is_some(), "{object}");
        assert!(detail.is_none_or(|detail| error.detail().unwrap_or_default().contains(detail)), "{error:?}");
    }
}

#[test]
fn a_server_that_is_known_is_named() {
    let error = error(r#"{"code": -32602, "message": "bad argument"}"#, Some("time"));
    assert_eq!(error.message(), "`time` answered with the error -32602: bad argument");
    assert_eq!(error.upstream(), Some("time"));
    assert!(error.next().contains("tutti server logs time"));
}

#[test]
fn an_answer_that_is_no_hubs_is_told_as_such() {
    for body in ["", "<html>\n<h1>Not \u{1b}]0;x\u{7}Found</h1>", "{}", "{\"error\": \"text\"}", "\u{0}\u{9b}31m"] {
        let error = refused(StatusCode::NOT_FOUND, body, "http://h");
        assert_eq!(error.code(), Code::HubAnswer);
        assert!(error.message().starts_with("http://h answered with HTTP status 404"), "{error}");
        assert!(!error.message().chars().any(char::is_control), "{error:?}");
    }
}

#[test]
fn only_errors_of_ours_are_coded() {
    assert!(coded(&json!(null)).is_none());
    assert!(coded(&json!({"code": -32602, "message": "m"})).is_none());
    assert!(coded(&json!({"code": "201", "message": "m"})).is_none());
    assert!(coded(&json!({"code": "T-0201"})).is_none());
    let hostile = json!({"code": "T-0201", "message": "\u{1b}[2Jm", "next": "n\u{202e}", "upstream": "u\u{7}"});
    let error = coded(&hostile).unwrap();
    assert_eq!((error.message(), error.next(), error.upstream()), ("m", "n", Some("u")));
}
