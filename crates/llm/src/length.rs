//! What the most tokens of an answer are called in chat completions, where a provider takes one of both names alone. Pure.
//!
//! OpenAI's models that think refuse the older name, and all of its models know the newer
//! (<https://platform.openai.com/docs/api-reference/chat/create>). Ollama passes over the newer
//! (<https://github.com/ollama/ollama/blob/main/docs/openai.md>). What servers that are like OpenAI's know is not known, and
//! they get what the client wrote.

use crate::config::Kind;
use bytes::Bytes;
use inspection::dialect::Endpoint;
use mcp::raw::{self, Member, Splice};

const NEWER: &str = "max_completion_tokens";
const OLDER: &str = "max_tokens";

/// A name that is to stand in place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Length {
    from: &'static str,
    to: &'static str,
}

impl Length {
    /// What providers of this kind are to be told otherwise at this endpoint.
    pub(crate) fn of(kind: Kind, endpoint: Endpoint) -> Option<Self> {
        match kind {
            _ if endpoint != Endpoint::ChatCompletions => None,
            Kind::OpenAi => Some(Self { from: OLDER, to: NEWER }),
            Kind::Ollama => Some(Self { from: NEWER, to: OLDER }),
            _ => None,
        }
    }

    /// The key among the members of a request that is to be another; none where both names stand there.
    pub(crate) fn key<'a>(self, members: impl Iterator<Item = Member<'a>>) -> Option<&'a str> {
        let mut found = None;
        for member in members {
            if member.is(self.to) {
                return None;
            }
            if member.is(self.from) {
                found = Some(member.key);
            }
        }
        found
    }

    /// The key in its place, with its quotes.
    pub(crate) fn name(self) -> Bytes {
        raw::quote(self.to).into()
    }

    /// A body of a request with the other name.
    pub(crate) fn renamed(self, body: Bytes) -> Bytes {
        let text = std::str::from_utf8(&body).unwrap_or_default();
        match self.key(raw::members(text)) {
            Some(key) => {
                let mut splice = Splice::new(text);
                splice.replace(key, raw::quote(self.to));
                Bytes::from(splice.finish().into_owned())
            }
            None => body,
        }
    }
}

#[cfg(test)]
mod tests;
