//! The members of a body that decide what an answer is and what it may cost. Pure.

use super::wrong;
use crate::dialect::Endpoint;
use base::Result;
use base::visible::escaped;
use mcp::raw;

/// The members that are read here and decide whom a request may ask, and what it may cost.
const READ: [&str; 18] = [
    "model",
    "models",
    "fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "provider",
    "stream",
    "n",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "options",
    "tools",
    "plugins",
    "prompt",
    "input",
    "documents",
    "best_of",
];

/// The first member that is none of [`READ`] and that some readers take for one: those of Go pass over the case of letters,
/// two of Unicode's among them, and those of C over what stands behind a zero. And the one that it is taken for.
pub(super) fn misspelled(object: &str) -> Option<(String, &'static str)> {
    raw::members(object).find_map(|member| {
        let name = raw::text(member.key)?;
        if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return None;
        }
        let plain = |letter: char| match letter {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            _ => letter.to_ascii_lowercase(),
        };
        let read: String = name.chars().take_while(|letter| *letter != '\0').map(plain).take(40).collect();
        let meant = READ.into_iter().find(|known| *known == read)?;
        Some((escaped(&name.chars().take(40).collect::<String>()), meant))
    })
}

/// Whether the answer is to come piece by piece.
///
/// # Errors
/// It is said in a way that not all read alike.
pub(super) fn streams(endpoint: Endpoint, object: &str) -> Result<bool> {
    Ok(match endpoint {
        Endpoint::StreamGenerateContent => true,
        Endpoint::OllamaChat => stream(object)?.unwrap_or(true),
        Endpoint::Speech => raw::get(object, "stream_format").and_then(raw::text).is_some_and(|form| form == "sse"),
        Endpoint::Completions => stream(object)?.unwrap_or(false),
        _ if endpoint.is_media() => stream(object)?.unwrap_or(false),
        _ if endpoint.names_model_in_path() || !endpoint.generates() => false,
        _ => stream(object)?.unwrap_or(false),
    })
}

/// Whether a stream is asked for, if that is said. What providers read in different ways could be billed without an end.
fn stream(object: &str) -> Result<Option<bool>> {
    match raw::get(object, "stream") {
        None | Some("null") => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(wrong("has a `stream` that is neither true nor false")),
    }
}

/// How many answers are wanted side by side: the most that any reader can take it for.
///
/// # Errors
/// It is no number.
pub(super) fn answers(endpoint: Endpoint, object: &str, stream: bool) -> Result<u32> {
    match endpoint {
        Endpoint::ChatCompletions => most(object, &["n"]),
        Endpoint::Completions => {
            let prompts = raw::elements(raw::get(object, "prompt").unwrap_or_default());
            let prompts = prompts.filter(|prompt| prompt.starts_with(['"', '['])).count();
            // Of several that are made only the best are given, which no stream can do.
            let count = most(object, if stream { &["n"] } else { &["n", "best_of"] })?;
            Ok(count.saturating_mul(u32::try_from(prompts).unwrap_or(u32::MAX).max(1)))
        }
        _ if endpoint.is_media() => most(object, &["n"]),
        _ => {
            let is = |member: &raw::Member<'_>| member.is("generationConfig") || member.is("generation_config");
            let settings = raw::members(object).filter(is);
            let mut counts = settings.map(|settings| most(settings.value, &["candidateCount", "candidate_count"]));
            counts.try_fold(1, |before, count| Ok(before.max(count?)))
        }
    }
}

/// The highest number that members of these names say.
fn most(object: &str, names: &[&str]) -> Result<u32> {
    let mut most = 1;
    for member in raw::members(object).filter(|member| names.iter().any(|name| member.is(name))) {
        let digits = member.value.strip_suffix(".0").unwrap_or(member.value);
        match digits.parse::<u32>() {
            Ok(number) => most = most.max(number),
            Err(_) if digits == "null" => {}
            Err(_) => return Err(wrong("wants a number of answers that is none")),
        }
    }
    Ok(most)
}
