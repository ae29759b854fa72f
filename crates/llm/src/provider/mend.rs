//! What models of other makers left in a conversation that goes on in the client's own dialect, where the body is otherwise
//! the client's own bytes: thoughts that nobody signed are refused by Claude, calls that nobody signed by Gemini 3, and ids of
//! thoughts that were made up here, and thoughts that it has not encrypted, by OpenAI.

use super::{Reply, headers};
use crate::config::Kind;
use crate::length::Length;
use crate::request::Asked;
use base::{Code, Error, Result};
use conversation::request::Request;
use dialects::Losses;
use exchange::content::Content;
use http::HeaderMap;
use inspection::dialect::{Dialect, Endpoint};
use mcp::raw;
use memchr::memmem;
use signatures::maker;

/// A body without what others left in it, and what of that is lost.
pub(super) struct Mended {
    pub(super) body: Content,
    pub(super) losses: Losses,
}

impl Mended {
    /// What is `asked` as `model` of `provider` takes it: the client's own bytes, where nothing of others is in them. One that is
    /// not `trusted` to read what is signed gets nothing of that.
    pub(super) fn of(asked: &Asked, kind: Kind, of: (&str, &str), trusted: bool) -> Self {
        let whole = || Self { body: asked.content_for(of.1, Length::of(kind, asked.endpoint)), losses: Losses::new() };
        mended(asked, kind, of, trusted).unwrap_or_else(whole)
    }
}

/// None where nothing of others is in it.
fn mended(asked: &Asked, kind: Kind, of: (&str, &str), trusted: bool) -> Option<Mended> {
    let is_conversation =
        asked.endpoint.generates() || matches!(asked.endpoint, Endpoint::InputTokens | Endpoint::CountTokens);
    match trusted {
        _ if !is_conversation => None,
        true if !asked.lacks_thoughts() && !shows(asked, kind, of) => None,
        true => rewritten(asked, kind, of.1, |dialect, request| {
            let asks = asked.lacks_thoughts() && dialects::ask_for_thoughts(request);
            dialects::mend(dialect, request, kind == Kind::OpenAi).or_else(|| asks.then(Losses::new))
        }),
        false => rewritten(asked, kind, of.1, dialects::strip),
    }
}

/// What is `asked` of a model, as `mend` has it. None where that finds nothing of others in it.
fn rewritten(
    asked: &Asked,
    kind: Kind,
    model: &str,
    mend: impl FnOnce(Dialect, &mut Request) -> Option<Losses>,
) -> Option<Mended> {
    let dialect = asked.endpoint.dialect();
    let mut request = (*asked.said().ok()?).clone();
    request.model = model.to_owned();
    let mut losses = mend(dialect, &mut request)?;
    let written = dialects::write_request(dialect, &request);
    losses.extend(&written.losses);
    let in_path = asked.endpoint.names_model_in_path().then_some(model);
    let again = Asked::read(asked.endpoint, in_path, written.body.into()).ok()?;
    Some(Mended { body: again.content_for(model, Length::of(kind, asked.endpoint)), losses })
}

/// Whether the bytes of a body can hold anything of others that matters to this model, as nearly none do: they are looked through
/// for words that show it, and not read.
fn shows(asked: &Asked, kind: Kind, (provider, model): (&str, &str)) -> bool {
    let (dialect, text) = (asked.endpoint.dialect(), asked.text());
    match dialect {
        Dialect::Anthropic => {
            maker(dialect, provider, model).as_deref() == Some("claude")
                && has_unsigned(asked.get("messages").unwrap_or_default())
        }
        Dialect::Gemini => {
            dialects::gemini::wants_signatures(model)
                && ["\"functionCall\"", "\"function_call\""]
                    .iter()
                    .any(|name| memmem::find(text.as_bytes(), name.as_bytes()).is_some())
                && lacks_signatures(asked.get("contents").unwrap_or_default())
        }
        Dialect::OpenAiResponses => {
            has_made_id(text)
                || kind == Kind::OpenAi
                    && has_value(text, "\"reasoning\"")
                    && has_open_thoughts(asked.get("input").unwrap_or_default())
        }
        Dialect::OpenAiChat => {
            kind == Kind::OpenAi && memmem::find(text.as_bytes(), b"\"reasoning_details\"").is_some()
        }
        Dialect::Ollama | Dialect::Bedrock => false,
    }
}

/// Whether a thought stands in one of the messages that nobody signed. Most conversations have none at all.
fn has_unsigned(messages: &str) -> bool {
    memmem::find(messages.as_bytes(), b"\"thinking\"").is_some()
        && raw::elements(messages)
            .filter_map(|message| raw::get(message, "content"))
            .flat_map(raw::elements)
            .map(|block| raw::pick(block, ["type", "signature"]))
            .any(|[kind, signature]| kind == Some("\"thinking\"") && matches!(signature, None | Some("null" | "\"\"")))
}

/// Whether a step of the model calls a tool and nothing of the step is signed.
fn lacks_signatures(contents: &str) -> bool {
    let (mut calls, mut signed) = (false, false);
    for content in raw::elements(contents) {
        let [role, parts] = raw::pick(content, ["role", "parts"]);
        if role.and_then(raw::text).as_deref() != Some("model") {
            if calls && !signed {
                return true;
            }
            (calls, signed) = (false, false);
            continue;
        }
        for part in raw::elements(parts.unwrap_or_default()) {
            for member in raw::members(part) {
                calls |= member.is("functionCall") || member.is("function_call");
                let signs = member.is("thoughtSignature") || member.is("thought_signature");
                signed |= signs && !matches!(member.value, "null" | "\"\"");
            }
        }
    }
    calls && !signed
}

/// Whether the id of thoughts that was made up here stands somewhere.
fn has_made_id(text: &str) -> bool {
    memmem::find_iter(text.as_bytes(), "\"rs_").any(|at| {
        let id = text.get(at + 1..).and_then(|rest| rest.split('"').next());
        id.is_some_and(dialects::is_made_up)
    })
}

/// Whether a text, in quotes, stands somewhere and is no key.
fn has_value(text: &str, value: &str) -> bool {
    memmem::find_iter(text.as_bytes(), value)
        .any(|at| !text.get(at + value.len()..).unwrap_or_default().trim_ascii_start().starts_with(':'))
}

/// Whether there are thoughts that OpenAI did not encrypt: without an id of its own, or to be read.
fn has_open_thoughts(input: &str) -> bool {
    let says = |value: Option<&str>| value.is_some_and(|value| !matches!(value, "null" | "\"\"" | "[]"));
    raw::elements(input).into_iter().any(|item| {
        let [kind, id, encrypted, content] = raw::pick(item, ["type", "id", "encrypted_content", "content"]);
        let owned = says(encrypted) || id.is_some_and(|id| id.starts_with("\"rs_"));
        kind == Some("\"reasoning\"") && (!owned || says(content))
    })
}

/// Refuses what could not go on whole, where the client wants nothing left out.
///
/// # Errors
/// [`Code::ModelLoss`] where it wants that.
pub(super) fn check(deployment: &str, losses: &Losses, given: &HeaderMap) -> Result<()> {
    if losses.is_empty() || !headers::is_strict(given) {
        return Ok(());
    }
    let message =
        format!("{deployment} does not take what models of other makers have left in this conversation: {losses}");
    let next = "leave these out, ask the model that made them, or leave `x-tutti-strict` out";
    Err(Error::new(Code::ModelLoss, message, next).of_upstream(deployment))
}

/// Tells in the headers of an answer what could not go on.
pub(super) fn tell(reply: Reply, losses: &Losses) -> Reply {
    let mut reply = reply;
    if !losses.is_empty() {
        let (Reply::Whole(headers, ..) | Reply::Stream(headers, _)) = &mut reply;
        headers::add_lost(headers, losses);
    }
    reply
}

#[cfg(test)]
mod tests;
