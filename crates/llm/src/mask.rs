//! What must not be told on, whoever repeats it: the hub's credentials at a provider. Pure.

use crate::config::Provider;
use base::Secret;
use bytes::Bytes;
use serde_json::Value;

/// A credential with fewer characters than this is none, but a word such as `ollama` that something has to stand for.
const SHORTEST: usize = 8;

/// What stands in its place.
const HIDDEN: &str = "***";

/// The credentials of a provider.
#[derive(Debug, Default)]
pub(crate) struct Mask(Vec<Secret<String>>);

impl Mask {
    /// Those that go out with requests to a provider.
    pub(crate) fn of(settings: &Provider) -> Self {
        let headers = settings.headers.iter().map(|(_, value)| value);
        let token = settings.signing.as_ref().and_then(|signing| signing.session_token.as_ref());
        Self::new(settings.api_key.iter().chain(headers).chain(token).cloned())
    }

    /// These.
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret<String>>) -> Self {
        Self(secrets.into_iter().filter(|secret| secret.expose().len() >= SHORTEST).collect())
    }

    /// Whether one stands in a text.
    pub(crate) fn finds(&self, text: &[u8]) -> bool {
        self.0.iter().any(|secret| memchr::memmem::find(text, secret.expose().as_bytes()).is_some())
    }

    /// `text` without them; nothing where none stands there.
    pub(crate) fn hide(&self, text: &str) -> Option<String> {
        let found = self.0.iter().filter(|secret| text.contains(secret.expose().as_str()));
        found.fold(None, |before: Option<String>, secret| {
            Some(before.as_deref().unwrap_or(text).replace(secret.expose().as_str(), HIDDEN))
        })
    }

    /// JSON without them, however they are written there; nothing where none stands there.
    pub(crate) fn hide_json(&self, text: &str) -> Option<String> {
        let plain = self.hide(text);
        let read = plain.as_deref().unwrap_or(text);
        if self.0.is_empty() || !read.contains('\\') {
            return plain;
        }
        let mut value = base::json::from_text(read).ok();
        let found = value.as_mut().is_some_and(|value| self.hide_within(value));
        if found { value.map(|value| value.to_string()) } else { plain }
    }

    /// The events or lines of a stream without them.
    pub(crate) fn hide_events(&self, events: Bytes) -> Bytes {
        let Ok(text) = std::str::from_utf8(&events) else { return events };
        let mut hidden = String::new();
        let mut some = false;
        for line in text.split_inclusive('\n') {
            let (name, data) = line.strip_prefix("data:").map_or(("", line), |data| ("data:", data));
            let (data, end) = data.split_at(data.trim_end().len());
            let masked = self.hide_json(data);
            some |= masked.is_some();
            hidden.extend([name, masked.as_deref().unwrap_or(data), end]);
        }
        if some { hidden.into() } else { events }
    }

    /// The same within a value; says whether one was found. It is no deeper than what reads JSON takes.
    fn hide_within(&self, value: &mut Value) -> bool {
        let mut found = false;
        match value {
            Value::String(text) => {
                if let Some(hidden) = self.hide(text) {
                    (*text, found) = (hidden, true);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| found |= self.hide_within(item)),
            // A name is not changed, for it could become another's.
            Value::Object(members) => members.values_mut().for_each(|member| found |= self.hide_within(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        found
    }
}

#[cfg(test)]
mod tests;
