use super::{Resource, Server};
use crate::oauth::address::Address;
use base::network::guard::Guard;
use base::ports::Grant;
use serde_json::{Value, json};

const ISSUER: &str = "https://auth.example.com";

fn endpoint() -> Address {
    Address::parse("https://mcp.example.com/mcp").unwrap()
}

fn server(change: impl FnOnce(&mut Value)) -> Result<Server, String> {
    server_for(Grant::AuthorizationCode, change)
}

fn server_for(grant: Grant, change: impl FnOnce(&mut Value)) -> Result<Server, String> {
    let mut json = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://auth.example.com/authorize",
        "token_endpoint": "https://auth.example.com/token",
        "code_challenge_methods_supported": ["S256"],
    });
    change(&mut json);
    Server::read(&json.to_string(), ISSUER, grant, &Guard::of("mcp.example.com", &[]))
}

#[test]
fn a_resource_speaks_for_itself_only() {
    let read = |resource: &str| {
        Resource::read(&json!({"resource": resource, "authorization_servers": [ISSUER]}).to_string(), &endpoint())
    };
    for good in ["https://mcp.example.com/mcp", "https://mcp.example.com", "https://mcp.example.com/"] {
        assert_eq!(read(good).unwrap().resource, good, "the identifier stays as it is written");
    }
    for bad in ["https://evil.example.com/mcp", "https://mcp.example.com/other", "http://mcp.example.com/mcp", "x", ""]
    {
        assert!(read(bad).is_err(), "{bad}");
    }
    for bad in ["", "[]", "{}", "null", "{\"resource\":1}"] {
        assert!(Resource::read(bad, &endpoint()).is_err(), "{bad}");
    }
}

#[test]
fn a_server_is_read() {
    let read = server(|json| json["scopes_supported"] = json!(["a", 1, "b"])).unwrap();
    assert_eq!(read.auth_methods, ["client_secret_basic"], "the default of RFC 8414");
    assert_eq!(read.scopes, ["a", "b"]);
    assert!(!read.names_itself && !read.takes_documents && read.registration_endpoint.is_none());
}

#[test]
fn s11_the_issuer_must_be_the_very_one_that_was_asked_for() {
    for wrong in ["https://attacker.example.com", "https://auth.example.com/", "https://AUTH.example.com"] {
        assert!(server(|json| json["issuer"] = json!(wrong)).unwrap_err().contains("not https://auth"), "{wrong}");
    }
    assert!(server(|json| json["issuer"] = Value::Null).is_err());
}

#[test]
fn a69_a_server_without_pkce_is_refused() {
    assert!(server(|json| json["code_challenge_methods_supported"] = Value::Null).unwrap_err().contains("PKCE"));
    assert!(server(|json| json["code_challenge_methods_supported"] = json!(["plain"])).unwrap_err().contains("PKCE"));
    let without = |json: &mut Value| json["code_challenge_methods_supported"] = Value::Null;
    assert!(server_for(Grant::ClientCredentials, without).is_ok(), "no code, nothing to protect");
}

#[test]
fn a70_endpoints_that_are_no_safe_addresses_are_refused() {
    for name in ["authorization_endpoint", "token_endpoint", "registration_endpoint"] {
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "http://auth.example.com/authorize",
            "http://127.0.0.1/authorize",
            "https://user@auth.example.com/",
            "https://auth.example.com/`calc`",
            "https://auth.example.com/a b",
            "",
        ] {
            assert!(server(|json| json[name] = json!(bad)).is_err(), "{name} {bad}");
        }
        assert!(server(|json| json[name] = json!(["https://auth.example.com/"])).is_err());
    }
    for bad in ["https://auth.example.com/$(calc)", "https://auth.example.com/;calc", "https://auth.example.com/'"] {
        assert!(server(|json| json["authorization_endpoint"] = json!(bad)).is_err(), "{bad}");
    }
}

#[test]
fn plain_http_only_where_the_operator_said_so() {
    let text = json!({"issuer": "http://localhost:1", "token_endpoint": "http://localhost:1/token"}).to_string();
    let read = |guard: &Guard| Server::read(&text, "http://localhost:1", Grant::ClientCredentials, guard);
    assert!(read(&Guard::of("127.0.0.1", &[])).is_ok());
    assert!(read(&Guard::of("mcp.example.com", &[])).is_err());
    assert!(read(&Guard::of("mcp.example.com", &["localhost".to_owned()])).is_ok());
}

#[test]
fn a_server_without_metadata_has_the_endpoints_of_2025_03_26() {
    let assumed = Server::assumed(&endpoint(), &Guard::default()).unwrap();
    assert_eq!(assumed.issuer, "https://mcp.example.com");
    assert_eq!(assumed.token_endpoint.text(), "https://mcp.example.com/token");
    assert!(Server::assumed(&Address::parse("http://mcp.example.com/mcp").unwrap(), &Guard::default()).is_err());
}
