//! `list_directory`: what is in a folder.

use super::answer::Answer;
use super::folder::{Folder, modified};
use super::limits::{ANSWER_BYTES, PATH_BYTES, Stop};
use super::place::Place;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use super::walk::{Entry, Plan, Walk};
use super::words::{counted, one_line};
use base::{Code, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(super) const TOOL: Tool = Tool {
    name: "list_directory",
    title: "List a directory",
    description: "Lists what is in a folder, with the kind, size and time of each entry. With `recursive` it goes into \
                  the folders below, but not into .git, node_modules and target unless `include_ignored` is set.",
    arguments: &[
        Argument {
            name: "path",
            description: "The folder, relative to the served folder.",
            kind: Kind::OptionalText { most: PATH_BYTES + 1, default: Some(".") },
        },
        Argument {
            name: "recursive",
            description: "Whether to list the folders below too.",
            kind: Kind::Flag { default: false },
        },
        Argument {
            name: "include_ignored",
            description: "Whether `recursive` also enters .git, node_modules and target.",
            kind: Kind::Flag { default: false },
        },
        Argument {
            name: "limit",
            description: "How many entries to give.",
            kind: Kind::Number { least: 1, most: 2_000, default: 500 },
        },
        Argument {
            name: "cursor",
            description: "`next_cursor` of the call before, to go on where it ended.",
            kind: Kind::OptionalText { most: 2 * PATH_BYTES, default: None },
        },
    ],
    output,
    effect: Effect::Reads,
    run,
};

fn output() -> (Value, &'static [&'static str]) {
    let properties = json!({
        "path": {"type": "string", "description": "The folder."},
        "entries": {"type": "array", "items": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "The name; with `recursive`, the path below the folder."},
                "path": {"type": "string", "description": "The path to give to other tools."},
                "kind": {"type": "string", "enum": ["file", "directory", "link", "other"]},
                "size": {"type": "integer", "description": "Bytes, of a file."},
                "modified": {"type": "string", "description": "RFC 3339."},
                "skipped": {"type": "boolean", "description": "True for a folder that was not entered."},
            },
            "required": ["name", "path", "kind"],
        }},
        "next_cursor": {"type": "string", "description": "Given when there is more."},
        "stopped": {"type": "string", "enum": Stop::NAMES, "description": "Why the list ends early."},
        "unreadable": {"type": "integer", "description": "Folders that could not be read."},
    });
    (properties, &["path", "entries", "unreadable"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let after = arguments.optional("cursor").map(|cursor| cursor_names(cursor, &place)).transpose()?;
    let plan = Plan { recursive: arguments.flag("recursive"), ignored: arguments.flag("include_ignored"), after };
    let mut walk = Walk::start(folder, &place, plan, folder.deadline())?;
    let limit = arguments.number("limit");
    let (mut entries, mut text, mut last, mut full) = (Vec::new(), String::new(), None, None);
    for entry in walk.by_ref() {
        // Whether there is more is known only when there is one more.
        full = if entries.len() as u64 == limit {
            Some(Stop::Results)
        } else {
            (text.len() > ANSWER_BYTES).then_some(Stop::Answer)
        };
        if full.is_some() {
            break;
        }
        let described = describe(folder, &entry, &place);
        text.push_str(&line(&described));
        entries.push(described);
        last = Some(entry.place);
    }
    let count = entries.len() as u64;
    let stopped = full.or(walk.stopped());
    let mut structured = json!({"path": place.shown(), "entries": entries, "unreadable": walk.unreadable()});
    let mut note = format!("[{} in {}", counted(count, "entry", "entries"), one_line(&place.shown()));
    if let Some(stop) = stopped {
        structured["stopped"] = stop.name().into();
        note.push_str(&format!("; stopped early: {}", stop.name()));
    }
    if let Some(last) = last.filter(|_| matches!(stopped, Some(Stop::Results | Stop::Answer | Stop::Time))) {
        let cursor = URL_SAFE_NO_PAD.encode(last.shown());
        note.push_str(&format!("; go on with cursor {cursor}"));
        structured["next_cursor"] = cursor.into();
    }
    if walk.unreadable() > 0 {
        note.push_str(&format!("; {} not readable", walk.unreadable()));
    }
    Ok(Answer::new(format!("{text}{note}]"), structured))
}

/// The names of the entry that a cursor stands for. A cursor is a path, and stays good when files come and go.
fn cursor_names(cursor: &str, listed: &Place) -> Result<Vec<String>> {
    let names = URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(|path| path.split('/').map(str::to_owned).collect::<Vec<_>>());
    names.filter(|names| names.starts_with(&listed.names())).ok_or_else(|| {
        let message = "the cursor was not given out for this folder";
        Error::new(Code::InvalidCursor, message, "call again without `cursor`")
    })
}

fn describe(folder: &Folder, entry: &Entry, listed: &Place) -> Value {
    let path = entry.place.shown();
    // Both are shown with `/`, so the name is what is left of the path.
    let name = if listed.is_root() { path.as_str() } else { &path[listed.shown().len() + 1..] };
    let mut described = json!({"name": name, "path": path, "kind": entry.kind});
    // An entry may be gone by now; it is still listed, without what is not known of it.
    if let Ok(metadata) = folder.link_metadata(&entry.place) {
        if metadata.is_file() {
            described["size"] = metadata.len().into();
        }
        if let Some(time) = modified(&metadata) {
            described["modified"] = time.into();
        }
    }
    if entry.skipped {
        described["skipped"] = true.into();
    }
    described
}

/// An entry as a line: `file 2026-11-20T09:30:00Z 120 src/main.rs`, with `/` after a folder.
fn line(described: &Value) -> String {
    let text = |key: &str| described[key].as_str().unwrap_or("-").to_owned();
    let size = described["size"].as_u64().map_or("-".to_owned(), |size| size.to_string());
    let slash = if described["kind"] == "directory" { "/" } else { "" };
    let skipped = if described["skipped"] == true { " (not entered)" } else { "" };
    format!("{} {} {size} {}{slash}{skipped}\n", text("kind"), text("modified"), one_line(&text("name")))
}

#[cfg(test)]
mod tests;
