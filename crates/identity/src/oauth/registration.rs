//! Registering as a client (RFC 7591), for authorization servers that know no other way.

use super::client::{Client, Method, Origin};
use base::Secret;
use serde_json::{Value, json};

/// What is sent to the registration endpoint of a server that supports `methods`.
pub fn request(redirect_uri: &str, methods: &[String], scopes: &[String]) -> String {
    let preferred = [Method::None, Method::Basic, Method::Post];
    let method = preferred.into_iter().find(|method| methods.iter().any(|name| name == method.name()));
    let mut body = json!({
        "client_name": "Tutti",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method.unwrap_or(Method::None).name(),
        // OpenID Connect Registration, section 2; SEP-837: a program on a person's machine.
        "application_type": "native",
    });
    if !scopes.is_empty() {
        body["scope"] = scopes.join(" ").into();
    }
    body.to_string()
}

/// The client in the answer, or why there is none.
pub fn read(text: &str, redirect_uri: &str, methods: &[String]) -> Result<Client, &'static str> {
    let json: Value = base::json::from_text(text).map_err(|_| "is not JSON")?;
    let text = |name: &str| json[name].as_str().filter(|text| !text.is_empty() && text.len() <= 4096);
    let id = text("client_id").ok_or("names no `client_id`")?;
    let secret = text("client_secret").map(|secret| Secret::new(secret.to_owned()));
    let method = Method::choose(methods, text("token_endpoint_auth_method"), secret.is_some(), false);
    Ok(Client {
        id: id.to_owned(),
        secret,
        method,
        origin: Origin::Registered,
        redirect_uri: Some(redirect_uri.to_owned()),
    })
}

#[cfg(test)]
mod tests;
