//! Where metadata is looked for, in which order.

use super::address::Address;

/// Where the metadata of the protected resource `endpoint` is (RFC 9728, section 3.1; MCP, "Protected Resource Metadata
/// Discovery Requirements"): at the address that the challenge names, or else at the well-known ones.
pub fn of_resource(endpoint: &Address, challenged: Option<&str>) -> Vec<String> {
    if let Some(named) = challenged {
        return vec![named.to_owned()];
    }
    let (origin, path) = (endpoint.origin(), endpoint.path());
    let root = format!("{origin}/.well-known/oauth-protected-resource");
    if path.is_empty() { vec![root] } else { vec![format!("{root}{path}"), root] }
}

/// Where the metadata of an authorization server is (RFC 8414, section 3.1; OpenID Connect Discovery, section 4.1).
pub fn of_issuer(issuer: &Address) -> Vec<String> {
    let (origin, path) = (issuer.origin(), issuer.path());
    let oauth = format!("{origin}/.well-known/oauth-authorization-server{path}");
    let inserted = format!("{origin}/.well-known/openid-configuration{path}");
    let appended = format!("{origin}{path}/.well-known/openid-configuration");
    if path.is_empty() { vec![oauth, inserted] } else { vec![oauth, inserted, appended] }
}

#[cfg(test)]
mod tests;
