use super::*;

#[test]
fn whole_answers_are_judged_by_their_end() {
    use Endpoint::*;
    let table = [
        (ChatCompletions, r#"{"choices":[{"finish_reason":"stop"},{"finish_reason":"length"}]}"#, true),
        (ChatCompletions, r#"{"choices":[{"finish_reason":"tool_calls"}]}"#, true),
        (ChatCompletions, r#"{"choices":[{"finish_reason":"stop"},{"finish_reason":"content_filter"}]}"#, false),
        (ChatCompletions, r#"{"choices":[{"finish_reason":null}]}"#, false),
        (ChatCompletions, r#"{"choices":[{"finish_reason":"error"}]}"#, false),
        (Responses, r#"{"status":"completed","incomplete_details":null}"#, true),
        (Responses, r#"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}"#, true),
        (Responses, r#"{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}"#, false),
        (Responses, r#"{"status":"queued"}"#, false),
        (Responses, r#"{"status":"failed"}"#, false),
        (Messages, r#"{"stop_reason":"end_turn"}"#, true),
        (Messages, r#"{"stop_reason":"refusal"}"#, false),
        (Messages, r#"{"stop_reason":"pause_turn"}"#, false),
        (GenerateContent, r#"{"candidates":[{"finishReason":"STOP"}]}"#, true),
        (GenerateContent, r#"{"candidates":[{"finishReason":"SAFETY"}]}"#, false),
        (GenerateContent, r#"{"promptFeedback":{"blockReason":"OTHER"}}"#, false),
        (OllamaChat, r#"{"done":true,"done_reason":"stop"}"#, true),
        (OllamaChat, r#"{"done":true,"done_reason":"load"}"#, false),
        (Embeddings, r#"{"data":[]}"#, true),
        (CountTokens, r#"{"input_tokens":1}"#, true),
    ];
    for (endpoint, text, expected) in table {
        assert_eq!(may_keep(endpoint, text), expected, "{endpoint:?} {text}");
    }
}

#[test]
fn streams_are_judged_by_all_of_their_events() {
    use Dialect::*;
    let chat = |reason: &str| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":null}}]}}\r\n\r\n: x\n\ndata:{{\"choices\":[{{\"finish_reason\":\"{reason}\"}}]}}\n\ndata: [DONE]\n\n"
        )
    };
    let responses = |kind: &str, rest: &str| {
        let begin = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"}}\n\n";
        format!("{begin}data: {{\"type\":\"response.{kind}\",\"response\":{{\"status\":\"{kind}\"{rest}}}}}\n\n")
    };
    let table = [
        (OpenAiChat, chat("stop"), true),
        (OpenAiChat, chat("content_filter"), false),
        (OpenAiResponses, responses("completed", ""), true),
        (OpenAiResponses, responses("incomplete", ",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"), true),
        (OpenAiResponses, responses("incomplete", ",\"incomplete_details\":{\"reason\":\"content_filter\"}"), false),
        (OpenAiResponses, responses("failed", ""), false),
        (Anthropic, "data: {\"type\":\"message_start\",\"message\":{\"stop_reason\":null}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\n".to_owned(), true),
        (Anthropic, "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\"}}\n\n".to_owned(), false),
        (Gemini, "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n".to_owned(), true),
        (Gemini, "data: {\"candidates\":[{\"content\":{}}]}\n\n".to_owned(), false),
        (Ollama, "{\"done\":false}\n{\"done\":true,\"done_reason\":\"length\"}\n".to_owned(), true),
        (Ollama, "{\"done\":false}\n".to_owned(), false),
    ];
    for (dialect, text, expected) in table {
        assert_eq!(may_keep_stream(dialect, &text), expected, "{dialect:?} {text}");
    }
}
