//! Names that clients see.
//!
//! Pure functions of the configuration, the upstream and the tool, never of who else is there: a name that changed when
//! another server was added would break every prompt and permission that holds it.

use base::random;
use std::borrow::Cow;

/// Stands between the upstream and the tool.
pub const SEPARATOR: &str = "__";

/// The longest name that clients and model services take.
pub const NAME_LIMIT: usize = 64;

/// The longest name of an upstream, so that enough is left for its tools.
pub const UPSTREAM_LIMIT: usize = 32;

/// The scheme of a resource address that names its upstream.
const SCHEME: &str = "tutti://";

/// The scheme of resources that are pages for the client itself to show; hosts look for it, so it is left alone.
const PAGE_SCHEME: &str = "ui://";

/// The name under which clients see `tool` of `upstream`: `<upstream>__<tool>`, in `[A-Za-z0-9_-]`, at most
/// [`NAME_LIMIT`] long. A tool name that must be changed for that gets a piece of its digest, so that two stay two.
/// What came of a change is left as it is, to lead back to its tool; of a server that has both, a view serves neither.
pub fn exposed(upstream: &str, tool: &str) -> String {
    let budget = NAME_LIMIT - upstream.len().min(UPSTREAM_LIMIT) - SEPARATOR.len();
    let is_fine = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if tool.len() <= budget && !tool.is_empty() && tool.chars().all(is_fine) {
        return format!("{upstream}{SEPARATOR}{tool}");
    }
    let digest = random::to_hex(&random::sha256(tool.as_bytes())[..4]);
    let kept = tool.chars().map(|character| if is_fine(character) { character } else { '_' });
    let kept: String = kept.take(budget - digest.len() - 1).collect();
    format!("{upstream}{SEPARATOR}{kept}_{digest}")
}

/// Why `name` cannot be the name of an upstream or a view; nothing when it can.
pub fn fault(name: &str) -> Option<&'static str> {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > UPSTREAM_LIMIT {
        Some("is longer than 32 characters, and clients take 64 for server and tool together")
    } else if !name.chars().all(is_fine) {
        Some("has characters other than A-Z, a-z, 0-9, _ and -, which clients refuse")
    } else if name.contains(SEPARATOR) {
        Some("contains `__`, which stands between server and tool")
    } else if name.starts_with('_') || name.ends_with('_') {
        Some("begins or ends with `_`, which would run into the `__` between server and tool")
    } else {
        None
    }
}

/// Whether `name` is one that clients take: for names that a person gives to tools.
pub fn is_tool_name(name: &str) -> bool {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    !name.is_empty() && name.len() <= NAME_LIMIT && name.chars().all(is_fine)
}

/// The address under which clients see the resource `uri` (or URI template) of `upstream`. Templates stay templates.
pub fn exposed_uri<'a>(upstream: &str, uri: &'a str) -> Cow<'a, str> {
    if uri.starts_with(PAGE_SCHEME) { Cow::Borrowed(uri) } else { Cow::Owned(format!("{SCHEME}{upstream}/{uri}")) }
}

/// How a view names what it shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Naming {
    /// With the name of the upstream before each name and address.
    #[default]
    Prefixed,
    /// As the upstream itself does. The view has one upstream only.
    Own,
}

impl Naming {
    /// The name under which clients see `name` of `upstream`.
    #[must_use]
    pub fn name(self, upstream: &str, name: &str) -> String {
        match self {
            Self::Prefixed => exposed(upstream, name),
            Self::Own => name.to_owned(),
        }
    }

    /// The address under which clients see `uri` of `upstream`.
    #[must_use]
    pub fn address<'a>(self, upstream: &str, uri: &'a str) -> Cow<'a, str> {
        match self {
            Self::Prefixed => exposed_uri(upstream, uri),
            Self::Own => Cow::Borrowed(uri),
        }
    }

    /// The upstream's own name in a name that a client uses; nothing when the client's has no prefix and should.
    #[must_use]
    pub fn unlisted(self, name: &str) -> Option<&str> {
        match self {
            Self::Prefixed => name.split_once(SEPARATOR).map(|(_, own)| own),
            Self::Own => Some(name),
        }
    }
}

/// The upstream and the resource that an address names. Nothing for `ui://` and foreign addresses.
pub fn original_uri(exposed: &str) -> Option<(&str, &str)> {
    exposed.strip_prefix(SCHEME)?.split_once('/')
}

#[cfg(test)]
mod tests;
