//! The names under which clients can ask for models, as the clients of each dialect read lists. Pure.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use llm::{Answer, Body, Dialect};
use serde_json::{Value, json};

/// The headers by which the clients of Anthropic and of Google can be told from those of OpenAI, who ask under the same
/// path.
const ANTHROPIC: &str = "anthropic-version";
const GOOGLE: [&str; 2] = ["x-goog-api-key", "x-goog-api-client"];

/// The moment that lists name where they must name one: a name has no beginning.
const BEGINNING: &str = "1970-01-01T00:00:00Z";

pub(super) fn answer(dialect: Dialect, headers: &HeaderMap, names: &[String]) -> Answer {
    let dialect = match dialect {
        Dialect::OpenAiChat if headers.contains_key(ANTHROPIC) => Dialect::Anthropic,
        Dialect::OpenAiChat if GOOGLE.iter().any(|name| headers.contains_key(*name)) => Dialect::Gemini,
        _ => dialect,
    };
    let list = match dialect {
        Dialect::Gemini => json!({"models": each(names, |name| json!({
            "name": format!("models/{name}"),
            "displayName": name,
            "supportedGenerationMethods": ["generateContent", "streamGenerateContent", "countTokens"],
        }))}),
        Dialect::Ollama => json!({"models": each(names, |name| json!({
            "name": name, "model": name, "modified_at": BEGINNING, "size": 0, "digest": "", "details": {},
        }))}),
        Dialect::Anthropic => json!({
            "data": each(names, |name| json!({
                "type": "model", "id": name, "display_name": name, "created_at": BEGINNING,
            })),
            "has_more": false,
            "first_id": names.first(),
            "last_id": names.last(),
        }),
        _ => json!({"object": "list", "data": each(names, |name| json!({
            "id": name, "object": "model", "created": 0, "owned_by": "tutti",
        }))}),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Answer { status: StatusCode::OK, headers, body: Body::Whole(list.to_string().into()), cached: false }
}

fn each(names: &[String], of: impl Fn(&str) -> Value) -> Value {
    names.iter().map(|name| of(name)).collect()
}
