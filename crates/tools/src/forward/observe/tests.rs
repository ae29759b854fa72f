use super::{code_of, is_tool_error};

#[test]
fn only_the_member_of_the_result_itself_says_that_a_tool_failed() {
    for (result, failed) in [
        (r#"{"content":[],"isError":true}"#, true),
        ("{\"isError\" : \n true, \"content\":[]}", true),
        (r#"{"content":[],"isError":false}"#, false),
        (r#"{"content":[]}"#, false),
        (r#"{"content":[{"type":"text","text":"\"isError\":true"}]}"#, false),
        (r#"{"structuredContent":{"isError":true}}"#, false),
        (r#"{"structuredContent":{"isError":true},"isError":false}"#, false),
        (r#"{"isError":"true"}"#, false),
    ] {
        assert_eq!(is_tool_error(result), failed, "{result}");
    }
}

#[test]
fn a117_a_code_that_is_no_small_number_is_other() {
    for (error, kind) in [
        (r#"{"code":-32602,"message":"x"}"#, "-32602"),
        (r#"{"code":"evil","message":"x"}"#, "other"),
        (r#"{"code":1.5}"#, "other"),
        (r#"{"code":123456789012345678}"#, "other"),
        ("{}", "other"),
    ] {
        assert_eq!(code_of(error), kind, "{error}");
    }
}

#[test]
fn the_place_of_an_upstream_is_its_host_and_port() {
    for (url, place) in [
        ("http://127.0.0.1:8080/mcp", ("127.0.0.1", 8080)),
        ("https://mcp.example.com", ("mcp.example.com", 443)),
        ("http://mcp.example.com?key=1", ("mcp.example.com", 80)),
        ("http://[::1]:90/x", ("::1", 90)),
    ] {
        assert_eq!(super::authority(url), place, "{url}");
    }
}
