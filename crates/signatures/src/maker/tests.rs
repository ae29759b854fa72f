use super::*;

#[test]
fn claudes_signatures_are_its_own_wherever_it_runs_and_others_are_their_providers() {
    let of = |dialect, provider, model| maker(dialect, provider, model).map(|maker| maker.replace('\t', "/"));
    for (dialect, provider, model, expected) in [
        (Dialect::Anthropic, "a", "claude-sonnet-4-5", Some("claude")),
        (Dialect::Bedrock, "b", "us.anthropic.claude-opus-4-1-20250805-v1:0", Some("claude")),
        (Dialect::Bedrock, "b", "us.amazon.nova-pro-v1:0", Some("bedrock/b/us")),
        (Dialect::Anthropic, "k", "kimi-k2-thinking", Some("anthropic/k/kimi")),
        (Dialect::Gemini, "g", "gemini-3-pro-preview", Some("gemini")),
        (Dialect::OpenAiResponses, "o", "gpt-5.1-codex", Some("openai_responses/o/gpt")),
        (Dialect::OpenAiResponses, "p", "o4-mini", Some("openai_responses/p/o")),
        (Dialect::OpenAiChat, "r", "anthropic/claude-sonnet-4.5", Some("openai_chat/r/claude")),
        (Dialect::Ollama, "l", "qwen3:8b", None),
    ] {
        assert_eq!(of(dialect, provider, model).as_deref(), expected, "{model}");
    }
}
