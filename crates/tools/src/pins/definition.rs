//! What of a definition is pinned, in a form in which the same is always written the same.

use crate::catalogue::Kind;
use base::random;
use mcp::raw;

/// The members of a tool that are pinned: what models read, and what clients show and check. `_meta`, `execution` and what no
/// version of the protocol knows are not.
pub const MEMBERS: [&str; 7] = ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "icons"];

/// What is pinned of a definition of this kind.
pub fn members(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Instructions => &["instructions"],
        Kind::Tool => &MEMBERS,
        Kind::Prompt => &["name", "title", "description", "arguments", "icons"],
        // The size and the time of the last change are what it holds, not what it is.
        Kind::Resource => &["uri", "name", "title", "description", "mimeType", "icons"],
        Kind::Template => &["uriTemplate", "name", "title", "description", "mimeType", "icons"],
    }
}

/// The members that something is known by.
const NAMES: [&str; 3] = ["name", "uri", "uriTemplate"];

/// The deepest nesting that is read. What is deeper is compared as it is written.
const DEEPEST: usize = 100;

/// The largest number that every reader reads the same (RFC 7493, section 2.2).
const LARGEST: f64 = 9_007_199_254_740_991.0;

/// The pinned part of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    text: String,
}

impl Definition {
    /// The pinned part of a tool, as [`Definition::of_kind`].
    pub fn of(json: &str) -> Self {
        Self::of_kind(Kind::Tool, json)
    }

    /// The pinned part of a definition, raw JSON. It is canonical as RFC 8785 says, so that another order of members or
    /// another spelling of a text is no change.
    ///
    /// What has no canonical form, because readers could differ on what it says (a member that stands there twice, a number
    /// beyond a double, half of a surrogate pair), stays as it is written: then every change is one.
    pub fn of_kind(kind: Kind, json: &str) -> Self {
        let member = |name: &&str| raw::get(json, name).map(|value| format!("{}:{value}", raw::quote(name)));
        let written = format!("{{{}}}", members(kind).iter().filter_map(member).collect::<Vec<_>>().join(","));
        let canonical = if is_plain(&written) { canonical(&written) } else { None };
        Self { text: canonical.unwrap_or(written) }
    }

    /// The definition as JSON.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its SHA-256.
    pub fn digest(&self) -> [u8; 32] {
        random::sha256(self.text.as_bytes())
    }

    /// The SHA-256 of all of it but the name, or the address: a tool that was only renamed has the same. Nothing where no description tells
    /// it from others.
    pub fn body(&self) -> Option<[u8; 32]> {
        let description = raw::get(&self.text, "description").and_then(raw::text)?;
        if description.trim().is_empty() {
            return None;
        }
        let members = raw::members(&self.text).filter(|member| !NAMES.iter().any(|name| member.is(name)));
        let text: String = members.flat_map(|member| [member.key, ":", member.value, ","]).collect();
        Some(random::sha256(text.as_bytes()))
    }
}

fn canonical(json: &str) -> Option<String> {
    let value: serde_json::Value = base::json::from_text(json).ok()?;
    serde_json_canonicalizer::to_string(&value).ok()
}

/// Whether all readers of `json` read the same: no member stands in an object twice, no number is beyond what a double
/// holds, and texts are Unicode.
pub fn is_plain(json: &str) -> bool {
    !raw::deeper_than(json, DEEPEST) && is_plain_value(json.trim())
}

fn is_plain_value(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'{') => raw::duplicate(value).is_none() && raw::members(value).all(|member| is_plain_value(member.value)),
        Some(b'[') => raw::elements(value).all(is_plain_value),
        Some(b'"') => raw::text(value).is_some(),
        Some(b'-' | b'0'..=b'9') => {
            let whole = !value.contains(['.', 'e', 'E']);
            // The canonical form writes numbers below 1e21 without an exponent (ECMAScript, Number::toString), and must be
            // plain itself.
            let exact = |number: f64| number.abs() <= LARGEST || (!whole && number.abs() >= 1e21);
            value.parse().is_ok_and(|number: f64| number.is_finite() && exact(number))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests;
