use super::super::Meter;
use super::*;
use model::Units;

fn calls(web_searches: u64, file_searches: u64, code_sessions: u64) -> ProviderCalls {
    ProviderCalls { web_searches, file_searches, code_sessions }
}

/// What an answer took, in one piece and as the events of a stream.
fn whole(dialect: Dialect, text: &str) -> ProviderCalls {
    let mut meter = Meter::new(dialect);
    meter.whole(&Object::read(text).unwrap());
    meter.units(Units::default()).calls
}

fn streamed(dialect: Dialect, events: &[&str]) -> ProviderCalls {
    let mut meter = Meter::new(dialect);
    events.iter().for_each(|event| meter.event(&Object::read(event).unwrap(), true));
    meter.units(Units::default()).calls
}

#[test]
fn claude_tells_how_often_it_has_searched() {
    let answer = r#"{"content":[{"type":"text","text":"\"web_search_requests\": 9"}],"usage":{"input_tokens":1,"output_tokens":2,
        "server_tool_use":{"web_search_requests":2,"web_fetch_requests":5}}}"#;
    assert_eq!(whole(Dialect::Anthropic, answer), calls(2, 0, 0));
    let events = [
        r#"{"type":"message_start","message":{"usage":{"input_tokens":1,"server_tool_use":{"web_search_requests":0}}}}"#,
        r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":2,"server_tool_use":{"web_search_requests":3}}}"#,
    ];
    assert_eq!(streamed(Dialect::Anthropic, &events), calls(3, 0, 0));
    assert_eq!(whole(Dialect::Anthropic, r#"{"usage":{"input_tokens":1}}"#), calls(0, 0, 0));
    // Whoever leaves before the end has had the searches that went by.
    let block = r#"{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#;
    let fetch = r#"{"type":"content_block_start","index":2,"content_block":{"type":"server_tool_use","id":"t","name":"web_fetch","input":{}}}"#;
    assert_eq!(streamed(Dialect::Anthropic, &[events[0], block, fetch, block]), calls(2, 0, 0));
    assert_eq!(streamed(Dialect::Anthropic, &[events[0], block, events[1]]), calls(3, 0, 0));
}

#[test]
fn responses_have_an_item_for_each_call() {
    let items = r#"[{"type":"web_search_call","action":{"type":"search","query":"q"}},
        {"type":"web_search_call","action":{"type":"open_page","url":"u"}},{"type":"web_search_call","status":"completed"},
        {"type":"file_search_call","queries":["a","b"]},{"type":"function_call","name":"web_search_call"},
        {"type":"code_interpreter_call","container_id":"c1"},{"type":"code_interpreter_call","container_id":"c1"},
        {"type":"code_interpreter_call","container_id":"c2"}]"#;
    let answer = format!(r#"{{"output":{items},"usage":{{"input_tokens":1}}}}"#);
    assert_eq!(whole(Dialect::OpenAiResponses, &answer), calls(2, 1, 2));
    let ends =
        format!(r#"{{"type":"response.completed","response":{{"output":{items},"usage":{{"input_tokens":1}}}}}}"#);
    let events = [r#"{"type":"response.output_item.done","item":{"type":"web_search_call"}}"#, &ends];
    assert_eq!(streamed(Dialect::OpenAiResponses, &events), calls(2, 1, 2));
    let code = r#"{"type":"response.output_item.done","item":{"type":"code_interpreter_call","container_id":"c1"}}"#;
    assert_eq!(streamed(Dialect::OpenAiResponses, &[events[0], code, events[0], code]), calls(2, 0, 1));
    assert_eq!(streamed(Dialect::OpenAiResponses, &[events[0], code, &ends]), calls(2, 1, 2));
}

#[test]
fn gemini_tells_what_it_searched_for() {
    let answer = r#"{"candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"]}}],"usageMetadata":{"promptTokenCount":1}}"#;
    assert_eq!(whole(Dialect::Gemini, answer), calls(2, 0, 0));
    assert_eq!(streamed(Dialect::Gemini, &[answer, answer, r#"{"candidates":[{}]}"#]), calls(2, 0, 0));
}

#[test]
fn chats_take_what_was_asked_for() {
    let asked = Units { calls: calls(1, 0, 0), ..Units::default() };
    assert_eq!(Meter::new(Dialect::OpenAiChat).units(asked).calls, calls(1, 0, 0));
    assert_eq!(Meter::new(Dialect::Anthropic).units(asked).calls, calls(0, 0, 0));
}
