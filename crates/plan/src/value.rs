//! What a reference sees of a tool's result.
//!
//! `structuredContent`, if there is one. Else a single text that is a JSON object or list, as such: many servers write
//! their data so. Else all texts, with line ends between. Else, where there is no text at all, the blocks of `content`.
//! A text that is a number or `true` stays a text: `0012` is no twelve.

use crate::limits::DEPTH;
use base::{Code, Error};
use mcp::raw;
use std::borrow::Cow;

/// The value of a result, raw JSON; the text of the error where the tool says that it failed.
pub fn of(result: &str) -> Result<Cow<'_, str>, String> {
    let content = raw::get(result, "content").unwrap_or("[]");
    if raw::get(result, "isError") == Some("true") {
        let text = texts(content).join("\n");
        return Err(if text.is_empty() { "the tool says that it failed, and not why".to_owned() } else { text });
    }
    if let Some(structured) = raw::get(result, "structuredContent").filter(|value| *value != "null") {
        return Ok(Cow::Borrowed(structured));
    }
    let texts = texts(content);
    if texts.is_empty() {
        let empty = raw::elements(content).next().is_none();
        return Ok(Cow::Borrowed(if empty { "null" } else { content }));
    }
    if let [text] = texts.as_slice()
        && let Some(json) = json(text)
    {
        return Ok(Cow::Owned(json));
    }
    Ok(Cow::Owned(raw::quote(&texts.join("\n"))))
}

fn texts(content: &str) -> Vec<String> {
    let of_block = |block| {
        let is_text = raw::get(block, "type") == Some("\"text\"");
        raw::get(block, "text").filter(|_| is_text).and_then(raw::text).map(Cow::into_owned)
    };
    raw::elements(content).filter_map(of_block).collect()
}

/// The object or list that a text is. What is nested so deep that clients would refuse it stays a text.
fn json(text: &str) -> Option<String> {
    let text = text.trim();
    let may_be = text.starts_with(['{', '[']) && !raw::deeper_than(text, DEPTH);
    let is_so = may_be && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
    // Messages are framed by lines; between the tokens of JSON a line end is a space.
    is_so.then(|| text.replace(['\n', '\r'], " "))
}

/// The error of a step whose tool ran and reported one, in these words.
pub fn tool_failed(text: String) -> Error {
    let message = "the tool ran and reported an error";
    Error::new(Code::ToolFailed, message, "see what it says, and what its definition wants").with_detail(text)
}

/// The error object of a call, raw JSON, as an error.
pub fn answered(error: &str) -> Error {
    let part = |key| raw::at(error, &["data", key]).and_then(raw::text).map(Cow::into_owned);
    let own = part("code").and_then(|code| Code::find(&code));
    if let (Some(code), Some(message), Some(next)) = (own, part("message"), part("next")) {
        return Error::new(code, message, next);
    }
    let number = raw::get(error, "code").unwrap_or("0");
    let text = raw::get(error, "message").and_then(raw::text).unwrap_or_default();
    let message = format!("its server answered with the error {number}");
    Error::new(Code::ToolFailed, message, "see what it says").with_detail(text)
}

#[cfg(test)]
mod tests;
