//! Where the Redis is, and as whom to come there: `redis://user:password@host:port/number`, `rediss://` for TLS, and
//! `unix:///path`.

use base::Secret;
use base::network::host_and_port;
use std::path::PathBuf;

/// Where a Redis is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A host and port, and whether the connection is encrypted.
    Host { host: String, port: u16, encrypted: bool },
    /// A Unix socket.
    Socket(PathBuf),
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) place: Place,
    /// The user of Redis' access lists; without one the password is that of the default user.
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret<String>>,
    /// The database.
    pub(super) number: u32,
}

/// Reads an address, or says what is wrong with it without repeating it: it may hold a password.
pub(super) fn read(text: &str) -> Result<Address, &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("it has no `redis://` in front")?;
    if rest.contains('?') || rest.contains('#') {
        return Err("it has a `?` or `#`, which mean nothing here; in a password write %3F and %23");
    }
    let encrypted = match scheme {
        "redis" => false,
        "rediss" => true,
        "unix" if rest.starts_with('/') => {
            let place = Place::Socket(PathBuf::from(rest));
            return Ok(Address { place, user: None, password: None, number: 0 });
        }
        "unix" => return Err("the path of a socket begins with a slash: unix:///run/redis.sock"),
        _ => return Err("it begins with none of `redis://`, `rediss://` and `unix://`"),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (credentials, authority) = match authority.rsplit_once('@') {
        Some((credentials, authority)) => (Some(credentials), authority),
        None => (None, authority),
    };
    let (host, port) = host_and_port(authority).ok_or("its host or port is none")?;
    let number = if path.is_empty() { 0 } else { path.parse().map_err(|_| "behind the slash is no number")? };
    let (user, password) = credentials.map(read_credentials).transpose()?.unwrap_or_default();
    let place = Place::Host { host: host.to_owned(), port: port.unwrap_or(6379), encrypted };
    Ok(Address { place, user, password, number })
}

type Credentials = (Option<String>, Option<Secret<String>>);

fn read_credentials(text: &str) -> Result<Credentials, &'static str> {
    let (user, password) = text.split_once(':').ok_or("before the `@` is no `user:password` or `:password`")?;
    let decoded = |text: &str| decode(text).ok_or("a `%` in user or password is followed by no two digits");
    let (user, password) = (decoded(user)?, decoded(password)?);
    Ok((Some(user).filter(|user| !user.is_empty()), Some(Secret::new(password)).filter(|_| !text.ends_with(':'))))
}

/// Takes percent-encoding away.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte == b'%' {
            let (digits, behind) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = behind;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

impl Address {
    /// The address as it may be shown: without credentials.
    pub(super) fn shown(&self) -> String {
        match &self.place {
            Place::Socket(path) => format!("unix://{}", path.display()),
            Place::Host { host, port, encrypted } => {
                let scheme = if *encrypted { "rediss" } else { "redis" };
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                format!("{scheme}://{host}:{port}/{}", self.number)
            }
        }
    }
}

#[cfg(test)]
mod tests;
