//! The head of a request at the door of a hub that listens on this machine alone.

use super::input;
use base::Secret;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use server::guard::Guard;
use server::keys::{Keys, check};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;

const KEY: &str = "0123456789abcdefghijklmnopqrstuv";

static GUARDS: LazyLock<Vec<Guard>> = LazyLock::new(|| {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 4747));
    let key = Some(Secret::new(KEY.to_owned()));
    [Guard::new(listen, &Keys::default()), Guard::new(listen, &Keys::of_operator(key))].into_iter().flatten().collect()
});

pub(crate) fn feed(data: &[u8]) {
    let [target, head] = input::parts(data);
    let Ok(uri) = Uri::try_from(target) else { return };
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii()))
        {
            headers.append(name, value);
        }
    }
    let [open, locked] = GUARDS.as_slice() else { panic!("there are no guards") };
    // Clients of models have places of their own for their key.
    let of_models = uri.path().starts_with("/v1");
    let entered = open.admit(&uri, &headers, of_models).is_ok();
    if entered {
        let host =
            headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let inner = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let here = inner.map_or(host.starts_with("localhost") || host.starts_with("127."), |(inner, _)| {
            inner.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
        });
        assert!(here, "{host} is not here");
        assert!(uri.authority().is_none() && headers.get_all(header::HOST).iter().count() == 1);
        for origin in headers.get_all(header::ORIGIN) {
            own_page(&host, origin.to_str().unwrap_or_default());
        }
    }
    if locked.admit(&uri, &headers, of_models).is_ok() {
        assert!(entered, "a key opens what is closed without one");
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let key = shown.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).map(|_| shown[7..].trim());
        assert_eq!(key, Some(KEY), "the key was not shown");
    }
    if let Ok(text) = std::str::from_utf8(head) {
        let _ = check(&Secret::new(text.to_owned()), "the key");
    }
}

/// A page that may call is the hub's own: of its host, or of another name of this machine and the same port.
fn own_page(host: &str, origin: &str) {
    let page = origin.strip_prefix("http://").or(origin.strip_prefix("https://"));
    let Some(page) = page.map(str::to_ascii_lowercase) else { panic!("{origin} is no page of a server") };
    let name = match page.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => page.split(':').next(),
    };
    let name = name.unwrap_or_default();
    let here = name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let port = |authority: &str| {
        let behind = authority.rsplit(']').next().unwrap_or_default();
        behind.split_once(':').map(|(_, port)| port.to_owned()).filter(|port| !port.is_empty())
    };
    assert!(page == host || (here && port(&page) == port(host)), "{origin} calls {host}");
    assert!(!page.contains(['/', '?', '#', '@']), "{origin} is more than an origin");
}
