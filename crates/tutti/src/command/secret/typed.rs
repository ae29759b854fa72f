//! A secret on its way in: typed without being shown, or read from standard input.

use crate::command::{Context, Failures};
use base::{Code, Error, Result, Secret};
use hubs::client::interrupted;
use hubs::signals::Signals;
use identity::secrets::LARGEST;
use std::io::{BufRead as _, IsTerminal as _, Read as _};
use tokio::sync::oneshot;

/// The value of the secret `name`. A terminal shows as before once this has ended, however it ends.
pub(super) async fn value(context: &Context, name: &str) -> Result<Secret<String>, Failures> {
    if !std::io::stdin().is_terminal() {
        let bytes = base::task::blocking(all).await??;
        return Ok(text(bytes)?);
    }
    let mut signals = Signals::take()?;
    let unseen = Unseen::begin()?;
    context.output.ask_for(&format!("Value of {name}, which is not shown: "));
    let (sender, line) = oneshot::channel();
    // Not a thread of the runtime: that would be waited for, and a person who presses Ctrl-C types no more.
    std::thread::spawn(move || drop(sender.send(line_of_terminal())));
    let typed = tokio::select! {
        typed = line => typed.unwrap_or_else(|_| Ok(Vec::new())),
        () = signals.next() => Err(interrupted()),
    };
    drop(unseen);
    context.output.say("");
    Ok(text(typed?)?)
}

/// More than this is too large in any case.
const MOST: u64 = LARGEST as u64 + 3;

fn all() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MOST).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

fn line_of_terminal() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MOST).read_until(b'\n', &mut bytes).map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

/// The text without the line end that an editor or `echo` puts behind it.
fn text(bytes: Vec<u8>) -> Result<Secret<String>> {
    let mut text = String::from_utf8(bytes).map_err(|_| {
        let next = "give it as text, such as base64";
        Error::new(Code::Usage, "standard input is not UTF-8 text", next)
    })?;
    let end = text.strip_suffix('\n').map_or(text.len(), |rest| rest.strip_suffix('\r').unwrap_or(rest).len());
    text.truncate(end);
    Ok(Secret::new(text))
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::new(Code::Usage, format!("standard input cannot be read: {error}"), "pipe the value in")
}

/// Keeps the terminal from showing what is typed, for as long as it lives.
#[cfg(unix)]
struct Unseen(rustix::termios::Termios);

#[cfg(unix)]
impl Unseen {
    fn begin() -> Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let failed = |error| unreadable(&std::io::Error::from(error));
        let before = tcgetattr(std::io::stdin()).map_err(failed)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Drain, &silent).map_err(failed)?;
        Ok(Self(before))
    }
}

#[cfg(unix)]
impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Drain, &self.0);
    }
}

#[cfg(not(unix))]
struct Unseen;

#[cfg(not(unix))]
impl Unseen {
    fn begin() -> Result<Self> {
        Err(Error::new(Code::Usage, "a terminal of this system shows what is typed", "pipe the value in"))
    }
}

#[cfg(test)]
mod tests;
