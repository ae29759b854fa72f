//! `search_files`: files by what is in them.

use super::answer::Answer;
use super::folder::Folder;
use super::limits::{ANSWER_BYTES, PATH_BYTES, PATTERN_BYTES, REGEX_BYTES, Stop};
use super::matching::{Match, Matching};
use super::pattern::Pattern;
use super::place::Place;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use super::walk::{Plan, Walk};
use super::words::{counted, one_line, wrong};
use base::{Code, Result};
use regex::bytes::{Regex, RegexBuilder};
use serde_json::{Value, json};
use std::io::Read;

pub(super) const TOOL: Tool = Tool {
    name: "search_files",
    title: "Search in files",
    description: "Searches the text of files for a regular expression (or for literal text with `literal`) and gives \
                  file:line:column: text, one match per line. Binary files and links are skipped; .git, node_modules \
                  and target are not entered unless `include_ignored` is set or `path` is in them.",
    arguments: &[
        Argument {
            name: "pattern",
            description: "The regular expression, in the syntax of Rust's regex crate (no look-around, no back-references); or the text.",
            kind: Kind::Text { most: PATTERN_BYTES },
        },
        Argument {
            name: "path",
            description: "The folder or file to search, relative to the served folder.",
            kind: Kind::OptionalText { most: PATH_BYTES + 1, default: Some(".") },
        },
        Argument {
            name: "glob",
            description: "Search only files that match this glob, such as `**/*.rs`, seen from `path`.",
            kind: Kind::OptionalText { most: PATTERN_BYTES, default: None },
        },
        Argument {
            name: "limit",
            description: "How many matches to give.",
            kind: Kind::Number { least: 1, most: 1_000, default: 100 },
        },
        Argument {
            name: "case_sensitive",
            description: "Whether upper and lower case differ.",
            kind: Kind::Flag { default: true },
        },
        Argument {
            name: "literal",
            description: "Whether `pattern` is plain text.",
            kind: Kind::Flag { default: false },
        },
        Argument {
            name: "include_ignored",
            description: "Whether to enter .git, node_modules and target.",
            kind: Kind::Flag { default: false },
        },
    ],
    output,
    effect: Effect::Reads,
    run,
};

fn output() -> (Value, &'static [&'static str]) {
    let count = |description: &str| json!({"type": "integer", "description": description});
    let properties = json!({
        "matches": {"type": "array", "items": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "The path to give to other tools."},
                "line": count("From 1."),
                "column": count("In characters, from 1."),
                "text": {"type": "string", "description": "The line, or the part of it around the match."},
            },
            "required": ["path", "line", "column", "text"],
        }},
        "complete": {"type": "boolean", "description": "Whether everything was searched."},
        "stopped": {"type": "string", "enum": Stop::NAMES, "description": "Why the search ended early."},
        "files_searched": count("Files that were read."),
        "skipped": {"type": "object", "description": "What was not searched.", "properties": {
            "binary": count("Binary files."),
            "large": count("Files above the size limit."),
            "unreadable": count("Files and folders that could not be read."),
            "long_lines": count("Lines that were searched in pieces, so that a match of more than 4096 bytes may be missed."),
        }, "required": ["binary", "large", "unreadable", "long_lines"]},
    });
    (properties, &["matches", "complete", "files_searched", "skipped"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let glob = arguments.optional("glob").map(Pattern::parse).transpose()?;
    let deadline = folder.deadline();
    let mut search = Search {
        folder,
        matching: Matching::new(regex(arguments)?, deadline),
        limit: arguments.number("limit"),
        tally: Tally::default(),
    };
    if folder.metadata(&place)?.is_file() {
        search.file(&place);
    } else {
        let plan = Plan { recursive: true, ignored: arguments.flag("include_ignored"), after: None };
        let mut walk = Walk::start(folder, &place, plan, deadline)?;
        for entry in walk.by_ref() {
            let wanted = entry.kind == "file" && glob.as_ref().is_none_or(|glob| glob.matches(&entry.place, &place));
            if wanted && !search.file(&entry.place) {
                break;
            }
        }
        search.tally.stopped = search.tally.stopped.or(walk.stopped());
        search.tally.unreadable += walk.unreadable();
    }
    Ok(search.tally.answer())
}

fn regex(arguments: &Arguments<'_>) -> Result<Regex> {
    let pattern = arguments.text("pattern");
    if pattern.is_empty() {
        return Err(wrong("the pattern is empty", "give what to search for"));
    }
    let source = if arguments.flag("literal") { regex::escape(pattern) } else { pattern.to_owned() };
    RegexBuilder::new(&source)
        .case_insensitive(!arguments.flag("case_sensitive"))
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(2 * REGEX_BYTES)
        .nest_limit(100)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => base::Error::new(
                Code::FilesTooLarge,
                "the regular expression becomes too large when it is compiled",
                "use smaller repetition counts, or `[a-z]` in place of `\\w`",
            ),
            error => wrong(
                format!("the pattern is not a regular expression: {}", reason(&error)),
                "correct it, or set `literal` to search for it as text",
            ),
        })
}

/// The last line of the parser's message says what is wrong; those before draw the place of it.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    one_line(text.lines().last().unwrap_or(&text).trim_start_matches("error: "))
}

struct Search<'a> {
    folder: &'a Folder,
    matching: Matching,
    limit: u64,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    matches: Vec<(String, Match)>,
    shown_bytes: usize,
    files: u64,
    binary: u64,
    large: u64,
    unreadable: u64,
    long_lines: u64,
    stopped: Option<Stop>,
}

impl Search<'_> {
    /// Searches one file; false when the search is to end.
    fn file(&mut self, place: &Place) -> bool {
        if self.tally.files >= self.folder.limits().files {
            self.tally.stopped = Some(Stop::Files);
            return false;
        }
        let Some(bytes) = self.read(place) else { return true };
        self.tally.files += 1;
        if bytes.iter().take(8 * 1024).any(|byte| *byte == 0) {
            self.tally.binary += 1;
            return true;
        }
        let path = place.shown();
        let tally = &mut self.tally;
        let end = self.matching.search(&bytes, |found| {
            if tally.matches.len() as u64 == self.limit {
                return Some(Stop::Results);
            }
            tally.shown_bytes += path.len() + found.text.len();
            tally.matches.push((path.clone(), found));
            (tally.shown_bytes > ANSWER_BYTES).then_some(Stop::Answer)
        });
        tally.long_lines += end.long_lines;
        tally.stopped = end.stopped;
        end.stopped.is_none()
    }

    fn read(&mut self, place: &Place) -> Option<Vec<u8>> {
        let most = self.folder.limits().file_bytes;
        let Ok((file, metadata)) = self.folder.file(place) else {
            self.tally.unreadable += 1;
            return None;
        };
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(most)).unwrap_or_default() + 1);
        // The size may change while it is read, and some files say that they have none.
        if metadata.len() <= most && file.take(most + 1).read_to_end(&mut bytes).is_err() {
            self.tally.unreadable += 1;
            return None;
        }
        if metadata.len() > most || bytes.len() as u64 > most {
            self.tally.large += 1;
            return None;
        }
        Some(bytes)
    }
}

impl Tally {
    fn answer(self) -> Answer {
        let mut text = String::new();
        for (path, found) in &self.matches {
            text.push_str(&format!("{}:{}:{}: {}\n", one_line(path), found.line, found.column, one_line(&found.text)));
        }
        text.push_str(&self.note());
        let matches: Vec<Value> = self
            .matches
            .into_iter()
            .map(|(path, found)| json!({"path": path, "line": found.line, "column": found.column, "text": found.text}))
            .collect();
        let mut structured = json!({
            "matches": matches,
            "complete": self.stopped.is_none(),
            "files_searched": self.files,
            "skipped": {
                "binary": self.binary,
                "large": self.large,
                "unreadable": self.unreadable,
                "long_lines": self.long_lines,
            },
        });
        if let Some(stop) = self.stopped {
            structured["stopped"] = stop.name().into();
        }
        Answer::new(text, structured)
    }

    fn note(&self) -> String {
        let matches = counted(self.matches.len() as u64, "match", "matches");
        let mut note = format!("[{matches} in {} searched", counted(self.files, "file", "files"));
        if let Some(stop) = self.stopped {
            note.push_str(&format!("; stopped early: {}; narrow it with `path` or `glob`", stop.name()));
        }
        let skipped = [
            (self.binary, "binary"),
            (self.large, "too large"),
            (self.unreadable, "unreadable"),
            (self.long_lines, "long lines searched in pieces"),
        ];
        for (number, what) in skipped.iter().filter(|(number, _)| *number > 0) {
            note.push_str(&format!("; {number} {what}"));
        }
        note.push(']');
        note
    }
}

#[cfg(test)]
mod tests;
