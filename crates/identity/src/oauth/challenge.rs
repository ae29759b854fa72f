//! The `WWW-Authenticate` header (RFC 9110, section 11.6.1): what a server wants.

/// What a server says with scheme `Bearer` (RFC 6750, section 3; RFC 9728, section 5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bearer {
    /// Where its metadata is.
    pub resource_metadata: Option<String>,
    /// The scopes that the request needs.
    pub scope: Option<String>,
    /// What is wrong, such as `invalid_token` or `insufficient_scope`.
    pub error: Option<String>,
}

/// The most bytes of all challenges that are looked at.
const LIMIT: usize = 16 << 10;

/// The first challenge of scheme `Bearer` in the given headers.
pub fn bearer(headers: &[String]) -> Option<Bearer> {
    headers.iter().filter(|header| header.len() <= LIMIT).flat_map(|header| challenges(header)).find_map(
        |(scheme, parameters)| {
            let mut bearer = Bearer::default();
            for (name, value) in parameters {
                let slot = match name.to_ascii_lowercase().as_str() {
                    "resource_metadata" => &mut bearer.resource_metadata,
                    "scope" => &mut bearer.scope,
                    "error" => &mut bearer.error,
                    _ => continue,
                };
                slot.get_or_insert(value);
            }
            scheme.eq_ignore_ascii_case("bearer").then_some(bearer)
        },
    )
}

type Parameters = Vec<(String, String)>;

/// All challenges of one header: each a scheme and its parameters. What cannot be read is passed over.
fn challenges(header: &str) -> Vec<(String, Parameters)> {
    let mut all: Vec<(String, Parameters)> = Vec::new();
    for part in parts(header) {
        let part = part.trim();
        let (before, value) = match part.split_once('=') {
            // A token of 68 characters, as of scheme Basic, is a scheme and something that is no parameter.
            Some((before, value)) => (before.trim_end(), Some(value.trim_start())),
            None => (part, None),
        };
        let mut words = before.split_ascii_whitespace();
        let (first, second) = (words.next(), words.next());
        match (first, second, value) {
            (Some(scheme), Some(name), Some(value)) => {
                all.push((scheme.to_owned(), vec![(name.to_owned(), unquote(value))]));
            }
            (Some(name), None, Some(value)) => {
                if let Some((_, parameters)) = all.last_mut() {
                    parameters.push((name.to_owned(), unquote(value)));
                }
            }
            (Some(scheme), _, None) => all.push((scheme.to_owned(), Vec::new())),
            (None, ..) => {}
        }
    }
    all
}

/// Splits at commas that stand in no quotes.
fn parts(header: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in header.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(&header[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&header[start..]);
    parts
}

fn unquote(value: &str) -> String {
    let Some(rest) = value.strip_prefix('"') else { return value.to_owned() };
    let mut out = String::with_capacity(rest.len());
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
