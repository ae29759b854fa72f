//! `find_files`: files by their names.

use super::answer::Answer;
use super::folder::Folder;
use super::limits::{ANSWER_BYTES, PATH_BYTES, PATTERN_BYTES, Stop};
use super::pattern::Pattern;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use super::walk::{Plan, Walk};
use super::words::{counted, one_line};
use base::Result;
use serde_json::{Value, json};

pub(super) const TOOL: Tool = Tool {
    name: "find_files",
    title: "Find files by name",
    description: "Finds files and folders whose path matches a glob such as `**/*.rs` or `src/**/test_*.py`. A glob \
                  without `/` matches the name at any depth. Links are not followed; .git, node_modules and target are \
                  not entered unless `include_ignored` is set or `path` is in them.",
    arguments: &[
        Argument {
            name: "glob",
            description: "The glob, seen from `path`: `*` and `?` stop at `/`, `**` does not, `{a,b}` is either.",
            kind: Kind::Text { most: PATTERN_BYTES },
        },
        Argument {
            name: "path",
            description: "The folder to look in, relative to the served folder.",
            kind: Kind::OptionalText { most: PATH_BYTES + 1, default: Some(".") },
        },
        Argument {
            name: "limit",
            description: "How many paths to give.",
            kind: Kind::Number { least: 1, most: 2_000, default: 200 },
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
    let properties = json!({
        "files": {"type": "array", "items": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "The path to give to other tools."},
                "kind": {"type": "string", "enum": ["file", "directory", "link", "other"]},
            },
            "required": ["path", "kind"],
        }},
        "complete": {"type": "boolean", "description": "Whether everything was looked at."},
        "stopped": {"type": "string", "enum": Stop::NAMES, "description": "Why the search ended early."},
        "unreadable": {"type": "integer", "description": "Folders that could not be read."},
    });
    (properties, &["files", "complete", "unreadable"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let pattern = Pattern::parse(arguments.text("glob"))?;
    let plan = Plan { recursive: true, ignored: arguments.flag("include_ignored"), after: None };
    let mut walk = Walk::start(folder, &place, plan, folder.deadline())?;
    let limit = arguments.number("limit");
    let (mut files, mut text, mut full) = (Vec::new(), String::new(), None);
    for entry in walk.by_ref().filter(|entry| pattern.matches(&entry.place, &place)) {
        full = if files.len() as u64 == limit {
            Some(Stop::Results)
        } else {
            (text.len() > ANSWER_BYTES).then_some(Stop::Answer)
        };
        if full.is_some() {
            break;
        }
        let path = entry.place.shown();
        let slash = if entry.kind == "directory" { "/" } else { "" };
        text.push_str(&format!("{}{slash}\n", one_line(&path)));
        files.push(json!({"path": path, "kind": entry.kind}));
    }
    let stopped = full.or(walk.stopped());
    let mut note = format!("[{} found", counted(files.len() as u64, "path", "paths"));
    if let Some(stop) = stopped {
        note.push_str(&format!("; stopped early: {}; narrow it with `path` or `glob`", stop.name()));
    }
    if walk.unreadable() > 0 {
        note.push_str(&format!("; {} not readable", counted(walk.unreadable(), "folder", "folders")));
    }
    let mut structured = json!({"files": files, "complete": stopped.is_none(), "unreadable": walk.unreadable()});
    if let Some(stop) = stopped {
        structured["stopped"] = stop.name().into();
    }
    Ok(Answer::new(format!("{text}{note}]"), structured))
}

#[cfg(test)]
mod tests;
