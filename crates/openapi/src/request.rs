//! A call as an HTTP request: every argument in its place, and only there.

use crate::argument;
use crate::fault;
use crate::operation::Operation;
use crate::parameter::Place;
use crate::path::{self, Piece};
use base::Result;
use serde_json::{Map, Value};

/// A request, without what the operator adds to all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path and the query, encoded.
    pub target: String,
    /// Headers, checked: each value is one line of ASCII.
    pub headers: Vec<(String, String)>,
    /// The body, where there is one.
    pub body: Option<Vec<u8>>,
}

/// The longest path and query together, in bytes. Servers take 8 KiB, some 16.
const TARGET: usize = 16 << 10;

/// The most bytes of all headers that come from arguments.
const HEADERS: usize = 16 << 10;

/// By what an API recognises a request that is sent once more (draft-ietf-httpapi-idempotency-key-header-07).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest key that is passed on: Stripe takes no longer one.
const LONGEST_KEY: usize = 255;

impl Request {
    /// The request with the key that all attempts of the call have. Where the operation only reads, or the caller gave such a header
    /// as an argument, it stays as it is, and so it does where the key cannot stand in a header: a client's own key may be anything.
    ///
    /// The draft has the key as a string of structured fields, in quotes. The APIs that take such a header today, Stripe's before
    /// all, were there before the draft and take the bare text; to them quotes are a part of the key, and a reason to refuse it where its
    /// form or length is checked (some take 64 characters, as many as the key of a step has). So it is sent as it is.
    #[must_use]
    pub fn with_key(mut self, key: Option<&str>) -> Self {
        let fits = |key: &&str| (1..=LONGEST_KEY).contains(&key.len()) && key.chars().all(|one| one.is_ascii_graphic());
        let writes = !matches!(self.method, "GET" | "HEAD" | "OPTIONS");
        let is_there = self.headers.iter().any(|(name, _)| name == IDEMPOTENCY_KEY);
        if let Some(key) = key.filter(fits).filter(|_| writes && !is_there) {
            self.headers.push((IDEMPOTENCY_KEY.to_owned(), key.to_owned()));
        }
        self
    }
}

/// The request for a call. `boundary` is a random word; `slashes` says that values in the path may have slashes.
pub(crate) fn request(
    operation: &Operation,
    arguments: &Map<String, Value>,
    boundary: &str,
    slashes: bool,
) -> Result<Request> {
    let transformed = operation.transform.arguments(arguments).transpose()?;
    let arguments = transformed.as_ref().unwrap_or(arguments);
    check_names(operation, arguments)?;
    let mut target = target(operation, arguments, slashes)?;
    path::check_whole(&target)?;
    let query = query(operation, arguments)?;
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query);
    }
    too_long("path and query", target.len(), TARGET)?;
    let mut headers = headers(operation, arguments)?;
    headers.push(("accept".to_owned(), operation.accept.clone()));
    let mut body = None;
    if let Some((name, kind)) = &operation.body {
        match arguments.get(name) {
            Some(value) => {
                let (media_type, bytes) = kind.write(name, value, boundary)?;
                headers.push(("content-type".to_owned(), media_type));
                body = Some(bytes);
            }
            None if kind.required => return Err(missing(name)),
            None => {}
        }
    }
    Ok(Request { method: operation.method, target, headers, body })
}

fn check_names(operation: &Operation, arguments: &Map<String, Value>) -> Result<()> {
    let names = || operation.parameters.iter().map(|(name, _)| name).chain(operation.body.iter().map(|(name, _)| name));
    match arguments.keys().find(|key| names().all(|name| name != *key)) {
        None => Ok(()),
        Some(key) => {
            let known = names().cloned().collect::<Vec<_>>().join(", ");
            let next = if known.is_empty() { "it takes none".to_owned() } else { format!("its arguments are {known}") };
            Err(fault::argument(key, &format!("is none of `{}`", operation.name), &next))
        }
    }
}

fn missing(name: &str) -> base::Error {
    fault::argument(name, "is missing", "give it a value")
}

/// The value of each argument that stands in `place`.
fn given<'a>(
    operation: &'a Operation,
    arguments: &'a Map<String, Value>,
    place: Place,
) -> impl Iterator<Item = Result<(&'a str, &'a crate::parameter::Parameter, &'a Value)>> {
    let here = operation.parameters.iter().filter(move |(_, parameter)| parameter.place == place);
    here.filter_map(move |(name, parameter)| match arguments.get(name) {
        Some(value) if !value.is_null() => Some(Ok((name.as_str(), parameter, value))),
        _ if parameter.required => Some(Err(missing(name))),
        _ => None,
    })
}

fn target(operation: &Operation, arguments: &Map<String, Value>, slashes: bool) -> Result<String> {
    let mut values = Vec::new();
    for given in given(operation, arguments, Place::Path) {
        let (name, parameter, value) = given?;
        values.push((parameter.name.as_str(), argument::in_path(parameter, name, value, slashes)?));
    }
    let mut target = operation.base.clone();
    for piece in &operation.pieces {
        match piece {
            Piece::Fixed(text) => target.push_str(text),
            Piece::Parameter(name) => {
                let value = values.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
                target.push_str(value.ok_or_else(|| missing(name))?);
            }
        }
    }
    Ok(target)
}

fn query(operation: &Operation, arguments: &Map<String, Value>) -> Result<String> {
    let mut pairs = Vec::new();
    for given in given(operation, arguments, Place::Query) {
        let (name, parameter, value) = given?;
        let taken = |key: &str| {
            let mut others = operation.parameters.iter().map(|(_, other)| other);
            others.any(|other| other.place == Place::Query && other.name != parameter.name && other.name == key)
                || operation.is_reserved(key)
        };
        pairs.extend(argument::in_query(parameter, name, value, &taken)?);
    }
    Ok(pairs.join("&"))
}

fn headers(operation: &Operation, arguments: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    for given in given(operation, arguments, Place::Header) {
        let (name, parameter, value) = given?;
        headers.push((parameter.name.to_ascii_lowercase(), argument::in_header(parameter, name, value)?));
    }
    let mut cookies = Vec::new();
    for given in given(operation, arguments, Place::Cookie) {
        let (name, parameter, value) = given?;
        cookies.push(format!("{}={}", parameter.name, argument::in_cookie(parameter, name, value)?));
    }
    if !cookies.is_empty() {
        headers.push(("cookie".to_owned(), cookies.join("; ")));
    }
    too_long("headers", headers.iter().map(|(_, value)| value.len()).sum(), HEADERS)?;
    Ok(headers)
}

fn too_long(what: &str, length: usize, limit: usize) -> Result<()> {
    if length <= limit {
        return Ok(());
    }
    let message = format!("the arguments make the {what} {length} bytes long, and {limit} is the limit");
    Err(base::Error::new(base::Code::OpenApiArgument, message, "send shorter values"))
}

#[cfg(test)]
mod tests;
