//! Where a note is, as people write it: `project/style/words`, `run:ID/findings`.

use base::{Code, Error, Result};

/// Where a note is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The address of its scope.
    pub(super) scope: String,
    /// Its key.
    pub(super) key: String,
}

impl Place {
    /// Reads one. In the name of whom a scope belongs to `%2F` is a slash, and `%25` is `%`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let parts = text.split_once('/').filter(|(scope, key)| !scope.is_empty() && !key.is_empty());
        let (scope, key) = parts.ok_or_else(|| {
            let message = format!("`{}` is no place of a note", console::output::one_line(text, 100));
            Error::new(Code::Usage, message, "write SCOPE/KEY, as `tutti memory list` shows it")
        })?;
        Ok(Self { scope: scope.replace("%2F", "/").replace("%25", "%"), key: key.to_owned() })
    }

    /// As [`Place::parse`] reads it.
    pub(super) fn text(&self) -> String {
        format!("{}/{}", self.scope.replace('%', "%25").replace('/', "%2F"), self.key)
    }
}

#[cfg(test)]
mod tests;
