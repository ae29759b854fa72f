use super::{modern, with_id};
use mcp::Message;
use mcp::version::{LATEST_MODERN, meta};

fn message(text: &str) -> Message {
    Message::parse(text.replace("META", &format!(r#""_meta":{{"{}":"2026-07-28"}}"#, meta::PROTOCOL_VERSION))).unwrap()
}

#[test]
fn headers_say_what_the_body_says() {
    let cases = [
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__t",META}}"#,
            Some("tools/call"),
            Some("s__t"),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"grüße",META}}"#,
            Some("prompts/get"),
            Some("=?base64?Z3LDvMOfZQ==?="),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"tutti://a/b",META}}"#,
            Some("resources/read"),
            Some("tutti://a/b"),
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{META}}"#, Some("tools/list"), None),
        (r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#, Some("notifications/cancelled"), None),
        // Before a client has said how it speaks, nothing is said for it.
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, None, None),
        (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, None, None),
    ];
    for (text, method, name) in cases {
        let headers = modern(&message(text));
        let header = |key: &str| headers.get(key).map(|value| value.to_str().unwrap());
        assert_eq!(header("mcp-method"), method, "{text}");
        assert_eq!(header("mcp-name"), name, "{text}");
        assert_eq!(header("mcp-protocol-version"), method.map(|_| LATEST_MODERN), "{text}");
    }
}

#[test]
fn an_error_without_an_id_becomes_the_answer_of_its_request() {
    let error = message(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"m"}}"#);
    assert_eq!(with_id(&error, "\"a\""), r#"{"jsonrpc":"2.0","id":"a","error":{"code":-32005,"message":"m"}}"#);
    let error = message(r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32005,"message":"m"}}"#);
    assert_eq!(with_id(&error, "8"), error.source());
    let result = message(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#);
    assert_eq!(with_id(&result, "7"), result.source());
}
