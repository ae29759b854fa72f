//! What comes back from an authorization server through a person's browser, and whether it belongs to the login.

use super::form;
use base::secret;

/// What is known of the login that waits.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The `state` that went out.
    pub state: &'a str,
    /// The issuer that the browser was sent to.
    pub issuer: &'a str,
    /// Whether that issuer said that its answers carry `iss`.
    pub names_itself: bool,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It does not belong to the login, or comes from somebody else.
    Mixed(&'static str),
    /// Nobody asked for it: the login goes on waiting.
    Stranger,
    /// The authorization server refused: its error and what it says of it.
    Refused(String, String),
}

/// The most parameters of an answer.
const MOST: usize = 32;

/// The code in the query of an answer.
///
/// The order of the checks is that of RFC 9207, section 2.4: an answer of which it is not known whose it is counts for
/// nothing, also when it is an error.
pub fn code(query: &str, expected: &Expected<'_>) -> Result<String, Wrong> {
    let pairs = form::decode(query, MOST).ok_or(Wrong::Stranger)?;
    let one = |name: &str| {
        let mut found = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(Wrong::Mixed("says a thing twice")),
            (value, _) => Ok(value),
        }
    };
    let state = one("state").ok().flatten().unwrap_or_default();
    if !secret::equal(state.as_bytes(), expected.state.as_bytes()) {
        return Err(Wrong::Stranger);
    }
    match one("iss")? {
        Some(issuer) if issuer == expected.issuer => {}
        Some(_) => return Err(Wrong::Mixed("comes from another authorization server (`iss`)")),
        None if expected.names_itself => {
            return Err(Wrong::Mixed("does not say which authorization server it comes from (`iss`), though it must"));
        }
        None => {}
    }
    if let Some(error) = one("error")? {
        let clean = |text: &str| text.chars().filter(|character| !character.is_control()).take(200).collect();
        return Err(Wrong::Refused(clean(error), clean(one("error_description")?.unwrap_or_default())));
    }
    let code = one("code")?.filter(|code| !code.is_empty() && code.len() <= 4096);
    code.map(str::to_owned).ok_or(Wrong::Mixed("holds neither a code nor an error"))
}

#[cfg(test)]
mod tests;
