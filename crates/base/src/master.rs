//! The master secret: the one key from which all others of this Tutti are derived.
//!
//! It comes from the variable `TUTTI_SECRET`, or from the file `secret.key` in Tutti's home, which is made at the first
//! start. There is no built-in one: whoever knew it could read every store and make every session id.

use crate::environment::Environment;
use crate::seal::Sealer;
use crate::{Code, Error, Result, disk, random};
use std::path::Path;

/// The variable that holds the master secret where a file is not wanted.
pub const VARIABLE: &str = "TUTTI_SECRET";

/// The file in Tutti's home.
pub const FILE: &str = "secret.key";

/// The fewest characters of a secret: 32 random bytes are 43 of base64 and 64 of hexadecimal.
const SHORTEST: usize = 43;

/// How many different characters a secret must have: a random one of 64 hexadecimal digits has 13 or more.
const DIFFERENT: usize = 12;

/// Words that stand in examples and not in random texts.
const PLACEHOLDERS: [&str; 8] =
    ["changeme", "change-me", "change_me", "password", "example", "replace", "secret", "your-"];

/// The sealer with the master secret. The file is made if neither it nor the variable is there.
///
/// # Errors
/// A secret that could be guessed ([`Code::SecretWeak`]), or a file that cannot be used ([`Code::SecretFile`]).
pub fn sealer(environment: &Environment) -> Result<Sealer> {
    if let Some(typed) = environment.get(VARIABLE).map(str::trim).filter(|typed| !typed.is_empty()) {
        return from_text(typed, &format!("the variable {VARIABLE}"));
    }
    let path = environment.home().join(FILE);
    if disk::read_text_if_exists(&path, 4096)?.is_none() {
        let text = random::hex::<32>()? + "\n";
        // Another process may make it at the same time: the first wins, and both read that one.
        disk::create_private(&path, &text)?;
    }
    refuse_if_others_read(&path)?;
    let text = disk::read_text(&path, 4096)?;
    from_text(text.trim(), &format!("the file {}", path.display()))
}

fn from_text(text: &str, place: &str) -> Result<Sealer> {
    if is_weak(text) {
        return Err(Error::new(
            Code::SecretWeak,
            format!("{place} holds no random secret of at least 32 bytes"),
            format!("make one with `export {VARIABLE}=$(openssl rand -base64 32)`; without it Tutti makes one itself"),
        ));
    }
    Ok(Sealer::new(&random::sha256(text.as_bytes())))
}

/// Whether a secret could be guessed: too short, a placeholder, few characters, or the same again and again.
fn is_weak(text: &str) -> bool {
    let mut different: Vec<u8> = text.bytes().collect();
    different.sort_unstable();
    different.dedup();
    let lower = text.to_ascii_lowercase();
    let repeats = (1..=text.len() / 2)
        .any(|period| text.as_bytes().iter().zip(text.as_bytes().iter().skip(period)).all(|(one, other)| one == other));
    let ascending = text.as_bytes().windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    text.len() < SHORTEST
        || different.len() < DIFFERENT
        || repeats
        || ascending > text.len() / 2
        || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// A key that others of this machine can read is none.
#[cfg(unix)]
fn refuse_if_others_read(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map(|metadata| metadata.permissions().mode()).unwrap_or(0);
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(
        Code::SecretFile,
        format!("{} can be read by other users of this machine", path.display()),
        format!("run `chmod 600 {}`; if others may have read it, replace it and log in again", path.display()),
    ))
}

#[cfg(not(unix))]
fn refuse_if_others_read(_path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
