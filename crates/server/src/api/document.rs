//! The OpenAPI document of the API, made of the table that requests are routed by. Only the schemas of bodies and answers
//! are written by hand (`document/schemas.json`); tests hold them against real answers.

use super::operation::{Answer, Operation, Parameter, Shape};
use crate::Shared;
use crate::answer::{EVENTS, plain_json};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use base::Code;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bodies and answers.
const SCHEMAS: &str = include_str!("document/schemas.json");

/// The version of the OpenAPI specification.
const SPECIFICATION: &str = "3.1.0";

/// Errors that any request may be answered with.
const ANY: &[Code] = &[Code::KeyInAddress, Code::HostRefused, Code::OriginRefused, Code::TooBusy];
/// Where the hub has a key.
const KEY: &[Code] = &[Code::KeyMissing, Code::KeyWrong];
/// Where it wants the key of whoever runs it.
const OPERATOR: &[Code] = &[Code::KeyRestricted];
/// Where something is read from the address.
const ADDRESS: &[Code] = &[Code::InvalidParams];
/// Where a server is named.
const NAMED: &[Code] = &[Code::ServerUnknown];
/// Where there is a body.
const BODY: &[Code] =
    &[Code::InvalidParams, Code::InvalidRequest, Code::BodyTooLarge, Code::BodyTooSlow, Code::UnsupportedMediaType];

/// The document as text: of a hub that wants no key, and of one that does.
#[derive(Clone)]
pub(crate) struct Documents([Arc<str>; 2]);

impl Documents {
    /// The document of `operations`.
    pub(crate) fn of<'a, O: IntoIterator<Item = &'a Operation>>(operations: impl Fn() -> O) -> Self {
        Self([false, true].map(|key| value(operations(), key).to_string().into()))
    }
}

/// Answers with the document.
pub(crate) async fn serve(
    State(shared): State<Arc<Shared>>,
    Extension(Documents(texts)): Extension<Documents>,
) -> Response {
    plain_json(texts[usize::from(shared.guard.wants_key())].to_string())
}

fn value<'a>(operations: impl IntoIterator<Item = &'a Operation>, key: bool) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        paths.entry(operation.path).or_insert_with(|| json!({}))[operation.verb.word()] = described(operation, key);
    }
    // A test reads the file, so that there is no schema missing.
    let schemas: Value = base::json::from_text(SCHEMAS).unwrap_or_default();
    let mut document = json!({
        "openapi": SPECIFICATION,
        "info": {
            "title": "Tutti",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the hub is doing. Fields are added, never renamed and never given another meaning: a \
                program should pass over those that it does not know. Clients of the Model Context Protocol connect to \
                /mcp, which is not described here.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [],
        "paths": paths,
        "components": {"schemas": schemas},
    });
    if key {
        document["security"] = json!([{"key": []}]);
        let scheme =
            json!({"type": "http", "scheme": "bearer", "description": "The key that the hub was started with."});
        document["components"]["securitySchemes"] = json!({"key": scheme});
    }
    document
}

/// What stands in paths: name, meaning, schema.
const PLACES: [(&str, &str, &str); 13] = [
    ("name", "The name of a server.", "Name"),
    ("model", "The name of a model, escaped, as in `openai%2Fgpt-5`.", "ModelName"),
    ("secret", "The name of a secret.", "SecretName"),
    ("prompt", "The name of a prompt.", "PromptName"),
    ("serverName", "The name of a view in the registry, escaped, as in `local.tutti%2Fall`.", "RegistryName"),
    ("version", "`latest`, or a version.", "RegistryVersion"),
    ("workflow", "The name of a workflow.", "WorkflowName"),
    ("run", "The id of a run.", "RunId"),
    ("webhook", "The name of a webhook.", "WebhookName"),
    ("notice", "The name of a notice.", "WebhookName"),
    ("scope", "The address of a scope, escaped: `project`, `run:ID`.", "MemoryScope"),
    ("key", "The key of a fragment, escaped, as in `style%2Fwords`.", "MemoryKey"),
    ("handle", "The SHA-256 of an original, in hexadecimal, as receipts and transcripts name it.", "MemoryHandle"),
];

fn described(operation: &Operation, key: bool) -> Value {
    let mut out = json!({"operationId": operation.id, "summary": operation.about});
    let is_there = |place: &&(&str, &str, &str)| operation.path.contains(&format!("{{{}}}", place.0));
    let in_path = PLACES.iter().filter(is_there).map(|(name, about, schema)| {
        json!({"name": name, "in": "path", "required": true, "description": about, "schema": reference(schema)})
    });
    let parameters: Vec<Value> = in_path.chain(operation.query.iter().map(parameter)).collect();
    if !parameters.is_empty() {
        out["parameters"] = parameters.into();
    }
    if let Some(schema) = operation.body {
        out["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": reference(schema)}}});
    }
    let (kind, schema) = match operation.answer {
        Answer::Json(schema) => ("application/json", reference(schema)),
        Answer::Text => ("text/plain", json!({"type": "string"})),
        Answer::Events => (EVENTS, json!({"type": "string"})),
    };
    out["responses"]["200"] = json!({"description": "It went well.", "content": {kind: {"schema": schema}}});
    for (status, codes) in refusals(operation, key) {
        let meanings: Vec<String> = codes.iter().map(|code| format!("- `{}`: {}", code.id(), code.summary())).collect();
        out["responses"][status.to_string()] = json!({
            "description": meanings.join("\n"),
            "content": {"application/json": {"schema": reference("Error")}},
        });
    }
    out
}

/// The errors that an operation may end with, by their status.
fn refusals(operation: &Operation, key: bool) -> BTreeMap<u16, Vec<Code>> {
    let named = operation.names_server();
    let groups = [
        (ANY, true),
        (KEY, key),
        // What of a server every key opens is open to it for what is its own.
        (OPERATOR, key && (!operation.open || named)),
        (ADDRESS, named || operation.names_secret() || !operation.query.is_empty()),
        (NAMED, named),
        (BODY, operation.body.is_some()),
    ];
    let common = groups.into_iter().filter(|(_, there)| *there).map(|(codes, _)| codes);
    let mut found: Vec<Code> = common.chain(operation.errors.iter().copied()).flatten().copied().collect();
    found.sort_by_key(|code| code.id());
    found.dedup();
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    found.into_iter().for_each(|code| by_status.entry(code.http_status()).or_default().push(code));
    by_status
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.shape {
        Shape::Whole(most) => json!({"type": "integer", "minimum": 0, "maximum": most}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Text => json!({"type": "string"}),
        Shape::Pattern(pattern) => json!({"type": "string", "pattern": pattern}),
    };
    let mut out = json!({"name": parameter.name, "in": "query", "description": parameter.about, "schema": schema});
    if parameter.shape == Shape::Flag {
        out["allowEmptyValue"] = true.into();
    }
    out
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

#[cfg(test)]
mod tests;
