use super::status_of;
use http::StatusCode;

#[test]
fn errors_about_the_client_have_a_status_of_their_own() {
    let error = |code: i32| format!(r#"{{"jsonrpc":"2.0","id":"x","error":{{"code":{code},"message":"m"}}}}"#);
    for (code, status) in [(-32020, 400), (-32021, 400), (-32022, 400), (-32602, 200), (-32601, 200), (1, 200)] {
        assert_eq!(status_of(&error(code)).as_u16(), status, "{code}");
    }
}

#[test]
fn a_result_that_speaks_of_errors_is_none() {
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{"error":{"code":-32021},"text":"\"error\":"}}"#;
    assert_eq!(status_of(result), StatusCode::OK);
    let id = r#"{"jsonrpc":"2.0","id":"\"error\":","result":{}}"#;
    assert_eq!(status_of(id), StatusCode::OK);
    assert_eq!(status_of(""), StatusCode::OK);
}
