//! Errors of prompt files, each with its place.

use base::config::Place;
use base::{Code, Error};

/// Something about the file is wrong at this line.
pub(crate) fn at_line(file: &str, line: usize, message: impl Into<String>, next: &str) -> Error {
    Error::new(Code::PromptFile, message, next).at(Place { line, column: 1 }.in_file(file))
}

/// What of a stranger's text an error repeats: one line, and not much of it.
pub(crate) fn short(text: &str) -> String {
    let mut shown: String = text.chars().filter(|character| !character.is_control()).take(61).collect();
    if shown.chars().count() > 60 {
        shown.pop();
        shown.push('…');
    }
    shown
}
