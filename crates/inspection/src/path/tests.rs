use super::*;

#[test]
fn each_path_leads_to_its_endpoint() {
    let model = |name: &str| Some(name.to_owned());
    let table = [
        ("/v1/chat/completions", Some(Path::Model(Endpoint::ChatCompletions, None))),
        ("/v1/responses/input_tokens", Some(Path::Model(Endpoint::InputTokens, None))),
        ("/v1/messages/count_tokens", Some(Path::Model(Endpoint::CountTokens, None))),
        ("/api/chat", Some(Path::Model(Endpoint::OllamaChat, None))),
        ("/v1/images/edits", Some(Path::Model(Endpoint::ImageEdits, None))),
        ("/v1/rerank", Some(Path::Model(Endpoint::Rerank, None))),
        ("/v2/rerank", Some(Path::Model(Endpoint::RerankV2, None))),
        ("/v2/embed", None),
        ("/v1/models", Some(Path::List(Dialect::OpenAiChat))),
        ("/api/tags", Some(Path::List(Dialect::Ollama))),
        ("/v1beta/models/a:generateContent", Some(Path::Model(Endpoint::GenerateContent, model("a")))),
        ("/v1beta/models/a:b:streamGenerateContent", Some(Path::Model(Endpoint::StreamGenerateContent, model("a:b")))),
        ("/v1/models/of/a%20b:countTokens", Some(Path::Model(Endpoint::GeminiCountTokens, model("of/a b")))),
        ("/v1beta/models/a:deleteModel", Some(Path::One(Dialect::Gemini, "a:deleteModel".to_owned()))),
        ("/v1beta/models/%ff:generateContent", None),
        ("/v1/models/qwen3:8b", Some(Path::One(Dialect::OpenAiChat, "qwen3:8b".to_owned()))),
        ("/v1/models/openai%2Fgpt-5", Some(Path::One(Dialect::OpenAiChat, "openai/gpt-5".to_owned()))),
        ("/v1/models/", None),
        ("/v1/chat/completions/c1/messages", Some(Path::Beside(Dialect::OpenAiChat))),
        ("/v1/responses/resp_1/cancel", Some(Path::Beside(Dialect::OpenAiResponses))),
        ("/v1/conversations", Some(Path::Beside(Dialect::OpenAiResponses))),
        ("/v1/messages/batches", Some(Path::Beside(Dialect::Anthropic))),
        ("/v1/files/f1", Some(Path::Beside(Dialect::OpenAiChat))),
        ("/v1/filesystem", None),
        ("/v1beta/files", Some(Path::Beside(Dialect::Gemini))),
        ("/upload/v1beta/files", Some(Path::Beside(Dialect::Gemini))),
        ("/upload/x", None),
        ("/mcp", None),
        ("/api/v1/tools", None),
    ];
    for (path, expected) in table {
        assert_eq!(Path::of(path), expected, "{path}");
    }
}
