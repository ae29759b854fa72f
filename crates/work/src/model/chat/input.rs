//! The lines that are typed, or come through a pipe.

use base::{Code, Error, Result};
use std::io::{BufRead, Read as _};
use tokio::sync::mpsc;

/// The longest line, in bytes.
const LONGEST: usize = 1 << 20;

/// How many lines wait.
const WAITING: usize = 16;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing.
    Nothing,
    /// A turn.
    Said(String),
    /// The end.
    Exit,
    /// A new beginning.
    Clear,
    /// To write the conversation to this file.
    Save(String),
    /// To ask this model from now on.
    Model(String),
}

/// Standard input, read by a thread of its own: one of the runtime would have to be waited for at the end.
pub(super) struct Input(mpsc::Receiver<Result<Typed>>);

impl Input {
    pub(super) fn open() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            while let Some(line) = line(&mut input, LONGEST).transpose() {
                if sender.blocking_send(line.and_then(|line| read(&line))).is_err() {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// The next line; nothing at the end.
    pub(super) async fn next(&mut self) -> Option<Result<Typed>> {
        self.0.recv().await
    }
}

/// The next line, without its end.
fn line(input: &mut impl BufRead, longest: usize) -> Result<Option<String>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(longest).unwrap_or(u64::MAX);
    // The end of a line counts too. Input that cannot be read has ended.
    if input.by_ref().take(most.saturating_add(1)).read_until(b'\n', &mut bytes).unwrap_or(0) == 0 {
        return Ok(None);
    }
    if bytes.len() > longest && bytes.last() != Some(&b'\n') {
        let _ = input.skip_until(b'\n');
        let message = format!("a line has more than {longest} bytes, and was passed over");
        return Err(Error::new(Code::Usage, message, "a line is a turn; say less at once"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned()))
}

/// What a line says.
fn read(line: &str) -> Result<Typed> {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/') else {
        return Ok(if line.is_empty() { Typed::Nothing } else { Typed::Said(line.to_owned()) });
    };
    if command.starts_with('/') {
        return Ok(Typed::Said(command.to_owned()));
    }
    let (word, rest) =
        command.split_once(char::is_whitespace).map_or((command, ""), |(word, rest)| (word, rest.trim()));
    match (word, rest) {
        ("exit", "") => Ok(Typed::Exit),
        ("clear", "") => Ok(Typed::Clear),
        ("save", file) if !file.is_empty() => Ok(Typed::Save(file.to_owned())),
        ("model", name) if !name.is_empty() => Ok(Typed::Model(name.to_owned())),
        _ => {
            let next = "write /exit, /clear, /save FILE or /model NAME; // begins a turn that begins with /";
            Err(Error::new(Code::Usage, "a line begins with / and is no command", next))
        }
    }
}

#[cfg(test)]
mod tests;
