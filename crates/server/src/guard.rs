//! Who may come in. Pure decisions over the head of a request, the same for every path.
//!
//! The `Host` check stops pages that had their name point to this machine (DNS rebinding), the `Origin` check stops pages
//! of other sites, the key stops everybody else who can reach the port.

use crate::keys::{self, Keys, Ring, Shown, Visitor};
use arc_swap::ArcSwap;
use base::network::host_and_port;
use base::{Code, Error, Result};
use http::header::AsHeaderName;
use http::{HeaderMap, Uri, header};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The rules of one server.
pub struct Guard {
    listen: SocketAddr,
    ring: ArcSwap<Ring>,
}

/// Names of query parameters that people put credentials into.
const CREDENTIALS: [&str; 6] = ["access_token", "api_key", "apikey", "key", "token", "authorization"];

/// Where clients of models put their key, beside `Authorization`: those of Anthropic and of Google.
const MODEL_KEYS: [&str; 2] = ["x-api-key", "x-goog-api-key"];

/// The parameter in which clients of Gemini may put it.
const MODEL_PARAMETER: &str = "key";

impl Guard {
    /// The rules for a server that listens on `listen`. Listening beyond this machine needs a key.
    pub fn new(listen: SocketAddr, keys: &Keys) -> Result<Self> {
        check(listen, keys)?;
        Ok(Self { listen, ring: ArcSwap::from_pointee(Ring::of(keys)) })
    }

    /// The rules for a server that listens on `listen` and tells only numbers: the same, without a key.
    pub fn without_key(listen: SocketAddr) -> Self {
        Self { listen, ring: ArcSwap::from_pointee(Ring::of(&Keys::default())) }
    }

    /// Whether a key is wanted.
    pub fn wants_key(&self) -> bool {
        self.ring.load().nobody().is_none()
    }

    /// Takes other keys from now on, and ends what was begun with those that are not there any more. Gives the principals
    /// that are gone.
    ///
    /// # Errors
    /// Those of [`Guard::new`]; then everything stays as it was.
    pub(crate) fn change(&self, keys: &Keys) -> Result<Vec<Arc<str>>> {
        self.check(keys)?;
        let before = self.ring.load_full();
        let ring = Arc::new(Ring::of(keys).after(&before));
        self.ring.store(Arc::clone(&ring));
        Ok(ring.revoke(&before))
    }

    /// Whether these keys could be taken.
    pub(crate) fn check(&self, keys: &Keys) -> Result<()> {
        check(self.listen, keys)
    }

    /// The keys that are good now.
    pub(crate) fn ring(&self) -> Arc<Ring> {
        self.ring.load_full()
    }

    /// Who comes in with a request of this head. `of_models`: its path is one of models, whose clients have places of their
    /// own for their key.
    ///
    /// # Errors
    /// Why it may not come in.
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap, of_models: bool) -> Result<Arc<Visitor>> {
        self.admit_again(uri, headers, (of_models, &Shown::default()))
    }

    /// The same on a connection on which this was shown before.
    ///
    /// # Errors
    /// Those of [`Guard::admit`].
    pub(crate) fn admit_again(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        (of_models, before): (bool, &Shown),
    ) -> Result<Arc<Visitor>> {
        let host = one(headers, header::HOST).ok_or_else(|| refused_host("names none, or more than one"))?;
        // A target in absolute form would name a host beside the header; only proxies are sent such.
        if uri.authority().is_some() {
            return Err(refused_host("is contradicted by an address in the request line"));
        }
        before.host(host, |host| self.check_host(host))?;
        check_origin(host, headers)?;
        check_query(uri, of_models)?;
        self.check_key(uri, headers, (of_models, before))
    }

    /// The same for a request that may be signed in place of a key: whoever shows none is a stranger.
    ///
    /// # Errors
    /// Those of [`Guard::admit`], but [`Code::KeyMissing`].
    pub(crate) fn admit_signed(&self, uri: &Uri, headers: &HeaderMap, before: &Shown) -> Result<Arc<Visitor>> {
        match self.admit_again(uri, headers, (false, before)) {
            Err(error) if error.code() == Code::KeyMissing => Ok(Arc::new(Visitor::stranger())),
            other => other,
        }
    }

    fn check_host(&self, host: &str) -> Result<()> {
        let name = host_name(host).ok_or_else(|| refused_host("is none"))?;
        let address: Option<IpAddr> = name.parse().ok();
        let fine = match address {
            Some(address) => address.is_loopback() || address == self.listen.ip() || self.is_beyond_loopback(),
            None => name.eq_ignore_ascii_case("localhost") || self.is_beyond_loopback(),
        };
        if fine { Ok(()) } else { Err(refused_host("is not an address of this server")) }
    }

    /// Whether everybody who reaches it may come in.
    pub(crate) fn is_open(&self) -> bool {
        self.ring.load().nobody().is_some()
    }

    fn is_beyond_loopback(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    fn check_key(&self, uri: &Uri, headers: &HeaderMap, (of_models, before): (bool, &Shown)) -> Result<Arc<Visitor>> {
        let ring = self.ring.load();
        if let Some(nobody) = ring.nobody() {
            return Ok(nobody.counted());
        }
        let next = "send the header `Authorization: Bearer` with the key that you were given (TUTTI_KEY)";
        let shown = match one(headers, header::AUTHORIZATION) {
            Some(value) => {
                let scheme = value.get(..7).unwrap_or_default();
                Some(if scheme.eq_ignore_ascii_case("bearer ") { value[7..].trim().into() } else { Cow::Borrowed("") })
            }
            None if of_models => model_key(uri, headers),
            None => None,
        };
        let Some(shown) = shown else {
            return Err(Error::new(Code::KeyMissing, "this hub wants a key and none was sent", next));
        };
        let visitor = ring.find(&before.digest(shown.as_bytes()));
        visitor
            .map(Visitor::counted)
            .ok_or_else(|| Error::new(Code::KeyWrong, "the key that was sent is not this hub's", next))
    }
}

/// The key where clients of models put it. It goes no further: towards providers go the hub's own credentials.
fn model_key<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<Cow<'a, str>> {
    let in_header = MODEL_KEYS.iter().find_map(|name| one(headers, *name)).map(Cow::Borrowed);
    in_header.or_else(|| {
        let mut pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == MODEL_PARAMETER)?;
        percent_encoding::percent_decode_str(value).decode_utf8().ok()
    })
}

/// Whether a server that listens on `listen` may have these keys.
fn check(listen: SocketAddr, keys: &Keys) -> Result<()> {
    if let Some(key) = &keys.operator {
        keys::check(key, "the key")?;
    }
    for key in &keys.clients {
        keys::check(&key.key, &format!("`keys.{}`", key.name))?;
    }
    if keys.is_empty() && !listen.ip().is_loopback() {
        return Err(Error::new(
            Code::KeyNeeded,
            format!("{listen} can be reached from other machines, and there is no key"),
            "set TUTTI_KEY to a random key (`openssl rand -base64 32`), or listen on 127.0.0.1",
        ));
    }
    Ok(())
}

/// The value of a header that must stand there just once.
fn one(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
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
    let origin = one(headers, header::ORIGIN);
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

/// Credentials in addresses end up in logs and histories. Clients of models may have no other place for theirs.
fn check_query(uri: &Uri, of_models: bool) -> Result<()> {
    let Some(query) = uri.query() else { return Ok(()) };
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_ascii_lowercase());
    let is_wrong = |name: &str| CREDENTIALS.contains(&name) && !(of_models && name == MODEL_PARAMETER);
    if names.into_iter().any(|name| is_wrong(&name)) {
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
