//! How much of a whole answer is what the model wrote. Pure.

use crate::dialect::Dialect;
use mcp::raw::{self, Object};

/// How many bytes of what a model writes a token has, where no form is around it: English has about four, code and most other languages
/// three.
const BYTES_OF_TOKEN: u64 = 3;
/// How deep values are looked at: no dialect has words deeper. What is deeper counts with its form.
const DEEPEST: u32 = 16;

/// What stands beside the words of a model and is none of them: its form, and media.
const FORM: [&str; 15] = [
    "type",
    "role",
    "id",
    "call_id",
    "index",
    "status",
    "finish_reason",
    "finishReason",
    "logprobs",
    "safetyRatings",
    "annotations",
    "toolUseId",
    "inlineData",
    "inline_data",
    "images",
];
/// What the model writes as JSON, where that is no text.
const ARGUMENTS: [&str; 3] = ["input", "args", "arguments"];

/// About how many tokens the texts, thoughts and arguments of tools in a whole answer have. Where they are not where the dialect has them the whole
/// answer counts, by its bytes.
pub(super) fn tokens(dialect: Dialect, answer: &Object<'_>) -> u64 {
    let words = match dialect {
        Dialect::OpenAiChat => answer.get("choices").or_else(|| answer.get("text")),
        Dialect::OpenAiResponses => answer.get("output"),
        Dialect::Anthropic => answer.get("content"),
        Dialect::Gemini => answer.get("candidates").or_else(|| answer.get("promptFeedback").map(|_| "[]")),
        Dialect::Ollama => answer.get("message"),
        Dialect::Bedrock => answer.at(&["output", "message", "content"]),
    };
    match words {
        Some(words) => bytes(words, DEEPEST).div_ceil(BYTES_OF_TOKEN),
        None => (answer.text().len() as u64).div_ceil(super::BYTES_OF_TOKEN),
    }
}

/// How many bytes in a value are words.
fn bytes(value: &str, depth: u32) -> u64 {
    let whole = value.len() as u64;
    let Some(deeper) = depth.checked_sub(1) else { return whole };
    match value.as_bytes().first() {
        Some(b'"') => raw::text(value).map_or(whole, |text| text.len() as u64),
        Some(b'[') => raw::elements(value).map(|value| bytes(value, deeper)).sum(),
        Some(b'{') => raw::members(value).map(|member| of_member(&member, deeper)).sum(),
        // Numbers and the like are form; where a model writes them they are in texts or arguments.
        _ => 0,
    }
}

fn of_member(member: &raw::Member<'_>, depth: u32) -> u64 {
    if FORM.iter().any(|name| member.is(name)) {
        return 0;
    }
    if member.is("audio") {
        return raw::get(member.value, "transcript").map_or(0, |spoken| bytes(spoken, depth));
    }
    let arguments = ARGUMENTS.iter().any(|name| member.is(name)) && raw::is_object(member.value);
    if arguments { member.value.len() as u64 } else { bytes(member.value, depth) }
}
