//! The members of a body that decide what an answer is and what it may cost. Pure.

use super::wrong;
use base::visible::escaped;
use base::{Code, Error, Result};
use inspection::dialect::Endpoint;
use mcp::raw::{self, Index, Member};
use std::borrow::Cow;

/// How clients of Messages are told that no conversation is kept for them (platform.claude.com, "Message threads"): the official
/// libraries then send all of it.
pub(crate) const NO_THREADS: &str = "thread_unsupported_request";

/// The members that are read here and decide whom a request may ask, and what it may cost.
const READ: [&str; 20] = [
    "model",
    "models",
    "fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "provider",
    "stream",
    "background",
    "thread",
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
pub(super) fn misspelled<'a>(mut members: impl Iterator<Item = Member<'a>>) -> Option<(String, &'static str)> {
    members.find_map(|member| {
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

/// The model that is asked: the one `in_path`, where the dialect names it there, and otherwise the one that is `named` in the body.
///
/// # Errors
/// There is none.
pub(super) fn model<'a>(in_path: Option<&'a str>, named: Option<&'a str>) -> Result<Cow<'a, str>> {
    let read = || {
        let value = named.ok_or_else(|| wrong("names no `model`"))?;
        raw::text(value).ok_or_else(|| wrong("has a `model` that is no text"))
    };
    in_path.map_or_else(read, |model| Ok(Cow::Borrowed(model)))
}

/// Whether the answer is to come piece by piece.
///
/// # Errors
/// It is said in a way that not all read alike.
pub(super) fn streams(endpoint: Endpoint, text: &str, index: &Index) -> Result<bool> {
    Ok(match endpoint {
        Endpoint::StreamGenerateContent => true,
        Endpoint::OllamaChat => stream(text, index)?.unwrap_or(true),
        Endpoint::Speech => index.get(text, "stream_format").and_then(raw::text).is_some_and(|form| form == "sse"),
        Endpoint::Completions => stream(text, index)?.unwrap_or(false),
        _ if endpoint.is_media() => stream(text, index)?.unwrap_or(false),
        _ if endpoint.names_model_in_path() || !endpoint.generates() => false,
        _ => stream(text, index)?.unwrap_or(false),
    })
}

/// Whether a stream is asked for, if that is said. What providers read in different ways could be billed without an end.
fn stream(text: &str, index: &Index) -> Result<Option<bool>> {
    match index.get(text, "stream") {
        None | Some("null") => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(wrong("has a `stream` that is neither true nor false")),
    }
}

/// Refuses a `models` that is no list: a provider that takes it for one would choose among models that nobody has looked at.
///
/// # Errors
/// There is one.
pub(super) fn check_models(text: &str, index: &Index) -> Result<()> {
    match index.get(text, "models") {
        Some(models) if models != "null" && !models.starts_with('[') => Err(wrong("has `models`, which are no list")),
        _ => Ok(()),
    }
}

/// The object `body` with this model in front.
pub(super) fn with_model(body: &str, model: &str) -> String {
    let mut splice = raw::Splice::new(body);
    splice.insert(body, "model", &raw::quote(model));
    splice.finish().into_owned()
}

/// Refuses what a provider would work at behind its answer: nobody could get what comes of it, and what it takes would never be told.
/// So too a conversation that Anthropic keeps (`thread`): what is in it can be neither counted before nor told to anybody else, and
/// clients send all of it once they are told so.
///
/// # Errors
/// It is asked for.
pub(super) fn check_kept(endpoint: Endpoint, text: &str, index: &Index) -> Result<()> {
    let asks = |value: &str| !matches!(value, "false" | "null");
    let has = |name: &str| index.get(text, name).is_some_and(asks);
    match endpoint {
        Endpoint::Responses if has("background") => {
            let message =
                "the request has `background`, and an answer that is made later cannot be fetched through the hub";
            let next = "leave `background` out; with `stream: true` a long answer comes while it is made";
            Err(Error::new(Code::ModelRequest, message, next))
        }
        Endpoint::Messages | Endpoint::CountTokens if has("thread") => {
            let message = "the request has `thread`, and the hub goes on with no conversation that a provider keeps";
            let next = "leave `thread` out, and send all of the conversation in `messages`";
            Err(Error::new(Code::ModelRequest, message, next).with_detail(NO_THREADS))
        }
        _ => Ok(()),
    }
}

/// How many answers are wanted side by side: the most that any reader can take it for.
///
/// # Errors
/// It is no number.
pub(super) fn answers(endpoint: Endpoint, (text, index): (&str, &Index), stream: bool) -> Result<u32> {
    match endpoint {
        Endpoint::ChatCompletions => most(index.members(text), &["n"]),
        Endpoint::Completions => {
            let prompts = raw::elements(index.get(text, "prompt").unwrap_or_default());
            let prompts = prompts.filter(|prompt| prompt.starts_with(['"', '['])).count();
            // Of several that are made only the best are given, which no stream can do.
            let count = most(index.members(text), if stream { &["n"] } else { &["n", "best_of"] })?;
            Ok(count.saturating_mul(u32::try_from(prompts).unwrap_or(u32::MAX).max(1)))
        }
        _ if endpoint.is_media() => most(index.members(text), &["n"]),
        _ => {
            let is = |member: &Member<'_>| member.is("generationConfig") || member.is("generation_config");
            let settings = index.members(text).filter(is);
            let mut counts =
                settings.map(|settings| most(raw::members(settings.value), &["candidateCount", "candidate_count"]));
            counts.try_fold(1, |before, count| Ok(before.max(count?)))
        }
    }
}

/// The highest number that members of these names say.
fn most<'a>(members: impl Iterator<Item = Member<'a>>, names: &[&str]) -> Result<u32> {
    let mut most = 1;
    for member in members.filter(|member| names.iter().any(|name| member.is(name))) {
        let digits = member.value.strip_suffix(".0").unwrap_or(member.value);
        match digits.parse::<u32>() {
            Ok(number) => most = most.max(number),
            Err(_) if digits == "null" => {}
            Err(_) => return Err(wrong("wants a number of answers that is none")),
        }
    }
    Ok(most)
}
