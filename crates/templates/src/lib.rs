//! Jinja templates that strangers write, or that are given what strangers say: with a limit on their work and on what they
//! make, and errors that say in one line what is wrong and where. Pure.
//!
//! Values are data: they are put in and never read as templates. There is no loader, so no name leads to a file.

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, Template, UndefinedBehavior};
use std::io;

/// How deep templates, macros and blocks may stand within each other; a template within a template counts as ten.
const DEPTH: usize = 100;

/// How many characters of an error are told.
const LONGEST: usize = 300;

/// Where templates run: nothing is escaped, and each may take so many steps.
pub fn environment(undefined: UndefinedBehavior, fuel: u64) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(undefined);
    environment.set_fuel(Some(fuel));
    environment.set_recursion_limit(DEPTH);
    environment
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In one line.
    pub why: String,
    /// The line of the template, from 1.
    pub line: usize,
    /// The template, as it is called in its environment, where that is known.
    pub name: Option<String>,
}

impl Fault {
    /// What an error says of the template that was asked for.
    pub fn of(error: &Error) -> Self {
        let (kind, detail) = (error.kind(), error.detail());
        let what = detail.map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}"));
        let why = what.chars().filter(|character| !character.is_control()).take(LONGEST).collect();
        Self { why, line: error.line().unwrap_or(1), name: error.name().map(str::to_owned) }
    }

    /// What it says of the template where it arose, which may be one that the other brings in.
    pub fn within(mut error: &Error) -> Self {
        while let Some(cause) = std::error::Error::source(error).and_then(|cause| cause.downcast_ref()) {
            error = cause;
        }
        Self::of(error)
    }
}

/// Why a template makes no text.
#[derive(Debug)]
pub enum Failure {
    /// It makes more than there is room for.
    TooMuch,
    /// It fails.
    Failed(Error),
}

/// What a template makes of `context`, of at most `room` bytes.
///
/// # Errors
/// It makes more, uses what is not there, or takes too many steps.
pub fn render(template: &Template<'_, '_>, context: Value, room: usize) -> Result<String, Failure> {
    let mut output = Capped { bytes: Vec::new(), room, overflowed: false };
    let rendered = template.render_captured_to(context, &mut output).map(drop);
    if output.overflowed {
        return Err(Failure::TooMuch);
    }
    rendered.map_err(Failure::Failed)?;
    // Templates write nothing but texts.
    Ok(String::from_utf8(output.bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Takes so many bytes and no more, and remembers that there were more.
struct Capped {
    bytes: Vec<u8>,
    room: usize,
    overflowed: bool,
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.room {
            self.overflowed = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
