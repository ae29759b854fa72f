//! The endpoints that each dialect of model calls has.

pub use conversation::Dialect;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// What is asked of a model, and in which dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/v1/chat/completions`
    ChatCompletions,
    /// `/v1/embeddings`
    Embeddings,
    /// `/v1/completions`: OpenAI's older one, which goes on with a text.
    Completions,
    /// `/v1/moderations`
    Moderations,
    /// `/v1/images/generations`
    ImageGenerations,
    /// `/v1/images/edits`
    ImageEdits,
    /// `/v1/images/variations`
    ImageVariations,
    /// `/v1/audio/speech`
    Speech,
    /// `/v1/audio/transcriptions`
    Transcriptions,
    /// `/v1/audio/translations`
    Translations,
    /// `/v1/rerank`, as Jina, Voyage, vLLM and the first version of Cohere's API have it.
    Rerank,
    /// `/v2/rerank`, as the second version of Cohere's API has it.
    RerankV2,
    /// `/v1/responses`
    Responses,
    /// `/v1/responses/input_tokens`
    InputTokens,
    /// `/v1/messages`
    Messages,
    /// `/v1/messages/count_tokens`
    CountTokens,
    /// `/v1beta/models/{model}:generateContent`
    GenerateContent,
    /// `/v1beta/models/{model}:streamGenerateContent`
    StreamGenerateContent,
    /// `/v1beta/models/{model}:countTokens`
    GeminiCountTokens,
    /// `/v1beta/models/{model}:embedContent`
    EmbedContent,
    /// `/v1beta/models/{model}:batchEmbedContents`
    BatchEmbedContents,
    /// `/api/chat`
    OllamaChat,
    /// `/model/{model}/converse`, which clients do not ask.
    Converse,
    /// `/model/{model}/converse-stream`, which clients do not ask.
    ConverseStream,
}

impl Endpoint {
    /// The method of Gemini behind the colon in a path.
    pub fn of_gemini(method: &str) -> Option<Self> {
        Some(match method {
            "generateContent" => Endpoint::GenerateContent,
            "streamGenerateContent" => Endpoint::StreamGenerateContent,
            "countTokens" => Endpoint::GeminiCountTokens,
            "embedContent" => Endpoint::EmbedContent,
            "batchEmbedContents" => Endpoint::BatchEmbedContents,
            _ => return None,
        })
    }

    /// Where the same is asked in another dialect; nothing where that has no such endpoint.
    pub fn in_dialect(self, dialect: Dialect, stream: bool) -> Option<Self> {
        if self.dialect() == dialect {
            return Some(self);
        }
        if !self.generates() {
            let embeds = matches!(self, Endpoint::EmbedContent | Endpoint::BatchEmbedContents);
            return (embeds && dialect == Dialect::OpenAiChat).then_some(Endpoint::Embeddings);
        }
        Some(match dialect {
            Dialect::OpenAiChat => Endpoint::ChatCompletions,
            Dialect::OpenAiResponses => Endpoint::Responses,
            Dialect::Anthropic => Endpoint::Messages,
            Dialect::Gemini if stream => Endpoint::StreamGenerateContent,
            Dialect::Gemini => Endpoint::GenerateContent,
            Dialect::Ollama => Endpoint::OllamaChat,
            Dialect::Bedrock if stream => Endpoint::ConverseStream,
            Dialect::Bedrock => Endpoint::Converse,
        })
    }

    /// Its dialect.
    pub fn dialect(self) -> Dialect {
        match self {
            Endpoint::ChatCompletions
            | Endpoint::Embeddings
            | Endpoint::Completions
            | Endpoint::Moderations
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::ImageVariations
            | Endpoint::Speech
            | Endpoint::Transcriptions
            | Endpoint::Translations
            | Endpoint::Rerank
            | Endpoint::RerankV2 => Dialect::OpenAiChat,
            Endpoint::Responses | Endpoint::InputTokens => Dialect::OpenAiResponses,
            Endpoint::Messages | Endpoint::CountTokens => Dialect::Anthropic,
            Endpoint::GenerateContent
            | Endpoint::StreamGenerateContent
            | Endpoint::GeminiCountTokens
            | Endpoint::EmbedContent
            | Endpoint::BatchEmbedContents => Dialect::Gemini,
            Endpoint::OllamaChat => Dialect::Ollama,
            Endpoint::Converse | Endpoint::ConverseStream => Dialect::Bedrock,
        }
    }

    /// The path at a provider, behind its base address. `model` is percent-encoded into it where the dialect names the
    /// model there.
    pub fn path(self, model: &str) -> Cow<'static, str> {
        let segment = || utf8_percent_encode(model, SEGMENT);
        let of_gemini = |method: &str| format!("/models/{}:{method}", segment()).into();
        match self {
            Endpoint::ChatCompletions => "/chat/completions".into(),
            Endpoint::Embeddings => "/embeddings".into(),
            Endpoint::Completions => "/completions".into(),
            Endpoint::Moderations => "/moderations".into(),
            Endpoint::ImageGenerations => "/images/generations".into(),
            Endpoint::ImageEdits => "/images/edits".into(),
            Endpoint::ImageVariations => "/images/variations".into(),
            Endpoint::Speech => "/audio/speech".into(),
            Endpoint::Transcriptions => "/audio/transcriptions".into(),
            Endpoint::Translations => "/audio/translations".into(),
            Endpoint::Rerank | Endpoint::RerankV2 => "/rerank".into(),
            Endpoint::Responses => "/responses".into(),
            Endpoint::InputTokens => "/responses/input_tokens".into(),
            Endpoint::Messages => "/messages".into(),
            Endpoint::CountTokens => "/messages/count_tokens".into(),
            Endpoint::GenerateContent => of_gemini("generateContent"),
            Endpoint::StreamGenerateContent => of_gemini("streamGenerateContent?alt=sse"),
            Endpoint::GeminiCountTokens => of_gemini("countTokens"),
            Endpoint::EmbedContent => of_gemini("embedContent"),
            Endpoint::BatchEmbedContents => of_gemini("batchEmbedContents"),
            Endpoint::OllamaChat => "/api/chat".into(),
            Endpoint::Converse => format!("/model/{}/converse", segment()).into(),
            Endpoint::ConverseStream => format!("/model/{}/converse-stream", segment()).into(),
        }
    }

    /// Whether the model is named in the path, and not in the body.
    pub fn names_model_in_path(self) -> bool {
        self.dialect().names_model_in_path()
    }

    /// Whether the tokens of a request are counted, for which no provider charges.
    pub fn counts_tokens(self) -> bool {
        matches!(self, Endpoint::InputTokens | Endpoint::CountTokens | Endpoint::GeminiCountTokens)
    }

    /// Whether the answer is a turn of a conversation that a model generates: it can be streamed, and said in every dialect.
    pub fn generates(self) -> bool {
        !self.is_passed()
            && !self.counts_tokens()
            && !matches!(self, Endpoint::Embeddings | Endpoint::EmbedContent | Endpoint::BatchEmbedContents)
    }

    /// Whether it is passed on, as it is, to the kinds of providers that have the same endpoint.
    pub fn is_passed(self) -> bool {
        matches!(self, Endpoint::Completions | Endpoint::Moderations) || self.is_media() || self.ranks()
    }

    /// Whether pictures or sound are made or read.
    pub fn is_media(self) -> bool {
        matches!(self, Endpoint::ImageGenerations | Endpoint::Speech) || self.takes_form()
    }

    /// Whether documents are put in order.
    pub fn ranks(self) -> bool {
        matches!(self, Endpoint::Rerank | Endpoint::RerankV2)
    }

    /// Whether a body may be a form with files (`multipart/form-data`) in place of JSON.
    pub fn takes_form(self) -> bool {
        self.reads_sound() || matches!(self, Endpoint::ImageEdits | Endpoint::ImageVariations)
    }

    /// Whether speech is made text.
    pub fn reads_sound(self) -> bool {
        matches!(self, Endpoint::Transcriptions | Endpoint::Translations)
    }
}

/// What is encoded in a segment of a path: all but unreserved characters (RFC 3986, section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests;
