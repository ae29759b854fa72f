//! The one text of a request that may be said in other words, and what an answer says. Pure.

use super::canonical::Digest;
use crate::request::Asked;
use base::random::sha256;
use conversation::stream::Gather;
use conversation::{Answer, Item, Reason};
use dialects::StreamReader;
use dialects::frame::{Frame, Frames};
use inspection::dialect::{Dialect, Endpoint};
use mcp::raw;
use std::ops::Range;

/// Members that offer tools: with them an answer may be the call of one.
const TOOLS: [&str; 3] = ["tools", "functions", "mcp_servers"];

/// The text of the last thing that the person said, and where it stands in the body with its quotes. Nothing where it is not
/// one text, or anything in the request is none: a picture, a tool, a call of one.
pub(super) fn of_question(asked: &Asked) -> Option<(Range<usize>, String)> {
    let body = asked.text();
    let offers = |name: &str| raw::get(body, name).is_some_and(|value| !matches!(value, "null" | "[]"));
    if !asked.endpoint.generates() || asked.answers != 1 || TOOLS.iter().any(|name| offers(name)) {
        return None;
    }
    let said = asked.said().ok()?;
    let plain = |item: &Item| matches!(item, Item::Text(_) | Item::CacheBreakpoint(_));
    if !said.tools.is_empty() || !said.turns.iter().flat_map(|turn| &turn.items).all(plain) {
        return None;
    }
    let quoted = match asked.endpoint {
        Endpoint::GenerateContent | Endpoint::StreamGenerateContent => {
            let last = raw::elements(raw::get(body, "contents")?).last()?;
            let role = raw::get(last, "role").is_none_or(|role| role == "\"user\"");
            only(raw::get(last, "parts").filter(|_| role)?, "text")?
        }
        Endpoint::Responses => match raw::get(body, "input")? {
            input if input.starts_with('"') => input,
            input => of_message(raw::elements(input).last()?)?,
        },
        _ => of_message(raw::elements(raw::get(body, "messages")?).last()?)?,
    };
    let text = raw::text(quoted)?.into_owned();
    Some((raw::range_of(body, quoted)?, text))
}

/// The text of a message of the person that is no more than that.
fn of_message(message: &str) -> Option<&str> {
    let content = raw::get(message, "content").filter(|_| raw::get(message, "role") == Some("\"user\""))?;
    if content.starts_with('"') { Some(content) } else { only(content, "text") }
}

/// The member `name` of the only element.
fn only<'a>(elements: &'a str, name: &str) -> Option<&'a str> {
    let mut all = raw::elements(elements);
    let first = all.next()?;
    if all.next().is_none() { raw::get(first, name).filter(|value| value.starts_with('"')) } else { None }
}

/// What tells an answer from others: the same for answers that say the same words. Nothing where it is more than words, or
/// was cut off.
pub(super) fn of_answer(dialect: Dialect, stream: bool, body: &str) -> Option<Digest> {
    let answer = if stream { gathered(dialect, body)? } else { dialects::read_answer(dialect, body).ok()? };
    let ended = answer.finish.as_ref()?.reason;
    if !matches!(ended, Reason::Stop | Reason::StopSequence) {
        return None;
    }
    let mut words = String::new();
    for item in &answer.items {
        match item {
            Item::Text(text) => text.text.split_whitespace().for_each(|word| {
                words.push_str(word);
                words.push(' ');
            }),
            // How it came to its words is nothing that it says.
            Item::Reasoning(_) => {}
            _ => return None,
        }
    }
    (!words.is_empty()).then(|| sha256(words.as_bytes()))
}

/// The answer that a stream makes.
fn gathered(dialect: Dialect, body: &str) -> Option<Answer> {
    let (mut frames, mut reader, mut gather) =
        (Frames::new(dialect.framing(), body.len().max(1)), StreamReader::new(dialect), Gather::new());
    let mut take = |frame: &Frame| {
        let events = reader.feed(frame.name.as_deref(), &frame.data).ok()?;
        events.into_iter().for_each(|event| gather.push(event));
        Some(())
    };
    frames.feed(body.as_bytes()).ok()?.iter().try_for_each(&mut take)?;
    if let Some(frame) = frames.finish().ok()? {
        take(&frame)?;
    }
    reader.finish().ok()?.into_iter().for_each(|event| gather.push(event));
    gather.is_complete().then(|| gather.into_answer())
}

#[cfg(test)]
mod tests;
