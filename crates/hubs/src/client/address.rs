//! The address of a hub, as people write it.

use base::network::host_and_port;
use base::{Code, Error, Result};
use http::Uri;

/// Where a hub is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What the `Host` header says.
    pub authority: String,
    /// What stands before `/mcp`: empty, unless a proxy serves the hub below a path.
    pub prefix: String,
    /// The view that the address names.
    pub view: Option<String>,
}

impl Address {
    /// Reads `http://host:port`, with or without `/mcp` or `/mcp/<view>` behind it. Without a scheme it is `http`.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |why: &str| {
            // What is wrong may be a credential in the address, so the address itself is not shown.
            let next = "write it as http://127.0.0.1:4747, in --url or TUTTI_URL";
            Error::new(Code::Usage, format!("the address of the hub {why}"), next)
        };
        let text = text.trim();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = with_scheme.parse().map_err(|_| bad("is no address"))?;
        let encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(bad("begins with neither http:// nor https://")),
        };
        let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(bad("holds more than a host and a path; a key belongs into TUTTI_KEY"));
        }
        let (host, port) =
            host_and_port(authority.as_str()).ok_or_else(|| bad("has a host or a port that cannot be one"))?;
        let (prefix, view) = split(uri.path().trim_end_matches('/'));
        Ok(Self {
            encrypted,
            host: host.to_owned(),
            port: port.unwrap_or(if encrypted { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
            prefix: prefix.to_owned(),
            view: view.map(str::to_owned),
        })
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let address: Option<std::net::IpAddr> = self.host.parse().ok();
        address.map_or(self.host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
    }

    /// The address without a path of the hub's own, for messages.
    pub fn url(&self) -> String {
        let scheme = if self.encrypted { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority, self.prefix)
    }
}

/// What stands before `/mcp`, and the view behind it.
fn split(path: &str) -> (&str, Option<&str>) {
    if let Some(prefix) = path.strip_suffix("/mcp") {
        return (prefix, None);
    }
    match path.rsplit_once('/') {
        Some((front, view)) if front.ends_with("/mcp") => (front.strip_suffix("/mcp").unwrap_or_default(), Some(view)),
        _ => (path, None),
    }
}

#[cfg(test)]
mod tests;
