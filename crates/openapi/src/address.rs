//! Where the API is: an origin and the path before all paths.

use crate::encode;
use base::network::host_and_port;
use http::Uri;

/// The address that every request goes to. Two addresses of one origin have the same scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether it is `https`.
    pub encrypted: bool,
    /// A name, an IPv4 address, or an IPv6 address without brackets, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path before all paths, without a slash at its end and in ASCII (RFC 3987, section 3.1); empty for the root.
    pub path: String,
}

impl Address {
    /// Reads an absolute address. Answers why it is none, in words that follow "the address".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.trim().parse().map_err(|_| "is none that can be read")?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("begins with neither https:// nor http://"),
        };
        let authority = uri.authority().ok_or("names no host")?;
        if authority.as_str().contains('@') {
            return Err("holds a credential, and addresses are logged");
        }
        let (host, port) = host_and_port(authority.as_str()).ok_or("has no host or no port that can be one")?;
        let (host, port) = (host.to_ascii_lowercase(), port.unwrap_or(if encrypted { 443 } else { 80 }));
        if uri.query().is_some() || text.contains('#') {
            return Err("holds a query, and an API has none of its own");
        }
        let path = encode::percent(dotless(uri.path()).trim_end_matches('/'), |byte| byte.is_ascii());
        Ok(Self { encrypted, host, port, path })
    }

    /// The address of a whole resource, such as a document: as [`Address::parse`], with the query that it may have.
    pub fn parse_resource(text: &str) -> Result<(Self, String), &'static str> {
        let (bare, query) =
            text.trim().split_once('?').map_or((text.trim(), None), |(bare, query)| (bare, Some(query)));
        let slash = if bare.ends_with('/') { "/" } else { "" };
        let address = Self::parse(bare)?;
        let path = if address.path.is_empty() { "/".to_owned() } else { format!("{}{slash}", address.path) };
        let target = query
            .map_or_else(|| path.clone(), |query| format!("{path}?{}", encode::percent(query, |byte| byte.is_ascii())));
        target.parse::<Uri>().map_err(|_| "is none that can be read")?;
        Ok((address, target))
    }

    /// What `reference` (as `servers[].url` has it) means for a document at this address.
    pub fn join(&self, reference: &str) -> Result<Self, &'static str> {
        let reference = reference.trim();
        if reference.contains("://") {
            return Self::parse(reference);
        }
        let scheme = if self.encrypted { "https" } else { "http" };
        if reference.starts_with("//") {
            return Self::parse(&format!("{scheme}:{reference}"));
        }
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = if reference.starts_with('/') { reference.to_owned() } else { format!("{folder}/{reference}") };
        Self::parse(&format!("{scheme}://{}{path}", self.authority()))
    }

    /// Host and port as the `Host` header says them: the port where it is not the usual one.
    pub fn authority(&self) -> String {
        let usual = if self.encrypted { 443 } else { 80 };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// Whether both have the same scheme, host and port.
    pub fn same_origin(&self, other: &Address) -> bool {
        (self.encrypted, &self.host, self.port) == (other.encrypted, &other.host, other.port)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.encrypted { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// A path without `.` and `..` (RFC 3986, section 5.2.4).
fn dotless(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    kept.iter().map(|segment| format!("/{segment}")).collect()
}

#[cfg(test)]
mod tests;
