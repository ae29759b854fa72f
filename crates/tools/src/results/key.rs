//! What a result depends on.

use mcp::version::meta;
use mcp::{Method, raw};
use std::fmt::Write as _;
use std::sync::Arc;

/// For whom a result is. Whoever knows more of clients than their session can tell them apart by what it knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The client with this number.
    Session(u64),
    /// Everybody who shares these rights.
    Principal(Arc<str>),
}

/// What names a kept result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    owner: Option<Owner>,
    pub(super) digest: [u8; 32],
}

/// What is asked of an upstream.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The method.
    pub method: &'a Method,
    /// What the upstream calls the tool, or the address of the resource.
    pub name: &'a str,
    /// The params of the client, raw JSON.
    pub params: &'a str,
}

/// Members of `_meta` that say where a message comes from and change no result (W3C Trace Context, Baggage).
const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];

impl Question<'_> {
    /// Whether it carries answers to what the upstream asked before, so that it is part of a conversation.
    pub(super) fn is_answer(&self) -> bool {
        ["inputResponses", "requestState", "task"].iter().any(|name| raw::get(self.params, name).is_some())
    }

    /// The key of its answer, for `owner` or for all. Arguments in another order or with other spaces are another
    /// question: to be asked once too often does no harm.
    pub(super) fn key(&self, owner: Option<&Owner>) -> Key {
        let mut text = String::with_capacity(self.params.len() + 64);
        let _ = write!(text, "{}\n{}\n", self.method.name(), self.name.len());
        text.push_str(self.name);
        for member in raw::members(self.params) {
            // The name is the upstream's own, above; the client's may be another one.
            let named = member.is("name") || member.is("uri");
            if member.is("_meta") {
                raw::members(member.value).filter(tells).for_each(|inner| put(&mut text, "_meta.", &inner));
            } else if !named {
                put(&mut text, "", &member);
            }
        }
        Key { owner: owner.cloned(), digest: base::random::sha256(text.as_bytes()) }
    }
}

/// Whether a member of `_meta` may change the result.
fn tells(member: &raw::Member<'_>) -> bool {
    raw::text(member.key).is_none_or(|key| {
        !key.starts_with(meta::RESERVED) && key != meta::PROGRESS_TOKEN && !TRACE.contains(&key.as_ref())
    })
}

/// Adds a member so that no other members give the same text: each part goes with its length.
fn put(text: &mut String, place: &str, member: &raw::Member<'_>) {
    let _ = write!(text, "\n{place}{}:{}:{}:{}", member.key.len(), member.key, member.value.len(), member.value);
}
