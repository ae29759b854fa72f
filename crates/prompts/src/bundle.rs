//! The text of a prompt with all that it includes: what a version is.

use base::random;
use std::collections::BTreeMap;

/// A prompt as it was written, with the partials that it includes, directly or over others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bundle {
    /// The file: front matter and template.
    pub text: String,
    /// The partials by their names, without the `_` and the ending of their files.
    pub partials: BTreeMap<String, String>,
}

impl Bundle {
    /// The digest that names this version: SHA-256 over names and texts, each with its length before it so that nothing
    /// can be moved from one to the other.
    pub fn digest(&self) -> String {
        let mut bytes = b"tutti prompt 1\n".to_vec();
        let mut add = |text: &str| {
            bytes.extend_from_slice(format!("{}\n", text.len()).as_bytes());
            bytes.extend_from_slice(text.as_bytes());
        };
        add(&self.text);
        for (name, text) in &self.partials {
            add(name);
            add(text);
        }
        random::to_hex(&random::sha256(&bytes))
    }

    /// All of it as one text, for a person who compares two versions.
    pub fn shown(&self) -> String {
        let partials = self.partials.iter().map(|(name, text)| format!("\n=== _{name} ===\n{text}"));
        std::iter::once(self.text.clone()).chain(partials).collect()
    }
}

#[cfg(test)]
mod tests;
