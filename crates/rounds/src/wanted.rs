//! Whether a request asks for tools of the hub, and for which. Pure.

use base::{Code, Error, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderName};
use llm::request::Asked;
use mcp::raw;

/// The header by which tools are asked for where a client cannot say it in the body.
static HEADER: HeaderName = HeaderName::from_static("x-tutti-tools");

/// What stands for all tools that a client may see, and marks an element among a client's own tools.
const ALL: &str = "tutti";

/// What a request says of the hub's tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The view whose tools are wanted; none where all are that the client may see.
    pub view: Option<String>,
    /// The body without what was said of it, as a provider could take it.
    pub(super) body: Bytes,
}

impl Wanted {
    /// Reads what is said: `tools` is a text in place of a list, or a list with an element `{"type": "tutti"}`, or the header
    /// `x-tutti-tools`. Nothing where nothing is said, which takes no walk through the body.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] where it cannot be meant, or tokens are to be counted.
    pub fn of(asked: &Asked, given: &HeaderMap) -> Result<Option<Self>> {
        let counts = asked.endpoint.counts_tokens();
        if !asked.endpoint.generates() && !counts {
            return Ok(None);
        }
        if given.get(&HEADER).is_none() && asked.get("tools").is_none() {
            return Ok(None);
        }
        let body = asked.text().trim();
        let said = match raw::get(body, "tools") {
            Some(tools) if tools.starts_with('"') => {
                let view = raw::text(tools).ok_or_else(|| wrong("`tools` is no text that can be read"))?;
                let body = raw::without(body, |member| member.is("tools")).into_owned();
                Some((named(&view), body))
            }
            Some(tools) => among(body, tools)?,
            None => None,
        };
        if counts {
            // The header says it of all that a client asks, and is for what generates.
            return said.map_or(Ok(None), |_| Err(uncounted()));
        }
        let said = match (said, given.get(&HEADER)) {
            (Some(said), _) => Some(said),
            (None, Some(value)) => {
                let view = value.to_str().map_err(|_| wrong("the header `x-tutti-tools` is no text"))?;
                Some((named(view.trim()), body.to_owned()))
            }
            (None, None) => None,
        };
        let Some((view, body)) = said else { return Ok(None) };
        if view.as_deref() == Some("") {
            return Err(wrong("no view is named for tools of the hub"));
        }
        if asked.answers > 1 {
            return Err(wrong("several answers side by side are wanted, and tools of the hub"));
        }
        Ok(Some(Self { view, body: body.into() }))
    }
}

/// What an element among `tools`, the client's own, says, and the body without it.
fn among(body: &str, tools: &str) -> Result<Option<(Option<String>, String)>> {
    let is_ours = |element: &&str| raw::get(element, "type").and_then(raw::text).is_some_and(|kind| kind == ALL);
    let mut ours = raw::elements(tools).filter(is_ours);
    let Some(element) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        return Err(wrong("`tools` has two elements of the type `tutti`"));
    }
    let view = match raw::get(element, "view").filter(|view| *view != "null") {
        Some(view) => named(&raw::text(view).ok_or_else(|| wrong("the `view` of an element of `tools` is no text"))?),
        None => None,
    };
    let rest: Vec<&str> = raw::elements(tools).filter(|element| !is_ours(element)).collect();
    if rest.is_empty() {
        return Ok(Some((view, raw::without(body, |member| member.is("tools")).into_owned())));
    }
    let mut splice = raw::Splice::new(body);
    splice.replace(tools, format!("[{}]", rest.join(",")));
    Ok(Some((view, splice.finish().into_owned())))
}

fn named(view: &str) -> Option<String> {
    (view != ALL).then(|| view.to_owned())
}

fn uncounted() -> Error {
    let why =
        "tokens are counted of what a request says itself, and tools of the hub are chosen only when a model is asked";
    Error::new(Code::ModelRequest, why, "leave tools of the hub out where tokens are counted")
}

fn wrong(why: &str) -> Error {
    let next = "write `\"tools\": \"tutti\"`, the name of a view in its place, or an element \
                `{\"type\": \"tutti\", \"view\": \"…\"}` among your own tools";
    Error::new(Code::ModelRequest, why, next)
}

#[cfg(test)]
mod tests;
