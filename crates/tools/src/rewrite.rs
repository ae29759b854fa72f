//! What the hub changes in a message on its way, and nothing else.
//!
//! Towards an upstream: the name or address of what is called, the progress token, and the members of `_meta` that say
//! who speaks (they belong to one hop). Towards a client: addresses of resources, the token back, and the members of a
//! result that only one era has. All else is the sender's own bytes.

mod trace;

pub use trace::Trace;

use crate::naming;
use context::shape::said_once;
use mcp::client::handshake;
use mcp::version::meta;
use mcp::{Era, Method, raw};
use std::borrow::Cow;

/// Both ends of a request.
#[derive(Debug, Clone, Copy)]
pub struct Eras {
    /// How the client speaks.
    pub client: Era,
    /// How the upstream speaks.
    pub upstream: Era,
}

/// What replaces what in the params of a request.
pub struct Outgoing<'a> {
    /// The raw JSON strings to be replaced, slices of the params, and their new values.
    pub names: Vec<(&'a str, String)>,
    /// The token that progress notifications of the upstream shall carry.
    pub token: u64,
    /// Both ends.
    pub eras: Eras,
    /// The lowest level of log messages that a legacy client has set. A modern client says it itself.
    pub level: Option<&'a str>,
    /// What the upstream may ask of the client, as raw JSON.
    pub capabilities: &'a str,
    /// The span that the upstream's work is part of, where traces are sent.
    pub trace: Option<Trace<'a>>,
}

/// The params as the upstream gets them.
pub fn params<'a>(params: &'a str, outgoing: &Outgoing<'a>) -> Cow<'a, str> {
    let mut splice = raw::Splice::new(params);
    for (part, value) in &outgoing.names {
        splice.replace(part, raw::quote(value));
    }
    let old = raw::get(params, "_meta");
    let mut new = outgoing_meta(old.unwrap_or("{}"), outgoing);
    if let Some(trace) = &outgoing.trace {
        new = Some(trace::set(new.as_deref().or(old).unwrap_or("{}"), trace).into_owned());
    }
    match (old, new) {
        (Some(old), Some(new)) => drop(splice.replace(old, new)),
        (None, Some(new)) => drop(splice.insert(params, "_meta", &new)),
        (_, None) => {}
    }
    splice.finish()
}

/// The `_meta` that the upstream gets; nothing when it may stay as it is.
fn outgoing_meta(old: &str, outgoing: &Outgoing<'_>) -> Option<String> {
    let token = raw::get(old, meta::PROGRESS_TOKEN);
    let Eras { client, upstream } = outgoing.eras;
    let declared = (client == Era::Modern && upstream == Era::Modern)
        .then(|| raw::get(old, meta::CLIENT_CAPABILITIES))
        .flatten()
        .filter(|declared| *declared != outgoing.capabilities);
    if token.is_none() && declared.is_none() && client == upstream {
        return None;
    }
    let mut splice = raw::Splice::new(old);
    if let Some(declared) = declared {
        splice.replace(declared, outgoing.capabilities);
    }
    if let Some(token) = token {
        splice.replace(token, outgoing.token.to_string());
    }
    let with_token = splice.finish();
    match (client, upstream) {
        (Era::Modern, Era::Legacy) => {
            let mine =
                |member: &raw::Member<'_>| raw::text(member.key).is_some_and(|key| key.starts_with(meta::RESERVED));
            let new = raw::without(&with_token, mine);
            (new != old).then(|| new.into_owned())
        }
        (Era::Legacy, Era::Modern) => {
            let own = handshake::modern_meta(outgoing.capabilities);
            let speaker = &own[1..own.len() - 1];
            let rest = with_token.trim().strip_prefix('{').unwrap_or("}");
            let comma = if raw::members(&with_token).next().is_some() { "," } else { "" };
            let level = outgoing.level.map(|level| format!(r#","{}":"{level}""#, meta::LOG_LEVEL)).unwrap_or_default();
            Some(format!("{{{speaker}{level}{comma}{rest}"))
        }
        _ => Some(with_token.into_owned()),
    }
}

/// A result as the client gets it. `upstream` is the name that addresses get, or nothing where they stay as they are.
pub fn result<'a, 'u>(
    result: &'a str,
    method: &Method,
    upstream: impl Into<Option<&'u str>>,
    eras: Eras,
) -> Cow<'a, str> {
    let mapped = upstream.into().map_or(Cow::Borrowed(result), |upstream| addresses(result, method, upstream));
    match (eras.client, eras.upstream) {
        (Era::Legacy, Era::Modern) => {
            let modern_only = |member: &raw::Member<'_>| {
                member.is("resultType")
                    || (method == &Method::ResourcesRead && (member.is("ttlMs") || member.is("cacheScope")))
            };
            match mapped {
                Cow::Borrowed(result) => raw::without(result, modern_only),
                Cow::Owned(result) => Cow::Owned(raw::without(&result, modern_only).into_owned()),
            }
        }
        (Era::Modern, Era::Legacy) => Cow::Owned(modernised(&mapped, method)),
        _ => mapped,
    }
}

/// A legacy result with the members that every modern result has.
fn modernised(result: &str, method: &Method) -> String {
    let mut splice = raw::Splice::new(result);
    if raw::get(result, "resultType").is_none() {
        splice.insert(result, "resultType", "\"complete\"");
    }
    if method == &Method::ResourcesRead && raw::get(result, "ttlMs").is_none() {
        // The upstream said nothing of caching, so nothing may be cached.
        splice.insert(result, "cacheScope", "\"private\"").insert(result, "ttlMs", "0");
    }
    splice.finish().into_owned()
}

/// Whether a modern upstream wants something from the client before it can answer.
pub fn wants_input(result: &str) -> bool {
    result.contains("input_required")
        && raw::get(result, "resultType").and_then(raw::text).as_deref() == Some("input_required")
}

/// Replaces the addresses of resources in a result by those that clients see.
fn addresses<'a>(result: &'a str, method: &Method, upstream: &str) -> Cow<'a, str> {
    // Most results name no resource; a look for the word is all that they pay.
    let may_have = method == &Method::ResourcesRead || result.contains("resource") || result.contains("\\u");
    if !may_have {
        return Cow::Borrowed(result);
    }
    match said_once(result) {
        Cow::Borrowed(result) => replaced(result, method, upstream),
        Cow::Owned(once) => Cow::Owned(replaced(&once, method, upstream).into_owned()),
    }
}

fn replaced<'a>(result: &'a str, method: &Method, upstream: &str) -> Cow<'a, str> {
    let mut splice = raw::Splice::new(result);
    let mut replace = |raw_uri: Option<&'a str>| {
        if let Some(raw_uri) = raw_uri
            && let Some(uri) = raw::text(raw_uri)
        {
            splice.replace(raw_uri, raw::quote(&naming::exposed_uri(upstream, &uri)));
        }
    };
    let mut block = |content: &'a str| match raw::get(content, "type").and_then(raw::text).as_deref() {
        Some("resource_link") => replace(raw::get(content, "uri")),
        Some("resource") => replace(raw::at(content, &["resource", "uri"])),
        _ => {}
    };
    match method {
        Method::ToolsCall => raw::elements(raw::get(result, "content").unwrap_or_default()).for_each(block),
        Method::PromptsGet => {
            for message in raw::elements(raw::get(result, "messages").unwrap_or_default()) {
                let content = raw::get(message, "content").unwrap_or_default();
                if content.starts_with('[') { raw::elements(content).for_each(&mut block) } else { block(content) }
            }
        }
        Method::ResourcesRead => {
            for content in raw::elements(raw::get(result, "contents").unwrap_or_default()) {
                replace(raw::get(content, "uri"));
            }
        }
        _ => {}
    }
    splice.finish()
}

/// A notification of a call as its client gets it: with the token that the client gave. Nothing when the client must
/// not get it.
pub fn note<'a>(source: &'a str, body: Option<&'a str>, method: &Method, token: Option<&str>) -> Option<Cow<'a, str>> {
    if method != &Method::Progress {
        return Some(Cow::Borrowed(source));
    }
    let theirs = raw::get(body?, meta::PROGRESS_TOKEN)?;
    let mut splice = raw::Splice::new(source);
    splice.replace(theirs, token?.to_owned());
    Some(splice.finish())
}

#[cfg(test)]
mod tests;
