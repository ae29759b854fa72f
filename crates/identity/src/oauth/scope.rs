//! Which scopes to ask for.

/// The most scopes that are asked for, and the most bytes of one.
const MOST: usize = 64;
const LONGEST: usize = 256;

/// Scopes by which a client gets a refresh token (OpenID Connect Core, section 11; SEP-2207).
const OFFLINE: &str = "offline_access";

/// What the choice depends on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// What the operator wrote; it wins over all that others say.
    pub configured: Option<&'a [String]>,
    /// The scopes of the server's challenge.
    pub challenge: Option<&'a str>,
    /// `scopes_supported` of the protected resource.
    pub resource: Option<&'a [String]>,
    /// `scopes_supported` of the authorization server.
    pub server: &'a [String],
    /// What a step-up must not lose: scopes asked for before and wanted since (SEP-2350).
    pub kept: &'a [String],
    /// Whether a refresh token is of use.
    pub offline: bool,
}

/// The scopes to ask for; none means that the parameter is left out.
pub fn choose(sources: &Sources<'_>) -> Vec<String> {
    if let Some(configured) = sources.configured {
        return unique(configured.iter().cloned());
    }
    let base: Vec<String> = match (sources.challenge, sources.resource) {
        (Some(challenge), _) => split(challenge),
        (None, Some(resource)) => resource.to_vec(),
        (None, None) => Vec::new(),
    };
    let mut chosen = unique(sources.kept.iter().cloned().chain(base));
    let offered = sources.server.iter().any(|scope| scope == OFFLINE);
    if sources.offline && offered && !chosen.is_empty() && chosen.iter().all(|scope| scope != OFFLINE) {
        chosen.push(OFFLINE.to_owned());
    }
    chosen
}

/// The scopes in a text that separates them by spaces (RFC 6749, section 3.3).
pub fn split(text: &str) -> Vec<String> {
    unique(text.split(' ').map(str::to_owned))
}

/// Each scope once and in order, without those that no scope can be.
fn unique(scopes: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for scope in scopes {
        let token = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        let fits = !scope.is_empty() && scope.len() <= LONGEST && scope.bytes().all(token);
        if fits && out.len() < MOST && !out.contains(&scope) {
            out.push(scope);
        }
    }
    out
}

#[cfg(test)]
mod tests;
