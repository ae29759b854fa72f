//! The messages of a prompt: its template, cut at the lines that name a role.
//!
//! It is cut before anything is put in, so that no value can begin a message: what looks like such a line in a value, or in
//! a partial, is text.

use crate::fault;
use base::Error;

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the model is told to be.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The role as the dialects of models write it.
    pub fn word(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }

    /// The role that a line names: `system:`, `user:` or `assistant:`, with nothing before and only spaces behind.
    fn of_line(line: &str) -> Option<Role> {
        let word = line.trim_end().strip_suffix(':')?;
        [Role::System, Role::User, Role::Assistant].into_iter().find(|role| role.word() == word)
    }
}

/// The template of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) role: Role,
    /// Without the empty lines around it.
    pub(crate) source: String,
    /// The line of the file where it begins, from 1.
    pub(crate) line: usize,
}

/// The most messages of a prompt.
const MOST: usize = 64;

/// The sections of `body`, which begins at line `first` of `file`. A body without roles is one message of the user.
pub(crate) fn split(file: &str, body: &str, first: usize) -> Result<Vec<Section>, Error> {
    let mut sections: Vec<Section> = Vec::new();
    let mut before = String::new();
    for (index, line) in body.split_inclusive('\n').enumerate() {
        match Role::of_line(line) {
            Some(role) => sections.push(Section { role, source: String::new(), line: first + index + 1 }),
            None => sections.last_mut().map_or(&mut before, |section| &mut section.source).push_str(line),
        }
        if sections.len() > MOST {
            let message = format!("the prompt has more than {MOST} messages");
            return Err(fault::at_line(file, first + index, message, "make fewer of them"));
        }
    }
    if sections.is_empty() {
        sections.push(Section { role: Role::User, source: before, line: first });
    } else if !before.trim().is_empty() {
        let next = "write `system:`, `user:` or `assistant:` on a line of its own before the first message";
        return Err(fault::at_line(file, first, "text stands before the first message", next));
    }
    for section in &mut sections {
        let text = section.source.trim_end();
        let start = text.find(|character| character != '\n' && character != '\r').unwrap_or(text.len());
        section.line += text.get(..start).unwrap_or_default().matches('\n').count();
        section.source = text.get(start..).unwrap_or_default().to_owned();
    }
    Ok(sections)
}

#[cfg(test)]
mod tests;
