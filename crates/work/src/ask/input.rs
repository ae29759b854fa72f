//! The question, and what a person says to a new form of it.

use base::{Code, Error, Result};
use std::io::{BufRead as _, IsTerminal as _, Read as _};

/// The longest question of standard input, in bytes.
const LONGEST: u64 = 4 << 20;

/// The longest line that a person types, in bytes.
const LONGEST_LINE: u64 = 1 << 16;

/// The question: as it stands on the line, or what stands on standard input where that is `-` or nothing.
///
/// # Errors
/// [`Code::Usage`] where there is none, or it is too long.
pub(super) fn question(argument: Option<&str>) -> Result<String> {
    let text = match argument {
        Some(text) if text != "-" => text.to_owned(),
        // Nobody waits for a person who does not know that something is to be typed.
        None if std::io::stdin().is_terminal() => String::new(),
        _ => piped()?,
    };
    if text.trim().is_empty() {
        let next = "write it behind the options, in quotes, or send it through a pipe";
        return Err(Error::new(Code::Usage, "there is no question", next));
    }
    Ok(text)
}

fn piped() -> Result<String> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes);
    let read = read.map_err(|error| {
        Error::new(Code::Usage, format!("standard input cannot be read: {error}"), "send the question through a pipe")
    })?;
    if u64::try_from(read).unwrap_or(u64::MAX) > LONGEST {
        let message = format!("the question has more than {} MiB", LONGEST >> 20);
        return Err(Error::new(Code::Usage, message, "ask less at once"));
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::new(Code::Usage, "the question on standard input is no text", "send it as UTF-8"))
}

/// What a person says to a new form of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// To ask it so.
    Yes,
    /// To write it anew.
    Edit,
    /// To ask it as it was.
    No,
}

/// What a line says; nothing where it is none of the answers.
pub(super) fn consent(line: &str) -> Option<Consent> {
    match line.trim().to_ascii_lowercase().as_str() {
        "" | "y" | "yes" => Some(Consent::Yes),
        "e" | "edit" => Some(Consent::Edit),
        "n" | "no" => Some(Consent::No),
        _ => None,
    }
}

/// The next line that a person types; nothing at the end. Read by a thread of its own: one of the runtime would have to be
/// waited for where the program is told to stop.
pub(super) async fn typed() -> Option<String> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().take(LONGEST_LINE).read_line(&mut line).unwrap_or(0);
        sender.send((read > 0).then_some(line))
    });
    receiver.await.ok().flatten()
}

#[cfg(test)]
mod tests;
