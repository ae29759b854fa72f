//! Who may come in. Pure decisions over the head of a request, the same for every path.
//!
//! The `Host` check stops pages that had their name point to this machine (DNS rebinding), the `Origin` check stops pages
//! of other sites, the key stops everybody else who can reach the port.

use base::network::host_and_port;
use base::{Code, Error, Result, Secret, secret};
use http::{HeaderMap, Uri, header};
use std::net::{IpAddr, SocketAddr};

/// The rules of one server.
pub struct Guard {
    beyond_loopback: bool,
    own: IpAddr,
    key: Option<Secret<String>>,
}

/// Who everybody is that comes in: there is one key, and without one nobody but this machine's user.
pub const PRINCIPAL: &str = "local";

/// The shortest key, in characters: 24 random ones of base64 hold 144 bits, of hexadecimal 96.
pub const SHORTEST_KEY: usize = 24;

/// How many different characters a key must have. A random one has more; `aaaaaaaa…` and `password1password1` do not.
const DIFFERENT: usize = 10;

/// Names of query parameters that people put credentials into.
const CREDENTIALS: [&str; 6] = ["access_token", "api_key", "apikey", "key", "token", "authorization"];

impl Guard {
    /// The rules for a server that listens on `listen`. Listening beyond this machine needs a key.
    pub fn new(listen: SocketAddr, key: Option<Secret<String>>) -> Result<Self> {
        let beyond_loopback = !listen.ip().is_loopback();
        match &key {
            Some(key) => check_key(key)?,
            None if beyond_loopback => {
                return Err(Error::new(
                    Code::KeyNeeded,
                    format!("{listen} can be reached from other machines, and there is no key"),
                    "set TUTTI_KEY to a random key (`openssl rand -base64 32`), or listen on 127.0.0.1",
                ));
            }
            None => {}
        }
        Ok(Self { beyond_loopback, own: listen.ip(), key })
    }

    /// The rules for a server that listens on `listen` and tells only numbers: the same, without a key.
    pub fn without_key(listen: SocketAddr) -> Self {
        Self { beyond_loopback: !listen.ip().is_loopback(), own: listen.ip(), key: None }
    }

    /// Whether a key is wanted.
    pub fn wants_key(&self) -> bool {
        self.key.is_some()
    }

    /// Whether a request with this head may come in.
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<()> {
        let host = one(headers, header::HOST.as_str()).ok_or_else(|| refused_host("names none, or more than one"))?;
        // A target in absolute form would name a host beside the header; only proxies are sent such.
        if uri.authority().is_some() {
            return Err(refused_host("is contradicted by an address in the request line"));
        }
        self.check_host(host)?;
        check_origin(host, headers)?;
        check_query(uri)?;
        self.check_bearer(headers)
    }

    fn check_host(&self, host: &str) -> Result<()> {
        let name = host_name(host).ok_or_else(|| refused_host("is none"))?;
        let address: Option<IpAddr> = name.parse().ok();
        let fine = match address {
            Some(address) => address.is_loopback() || address == self.own || self.beyond_loopback,
            None => name.eq_ignore_ascii_case("localhost") || self.beyond_loopback,
        };
        if fine { Ok(()) } else { Err(refused_host("is not an address of this server")) }
    }

    fn check_bearer(&self, headers: &HeaderMap) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let next = "send the header `Authorization: Bearer` with the key that the hub was started with (TUTTI_KEY)";
        let Some(value) = one(headers, header::AUTHORIZATION.as_str()) else {
            return Err(Error::new(Code::KeyMissing, "this hub wants a key and none was sent", next));
        };
        let scheme = value.get(..7).unwrap_or_default();
        let shown = if scheme.eq_ignore_ascii_case("bearer ") { value[7..].trim() } else { "" };
        if secret::equal(shown.as_bytes(), key.expose().as_bytes()) {
            return Ok(());
        }
        Err(Error::new(Code::KeyWrong, "the key that was sent is not this hub's", next))
    }
}

/// Refuses a key that could be guessed.
pub fn check_key(key: &Secret<String>) -> Result<()> {
    let key = key.expose();
    let mut different: Vec<char> = key.chars().collect();
    different.sort_unstable();
    different.dedup();
    let printable = key.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if key.chars().count() >= SHORTEST_KEY && different.len() >= DIFFERENT && printable {
        return Ok(());
    }
    Err(Error::new(
        Code::KeyWeak,
        format!(
            "the key must have at least {SHORTEST_KEY} printable characters without spaces, at least {DIFFERENT} of them different"
        ),
        "make one with `openssl rand -base64 32`",
    ))
}

/// The value of a header that must stand there just once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// The name or address in a `Host` header, without brackets, if it is nothing but that and perhaps a port.
fn host_name(host: &str) -> Option<&str> {
    let (name, _) = host_and_port(host.strip_suffix(':').unwrap_or(host))?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte)).then_some(name)
}

/// A browser names the page that calls. Only pages of this server itself may.
fn check_origin(host: &str, headers: &HeaderMap) -> Result<()> {
    if !headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let origin = one(headers, header::ORIGIN.as_str());
    let same = origin.and_then(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")));
    if same.is_some_and(|same| {
        same.eq_ignore_ascii_case(host) || (is_loopback(same) && is_loopback(host) && port(same) == port(host))
    }) {
        return Ok(());
    }
    Err(Error::new(
        Code::OriginRefused,
        "the request comes from a page of another site",
        "call the hub from a program, or from a page that the hub serves",
    ))
}

/// Whether an authority names this machine: `localhost` and `127.0.0.1` of one port are one server to a person.
fn is_loopback(authority: &str) -> bool {
    let Some(name) = host_name(authority) else { return false };
    let address: Option<IpAddr> = name.parse().ok();
    address.map_or(name.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

fn port(authority: &str) -> Option<&str> {
    let behind = authority.rsplit(']').next().unwrap_or_default();
    behind.rsplit_once(':').map(|(_, port)| port)
}

/// Credentials in addresses end up in logs and histories.
fn check_query(uri: &Uri) -> Result<()> {
    let query = uri.query().unwrap_or_default();
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_ascii_lowercase());
    if names.into_iter().any(|name| CREDENTIALS.contains(&name.as_str())) {
        return Err(Error::new(
            Code::KeyInAddress,
            "the address holds a credential",
            "send it in the header `Authorization: Bearer`, and change it: addresses are logged",
        ));
    }
    Ok(())
}

fn refused_host(why: &str) -> Error {
    Error::new(
        Code::HostRefused,
        format!("the Host header {why}"),
        "call the hub by the address that it printed at its start",
    )
}

#[cfg(test)]
mod tests;
