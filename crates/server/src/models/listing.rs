//! The names under which clients can ask for models, as the clients of each dialect read lists. Pure.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use llm::{Answer, Body, Dialect, Endpoint, Gateway};
use serde_json::{Value, json};

/// The headers by which the clients of Anthropic and of Google can be told from those of OpenAI, who ask under the same
/// path.
const ANTHROPIC: &str = "anthropic-version";
const GOOGLE: [&str; 2] = ["x-goog-api-key", "x-goog-api-client"];

/// The moment that lists name where they must name one: a name has no beginning.
const BEGINNING: &str = "1970-01-01T00:00:00Z";

/// The list of `names`, in this dialect.
pub(super) fn answer(dialect: Dialect, models: &Gateway, names: &[String]) -> Answer {
    let entries: Vec<Value> = names.iter().map(|name| entry(dialect, models, name)).collect();
    whole(&match dialect {
        Dialect::Gemini | Dialect::Ollama => json!({"models": entries}),
        Dialect::Anthropic => json!({
            "data": entries,
            "has_more": false,
            "first_id": names.first(),
            "last_id": names.last(),
        }),
        _ => json!({"object": "list", "data": entries}),
    })
}

/// The model of this name alone.
pub(super) fn one(dialect: Dialect, models: &Gateway, name: &str) -> Answer {
    whole(&entry(dialect, models, name))
}

/// The dialect that a client speaks: several ask under one path.
pub(super) fn of_client(dialect: Dialect, headers: &HeaderMap) -> Dialect {
    match dialect {
        Dialect::OpenAiChat if headers.contains_key(ANTHROPIC) => Dialect::Anthropic,
        Dialect::OpenAiChat if GOOGLE.iter().any(|name| headers.contains_key(*name)) => Dialect::Gemini,
        _ => dialect,
    }
}

fn entry(dialect: Dialect, models: &Gateway, name: &str) -> Value {
    match dialect {
        Dialect::Gemini => json!({
            "name": format!("models/{name}"),
            "displayName": name,
            "supportedGenerationMethods": methods(models, name),
        }),
        Dialect::Ollama => json!({
            "name": name, "model": name, "modified_at": BEGINNING, "size": 0, "digest": "", "details": {},
        }),
        Dialect::Anthropic => json!({
            "type": "model", "id": name, "display_name": name, "created_at": BEGINNING,
        }),
        _ => json!({"id": name, "object": "model", "created": 0, "owned_by": "tutti"}),
    }
}

/// What Gemini's clients may ask of a name. Tokens are counted by providers of their own dialect alone.
fn methods(models: &Gateway, name: &str) -> Vec<&'static str> {
    let counts = models.answers(name, Endpoint::GeminiCountTokens).then_some("countTokens");
    ["generateContent", "streamGenerateContent"].into_iter().chain(counts).collect()
}

fn whole(value: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Answer { status: StatusCode::OK, headers, body: Body::Whole(value.to_string().into()), cached: false }
}
