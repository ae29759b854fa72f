//! The body of a request about runs: a JSON object whose members are known.

use crate::{Shared, body};
use axum::extract::Request;
use base::{Code, Error, Result};
use serde_json::{Map, Value};

/// The body of a request.
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`]: it is no JSON; [`Code::InvalidParams`]: it is no object; those of any body.
    pub(crate) async fn read(shared: &Shared, request: Request) -> Result<Self> {
        body::check_type(request.headers())?;
        let bytes = body::read(request.into_body(), &shared.limits).await?;
        let next = "see /api/v1/openapi.json";
        let read = base::json::from_bytes(&bytes);
        match read.map_err(|error| Error::new(Code::InvalidRequest, format!("the body is no JSON: {error}"), next))? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(Error::new(Code::InvalidParams, "the body is no JSON object", next)),
        }
    }

    /// Whether it has no other members than these.
    ///
    /// # Errors
    /// [`Code::InvalidParams`].
    pub(crate) fn check(&self, known: &[&str]) -> Result<()> {
        match self.0.keys().find(|member| !known.contains(&member.as_str())) {
            None => Ok(()),
            Some(member) => {
                let shown: String = member.chars().filter(|one| !one.is_control()).take(64).collect();
                let message = format!("the body has a member `{shown}`, which is not known here");
                Err(Error::new(Code::InvalidParams, message, format!("leave it out; known are {}", known.join(", "))))
            }
        }
    }

    /// A text, where it is there.
    ///
    /// # Errors
    /// [`Code::InvalidParams`]: it is something else.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(name, "a text")),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`Code::InvalidParams`].
    pub(crate) fn required(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| wrong(name, "there"))
    }

    /// Texts, none where it is not there.
    ///
    /// # Errors
    /// [`Code::InvalidParams`]: it is something else.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>> {
        let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| wrong(name, "a list of texts"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(text).collect(),
            Some(_) => Err(wrong(name, "a list of texts")),
        }
    }

    /// An object, empty where it is not there.
    ///
    /// # Errors
    /// [`Code::InvalidParams`]: it is something else.
    pub(crate) fn object(&self, name: &str) -> Result<Map<String, Value>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(wrong(name, "an object")),
        }
    }

    /// Any value; null where it is not there.
    pub(crate) fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The priority of a run.
    ///
    /// # Errors
    /// [`Code::InvalidParams`]: it is no whole number of 32 bits.
    pub(crate) fn priority(&self) -> Result<i32> {
        match self.0.get("priority") {
            None | Some(Value::Null) => Ok(0),
            Some(said) => {
                // `1.0` is a whole number too (JSON Schema 2020-12, validation, section 6.1.1).
                let all = f64::from(i32::MIN)..=f64::from(i32::MAX);
                let whole = said.as_f64().filter(|number| number.fract() == 0.0 && all.contains(number));
                whole.map(|number| number as i32).ok_or_else(|| wrong("priority", "a whole number of 32 bits"))
            }
        }
    }
}

fn wrong(name: &str, wanted: &str) -> Error {
    let message = format!("the member `{name}` of the body is not {wanted}");
    Error::new(Code::InvalidParams, message, "see /api/v1/openapi.json")
}
