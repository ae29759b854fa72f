//! The host and port of an address. Libraries take more for a host than anybody connects to, and read a port that cannot
//! be one as none.

use std::net::Ipv6Addr;

/// The host without brackets and the port of an authority, such as `[::1]:4747` (RFC 3986, section 3.2, without a user);
/// no port where none is written. Nothing where either cannot be one.
pub fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(inner) => inner.split_once(']').filter(|(host, _)| host.parse::<Ipv6Addr>().is_ok())?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    if host.is_empty() || host.contains(['[', ']', '@']) {
        return None;
    }
    if rest.is_empty() {
        return Some((host, None));
    }
    let digits = rest.strip_prefix(':').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((host, Some(digits.parse().ok()?)))
}

#[cfg(test)]
mod tests;
