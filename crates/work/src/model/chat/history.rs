//! What was said, on the disk: a line of JSON for each message, the oldest ones forgotten.

use super::conversation::{Said, Who};
use base::{Result, clock, disk, random};
use hubs::context::Context;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The most that is kept, in bytes.
const MOST: usize = 1 << 20;

/// The most that is read: lines that somebody added by hand may be more than are kept.
const LARGEST: u64 = 4 * MOST as u64;

/// The file, in the home of Tutti.
const FILE: &str = "chat.jsonl";

/// The word for keeping nothing.
const NONE: &str = "none";

/// The conversations that are kept.
pub(super) struct History {
    /// Where; nothing where nothing is kept.
    file: Option<PathBuf>,
    /// What was there when it was opened.
    text: String,
    /// What tells this conversation from others.
    own: String,
}

impl History {
    /// Opens what `place` names: a file, or nothing; else the usual file.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub(super) fn open(context: &Context, place: Option<&str>) -> Result<Self> {
        let environment = &context.environment;
        let file = match place {
            Some(NONE) => None,
            Some(file) => Some(environment.working_directory().join(file)),
            None => Some(environment.home().join(FILE)),
        };
        let text = file.as_deref().map(|file| disk::read_text_if_exists(file, LARGEST)).transpose()?.flatten();
        Ok(Self { file, text: text.unwrap_or_default(), own: random::hex::<6>()? })
    }

    /// What was said in the last conversation, which this one becomes.
    pub(super) fn last(&mut self) -> Vec<Said> {
        let lines: Vec<Value> = self.text.lines().filter_map(|line| base::json::from_text(line).ok()).collect();
        let Some(last) = lines.last().map(|line| line["conversation"].clone()) else { return Vec::new() };
        if let Some(own) = last.as_str() {
            own.clone_into(&mut self.own);
        }
        let said = |line: &Value| {
            let who = line["role"].as_str().and_then(Who::of_word)?;
            Some((who, line["text"].as_str()?.to_owned()))
        };
        lines.iter().filter(|line| line["conversation"] == last).filter_map(said).collect()
    }

    /// From here on it is another conversation.
    pub(super) fn begin(&mut self) {
        if let Ok(own) = random::hex::<6>() {
            self.own = own;
        }
    }

    /// Keeps what was said.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep(&self, model: &str, said: &[Said]) -> Result<()> {
        let Some(file) = self.file.as_deref().filter(|_| !said.is_empty()) else { return Ok(()) };
        let at = clock::rfc3339(clock::wall());
        let line = |(who, text): &Said| {
            json!({"conversation": self.own, "at": at, "model": model, "role": who.word(), "text": text}).to_string()
        };
        let more: String = said.iter().map(|said| line(said) + "\n").collect();
        // Another talk may have kept something since.
        disk::change_private(file, LARGEST, |text| {
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            newest(&format!("{text}{end}{more}"), MOST).to_owned()
        })
    }
}

/// The last lines of `text`, as many as fit in `most` bytes.
fn newest(text: &str, most: usize) -> &str {
    let Some(over) = text.len().checked_sub(most).filter(|over| *over > 0) else { return text };
    let bytes = text.as_bytes().get(over - 1..).unwrap_or_default();
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| text.get(over + end..)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
