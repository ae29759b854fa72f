//! What a client asks: the few things that must be known, and all else as the client wrote it.

use crate::dialect::Endpoint;
use base::{Code, Error, Result};
use bytes::Bytes;
use mcp::raw;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The deepest nesting that is taken. Readers of providers have limits of their own, none above this that is known.
const DEEPEST: usize = 256;
/// The longest name of a model, in bytes.
const LONGEST_NAME: usize = 512;

/// A request of a client.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is asked.
    pub endpoint: Endpoint,
    /// The model, as the client names it.
    pub model: String,
    /// Whether the answer is to come piece by piece.
    pub stream: bool,
    /// How many answers are wanted side by side.
    pub answers: u32,
    body: Bytes,
    /// Where in the body the model's name stands, with its quotes.
    place: Option<Range<usize>>,
    /// What the body says, read once where a provider speaks another dialect.
    said: OnceLock<Result<Arc<dialects::Request>>>,
}

impl Asked {
    /// Reads a request. `in_path` is the model that the path names, where the dialect names it there.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the body is not what every request of this endpoint is.
    pub fn read(endpoint: Endpoint, in_path: Option<&str>, body: Bytes) -> Result<Self> {
        let text = std::str::from_utf8(&body).map_err(|_| wrong("is no UTF-8"))?;
        if raw::deeper_than(text, DEEPEST) {
            return Err(wrong(&format!("is nested deeper than {DEEPEST} levels")));
        }
        let object = serde_json::from_str::<&serde_json::value::RawValue>(text)
            .map_err(|error| wrong(&format!("is no JSON: {error}")))?
            .get();
        if !raw::is_object(object) {
            return Err(wrong("is no JSON object"));
        }
        if let Some(name) = raw::duplicate(object) {
            return Err(wrong(&format!("has the member {name} twice")));
        }
        let named = raw::get(object, "model");
        let model = match in_path {
            Some(model) => model.to_owned(),
            None => {
                let value = named.ok_or_else(|| wrong("names no `model`"))?;
                raw::text(value).ok_or_else(|| wrong("has a `model` that is no text"))?.into_owned()
            }
        };
        if model.is_empty() || model.len() > LONGEST_NAME || model.chars().any(char::is_control) {
            return Err(wrong("names a model as none can be named"));
        }
        let stream = match endpoint {
            Endpoint::StreamGenerateContent => true,
            Endpoint::OllamaChat => raw::get(object, "stream") != Some("false"),
            _ => endpoint.generates() && !endpoint.names_model_in_path() && raw::get(object, "stream") == Some("true"),
        };
        let answers = match endpoint {
            Endpoint::ChatCompletions => raw::get(object, "n"),
            _ => raw::at(object, &["generationConfig", "candidateCount"]),
        };
        let answers = answers.and_then(|number| number.parse().ok()).unwrap_or(1);
        let place = named.and_then(|value| raw::range_of(text, value));
        Ok(Self { endpoint, model, stream, answers, body, place, said: OnceLock::new() })
    }

    /// The client's own bytes.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// What is asked, in no dialect.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the body is not what its dialect says.
    pub(crate) fn said(&self) -> Result<Arc<dialects::Request>> {
        let read = || {
            let text = std::str::from_utf8(&self.body).unwrap_or_default();
            let read = dialects::read_request(self.endpoint.dialect(), text, Some(&self.model), self.stream);
            read.map(Arc::new)
                .map_err(|fault| wrong(&format!("cannot be read as {}: {fault}", self.endpoint.dialect().title())))
        };
        self.said.get_or_init(read).clone()
    }

    /// The client's own bytes, with `model` in place of the name that it gave. Where the path names the model the body
    /// need not; if it does, it says the same.
    pub fn body_for(&self, model: &str) -> Bytes {
        let in_path = self.endpoint.names_model_in_path();
        let Some(place) = self.place.clone().filter(|_| in_path || model != self.model) else {
            return self.body.clone();
        };
        let name = raw::quote(&if in_path { format!("models/{model}") } else { model.to_owned() });
        let mut out = Vec::with_capacity(self.body.len() + name.len());
        out.extend_from_slice(&self.body[..place.start]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&self.body[place.end..]);
        out.into()
    }
}

fn wrong(why: &str) -> Error {
    let next = "send what the documentation of the dialect says";
    Error::new(Code::ModelRequest, format!("the body of the request {why}"), next)
}

#[cfg(test)]
mod tests;
