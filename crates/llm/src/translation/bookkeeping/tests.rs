use super::*;
use dialects::{Dialect, Reply};

/// What is lost of an answer on its way to another dialect, but for what says nothing of it.
fn missed(from: Dialect, to: Dialect, body: &str) -> String {
    let answer = dialects::read_answer(from, body).unwrap();
    let reply = Reply { id: "abc".to_owned(), created: 1, request: std::sync::Arc::default() };
    let lost = dialects::write_answer(to, &answer, &reply).losses;
    lost.paths().filter(|path| !is_silent(path)).collect::<Vec<_>>().join(" ")
}

#[test]
fn answers_as_providers_give_them_miss_nothing_and_what_they_say_is_missed() {
    let chat = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Hi","refusal":null,"annotations":[]}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"#;
    let anthropic = r#"{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard","inference_geo":"us"}}"#;
    let gemini = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"finishReason":"STOP","index":0,"avgLogprobs":-0.1,"safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"NEGLIGIBLE"}]}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2,"trafficType":"ON_DEMAND","promptTokensDetails":[{"modality":"TEXT","tokenCount":1}]},"modelVersion":"m","createTime":"2026-01-01T00:00:00Z","responseId":"r","modelStatus":{"modelStage":"STABLE"}}"#;
    let bedrock = r#"{"metrics":{"latencyMs":7},"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#;
    let ollama = r#"{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Hi"},"done":true,"done_reason":"stop","total_duration":7,"load_duration":1,"prompt_eval_count":1,"prompt_eval_duration":1,"eval_count":1,"eval_duration":1}"#;
    let whole = [
        (Dialect::OpenAiChat, chat),
        (Dialect::Anthropic, anthropic),
        (Dialect::Gemini, gemini),
        (Dialect::Bedrock, bedrock),
        (Dialect::Ollama, ollama),
    ];
    for (from, body) in whole {
        for to in Dialect::ALL.into_iter().filter(|to| *to != from) {
            assert_eq!(missed(from, to, body), "", "{from:?} to {to:?}");
        }
    }
    let logprobs = chat.replace(r#""logprobs":null"#, r#""logprobs":{"content":[1]}"#);
    assert_eq!(missed(Dialect::OpenAiChat, Dialect::Anthropic, &logprobs), "answer.choice.logprobs");
    let blocked = gemini.replace(r#""modelStatus""#, r#""promptFeedback":{"blockReason":"SAFETY"},"modelStatus""#);
    assert_eq!(missed(Dialect::Gemini, Dialect::OpenAiChat, &blocked), "answer.promptFeedback");
    // A member of this name elsewhere is content.
    assert!(!is_silent("tool_call.metrics") && !is_silent("request.service_tier"));
}
