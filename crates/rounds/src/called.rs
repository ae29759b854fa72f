//! Which tools were called, for the header of an answer. Pure.

use http::HeaderValue;

/// The most bytes of the header.
const LONGEST: usize = 2000;

/// The tools that were called, in their order.
#[derive(Debug, Default)]
pub(super) struct Called(String);

impl Called {
    /// One more.
    pub(super) fn add(&mut self, tool: &str, failed: bool) {
        let comma = if self.0.is_empty() { "" } else { ", " };
        let visible = |character: char| if character.is_ascii_graphic() && character != ',' { character } else { '?' };
        let name: String = tool.chars().take(128).map(visible).collect();
        let failed = if failed { " failed" } else { "" };
        if self.0.len() + comma.len() + name.len() + failed.len() <= LONGEST {
            self.0.push_str(&format!("{comma}{name}{failed}"));
        }
    }

    /// The header; nothing where none was called.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        if self.0.is_empty() { None } else { HeaderValue::from_str(&self.0).ok() }
    }
}
