//! What could not be said in the dialect that was written.

use std::fmt::{self, Display, Formatter};

/// The most losses that are named one by one.
const MOST: usize = 48;
/// The longest path, in bytes.
const LONGEST_PATH: usize = 120;
/// The most bytes of all paths as the value of a header.
const LONGEST_VALUE: usize = 2000;

/// What is said to be lost of a file that is named by its id: another provider does not have it.
pub const LOST_FILE: &str = "media.file";

/// What stands for a part of the conversation that is with its provider, or for what was done in it and has no words elsewhere: without
/// it a model would answer something else, so that it is always named.
const CONTEXT: [&str; 19] = [
    "request.previous_response_id",
    "request.conversation",
    "request.prompt",
    "request.cachedContent",
    "openai_responses.item_reference",
    "openai_responses.compaction",
    "openai_responses.compaction_summary",
    "openai_responses.local_shell_call",
    "openai_responses.local_shell_call_output",
    "openai_responses.shell_call",
    "openai_responses.shell_call_output",
    "openai_responses.apply_patch_call",
    "openai_responses.apply_patch_call_output",
    "openai_responses.computer_call",
    "openai_responses.computer_call_output",
    "openai_chat.tool_calls.custom",
    "anthropic.compaction",
    "anthropic.container_upload",
    LOST_FILE,
];

/// What was left out on the way into another dialect: short paths such as `tools[0].strict` or `reasoning.signature`,
/// each once, in the order in which they were met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    paths: Vec<String>,
    /// How often there was one more than are named.
    more: usize,
}

impl Losses {
    /// Nothing lost.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of a loss. What is no visible ASCII in the path becomes `?`, because names come from strangers and the
    /// paths go into a header.
    pub fn add(&mut self, path: &str) {
        let visible = |character: char| {
            if character.is_ascii_graphic() && character != ',' { character } else { '?' }
        };
        let path: String = path.chars().take(LONGEST_PATH).map(visible).collect();
        if self.paths.contains(&path) {
            return;
        }
        if self.paths.len() < MOST || CONTEXT.contains(&path.as_str()) {
            self.paths.push(path);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Takes note of `path` if `lost`.
    pub fn add_if(&mut self, lost: bool, path: &str) {
        if lost {
            self.add(path);
        }
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: &Losses) {
        others.paths.iter().for_each(|path| self.add(path));
        self.more = self.more.saturating_add(others.more);
    }

    /// Takes back what was said of `paths`, because it is not lost after all.
    pub fn forget(&mut self, paths: &[&str]) {
        self.paths.retain(|path| !paths.contains(&path.as_str()));
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// What stands for a part of the conversation, if that is lost.
    pub fn of_context(&self) -> Option<&str> {
        self.paths().find(|path| CONTEXT.contains(path))
    }

    /// Whether there are more than are named.
    pub fn has_more(&self) -> bool {
        self.more > 0
    }

    /// The paths that are named.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}

/// A body in some dialect, and what could not be said in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The body: JSON.
    pub body: String,
    /// What was left out.
    pub losses: Losses,
}

/// As the value of a header: visible ASCII, with `, ` between the paths, and how many more there are.
impl Display for Losses {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let (mut length, mut left) = (0, self.more);
        for (number, path) in self.paths.iter().enumerate() {
            length += path.len() + 2;
            if length > LONGEST_VALUE {
                left = left.saturating_add(self.paths.len() - number);
                break;
            }
            write!(out, "{}{path}", if number == 0 { "" } else { ", " })?;
        }
        if left > 0 { write!(out, ", +{left}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
