//! The paths of models. Pure.

use llm::{Dialect, Endpoint};

/// The paths of the endpoints whose model stands in the body.
const IN_BODY: [(&str, Endpoint); 6] = [
    ("/v1/chat/completions", Endpoint::ChatCompletions),
    ("/v1/embeddings", Endpoint::Embeddings),
    ("/v1/responses", Endpoint::Responses),
    ("/v1/messages", Endpoint::Messages),
    ("/v1/messages/count_tokens", Endpoint::CountTokens),
    ("/api/chat", Endpoint::OllamaChat),
];

/// The paths of lists, each with the dialect of its clients.
const LISTS: [(&str, Dialect); 3] =
    [("/v1/models", Dialect::OpenAiChat), ("/v1beta/models", Dialect::Gemini), ("/api/tags", Dialect::Ollama)];

/// How the paths begin that name a model.
const IN_PATH: [&str; 2] = ["/v1beta/models/", "/v1/models/"];

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    /// A model, which the path names where its dialect does.
    Model(Endpoint, Option<String>),
    /// Which models there are, for clients of this dialect.
    List(Dialect),
}

impl Path {
    /// What `path` asks for; nothing where it is no endpoint of models.
    pub(crate) fn of(path: &str) -> Option<Self> {
        if !path.starts_with("/v1") && !path.starts_with("/api/") {
            return None;
        }
        if let Some((_, dialect)) = LISTS.iter().find(|(known, _)| *known == path) {
            return Some(Path::List(*dialect));
        }
        if let Some((_, endpoint)) = IN_BODY.iter().find(|(known, _)| *known == path) {
            return Some(Path::Model(*endpoint, None));
        }
        let rest = IN_PATH.iter().find_map(|begin| path.strip_prefix(begin))?;
        let (model, method) = rest.rsplit_once(':')?;
        let model = percent_encoding::percent_decode_str(model).decode_utf8().ok()?;
        Some(Path::Model(Endpoint::of_gemini(method)?, Some(model.into_owned())))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Path::Model(endpoint, _) => endpoint.dialect(),
            Path::List(dialect) => *dialect,
        }
    }
}

#[cfg(test)]
mod tests;
