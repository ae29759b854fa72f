//! What a modern request must say of itself, in its headers and its body (specification 2026-07-28, transports).

use base::{Code, Error, Result};
use http::{HeaderMap, StatusCode};
use mcp::header;
use mcp::parameter::{self, Headers};
use mcp::version::{LATEST_MODERN, MODERN, meta};
use mcp::{Message, Method, raw};
use tools::{View, toolbox};

/// The protocol version that the body names.
pub(crate) fn version_in_body(message: &Message) -> Option<std::borrow::Cow<'_, str>> {
    raw::at(message.body()?, &["_meta", meta::PROTOCOL_VERSION]).and_then(raw::text)
}

/// Whether a request is of the modern era, by its header or its body.
pub(crate) fn is_modern(headers: &HeaderMap, message: &Message) -> bool {
    let header = headers.get(header::PROTOCOL_VERSION).and_then(|value| value.to_str().ok());
    header.is_some_and(|version| version >= MODERN[0]) || version_in_body(message).is_some()
}

/// Checks the headers of a modern request against its body. They exist for what stands between, so a difference would
/// let it decide on something else than what is done.
pub(crate) fn check(headers: &HeaderMap, message: &Message, method: &Method) -> Result<()> {
    let version = version_in_body(message).ok_or_else(|| {
        let named = headers.get(header::PROTOCOL_VERSION).and_then(|value| value.to_str().ok());
        if let Some(version) = named.filter(|version| !MODERN.contains(version)) {
            let version: String = version.chars().take(64).collect();
            let message = format!("the protocol version `{version}` is not supported");
            return Error::new(Code::UnsupportedVersion, message, format!("use {LATEST_MODERN}"));
        }
        let message = format!("`_meta` lacks `{}`, a string", meta::PROTOCOL_VERSION);
        Error::new(Code::InvalidParams, message, "say in each request which version of the protocol you speak")
    })?;
    agree(headers, header::PROTOCOL_VERSION, &version)?;
    agree(headers, header::METHOD, method.name())?;
    let key = match method {
        Method::ToolsCall | Method::PromptsGet => "name",
        Method::ResourcesRead => "uri",
        // The extension of tasks demands this header too; clients that lack it are served.
        Method::TasksGet | Method::TasksUpdate | Method::TasksCancel if headers.contains_key(header::NAME) => "taskId",
        _ => return Ok(()),
    };
    let name = raw::get(message.body().unwrap_or("{}"), key).and_then(raw::text).unwrap_or_default();
    agree(headers, header::NAME, &name)
}

/// Checks the members of `_meta` that every modern request has. Answers with the version when it is not one of ours.
pub(crate) fn check_meta(message: &Message) -> Result<Option<String>> {
    let version = version_in_body(message).unwrap_or_default();
    if version != LATEST_MODERN {
        return Ok(Some(version.into_owned()));
    }
    let capabilities = raw::at(message.body().unwrap_or("{}"), &["_meta", meta::CLIENT_CAPABILITIES]);
    if capabilities.is_some_and(raw::is_object) {
        return Ok(None);
    }
    Err(Error::new(
        Code::InvalidParams,
        format!("`_meta` lacks `{}`, an object", meta::CLIENT_CAPABILITIES),
        "say in each request what the client can do; `{}` means nothing special",
    ))
}

/// Checks the headers that repeat arguments of a tool. Gives those that the tool does not know: they go on as they are.
pub(crate) fn check_parameters(
    headers: &HeaderMap,
    view: &View,
    message: &Message,
    method: &Method,
) -> Result<Headers> {
    let params = message.body().unwrap_or("{}");
    // What the hub's own tools are called with no header repeats, and none goes on: the hub makes those of a call inside.
    if method == &Method::ToolsCall && toolbox::is_own(view, params) {
        return Ok(Headers::default());
    }
    let mut mirrors = None;
    if method == &Method::ToolsCall
        && let Some(name) = raw::get(params, "name").and_then(raw::text)
    {
        mirrors = view.tools.get(name.as_ref()).and_then(|route| route.mirrors.as_deref());
    }
    let arguments = raw::get(params, "arguments").unwrap_or("{}");
    parameter::check(mirrors.unwrap_or_default(), arguments, headers).map_err(|why| {
        Error::new(Code::HeaderMismatch, why, "ask for the tools again, and send the same in header and body")
    })
}

fn agree(headers: &HeaderMap, name: &'static str, body: &str) -> Result<()> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|value| value.to_str().ok());
    let mismatch =
        |why: String| Err(Error::new(Code::HeaderMismatch, why, "send the same in the header and in the body"));
    match value {
        None => mismatch(format!("the header {name} is missing")),
        Some(_) if values.next().is_some() => mismatch(format!("the header {name} stands there twice")),
        Some(value) => match header::decode(value.trim()) {
            Some(decoded) if decoded == body => Ok(()),
            Some(_) => mismatch(format!("the header {name} differs from the body")),
            None => mismatch(format!("the header {name} is not encoded as it must be")),
        },
    }
}

/// The status of an answer to a modern request: some errors demand one, whichever server made them (specification
/// 2026-07-28, transports, server errors).
pub(crate) fn status_of(answer: &str) -> StatusCode {
    // What an answer is stands at its beginning, so that a long result need not be looked through.
    let head = &answer.as_bytes()[..answer.len().min(HEAD)];
    let place = |word: &[u8]| head.windows(word.len()).position(|found| found == word);
    let is_error = match (place(b"\"error\":"), place(b"\"result\":")) {
        (Some(error), Some(result)) => error < result,
        (error, _) => error.is_some(),
    };
    match raw::at(answer, &["error", "code"]).filter(|_| is_error) {
        Some("-32020" | "-32021" | "-32022") => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// Where an answer has said by then whether it is an error. An id that is longer hides it, and then the status is 200.
const HEAD: usize = 512;

#[cfg(test)]
mod tests;
