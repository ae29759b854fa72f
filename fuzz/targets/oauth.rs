//! What protected resources, authorization servers and their token endpoints say.

use super::input;
use base::network::guard::Guard;
use base::ports::Grant;
use identity::oauth::address::Address;
use identity::oauth::metadata::{Resource, Server};
use identity::oauth::{registration, token};
use std::time::Duration;

const ENDPOINT: &str = "https://mcp.example/tools/mcp";
const ISSUER: &str = "https://login.example/tenant";

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (Ok(endpoint), guard) = (Address::parse(ENDPOINT), Guard::of("mcp.example", &[])) else { return };
    if let Ok(resource) = Resource::read(text, &endpoint) {
        let named = Address::parse(&resource.resource);
        assert!(named.is_ok_and(|named| named.covers(&endpoint)), "speaks for others: {}", resource.resource);
        assert!(resource.authorization_servers.len() <= 64);
    }
    let grant = if chosen & 1 == 0 { Grant::AuthorizationCode } else { Grant::ClientCredentials };
    if let Ok(server) = Server::read(text, ISSUER, grant, &guard) {
        assert_eq!(server.issuer, ISSUER);
        let others = server.authorization_endpoint.iter().chain(&server.registration_endpoint);
        assert!(others.chain([&server.token_endpoint]).all(Address::is_encrypted), "anybody could read it");
        assert!(grant != Grant::AuthorizationCode || server.authorization_endpoint.is_some_and(|it| it.is_harmless()));
    }
    let now = Duration::from_secs(1_800_000_000);
    let status = [200, 201, 400, 401][chosen / 2 % 4];
    if let Ok(tokens) = token::read(status, text, now) {
        let plain = |token: &base::Secret<String>| token.expose().bytes().all(|byte| byte.is_ascii_graphic());
        assert!(plain(&tokens.access) && tokens.refresh.as_ref().is_none_or(plain), "fits into no header");
        assert!(tokens.expires_at.is_none_or(|at| at >= now));
    }
    let methods = ["none".to_owned(), "client_secret_basic".to_owned()];
    if let Ok(client) = registration::read(text, "http://127.0.0.1/callback", &methods) {
        assert!(!client.id.is_empty());
        if let Ok(proof) = client.proof(ISSUER, None) {
            drop(proof);
        }
    }
}
