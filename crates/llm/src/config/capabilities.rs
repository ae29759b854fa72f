//! What models are capable of, as it is written.

use base::Code;
use base::config::Section;
use routing::{Capabilities, Capability};

/// A list of capabilities.
pub(super) fn read(section: &mut Section<'_>, key: &'static str) -> Capabilities {
    let mut all = Capabilities::NONE;
    for text in section.texts(key).unwrap_or_default() {
        match Capability::NAMES.iter().find(|(name, _)| *name == text) {
            Some((_, capability)) => all = all.with(*capability),
            None => {
                let known: Vec<&str> = Capability::NAMES.iter().map(|(name, _)| *name).collect();
                let message = format!("`{}.{key}` has `{text}`", section.path());
                section.problem(key, Code::ConfigInvalidValue, message, format!("write some of {}", known.join(", ")));
            }
        }
    }
    all
}
