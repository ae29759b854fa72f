//! An HTTP answer as the result of a tool.

use crate::body::{essence, is_json};
use crate::expected::Expected;
use crate::fault::shown;
use crate::operation::Operation;
use base::{Code, Error};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp::raw;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// An answer of the API.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Content-Encoding` header.
    pub encoding: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// How many bytes of the body of an error a model is shown.
const EXCERPT: usize = 4 << 10;

/// The deepest JSON that is taken apart.
const DEPTH: usize = 100;

impl Operation {
    /// The result of the tool, a `CallToolResult` as raw JSON. The body of a JSON answer stands in it byte for byte.
    /// `arguments` are those of the call.
    pub fn result(&self, answer: &Answer, arguments: &Map<String, Value>) -> String {
        if let Some(encoding) = answer.encoding.as_deref().filter(|encoding| !encoding.eq_ignore_ascii_case("identity"))
        {
            let message =
                format!("the API answered with the encoding `{}`, though none was asked for", shown(encoding));
            return failed(&Error::new(Code::OpenApiAnswer, message, UNASKED), None);
        }
        match answer.status {
            200..=299 if self.transform.changes_answers() => self.transformed(answer, arguments),
            200..=299 => self.good(answer),
            300..=399 => failed(&redirected(answer), None),
            _ => refused(answer),
        }
    }

    /// What the operator's template makes of an answer. Text that is JSON is structured content too.
    fn transformed(&self, answer: &Answer, arguments: &Map<String, Value>) -> String {
        let text = readable(answer).unwrap_or_default();
        let body = base::json::from_text(&text).unwrap_or(Value::String(text));
        let context = json!({"body": body, "status": answer.status, "arguments": arguments});
        match self.transform.answer(&context) {
            None => self.good(answer),
            Some(Err(error)) => failed(&error, None),
            Some(Ok(text)) => {
                let mut result = json!({"content": [{"type": "text", "text": text}], "isError": false});
                match base::json::from_text(&text) {
                    Ok(object @ Value::Object(_)) => result["structuredContent"] = object,
                    Ok(list @ Value::Array(_)) => result["structuredContent"] = json!({"result": list}),
                    _ => {}
                }
                result.to_string()
            }
        }
    }

    fn good(&self, answer: &Answer) -> String {
        let media_type = answer.content_type.as_deref().map(essence).unwrap_or_default();
        let text = readable(answer);
        let json = text.as_deref().filter(|text| {
            let declared = is_json(&media_type) || media_type.is_empty();
            declared && !raw::deeper_than(text, DEPTH) && serde_json::from_str::<&RawValue>(text).is_ok()
        });
        if let Some(json) = json {
            let is_object = json.trim_start().starts_with('{');
            if self.expected == Expected::Object && !is_object {
                return failed(&unexpected("JSON that is no object"), Some(json));
            }
            let wrapped = self.expected == Expected::Wrapped || !is_object;
            let structured = if wrapped { format!(r#"{{"result":{json}}}"#) } else { json.to_owned() };
            return format!(
                r#"{{"content":[{{"type":"text","text":{}}}],"structuredContent":{structured},"isError":false}}"#,
                raw::quote(json)
            );
        }
        if self.expected != Expected::Nothing {
            let what = if answer.body.is_empty() { "nothing" } else { "something that is no JSON" };
            let excerpt = text.as_deref().map(|text| cut(text, EXCERPT));
            return failed(&unexpected(&format!("{what} (HTTP status {})", answer.status)), excerpt);
        }
        let block = match (text, media_type.as_str()) {
            _ if answer.body.is_empty() => json!({"type": "text", "text": status_line(answer.status)}),
            (Some(text), _) => json!({"type": "text", "text": text}),
            (None, image) if image.starts_with("image/") => {
                json!({"type": "image", "data": STANDARD.encode(&answer.body), "mimeType": image})
            }
            (None, audio) if audio.starts_with("audio/") => {
                json!({"type": "audio", "data": STANDARD.encode(&answer.body), "mimeType": audio})
            }
            (None, other) => {
                let mime_type = if other.is_empty() { "application/octet-stream" } else { other };
                let resource = json!({
                    "uri": format!("openapi:///{}", crate::encode::component(&self.name)),
                    "mimeType": mime_type,
                    "blob": STANDARD.encode(&answer.body),
                });
                json!({"type": "resource", "resource": resource})
            }
        };
        json!({"content": [block], "isError": false}).to_string()
    }
}

const UNASKED: &str = "have the API, or the proxy before it, honour `Accept-Encoding: identity`";

/// The body as text: what is text by its type, or has none and is UTF-8. Pictures made of text (SVG) are text.
fn readable(answer: &Answer) -> Option<String> {
    let full = answer.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let media_type = essence(&full);
    let named = ["json", "xml", "yaml", "javascript", "x-ndjson", "graphql", "x-www-form-urlencoded", "csv", "toml"];
    let is_text = media_type.starts_with("text/")
        || named.iter().any(|word| media_type.split(['/', '+']).skip(1).any(|part| part == *word));
    if !is_text && !media_type.is_empty() {
        return None;
    }
    let latin = full.contains("charset=iso-8859-1") || full.contains("charset=latin1") || full.contains("windows-1252");
    match std::str::from_utf8(&answer.body) {
        Ok(text) => Some(text.trim_start_matches('\u{feff}').to_owned()),
        Err(_) if latin => Some(answer.body.iter().map(|byte| char::from(*byte)).collect()),
        Err(_) if is_text => Some(String::from_utf8_lossy(&answer.body).into_owned()),
        Err(_) => None,
    }
}

/// A result that says what went wrong. `excerpt` is what the API said.
fn failed(error: &Error, excerpt: Option<&str>) -> String {
    let mut content = vec![json!({"type": "text", "text": error.to_string()})];
    if let Some(excerpt) = excerpt.map(|excerpt| cut(excerpt, EXCERPT)).filter(|excerpt| !excerpt.trim().is_empty()) {
        content.push(json!({"type": "text", "text": excerpt}));
    }
    json!({"content": content, "structuredContent": error.to_json(), "isError": true}).to_string()
}

/// The result of a call that could not be made because of its arguments.
pub fn refused_arguments(error: &Error) -> String {
    failed(error, None)
}

/// The API `name` leads from one address to the next.
pub fn endless(name: &str) -> Error {
    let message = format!("`{name}` leads from one address to the next without an end");
    Error::new(Code::OpenApiRedirect, message, "look at the API itself with the same arguments").of_upstream(name)
}

fn unexpected(what: &str) -> Error {
    let message = format!("the API answered with {what}, and its document promises something else");
    Error::new(Code::OpenApiAnswer, message, "have the document corrected, or tell those who keep the API")
}

fn redirected(answer: &Answer) -> Error {
    let to = answer.location.as_deref().map_or_else(String::new, |location| format!(" to {}", shown(location)));
    let message =
        format!("the API answered with HTTP status {} and leads elsewhere{to}, which is not followed", answer.status);
    Error::new(Code::OpenApiRedirect, message, "have the operator set `base_url` to where the API is now")
}

/// The API says no: its status, when to try again, and what it said.
fn refused(answer: &Answer) -> String {
    let mut message = format!("the API answered with HTTP status {}", status_line(answer.status));
    let wait = answer.retry_after.as_deref().map(shown);
    if let Some(wait) = &wait {
        let unit = if wait.bytes().all(|byte| byte.is_ascii_digit()) { " seconds" } else { "" };
        message.push_str(&format!(" and asks to wait {wait}{unit}"));
    }
    let next = match answer.status {
        401 | 403 => "the operator gives the server a credential that the API takes, under `auth`",
        404 => "check the arguments: there is nothing of this name or number",
        408 | 425 | 429 | 503 => "wait, then try again",
        400..=499 => "correct the arguments as the answer says, then try again",
        _ => "try again later; the fault is in the API",
    };
    let error = Error::new(Code::OpenApiStatus, message, next);
    let text = readable(answer);
    let excerpt = text.as_deref().map(|text| cut(text.trim(), EXCERPT)).filter(|text| !text.is_empty());
    let mut structured = error.to_json();
    structured["status"] = answer.status.into();
    if let Some(wait) = wait {
        structured["retry_after"] = wait.into();
    }
    if let Some(excerpt) = excerpt {
        let parsed = base::json::from_text(excerpt).ok();
        structured["body"] = parsed.unwrap_or_else(|| excerpt.into());
    }
    let mut content = vec![json!({"type": "text", "text": error.to_string()})];
    content.extend(excerpt.map(|excerpt| json!({"type": "text", "text": excerpt})));
    json!({"content": content, "structuredContent": structured, "isError": true}).to_string()
}

/// `404 Not Found`.
fn status_line(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

/// At most so many bytes of a text, cut between characters.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests;
