//! Where a request may go whose target a stranger named: a server's metadata, an authorization server.
//!
//! Names prove nothing, for they can lead anywhere and to another place each time. So it is addresses that are judged,
//! after resolution, and the connection goes to the very address that was judged.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a stranger's address may lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// The host of the server itself, which the operator named: its address may be private.
    own: String,
    /// Other hosts that the operator named for this.
    private_hosts: Vec<String>,
    /// Whether this machine itself may be reached, because the operator's own address is on it.
    loopback: bool,
}

/// Ports below 1024 that are the web's.
const WEB: [u16; 2] = [80, 443];

/// Ports above 1023 on which something listens that takes commands from whoever connects.
const DANGEROUS: [u16; 22] = [
    1099, 1433, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 5985, 6000, 6379, 6443, 9042,
    10250, 11211, 27017,
];

impl Guard {
    /// What an operator allows who named `own` as the host of a server, and `private_hosts` besides.
    pub fn of(own: &str, private_hosts: &[String]) -> Self {
        let own = plain(own);
        let loopback = is_loopback_name(&own);
        Self { own, private_hosts: private_hosts.iter().map(|host| plain(host)).collect(), loopback }
    }

    /// Whether `host` is one that the operator named.
    pub fn names(&self, host: &str) -> bool {
        let host = plain(host);
        self.own == host || self.private_hosts.contains(&host)
    }

    /// Whether a request without encryption may go to `host`: only within this machine, or where the operator said so.
    /// The own host does not count, for who answers under its name is known by encryption alone.
    pub fn permits_plain(&self, host: &str) -> bool {
        (self.loopback && is_loopback_name(host)) || self.private_hosts.contains(&plain(host))
    }

    /// Whether a connection to `address`, which `host` resolved to, may be made.
    pub fn permits(&self, host: &str, address: IpAddr) -> bool {
        let own_machine = address.to_canonical().is_loopback() && self.loopback && is_loopback_name(&plain(host));
        is_public(address) || self.names(host) || own_machine
    }

    /// Whether a connection to `port` may be made.
    pub fn permits_port(port: u16) -> bool {
        (port >= 1024 && !DANGEROUS.contains(&port)) || WEB.contains(&port)
    }
}

/// A connection was not made, because its address is not permitted.
#[derive(Debug)]
pub struct Forbidden {
    /// The host that was named.
    pub host: String,
    /// The address that it leads to, unless it is the port that is not permitted.
    pub address: Option<IpAddr>,
}

impl Forbidden {
    /// The reason within an error of a connection, if it is this.
    pub fn within(error: &std::io::Error) -> Option<&Forbidden> {
        error.get_ref().and_then(|inner| inner.downcast_ref())
    }

    pub(super) fn error(host: &str, address: Option<IpAddr>) -> std::io::Error {
        let forbidden = Forbidden { host: host.to_owned(), address };
        std::io::Error::new(std::io::ErrorKind::PermissionDenied, forbidden)
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => write!(formatter, "`{}` leads to the private address {address}", self.host),
            None => write!(formatter, "the port of `{}` is not one that web servers use", self.host),
        }
    }
}

impl std::error::Error for Forbidden {}

/// Whether a name or address in a URL means this machine, without asking anybody.
pub fn is_loopback_name(host: &str) -> bool {
    let host = plain(host);
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn plain(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// Whether an address is one of the public Internet (the registries of special-purpose addresses, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 192 && b == 168)
        || (a == 198 && (18..20).contains(&b))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224;
    !special
}

/// Addresses that carry one of version 4 are judged by that one: a gateway would take the request there.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([one, two], [three, four]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(one, two, three, four))
    };
    match (a, b) {
        // Mapped and compatible addresses, with the unspecified one and loopback among the latter.
        (0, 0) if [c, d, e] == [0, 0, 0] && (f == 0xffff || f == 0) => f == 0xffff && embedded(g, h),
        (0x64, 0xff9b) if [c, d, e, f] == [0, 0, 0, 0] => embedded(g, h),
        (0x2002, _) => embedded(b, c),
        // Of 2000::/3 the protocol assignments (with Teredo), documentation and their like are not public.
        (0x2001, 0..=0x01ff | 0x0db8) => false,
        (0x3fff, 0..=0x0fff) => false,
        _ => (0x2000..0x4000).contains(&a),
    }
}

#[cfg(test)]
mod tests;
