//! The dialects.

use crate::frame::Framing;

/// A wire format for calls of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// OpenAI chat completions, which most other servers speak too.
    OpenAiChat,
    /// OpenAI Responses.
    OpenAiResponses,
    /// Anthropic Messages.
    Anthropic,
    /// Gemini `generateContent`.
    Gemini,
    /// Ollama's own.
    Ollama,
    /// Amazon Bedrock Converse.
    Bedrock,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 6] = [
        Dialect::OpenAiChat,
        Dialect::OpenAiResponses,
        Dialect::Anthropic,
        Dialect::Gemini,
        Dialect::Ollama,
        Dialect::Bedrock,
    ];

    /// A short name, for labels and files.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::OpenAiChat => "openai_chat",
            Dialect::OpenAiResponses => "openai_responses",
            Dialect::Anthropic => "anthropic",
            Dialect::Gemini => "gemini",
            Dialect::Ollama => "ollama",
            Dialect::Bedrock => "bedrock",
        }
    }

    /// Its name, as people know it.
    pub fn title(self) -> &'static str {
        match self {
            Dialect::OpenAiChat => "OpenAI chat completions",
            Dialect::OpenAiResponses => "OpenAI Responses",
            Dialect::Anthropic => "Anthropic Messages",
            Dialect::Gemini => "Gemini generateContent",
            Dialect::Ollama => "Ollama",
            Dialect::Bedrock => "Bedrock Converse",
        }
    }

    /// Whether requests name the model in the path, and not in the body.
    pub fn names_model_in_path(self) -> bool {
        matches!(self, Dialect::Gemini | Dialect::Bedrock)
    }

    /// How its streams are cut into events. Those of Bedrock come in binary frames, which whoever has the bytes takes apart.
    pub fn framing(self) -> Framing {
        if self == Dialect::Ollama { Framing::Lines } else { Framing::Sse }
    }

    /// Whether items of a stream may overlap in it.
    pub fn lets_items_overlap(self) -> bool {
        matches!(self, Dialect::OpenAiChat | Dialect::OpenAiResponses)
    }
}
