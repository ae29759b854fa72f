//! The words of what models are for, can do, and how they are served.

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// It answers in a conversation.
    Chat,
    /// It goes on with a text.
    Completion,
    /// It answers in a conversation, with OpenAI's Responses alone.
    Responses,
    /// It makes vectors of texts.
    Embedding,
    /// It ranks documents.
    Rerank,
    /// It makes pictures, or changes them.
    Image,
    /// It speaks.
    Speech,
    /// It writes down what is spoken.
    Transcription,
    /// It says whether a text is harmful.
    Moderation,
}

impl Task {
    const ALL: [Self; 9] = [
        Self::Chat,
        Self::Completion,
        Self::Responses,
        Self::Embedding,
        Self::Rerank,
        Self::Image,
        Self::Speech,
        Self::Transcription,
        Self::Moderation,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Responses => "responses",
            Self::Embedding => "embedding",
            Self::Rerank => "rerank",
            Self::Image => "image",
            Self::Speech => "speech",
            Self::Transcription => "transcription",
            Self::Moderation => "moderation",
        }
    }

    /// The task of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.word() == word)
    }
}

/// How a provider serves a call, where that changes the price (OpenAI's `service_tier`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceTier {
    /// Within a day, in a batch.
    Batch,
    /// When there is room.
    Flex,
    /// Before others.
    Priority,
}

impl ServiceTier {
    pub(crate) const ALL: [Self; 3] = [Self::Batch, Self::Flex, Self::Priority];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
        }
    }

    /// The tier of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.word() == word)
    }
}

/// What a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// It calls tools.
    Tools,
    /// It calls several at once.
    ParallelTools,
    /// It can be told which tool to call, or that it must call one.
    ToolChoice,
    /// It reads pictures.
    Vision,
    /// It reads PDF documents.
    Documents,
    /// It reads sound.
    AudioInput,
    /// It makes sound.
    AudioOutput,
    /// It reads films.
    Video,
    /// It thinks before it answers.
    Reasoning,
    /// It keeps to a JSON schema.
    StructuredOutput,
    /// The provider can cache its input.
    PromptCaching,
    /// The provider searches the web for it.
    WebSearch,
    /// It uses a computer by pictures of its screen.
    ComputerUse,
}

/// Each with its word, its letter in the table, and LiteLLM's flag for it.
const CAPABILITIES: [(Capability, &str, char, &str); 13] = [
    (Capability::Tools, "tools", 't', "supports_function_calling"),
    (Capability::ParallelTools, "parallel_tools", 'p', "supports_parallel_function_calling"),
    (Capability::ToolChoice, "tool_choice", 'c', "supports_tool_choice"),
    (Capability::Vision, "vision", 'v', "supports_vision"),
    (Capability::Documents, "documents", 'd', "supports_pdf_input"),
    (Capability::AudioInput, "audio_input", 'a', "supports_audio_input"),
    (Capability::AudioOutput, "audio_output", 's', "supports_audio_output"),
    (Capability::Video, "video", 'm', "supports_video_input"),
    (Capability::Reasoning, "reasoning", 'r', "supports_reasoning"),
    (Capability::StructuredOutput, "structured_output", 'j', "supports_response_schema"),
    (Capability::PromptCaching, "prompt_caching", 'k', "supports_prompt_caching"),
    (Capability::WebSearch, "web_search", 'w', "supports_web_search"),
    (Capability::ComputerUse, "computer_use", 'u', "supports_computer_use"),
];

impl Capability {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        CAPABILITIES.iter().map(|&(capability, ..)| capability)
    }

    /// The capability of this word, as it stands in configurations and in JSON.
    pub fn of_word(word: &str) -> Option<Self> {
        CAPABILITIES.iter().find(|row| row.1 == word).map(|row| row.0)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        CAPABILITIES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    pub(crate) fn of_letter(letter: char) -> Option<Self> {
        CAPABILITIES.iter().find(|row| row.2 == letter).map(|row| row.0)
    }

    pub(crate) fn letter(self) -> char {
        CAPABILITIES.iter().find(|row| row.0 == self).map_or('?', |row| row.2)
    }

    /// LiteLLM's flag for it.
    pub(crate) fn flag(self) -> &'static str {
        CAPABILITIES.iter().find(|row| row.0 == self).map_or("", |row| row.3)
    }
}
