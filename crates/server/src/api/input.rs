//! What a request says in its address, read by the same rows that the document is made of.

use super::operation::{Parameter, Shape};
use crate::answer::Refusal;
use crate::keys::Visitor;
use axum::extract::{FromRequestParts, Path};
use base::{Code, Error};
use http::request::Parts;
use std::convert::Infallible;
use std::sync::Arc;

/// The name of a server, from the path.
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let wrong = |_| Error::new(Code::InvalidParams, "the path holds no name", "escape it as UTF-8");
        let Path(name) = Path::<String>::from_request_parts(parts, state).await.map_err(wrong)?;
        Ok(Self(name))
    }
}

/// Who sent the request.
pub(crate) struct Whose(pub(crate) Arc<Visitor>);

impl<S: Send + Sync> FromRequestParts<S> for Whose {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let visitor = parts.extensions.get::<Arc<Visitor>>().cloned();
        Ok(Self(visitor.ok_or_else(|| Error::internal("a request came without its sender"))?))
    }
}

/// The parameters of the query. Those that are not known are passed over, as those of a proxy or a health check may be.
pub(crate) struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(parts.uri.query().unwrap_or_default()))
    }
}

impl Asked {
    /// Reads `query` as a form would have written it (URL Standard, section 5.1): every text is one.
    fn read(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The number that was asked for, if any was.
    pub(crate) fn whole(&self, parameter: &Parameter) -> Result<Option<u64>, Error> {
        let Shape::Whole(most) = parameter.shape else { return Ok(None) };
        let Some(text) = self.text(parameter)? else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && *number <= most);
        number.map(Some).ok_or_else(|| wrong(parameter, &format!("a whole number from 0 to {most}")))
    }

    /// Whether something was asked for.
    pub(crate) fn flag(&self, parameter: &Parameter) -> Result<bool, Error> {
        match self.text(parameter)? {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(_) => Err(wrong(parameter, "`true` or `false`")),
        }
    }

    /// The text that was given, if any was.
    pub(crate) fn text(&self, parameter: &Parameter) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(name, _)| name == parameter.name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => Err(wrong(parameter, "there once")),
            (value, _) => Ok(value),
        }
    }
}

fn wrong(parameter: &Parameter, wanted: &str) -> Error {
    let name = parameter.name;
    let message = format!("the parameter `{name}` of the query is not {wanted}");
    Error::new(Code::InvalidParams, message, format!("see `{name}` in /api/v1/openapi.json"))
}

#[cfg(test)]
mod tests;
