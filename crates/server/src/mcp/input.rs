//! How modern clients are asked and how they answer: the members `inputRequests` and `inputResponses`.

use base::{Code, Error, Result};
use mcp::raw;
use tools::Ask;

/// An ask as the member `name` of `inputRequests`.
pub(crate) fn request(name: &str, ask: &Ask) -> String {
    let method = ask.method.name();
    let params = raw::without(&ask.params, |member| member.is("elicitationId") || member.is("task"));
    format!(r#""{name}":{{"method":"{method}","params":{params}}}"#)
}

/// Refuses answers of a client that cannot be any: each is a result, and so an object.
pub(crate) fn check_responses(params: &str) -> Result<()> {
    let Some(responses) = raw::get(params, "inputResponses") else { return Ok(()) };
    if raw::is_object(responses) && raw::members(responses).all(|member| raw::is_object(member.value)) {
        return Ok(());
    }
    let message = "`inputResponses` is not an object of objects";
    Err(Error::new(Code::InvalidParams, message, "answer each input request with the result of its method"))
}
