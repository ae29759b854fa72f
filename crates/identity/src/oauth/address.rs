//! Addresses that others name, read strictly.

use base::network::host_and_port;
use http::Uri;

/// An `http` or `https` address without a credential and without a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    uri: Uri,
    encrypted: bool,
    host: String,
    port: u16,
}

/// The most bytes of an address.
const LIMIT: usize = 8192;

impl Address {
    /// Reads `text`, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LIMIT {
            return Err("is too long for an address");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte)) {
            return Err("has characters that no such address has");
        }
        let uri: Uri = text.parse().map_err(|_| "is no address")?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("begins with neither https:// nor http://"),
        };
        let authority = uri.authority().ok_or("names no host")?;
        if authority.as_str().contains('@') {
            return Err("holds a credential");
        }
        let (host, port) = host_and_port(authority.as_str()).ok_or("has an impossible host or port")?;
        let port = port.unwrap_or(if encrypted { 443 } else { 80 });
        Ok(Self { text: text.to_owned(), encrypted, host: host.to_ascii_lowercase(), port, uri })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it begins with `https`.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The host in small letters, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where it is not written.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Scheme, host and port as they were written, without a path.
    pub fn origin(&self) -> String {
        let scheme = if self.encrypted { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    /// Host and port as they were written.
    pub fn authority(&self) -> &str {
        self.uri.authority().map_or("", http::uri::Authority::as_str)
    }

    /// The path without a slash at its end; empty for the root.
    pub fn path(&self) -> &str {
        self.uri.path().trim_end_matches('/')
    }

    /// The path and the query, as a request line has them.
    pub fn target(&self) -> &str {
        self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
    }

    /// Whether scheme, host and port are the same.
    pub fn same_origin(&self, other: &Address) -> bool {
        (self.encrypted, &self.host, self.port) == (other.encrypted, &other.host, other.port)
    }

    /// Whether `inner` is this address or lies beneath it, whole segments of the path taken.
    pub fn covers(&self, inner: &Address) -> bool {
        let rest = inner.path().strip_prefix(self.path());
        self.same_origin(inner) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a browser may be sent there: nothing in it means anything to a command interpreter.
    pub fn is_harmless(&self) -> bool {
        !self.text.bytes().any(|byte| b"$'();!*".contains(&byte))
    }
}

#[cfg(test)]
mod tests;
