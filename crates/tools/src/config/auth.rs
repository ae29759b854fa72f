//! The key `auth` of an entry of `servers:`.

use base::config::{Node, Section, Value};
use base::ports::{Grant, OauthSettings};
use base::{Code, Secret};

/// Reads `auth: oauth`, or the same as a section. `url` and `headers` are what else the entry says.
pub(super) fn read(
    section: &mut Section<'_>,
    url: bool,
    headers: &[(String, Secret<String>)],
) -> Option<OauthSettings> {
    let node = section.node("auth").filter(|node| !matches!(node.value, Value::Null))?;
    if !url {
        let message = format!("`{}` has `auth` and no `url`", section.path());
        section.problem("auth", Code::ConfigInvalidValue, message, "programs get credentials under `env`".to_owned());
        return None;
    }
    if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        let message = format!("`{}` has `auth` and a header `Authorization`", section.path());
        section.problem("auth", Code::ConfigInvalidValue, message, "keep the one that is meant".to_owned());
    }
    if !matches!(node.value, Value::Map(_)) {
        return short(section, node);
    }
    let mut auth = section.section("auth")?;
    auth.choice("type", &[("oauth", ())]);
    let grants = [("authorization_code", Grant::AuthorizationCode), ("client_credentials", Grant::ClientCredentials)];
    let secret = |text: Option<String>| text.map(Secret::new);
    let settings = OauthSettings {
        grant: auth.choice("grant", &grants).unwrap_or(Grant::AuthorizationCode),
        client_id: auth.text("client_id"),
        client_secret: secret(auth.text("client_secret")),
        private_key: secret(auth.text("private_key")),
        key_id: auth.text("key_id"),
        client_metadata_url: auth.text("client_metadata_url"),
        scopes: auth.texts("scopes"),
        issuer: auth.text("issuer"),
        private_hosts: auth.texts("private_hosts").unwrap_or_default(),
        redirect_port: auth.integer("redirect_port", 1024..=65_535).and_then(|port| u16::try_from(port).ok()),
        each: auth.choice("for", &[("everyone", false), ("each", true)]).unwrap_or(false),
    };
    check(&auth, &settings);
    auth.finish();
    Some(settings)
}

/// `auth: oauth`, for a server that needs nothing said.
fn short(section: &mut Section<'_>, node: &Node) -> Option<OauthSettings> {
    if node.scalar_text().as_deref() == Some("oauth") {
        return Some(OauthSettings {
            grant: Grant::AuthorizationCode,
            client_id: None,
            client_secret: None,
            private_key: None,
            key_id: None,
            client_metadata_url: None,
            scopes: None,
            issuer: None,
            private_hosts: Vec::new(),
            redirect_port: None,
            each: false,
        });
    }
    let message = format!("`{}.auth` is not `oauth`", section.path());
    let next = "write `auth: oauth`, or `auth: { type: oauth, client_id: … }`; fixed keys stand under `headers`";
    section.problem("auth", Code::ConfigInvalidValue, message, next.to_owned());
    None
}

/// What belongs together.
fn check(auth: &Section<'_>, settings: &OauthSettings) {
    let problem = |key: &str, message: &str, next: &str| {
        let message = format!("`{}` {message}", auth.path());
        auth.problem(key, Code::ConfigInvalidValue, message, next.to_owned());
    };
    let proof = settings.client_secret.is_some() || settings.private_key.is_some();
    if proof && settings.client_id.is_none() {
        problem("client_secret", "has a secret and no `client_id`", "add the `client_id` that it belongs to");
    }
    if settings.client_secret.is_some() && settings.private_key.is_some() {
        problem("private_key", "has a `client_secret` and a `private_key`", "keep the one that is meant");
    }
    if settings.grant == Grant::ClientCredentials && !(proof && settings.client_id.is_some()) {
        let next = "add `client_id` and `client_secret`, or `client_id` and `private_key`";
        problem("grant", "is to log in by itself and has no credential for that", next);
    }
    if settings.each && settings.grant == Grant::ClientCredentials {
        let next = "leave `for` out: where the hub logs in as itself, one login serves everyone";
        problem("for", "is for each principal, and the hub logs in by itself", next);
    }
    if settings.client_metadata_url.as_ref().is_some_and(|url| !is_document(url)) {
        let next = "write it as https://host/path";
        problem("client_metadata_url", "has a `client_metadata_url` that is no https address with a path", next);
    }
}

/// A client's id that is an address has a path (Client ID Metadata Documents, section 3).
fn is_document(url: &str) -> bool {
    let rest = url.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(host, path)| !host.is_empty() && !host.contains('@') && !path.is_empty() && !url.contains('#'))
}
