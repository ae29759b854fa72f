//! What a token endpoint answers (RFC 6749, sections 5.1 and 5.2).

use super::scope;
use base::Secret;
use serde_json::Value;
use std::time::Duration;

/// Tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// For requests.
    pub access: Secret<String>,
    /// For other tokens, later.
    pub refresh: Option<Secret<String>>,
    /// When the access token ends, since 1970, if that was said.
    pub expires_at: Option<Duration>,
    /// What was granted, if that is another than what was asked for.
    pub scopes: Option<Vec<String>>,
}

/// Why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The server refused: its error, such as `invalid_grant`, and what it says of it.
    Refused(String, String),
    /// The answer makes no sense.
    Nonsense(&'static str),
}

/// The most bytes of a token: what goes into a header must not fill it.
const LONGEST: usize = 16 << 10;

/// The longest that any token is taken to last: a clock that far off is no reason to keep one.
const YEAR: u64 = 366 * 86_400;

/// Reads an answer with HTTP status `status` that came at `now`.
pub fn read(status: u16, text: &str, now: Duration) -> Result<Tokens, Failure> {
    let json: Value = base::json::from_text(text).unwrap_or_default();
    // Some servers say no with status 200.
    if let Some(error) = json["error"].as_str().filter(|_| status != 200 || json["access_token"].is_null()) {
        let clean = |text: &str| text.chars().filter(|character| !character.is_control()).take(200).collect();
        return Err(Failure::Refused(clean(error), clean(json["error_description"].as_str().unwrap_or_default())));
    }
    if status != 200 && status != 201 {
        return Err(Failure::Nonsense("has a status that no such answer has"));
    }
    let token = |name: &str| {
        let text = json[name].as_str().filter(|text| !text.is_empty());
        let fits = text.is_none_or(|text| text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic()));
        if fits {
            Ok(text.map(|text| Secret::new(text.to_owned())))
        } else {
            Err(Failure::Nonsense("holds no usable token"))
        }
    };
    let kind = json["token_type"].as_str().unwrap_or_default();
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(Failure::Nonsense("holds a token of a type that is not `Bearer`"));
    }
    let seconds = json["expires_in"].as_u64().or_else(|| json["expires_in"].as_str()?.parse().ok());
    Ok(Tokens {
        access: token("access_token")?.ok_or(Failure::Nonsense("holds no `access_token`"))?,
        refresh: token("refresh_token")?,
        expires_at: seconds.map(|seconds| now + Duration::from_secs(seconds.min(YEAR))),
        scopes: json["scope"].as_str().map(scope::split),
    })
}

#[cfg(test)]
mod tests;
