//! Which results are given for texts that mean the same: `tools.<pattern>.cache.semantic`.

use super::words::share;
use base::Code;
use base::config::Section;

/// Which results are given for texts that mean the same as the one that they were for.
#[derive(Debug, Clone, PartialEq)]
pub struct Semantic {
    /// The argument that is free text. All others must be equal.
    pub argument: String,
    /// The share of given results that may be wrong, above 0.
    pub error: f64,
    /// The share of results that are compared with real ones although they may be given.
    pub check: f64,
    /// Whether none is given, and all are compared.
    pub shadow: bool,
    /// How many results are kept, for each tool and each principal.
    pub entries: usize,
}

/// The bounds on errors that may be written: below, nothing would ever be proved, and above, nothing is bound.
const ERRORS: std::ops::RangeInclusive<f64> = 0.001..=0.2;

/// Reads the section. Nothing when it does not say which argument.
pub(super) fn read(mut section: Section<'_>) -> Option<Semantic> {
    let argument = section.required_text("argument").filter(|argument| !argument.is_empty());
    let error = share(&mut section, "error").unwrap_or(0.01);
    if !ERRORS.contains(&error) {
        let message = format!("`{}.error` must be from 0.1% to 20%", section.path());
        section.problem("error", Code::ConfigInvalidValue, message, "write for example `error: 1%`".to_owned());
    }
    let check = share(&mut section, "check").unwrap_or(0.05);
    let shadow = section.boolean("shadow").unwrap_or(false);
    let entries = section.integer("entries", 1..=10_000).and_then(|entries| usize::try_from(entries).ok());
    section.finish();
    Some(Semantic { argument: argument?, error, check, shadow, entries: entries.unwrap_or(1_000) })
}
