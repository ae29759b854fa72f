//! Addresses that others name, in each of the places that read one.

use super::input;
use identity::oauth::{address::Address, well_known};
use mcp::client::http::{Link, Options};
use std::sync::Arc;

pub(crate) fn feed(data: &[u8]) {
    let Some([one, other]) = input::texts(data) else { return };
    let first = Address::parse(one).ok();
    if let Some(address) = &first {
        strict(address);
        if let Ok(other) = Address::parse(other) {
            assert_eq!(address.same_origin(&other), other.same_origin(address));
            assert!(!address.covers(&other) || address.same_origin(&other), "covers another origin");
        }
    }
    if let Ok(address) = openapi::Address::parse(one) {
        of_api(&address, other);
    }
    let _ = openapi::Address::parse_resource(one);
    if let Ok(hub) = hubs::client::address::Address::parse(one) {
        assert!(!hub.authority.contains('@') && !hub.host.is_empty(), "of a hub: {}", hub.url());
        let again = hubs::client::address::Address::parse(&hub.url());
        assert_eq!(again.map(|again| (again.host, again.port)).ok(), Some((hub.host.clone(), hub.port)));
        let _ = hub.is_loopback();
    }
    let options = Options {
        name: "peer".to_owned(),
        url: one.to_owned(),
        headers: vec![("x-key".to_owned(), base::Secret::new(other.to_owned()))],
        message_limit: 1024,
        account: None,
    };
    if let Ok(link) = Link::new(&options, Arc::default()) {
        assert!(!one.contains('@') || one.find('@') > one.find(['/', '?']), "a credential is taken");
        assert_eq!(link.name(), "peer");
    }
    endpoint(&options, first.as_ref(), other);
    if let Ok(address) = one.parse() {
        let _ = base::network::guard::is_public(address);
    }
}

/// Where a server of the old HTTP transport wants messages sent: nowhere but on itself.
fn endpoint(options: &Options, own: Option<&Address>, named: &str) {
    let Some(target) = mcp::client::on_own_server(options, named) else { return };
    assert!(target.authority().is_none() && target.scheme().is_none(), "{named} leads elsewhere: {target}");
    let target = target.to_string();
    assert!(target.starts_with('/') && target.bytes().all(|byte| byte > b' '), "{target} is no target");
    if let (Some(own), Ok(named)) = (own, Address::parse(named)) {
        assert!(own.same_origin(&named), "{} is of another origin", named.text());
    }
}

fn strict(address: &Address) {
    assert!(address.text().bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!address.authority().contains('@') && !address.host().is_empty(), "authority");
    assert!(address.covers(address) && address.same_origin(address));
    let Ok(origin) = Address::parse(&address.origin()) else {
        panic!("the origin is no address: {}", address.origin())
    };
    assert!(origin.same_origin(address) && origin.covers(address), "origin {}", address.origin());
    assert_eq!((origin.host(), origin.port()), (address.host(), address.port()));
    for place in well_known::of_resource(address, None).iter().chain(&well_known::of_issuer(address)) {
        let found = Address::parse(place);
        let Ok(found) = found else {
            assert!(place.len() > 2048, "{place} is no address");
            continue;
        };
        assert!(found.same_origin(address), "{place} is elsewhere");
    }
}

fn of_api(address: &openapi::Address, reference: &str) {
    let again = openapi::Address::parse(&address.to_string());
    assert_eq!(again.as_ref(), Ok(address), "written and read again");
    assert!(
        !address.path.ends_with('/') && !address.path.split('/').any(|segment| segment == ".."),
        "{}",
        address.path
    );
    if let Ok(joined) = address.join(reference)
        && !reference.contains("//")
    {
        assert!(joined.same_origin(address), "{reference} leads elsewhere");
    }
}
