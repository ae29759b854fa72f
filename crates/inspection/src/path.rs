//! The paths of models. Pure.

use crate::dialect::{Dialect, Endpoint};
use std::borrow::Cow;

/// The paths of the endpoints whose model stands in the body.
const IN_BODY: [(&str, Endpoint); 17] = [
    ("/v1/chat/completions", Endpoint::ChatCompletions),
    ("/v1/embeddings", Endpoint::Embeddings),
    ("/v1/responses", Endpoint::Responses),
    ("/v1/responses/input_tokens", Endpoint::InputTokens),
    ("/v1/messages", Endpoint::Messages),
    ("/v1/messages/count_tokens", Endpoint::CountTokens),
    ("/api/chat", Endpoint::OllamaChat),
    ("/v1/completions", Endpoint::Completions),
    ("/v1/moderations", Endpoint::Moderations),
    ("/v1/images/generations", Endpoint::ImageGenerations),
    ("/v1/images/edits", Endpoint::ImageEdits),
    ("/v1/images/variations", Endpoint::ImageVariations),
    ("/v1/audio/speech", Endpoint::Speech),
    ("/v1/audio/transcriptions", Endpoint::Transcriptions),
    ("/v1/audio/translations", Endpoint::Translations),
    ("/v1/rerank", Endpoint::Rerank),
    ("/v2/rerank", Endpoint::RerankV2),
];

/// The paths of lists, each with the dialect of its clients.
const LISTS: [(&str, Dialect); 3] =
    [("/v1/models", Dialect::OpenAiChat), ("/v1beta/models", Dialect::Gemini), ("/api/tags", Dialect::Ollama)];

/// How the paths begin that name a model, each with the dialect of clients that ask for that alone.
const IN_PATH: [(&str, Dialect); 2] = [("/v1beta/models/", Dialect::Gemini), ("/v1/models/", Dialect::OpenAiChat)];

/// How the paths begin of what clients of each dialect ask for beside models, which is with a provider: what they uploaded, and
/// what it keeps for them.
const BESIDE: [(&str, Dialect); 15] = [
    ("/v1/responses/", Dialect::OpenAiResponses),
    ("/v1/conversations", Dialect::OpenAiResponses),
    ("/v1/messages/", Dialect::Anthropic),
    ("/v1/chat/completions/", Dialect::OpenAiChat),
    ("/v1/files", Dialect::OpenAiChat),
    ("/v1/uploads", Dialect::OpenAiChat),
    ("/v1/batches", Dialect::OpenAiChat),
    ("/v1/vector_stores", Dialect::OpenAiChat),
    ("/v1/containers", Dialect::OpenAiChat),
    ("/v1/assistants", Dialect::OpenAiChat),
    ("/v1/threads", Dialect::OpenAiChat),
    ("/v1/fine_tuning/", Dialect::OpenAiChat),
    ("/v1/realtime", Dialect::OpenAiChat),
    ("/v1beta/", Dialect::Gemini),
    ("/upload/v1beta/", Dialect::Gemini),
];

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// A model, which the path names where its dialect does.
    Model(Endpoint, Option<String>),
    /// Which models there are, for clients of this dialect.
    List(Dialect),
    /// Whether there is this one.
    One(Dialect, String),
    /// What else clients of this dialect ask for, which is not served.
    Beside(Dialect),
}

impl Path {
    /// What `path` asks for; nothing where it is no endpoint of models.
    pub fn of(path: &str) -> Option<Self> {
        if !["/v1", "/v2/", "/api/", "/upload/"].iter().any(|begin| path.starts_with(begin)) {
            return None;
        }
        if let Some((_, dialect)) = LISTS.iter().find(|(known, _)| *known == path) {
            return Some(Path::List(*dialect));
        }
        if let Some((_, endpoint)) = IN_BODY.iter().find(|(known, _)| *known == path) {
            return Some(Path::Model(*endpoint, None));
        }
        let named = IN_PATH.iter().find_map(|(begin, dialect)| Some((path.strip_prefix(begin)?, *dialect)));
        let Some((rest, dialect)) = named else {
            return beside(path).map(|(_, dialect)| Path::Beside(*dialect));
        };
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned);
        // Names of models may have a colon too, such as `qwen3:8b`.
        let asked = rest.rsplit_once(':').and_then(|(model, method)| Some((model, Endpoint::of_gemini(method)?)));
        match asked {
            Some((model, endpoint)) => Some(Path::Model(endpoint, Some(decoded(model)?))),
            None => Some(Path::One(dialect, decoded(rest).filter(|name| !name.is_empty())?)),
        }
    }

    /// The same, where the client's dialect shows in more than the path.
    pub fn of_client(self, of: impl Fn(Dialect) -> Dialect) -> Self {
        match self {
            Path::List(dialect) => Path::List(of(dialect)),
            Path::One(dialect, name) => Path::One(of(dialect), name),
            Path::Beside(dialect) => Path::Beside(of(dialect)),
            asked @ Path::Model(..) => asked,
        }
    }

    /// `path` without what clients may make up.
    pub fn route<'a>(&self, path: &'a str) -> &'a str {
        let begin = IN_PATH.iter().map(|(begin, _)| *begin).find(|begin| path.starts_with(begin));
        match self {
            Path::List(_) | Path::Model(_, None) => path,
            Path::One(..) | Path::Model(_, Some(_)) => begin.unwrap_or_default(),
            Path::Beside(_) => beside(path).map_or("", |(begin, _)| begin),
        }
    }

    /// The dialect in which its client reads answers.
    pub fn dialect(&self) -> Dialect {
        match self {
            Path::Model(endpoint, _) => endpoint.dialect(),
            Path::List(dialect) | Path::One(dialect, _) | Path::Beside(dialect) => *dialect,
        }
    }
}

/// What of [`BESIDE`] a path asks for.
fn beside(path: &str) -> Option<&'static (&'static str, Dialect)> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with('/');
    BESIDE.iter().find(|(begin, _)| path.strip_prefix(begin).is_some_and(|rest| begin.ends_with('/') || ends(rest)))
}

#[cfg(test)]
mod tests;
