//! What a person names who wants a model: a file of a hub, an address, or a file of this machine.

use base::{Code, Error, Result};
use identity::oauth::address::Address;
use identity::oauth::form;
use std::path::PathBuf;

/// How paths of this machine begin.
const BEGINNINGS: [&str; 4] = ["./", "../", "/", "~/"];

/// The longest name of an owner or a repository.
const LONGEST: usize = 96;

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// In a repository of a hub.
    Hub(Repository, Wanted),
    /// At an address.
    Address(Address),
    /// On this machine.
    File(PathBuf),
}

/// A repository of a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    /// `owner/name`.
    pub(crate) name: String,
}

/// Which file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// This one.
    Path(String),
    /// The one whose name ends with this word, such as `Q4_K_M`.
    Quantization(String),
    /// The only one, or the usual one of several.
    Usual,
}

impl Source {
    /// Reads what was typed.
    ///
    /// # Errors
    /// It is none of the three.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.contains("://") {
            let address = Address::parse(text).map_err(|why| wrong(&format!("the address {why}")))?;
            return Ok(Self::Address(address));
        }
        let is_path = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
        if is_path || (text.ends_with(".gguf") && !text.contains(['/', ':'])) {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let (name, wanted) = in_hub(text.strip_prefix("hf:").unwrap_or(text))?;
        Ok(Self::Hub(Repository { name }, wanted))
    }
}

/// `owner/name`, `owner/name:QUANTIZATION`, `owner/name:FILE` or `owner/name/FILE`.
fn in_hub(text: &str) -> Result<(String, Wanted)> {
    let (repository, wanted) = match text.split_once(':') {
        Some((repository, wanted)) if wanted.ends_with(".gguf") => (repository, Wanted::Path(wanted.to_owned())),
        Some((repository, wanted)) => (repository, Wanted::Quantization(wanted.to_owned())),
        None => match text.match_indices('/').nth(1) {
            Some((at, _)) => {
                let (repository, path) = text.split_at(at);
                (repository, Wanted::Path(path.trim_start_matches('/').to_owned()))
            }
            None => (text, Wanted::Usual),
        },
    };
    let is_segment = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=LONGEST).contains(&part.len()) && !part.starts_with('.') && part.bytes().all(plain)
    };
    let is_repository = repository.split_once('/').is_some_and(|(owner, name)| is_segment(owner) && is_segment(name));
    let is_wanted = match &wanted {
        Wanted::Path(path) => is_path(path),
        Wanted::Quantization(word) => is_segment(word),
        Wanted::Usual => true,
    };
    if is_repository && is_wanted {
        return Ok((repository.to_owned(), wanted));
    }
    Err(wrong("this is neither a model of a hub, nor an address, nor a path"))
}

/// Whether a path within a repository leads to a model file, and not out of it.
pub(crate) fn is_path(path: &str) -> bool {
    let is_segment = |part: &str| !matches!(part, "" | "." | "..") && !part.chars().any(char::is_control);
    path.len() <= 1_000 && path.ends_with(".gguf") && path.split('/').all(is_segment)
}

impl Repository {
    /// The address of the list of its files.
    ///
    /// # Errors
    /// `hub` does not leave room for it.
    pub(crate) fn list(&self, hub: &Address) -> Result<Address> {
        joined(hub, &format!("api/models/{}/tree/main?recursive=true", self.name))
    }

    /// The address of one of its files.
    ///
    /// # Errors
    /// `hub` does not leave room for it.
    pub(crate) fn file(&self, hub: &Address, path: &str) -> Result<Address> {
        let path: Vec<String> = path.split('/').map(form::escape).collect();
        joined(hub, &format!("{}/resolve/main/{}", self.name, path.join("/")))
    }
}

fn joined(hub: &Address, rest: &str) -> Result<Address> {
    let text = format!("{}{}/{rest}", hub.origin(), hub.path());
    Address::parse(&text).map_err(|why| wrong(&format!("the address of the file {why}")))
}

fn wrong(why: &str) -> Error {
    let next = "write OWNER/REPO, OWNER/REPO:Q4_K_M, hf:OWNER/REPO/FILE.gguf, https://… or ./FILE.gguf";
    Error::new(Code::Usage, why, next)
}

#[cfg(test)]
mod tests;
