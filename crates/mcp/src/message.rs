//! One JSON-RPC 2.0 message: the text as it came, and where its parts stand.

use crate::{Method, raw};
use base::{Code, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// The deepest nesting of arrays and objects that is taken. Deeper than any schema seen, far from what a recursive
/// parser further on could fail at.
pub const DEPTH_LIMIT: usize = 128;

/// The longest request id that is taken, in bytes of JSON.
pub const ID_LIMIT: usize = 256;

/// A message whose envelope has been read.
#[derive(Debug, Clone)]
pub struct Message {
    source: String,
    kind: Kind,
    id: Option<Range<usize>>,
    body: Option<Range<usize>>,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Has a method and an id: wants an answer.
    Request(Method),
    /// Has a method and no id: wants none.
    Notification(Method),
    /// Has an id and a result.
    Result,
    /// Has an error; its id may be null.
    Error,
}

/// Why a text is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// Not JSON, or not UTF-8, or with a member twice.
    Syntax(String),
    /// Nested deeper than [`DEPTH_LIMIT`].
    TooDeep,
    /// An array of messages.
    Batch,
    /// JSON, but no JSON-RPC 2.0 message.
    Shape(&'static str),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// Tells `null` from absent, which `Option` alone does not.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl Message {
    /// Reads the envelope of `source`.
    pub fn parse(source: String) -> Result<Self, Malformed> {
        if source.trim_start().starts_with('[') {
            return Err(Malformed::Batch);
        }
        if raw::deeper_than(&source, DEPTH_LIMIT) {
            return Err(Malformed::TooDeep);
        }
        let (kind, id, body) = {
            let envelope = serde_json::from_str::<Envelope<'_>>(&source).map_err(|error| classify(&source, &error))?;
            let place = |part: Option<&RawValue>| part.and_then(|part| raw::range_of(&source, part.get()));
            let body = envelope.result.or(envelope.error).or(envelope.params);
            (kind_of(&envelope)?, place(envelope.id), place(body))
        };
        Ok(Self { source, kind, id, body })
    }

    /// Reads a message from bytes that may not be UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let source = String::from_utf8(bytes).map_err(|_| Malformed::Syntax("the bytes are not UTF-8".to_owned()))?;
        Self::parse(source)
    }

    /// What the message is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The method of a request or notification.
    pub fn method(&self) -> Option<&Method> {
        match &self.kind {
            Kind::Request(method) | Kind::Notification(method) => Some(method),
            Kind::Result | Kind::Error => None,
        }
    }

    /// The id as raw JSON.
    pub fn id(&self) -> Option<&str> {
        self.id.clone().and_then(|range| self.source.get(range))
    }

    /// The id as a number, if it is a whole non-negative one.
    pub fn number_id(&self) -> Option<u64> {
        self.id()?.parse().ok()
    }

    /// The params, the result or the error as raw JSON: whichever the message has.
    pub fn body(&self) -> Option<&str> {
        self.body.clone().and_then(|range| self.source.get(range))
    }

    /// The whole text.
    pub fn source(&self) -> &str {
        &self.source
    }
}

fn kind_of(envelope: &Envelope<'_>) -> Result<Kind, Malformed> {
    if envelope.jsonrpc.as_deref() != Some("2.0") {
        return Err(Malformed::Shape("the member `jsonrpc` is not \"2.0\""));
    }
    let id = envelope.id.map(RawValue::get);
    let id_is_good = id.is_none_or(|id| {
        let whole = id.starts_with('"') || id.parse::<i64>().is_ok();
        whole && id.len() <= ID_LIMIT
    });
    match (&envelope.method, envelope.result, envelope.error) {
        (Some(method), None, None) => {
            if !id_is_good {
                return Err(Malformed::Shape(
                    "the `id` of a request is a string or a whole number of at most 256 bytes",
                ));
            }
            if envelope.params.is_some_and(|params| !raw::is_object(params.get())) {
                return Err(Malformed::Shape("`params` is not an object"));
            }
            let method = Method::from_name(method);
            Ok(if id.is_some() { Kind::Request(method) } else { Kind::Notification(method) })
        }
        (None, Some(_), None) if id.is_some() && id_is_good => Ok(Kind::Result),
        (None, None, Some(error)) if raw::is_object(error.get()) => Ok(Kind::Error),
        _ => Err(Malformed::Shape("a message has either a `method`, or an `id` with a `result`, or an `error`")),
    }
}

/// Tells text that is no JSON from JSON of another shape: JSON-RPC gives them different codes.
fn classify(source: &str, error: &serde_json::Error) -> Malformed {
    if error.is_data() && !error.to_string().starts_with("duplicate field") {
        match serde_json::from_str::<&RawValue>(source) {
            Ok(_) => return Malformed::Shape("the message is not an object with members of the right types"),
            Err(syntax) => return Malformed::Syntax(syntax.to_string()),
        }
    }
    Malformed::Syntax(error.to_string())
}

impl Malformed {
    /// The error that a client which sent this gets.
    pub fn to_error(&self) -> Error {
        match self {
            Malformed::Syntax(why) => {
                Error::new(Code::ParseError, format!("the message is not JSON: {why}"), "send one JSON-RPC 2.0 message")
            }
            Malformed::TooDeep => Error::new(
                Code::TooDeep,
                format!("the JSON is nested deeper than {DEPTH_LIMIT} levels"),
                "send flatter data, or data as text",
            ),
            Malformed::Batch => Error::new(
                Code::BatchRefused,
                "batches were removed from the protocol in version 2025-06-18",
                "send each message in a request of its own",
            ),
            Malformed::Shape(why) => Error::new(Code::InvalidRequest, *why, "send one JSON-RPC 2.0 message"),
        }
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.to_error().message())
    }
}

#[cfg(test)]
mod tests;
