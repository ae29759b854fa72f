//! `write_file`: a new file, another content, or more at the end.

use super::answer::Answer;
use super::folder::Folder;
use super::limits::{PATH_BYTES, WRITE_BYTES};
use super::target::Target;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use base::{Code, Error, Result};
use serde_json::{Value, json};

pub(super) const TOOL: Tool = Tool {
    name: "write_file",
    title: "Write a file",
    description: "Writes a text file. By default it creates the file or replaces its whole content; `mode` create \
                  refuses when the file exists, append adds at the end. To change a part of a file use edit_file.",
    arguments: &[
        Argument {
            name: "path",
            description: "The file, relative to the served folder.",
            kind: Kind::Text { most: PATH_BYTES + 1 },
        },
        Argument {
            name: "content",
            description: "The text to write, exactly as it is to stand in the file.",
            kind: Kind::Text { most: WRITE_BYTES },
        },
        Argument {
            name: "mode",
            description: "create: only a new file; overwrite: a new file or new content; append: at the end.",
            kind: Kind::Choice { of: &["create", "overwrite", "append"], default: "overwrite" },
        },
        Argument {
            name: "create_directories",
            description: "Whether to create folders on the way that do not exist.",
            kind: Kind::Flag { default: true },
        },
    ],
    output,
    effect: Effect::Writes { destroys: true, repeatable: false },
    run,
};

fn output() -> (Value, &'static [&'static str]) {
    let properties = json!({
        "path": {"type": "string"},
        "created": {"type": "boolean", "description": "Whether there was no such file."},
        "size": {"type": "integer", "description": "Bytes of the file now."},
    });
    (properties, &["path", "created", "size"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let content = arguments.text("content").as_bytes();
    let target = Target::open(folder, &place, arguments.flag("create_directories"))?;
    let existing = target.existing()?;
    let (size, did) = match (arguments.text("mode"), &existing) {
        ("append", _) => (target.append(content)?, "appended to"),
        ("create", Some(_)) => {
            let message = format!("{} exists already", place.quoted());
            return Err(Error::new(Code::FileExists, message, "use the mode overwrite or append, or another path"));
        }
        (_, old) => {
            target.replace(content, old.as_ref())?;
            (content.len() as u64, if old.is_some() { "overwrote" } else { "created" })
        }
    };
    let text = format!("{did} {}: {size} bytes", place.quoted());
    Ok(Answer::new(text, json!({"path": place.shown(), "created": existing.is_none(), "size": size})))
}

#[cfg(test)]
mod tests;
