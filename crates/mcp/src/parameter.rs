//! Arguments of tools that headers repeat (specification 2026-07-28, transports, custom headers from tool parameters).
//!
//! A tool marks a property of its input schema with `x-mcp-header: "Region"`; each call over HTTP then carries the
//! argument in `Mcp-Param-Region` too, for what stands between. Which arguments these are is read once, when the tool
//! becomes known; calls of other tools pay nothing.

mod schema;

pub use schema::mirrors;

use crate::{header, raw};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;

/// What the names of all such headers begin with, in lower case.
pub const PREFIX: &str = "mcp-param-";

/// The longest value of such a header in bytes: servers refuse requests with longer heads anyway, and say less.
const VALUE_LIMIT: usize = 8 << 10;

/// The whole numbers that every peer can hold: those between -2⁵³ and 2⁵³.
const SAFE: f64 = 9_007_199_254_740_992.0;

/// An argument that a header repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    header: HeaderName,
    /// The keys that lead to it from the root of the arguments.
    path: Vec<String>,
}

/// Headers that go along with a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// Puts the headers into a request, in place of those of the same names.
    pub fn add_to(&self, request: &mut HeaderMap) {
        for (name, value) in &self.0 {
            request.insert(name, value.clone());
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Checks the headers of a call against its arguments. Gives those that the tool does not know, which go on as they are;
/// `Err` says what is wrong. `arguments` is raw JSON.
pub fn check(mirrors: &[Mirror], arguments: &str, headers: &HeaderMap) -> Result<Headers, String> {
    for mirror in mirrors {
        let name = &mirror.header;
        let mut given = headers.get_all(name).iter();
        match (mirror.argument(arguments)?, given.next()) {
            (None, None) => {}
            (Some(_), None) => return Err(format!("the header {name} is missing")),
            (None, Some(_)) => return Err(format!("the header {name} repeats an argument that is not there")),
            (Some(_), Some(_)) if given.next().is_some() => {
                return Err(format!("the header {name} stands there twice"));
            }
            (Some(argument), Some(value)) => agree(name, argument, value)?,
        }
    }
    let known = |name: &HeaderName| mirrors.iter().any(|mirror| mirror.header == *name);
    let others = headers.iter().filter(|(name, _)| name.as_str().starts_with(PREFIX) && !known(name));
    Ok(Headers(others.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

/// Checks headers that came with a call before its tool was known; `Err` says what is wrong.
pub fn check_early(mirrors: &[Mirror], arguments: &str, given: &Headers) -> Result<(), String> {
    for mirror in mirrors {
        let name = &mirror.header;
        for (_, value) in given.0.iter().filter(|(given, _)| given == name) {
            let Some(argument) = mirror.argument(arguments)? else {
                return Err(format!("the header {name} repeats an argument that is not there"));
            };
            agree(name, argument, value)?;
        }
    }
    Ok(())
}

/// The headers with which a call goes to a server: those of its arguments, and of `given` those that the tool does not
/// know. `Err` says why there can be none.
pub fn headers(mirrors: &[Mirror], arguments: &str, given: &Headers) -> Result<Headers, String> {
    let known = |name: &HeaderName| mirrors.iter().any(|mirror| mirror.header == *name);
    let mut all = Vec::new();
    for (name, value) in &given.0 {
        if !known(name) {
            all.push((name.clone(), value.clone()));
        }
    }
    for mirror in mirrors {
        let name = &mirror.header;
        let Some(argument) = mirror.argument(arguments)? else { continue };
        let text = words(argument);
        let value = header::encode(&text);
        if value.len() > VALUE_LIMIT {
            return Err(format!("the argument for the header {name} is longer than {VALUE_LIMIT} bytes"));
        }
        let value = HeaderValue::from_str(&value).map_err(|_| format!("the header {name} cannot be written"))?;
        all.push((name.clone(), value));
    }
    Ok(Headers(all))
}

impl Mirror {
    /// The argument as raw JSON. Nothing when it is absent, null, or no value that a header could carry.
    fn argument<'a>(&self, arguments: &'a str) -> Result<Option<&'a str>, String> {
        let mut value = arguments;
        for key in &self.path {
            // The hub would read one of two, and the server perhaps the other.
            if let Some(key) = raw::duplicate(value) {
                return Err(format!("the arguments have the member {key} twice"));
            }
            match raw::get(value, key) {
                Some(inner) => value = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(value).filter(|value| *value != "null" && !value.starts_with(['{', '['])))
    }
}

/// What a header says of an argument, before it is encoded. Whole numbers are written without a fraction.
fn words(argument: &str) -> Cow<'_, str> {
    match raw::text(argument) {
        Some(text) => text,
        None => whole(argument).map_or(Cow::Borrowed(argument), |number| Cow::Owned(number.to_string())),
    }
}

/// The whole number that `text` writes, if every peer can hold it.
fn whole(text: &str) -> Option<i64> {
    let number = serde_json::from_str::<serde_json::Number>(text).ok()?;
    let float = number.as_f64().filter(|float| float.abs() < SAFE && float.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range that was just checked")]
    Some(float as i64)
}

fn agree(name: &HeaderName, argument: &str, value: &HeaderValue) -> Result<(), String> {
    let text = value.to_str().ok().and_then(|text| header::decode(text.trim()));
    let Some(text) = text else { return Err(format!("the header {name} is not encoded as it must be")) };
    let same = match raw::text(argument) {
        Some(own) => own == text,
        // Whole numbers are compared as numbers: 42.0 is 42.
        None => whole(argument).map_or(argument == text, |own| whole(&text) == Some(own)),
    };
    if same { Ok(()) } else { Err(format!("the header {name} differs from the argument")) }
}

#[cfg(test)]
mod tests;
