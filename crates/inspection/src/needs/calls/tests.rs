use super::*;

fn most(dialect: Dialect, body: &str) -> [u64; 3] {
    let calls = calls(dialect, |name| raw::get(body, name), true);
    [calls.web_searches, calls.file_searches, calls.code_sessions]
}

#[test]
fn as_much_is_set_aside_as_a_request_allows() {
    let cases = [
        (
            Dialect::Anthropic,
            r#"{"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":3}]}"#,
            [3, 0, 0],
        ),
        (Dialect::Anthropic, r#"{"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#, [MOST, 0, 0]),
        (Dialect::Anthropic, r#"{"tools":[{"name":"web_search","input_schema":{}}]}"#, [0; 3]),
        (
            Dialect::OpenAiResponses,
            r#"{"max_tool_calls":4,"tools":[{"type":"web_search"},{"type":"file_search"},{"type":"code_interpreter"}]}"#,
            [4, 4, 1],
        ),
        (Dialect::OpenAiResponses, r#"{"tools":[{"type":"function","name":"web_search"}]}"#, [0; 3]),
        (Dialect::Gemini, r#"{"tools":[{"googleSearch":{}}]}"#, [MOST, 0, 0]),
        (Dialect::Gemini, r#"{"tools":[{"functionDeclarations":[]}]}"#, [0; 3]),
        (Dialect::OpenAiChat, r#"{"web_search_options":{}}"#, [1, 0, 0]),
        (Dialect::OpenAiChat, r#"{"web_search_options":null}"#, [0; 3]),
    ];
    for (dialect, body, expected) in cases {
        assert_eq!(most(dialect, body), expected, "{body}");
    }
}
