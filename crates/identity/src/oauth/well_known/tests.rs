use super::{of_issuer, of_resource};
use crate::oauth::address::Address;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

#[test]
fn the_resource_is_looked_for_with_its_path_and_then_at_the_root() {
    assert_eq!(
        of_resource(&address("https://x.com/public/mcp"), None),
        [
            "https://x.com/.well-known/oauth-protected-resource/public/mcp",
            "https://x.com/.well-known/oauth-protected-resource"
        ]
    );
    assert_eq!(of_resource(&address("https://x.com/"), None), ["https://x.com/.well-known/oauth-protected-resource"]);
    assert_eq!(of_resource(&address("https://x.com/mcp"), Some("https://y.com/m")), ["https://y.com/m"]);
}

#[test]
fn the_authorization_server_is_looked_for_in_three_places() {
    assert_eq!(
        of_issuer(&address("https://x.com/tenant1")),
        [
            "https://x.com/.well-known/oauth-authorization-server/tenant1",
            "https://x.com/.well-known/openid-configuration/tenant1",
            "https://x.com/tenant1/.well-known/openid-configuration"
        ]
    );
    assert_eq!(
        of_issuer(&address("https://x.com")),
        ["https://x.com/.well-known/oauth-authorization-server", "https://x.com/.well-known/openid-configuration"]
    );
}
