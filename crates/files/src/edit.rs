//! `edit_file`: one text for another, in a file that stays as it is elsewhere.

use super::answer::Answer;
use super::folder::Folder;
use super::limits::{EDIT_BYTES, PATH_BYTES, WRITE_BYTES};
use super::place::Place;
use super::target::Target;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use super::words::{counted, wrong};
use base::{Code, Error, Result};
use serde_json::{Value, json};
use std::borrow::Cow;

pub(super) const TOOL: Tool = Tool {
    name: "edit_file",
    title: "Edit a file",
    description: "Replaces the exact text `old` by `new` in a file. `old` must occur `expected_replacements` times, so \
                  give enough of the lines around it to make it unique. Nothing is changed when the number differs.",
    arguments: &[
        Argument {
            name: "path",
            description: "The file, relative to the served folder.",
            kind: Kind::Text { most: PATH_BYTES + 1 },
        },
        Argument {
            name: "old",
            description: "The text to replace, exactly as it stands in the file, with its white space.",
            kind: Kind::Text { most: WRITE_BYTES },
        },
        Argument {
            name: "new",
            description: "The text to put in its place; empty to remove it.",
            kind: Kind::Text { most: WRITE_BYTES },
        },
        Argument {
            name: "expected_replacements",
            description: "How often `old` occurs; all of them are replaced.",
            kind: Kind::Number { least: 1, most: 10_000, default: 1 },
        },
    ],
    output,
    effect: Effect::Writes { destroys: true, repeatable: false },
    run,
};

fn output() -> (Value, &'static [&'static str]) {
    let properties = json!({
        "path": {"type": "string"},
        "replacements": {"type": "integer"},
        "lines": {
            "type": "array", "items": {"type": "integer"},
            "description": "Where the replacements begin in the new file; the first 100.",
        },
        "size": {"type": "integer", "description": "Bytes of the file now."},
    });
    (properties, &["path", "replacements", "lines", "size"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let (old, new) = (arguments.text("old"), arguments.text("new"));
    if old.is_empty() {
        return Err(wrong(
            "`old` is empty",
            "give the text to replace; write_file with the mode append adds at the end",
        ));
    }
    if old == new {
        return Err(wrong("`old` and `new` are the same, so there is nothing to change", "give another `new`"));
    }
    let target = Target::open(folder, &place, false)?;
    let (bytes, metadata) = target.read(EDIT_BYTES)?;
    let edit = Edit::find(&bytes, old, new);
    let expected = arguments.number("expected_replacements");
    if edit.starts.len() as u64 != expected {
        return Err(miscounted(&place, &bytes, &edit, expected));
    }
    if edit.size_after(&bytes) as u64 > EDIT_BYTES {
        let message = format!("{} would become larger than {EDIT_BYTES} bytes", place.quoted());
        return Err(Error::new(Code::FilesTooLarge, message, "make smaller changes, or begin another file"));
    }
    let (changed, lines) = edit.apply(&bytes);
    target.replace(&changed, Some(&metadata))?;
    let text = format!("replaced {} in {} at {}", counted(expected, "text", "texts"), place.quoted(), listed(&lines));
    let structured = json!({"path": place.shown(), "replacements": expected, "lines": lines, "size": changed.len()});
    Ok(Answer::new(text, structured))
}

/// What is replaced by what, and where it begins.
struct Edit<'a> {
    old: Cow<'a, [u8]>,
    new: Cow<'a, [u8]>,
    starts: Vec<usize>,
}

impl<'a> Edit<'a> {
    /// Looks for `old` in `bytes`; in a file with CRLF also as it stands there, because models write LF.
    fn find(bytes: &[u8], old: &'a str, new: &'a str) -> Edit<'a> {
        let edit = |old: Cow<'a, [u8]>, new: Cow<'a, [u8]>| Edit { starts: occurrences(bytes, &old), old, new };
        let exact = edit(Cow::Borrowed(old.as_bytes()), Cow::Borrowed(new.as_bytes()));
        let has_crlf = || bytes.windows(2).any(|pair| pair == b"\r\n");
        if !exact.starts.is_empty() || old.contains('\r') || !old.contains('\n') || !has_crlf() {
            return exact;
        }
        let crlf = |text: &str| Cow::Owned(text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes());
        edit(crlf(old), crlf(new))
    }

    /// How many bytes there will be. A long text in the place of many short ones is refused before it is made.
    fn size_after(&self, bytes: &[u8]) -> usize {
        (bytes.len() - self.starts.len() * self.old.len())
            .saturating_add(self.starts.len().saturating_mul(self.new.len()))
    }

    /// The bytes with all replaced, and the lines at which the replacements begin there.
    fn apply(&self, bytes: &[u8]) -> (Vec<u8>, Vec<usize>) {
        let mut out = Vec::with_capacity(bytes.len());
        let (mut rest, mut line, mut counted, mut lines) = (0, 1, 0, Vec::new());
        for start in &self.starts {
            out.extend_from_slice(&bytes[rest..*start]);
            if lines.len() < 100 {
                line += line_breaks(&out[counted..]);
                counted = out.len();
                lines.push(line);
            }
            out.extend_from_slice(&self.new);
            rest = start + self.old.len();
        }
        out.extend_from_slice(&bytes[rest..]);
        (out, lines)
    }
}

/// Where `needle` occurs, without overlap.
fn occurrences(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, needle).collect()
}

fn line_breaks(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn miscounted(place: &Place, bytes: &[u8], edit: &Edit<'_>, expected: u64) -> Error {
    let found = edit.starts.len();
    if found == 0 {
        let message = format!("`old` does not occur in {}", place.quoted());
        return wrong(message, "read the file again and copy the text exactly, with its white space");
    }
    let lines: Vec<usize> = edit.starts.iter().take(20).map(|start| line_breaks(&bytes[..*start]) + 1).collect();
    let message = format!(
        "`old` occurs {} in {}, at {}, and {expected} was expected",
        counted(found as u64, "time", "times"),
        place.quoted(),
        listed(&lines)
    );
    wrong(message, format!("give more of the text around it, or `expected_replacements`: {found} to replace all"))
}

/// `line 3`, `lines 3, 8, 9…`.
fn listed(lines: &[usize]) -> String {
    let shown: Vec<String> = lines.iter().take(20).map(usize::to_string).collect();
    let more = if lines.len() > 20 { "…" } else { "" };
    format!("{} {}{more}", if lines.len() == 1 { "line" } else { "lines" }, shown.join(", "))
}

#[cfg(test)]
mod tests;
