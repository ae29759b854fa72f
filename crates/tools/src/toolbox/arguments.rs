//! Reading the arguments of the hub's own tools.

use base::{Code, Error, Result};
use mcp::raw;

/// The error for arguments that are not what a tool takes.
pub(super) fn wrong(tool: &str, why: &str, next: &str) -> Error {
    Error::new(Code::InvalidParams, format!("{tool} {why}"), next)
}

/// Refuses members that the tool does not take.
pub(super) fn check_known(tool: &str, arguments: &str, known: &[&str], next: &str) -> Result<()> {
    match raw::members(arguments).find(|member| !known.iter().any(|name| member.is(name))) {
        None => Ok(()),
        Some(member) => {
            let name: String = raw::text(member.key).unwrap_or_default().chars().take(60).collect();
            let name = base::visible::escaped(&name);
            Err(wrong(tool, &format!("does not take `{name}`, only {}", known.join(", ")), next))
        }
    }
}

/// The texts of the argument `name`: one, or a list of at most `most`.
pub(super) fn texts(tool: &str, arguments: &str, name: &str, most: usize) -> Result<Vec<String>> {
    let Some(value) = raw::get(arguments, name).filter(|value| *value != "null") else { return Ok(Vec::new()) };
    let text = |value: &str| raw::text(value).map(std::borrow::Cow::into_owned);
    let all: Option<Vec<String>> = match value.starts_with('[') {
        // One more than may be, so that more are seen.
        true => raw::elements(value).take(most + 1).map(text).collect(),
        false => text(value).map(|one| vec![one]),
    };
    all.filter(|all| all.len() <= most)
        .ok_or_else(|| wrong(tool, &format!("needs `{name}` to be a string or a list of at most {most}"), "send texts"))
}
