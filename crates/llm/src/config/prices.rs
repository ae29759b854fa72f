//! Where newer prices of models come from.

use base::Code;
use base::config::Section;
use base::network::guard::is_loopback_name;
use openapi::Address;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often it is looked unless something else is said.
const USUALLY: Duration = Duration::from_secs(86_400);

/// Where newer prices of models come from, and how often it is looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// A table in the form of LiteLLM's `model_prices_and_context_window.json`.
    pub from: From,
    /// How often.
    pub every: Duration,
}

/// Where a table is.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// In a file. A relative path counts from the folder of the configuration.
    File(PathBuf),
    /// At an address: the server, the path with its query, and how it was written.
    Url(Address, String, String),
}

impl From {
    /// How it is told: an address without its query, which may hold a secret.
    pub fn shown(&self) -> String {
        match self {
            From::File(path) => path.display().to_string(),
            From::Url(.., text) => text.split('?').next().unwrap_or_default().to_owned(),
        }
    }
}

impl Prices {
    /// The same, with a relative path counting from `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        if let From::File(path) = &mut self.from {
            *path = folder.join(&path);
        }
    }
}

/// Reads `prices: { from: …, every: 24h }` of a section.
pub(super) fn read(section: &mut Section<'_>) -> Option<Prices> {
    let mut part = section.section("prices")?;
    let every = part.duration("every", Duration::from_secs(1)..=Duration::from_secs(366 * 86_400));
    let from = part.required_text("from").and_then(|text| from(&mut part, text));
    part.finish();
    Some(Prices { from: from?, every: every.unwrap_or(USUALLY) })
}

fn from(part: &mut Section<'_>, text: String) -> Option<From> {
    if !text.contains("://") {
        return Some(From::File(PathBuf::from(text)));
    }
    let why = match Address::parse_resource(&text) {
        Ok((address, target)) if address.encrypted || is_loopback_name(&address.host) => {
            return Some(From::Url(address, target, text));
        }
        Ok(_) => "begins with http://, so that anybody on the way could change what models cost",
        Err(why) => why,
    };
    let message = format!("the address `{}.from` {why}", part.path());
    part.problem("from", Code::ConfigInvalidValue, message, "write an address with https://, or a file".to_owned());
    None
}
