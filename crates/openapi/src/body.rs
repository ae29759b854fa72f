//! Bodies of requests: which of its media types an operation is sent, and how an argument becomes bytes.

use crate::convert::truth;
use crate::document::Document;
use crate::fault::{self, Fault, shown};
use crate::forms;
use base::Result;
use serde_json::{Value, json};

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

/// The body that an operation takes.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) media_type: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) description: Option<String>,
    pub(crate) schema: Value,
    /// The properties of a multipart body that are files; their values are base64.
    pub(crate) files: Vec<String>,
}

/// Reads the body of an operation; nothing where it takes none.
pub(crate) fn read(document: &Document, operation: &Value) -> Result<Option<Body>, Fault> {
    let Some(body) = operation.get("requestBody") else { return Ok(None) };
    let body = document.resolve(body)?;
    let content = body.get("content").and_then(Value::as_object).into_iter().flatten();
    let kinds = content.map(|(media_type, media)| (kind(media_type), media_type, media));
    let Some((kind, media_type, media)) = kinds.min_by_key(|(kind, ..)| *kind) else { return Ok(None) };
    let media_type = match media_type.as_str() {
        any if any.contains('*') => usual(kind).to_owned(),
        named => named.to_owned(),
    };
    if !media_type.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(format!("its body has the media type `{}`, which is none", shown(&media_type)));
    }
    let schema = media.get("schema").cloned().unwrap_or(Value::Bool(true));
    let files = if kind == Kind::Multipart { files(document, &schema)? } else { Vec::new() };
    Ok(Some(Body {
        kind,
        media_type,
        files,
        required: truth(body.get("required")) == Some(true),
        description: body.get("description").and_then(Value::as_str).map(str::to_owned),
        schema: match kind {
            Kind::Text => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            _ => schema,
        },
    }))
}

/// Whether a media type is JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn kind(media_type: &str) -> Kind {
    let essence = essence(media_type);
    match essence.as_str() {
        _ if is_json(media_type) => Kind::Json,
        "*/*" | "application/*" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        "multipart/form-data" => Kind::Multipart,
        "application/xml" | "application/yaml" | "application/graphql" | "application/x-ndjson" => Kind::Text,
        _ if essence.starts_with("text/") || essence.ends_with("+xml") || essence.ends_with("+yaml") => Kind::Text,
        _ => Kind::Bytes,
    }
}

/// The media type that is sent where the document names a range of them.
const fn usual(kind: Kind) -> &'static str {
    match kind {
        Kind::Json => "application/json",
        Kind::Text => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The properties that are files: binary by format, or with a media type of their own (OpenAPI 3.1).
fn files(document: &Document, schema: &Value) -> Result<Vec<String>, Fault> {
    let schema = document.resolve(schema)?;
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut files = Vec::new();
    for (name, property) in properties {
        let property = document.resolve(property)?;
        let items = property.get("items").map(|items| document.resolve(items)).transpose()?;
        if is_file(property) || items.is_some_and(is_file) {
            files.push(name.clone());
        }
    }
    Ok(files)
}

fn is_file(schema: &Value) -> bool {
    let binary = schema.get("format").and_then(Value::as_str) == Some("binary");
    let media = schema.get("contentMediaType").and_then(Value::as_str);
    binary || media.is_some_and(|media| !is_json(media) && !media.starts_with("text/"))
}

impl Body {
    /// The content type and the bytes of an argument. `boundary` stands between the parts of a multipart body.
    pub(crate) fn write(&self, argument: &str, value: &Value, boundary: &str) -> Result<(String, Vec<u8>)> {
        let plain = |bytes: Vec<u8>| Ok((self.media_type.clone(), bytes));
        let object = || {
            value.as_object().ok_or_else(|| {
                fault::argument(argument, "is no object, and it is sent as a form", "send an object with its fields")
            })
        };
        let text = || {
            value.as_str().ok_or_else(|| {
                fault::argument(argument, "is no text, and the body is sent as it stands", "send it as one text")
            })
        };
        match self.kind {
            Kind::Json => plain(value.to_string().into_bytes()),
            Kind::Text => plain(text()?.as_bytes().to_vec()),
            Kind::Bytes => plain(forms::base64(argument, text()?)?),
            Kind::Form => plain(forms::urlencoded(object()?).into_bytes()),
            Kind::Multipart => {
                let boundary = forms::fresh(boundary, value);
                let bytes = forms::multipart(argument, object()?, &self.files, &boundary)?;
                Ok((format!("multipart/form-data; boundary={boundary}"), bytes))
            }
        }
    }
}
