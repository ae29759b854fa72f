//! `create_directory`, `move_file` and `delete_file`: what changes names and not contents.

use super::answer::Answer;
use super::failure::{failure, not_a};
use super::folder::{Folder, is_root, kind_of, not_a_file};
use super::limits::PATH_BYTES;
use super::target::rename_new;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use base::{Code, Result};
use serde_json::{Value, json};

pub(super) const CREATE_DIRECTORY: Tool = Tool {
    name: "create_directory",
    title: "Create a directory",
    description: "Creates a folder, and those above it that do not exist. One that exists already is fine.",
    arguments: &[Argument {
        name: "path",
        description: "The folder, relative to the served folder.",
        kind: Kind::Text { most: PATH_BYTES + 1 },
    }],
    output: || {
        let created = json!({"type": "boolean", "description": "Whether there was no such folder."});
        (json!({"path": {"type": "string"}, "created": created}), &["path", "created"])
    },
    effect: Effect::Writes { destroys: false, repeatable: true },
    run: create_directory,
};

pub(super) const MOVE_FILE: Tool = Tool {
    name: "move_file",
    title: "Move or rename a file",
    description: "Moves or renames a file, folder or link. Fails when there is something at `destination` already, or \
                  when its folder does not exist.",
    arguments: &[
        Argument {
            name: "source",
            description: "What to move, relative to the served folder.",
            kind: Kind::Text { most: PATH_BYTES + 1 },
        },
        Argument {
            name: "destination",
            description: "The new path with the new name, relative to the served folder.",
            kind: Kind::Text { most: PATH_BYTES + 1 },
        },
    ],
    output: || {
        let properties = json!({"source": {"type": "string"}, "destination": {"type": "string"}});
        (properties, &["source", "destination"])
    },
    effect: Effect::Writes { destroys: true, repeatable: false },
    run: move_file,
};

pub(super) const DELETE_FILE: Tool = Tool {
    name: "delete_file",
    title: "Delete a file",
    description: "Deletes a file, a symbolic link (not what it points to), or an empty folder. It cannot be undone.",
    arguments: &[Argument {
        name: "path",
        description: "What to delete, relative to the served folder.",
        kind: Kind::Text { most: PATH_BYTES + 1 },
    }],
    output: one_path_and_kind,
    effect: Effect::Writes { destroys: true, repeatable: true },
    run: delete_file,
};

fn one_path_and_kind() -> (Value, &'static [&'static str]) {
    let kind = json!({"type": "string", "enum": ["file", "directory", "link"]});
    (json!({"path": {"type": "string"}, "kind": kind}), &["path", "kind"])
}

fn create_directory(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let created = match folder.metadata(&place) {
        Ok(metadata) if metadata.is_dir() => false,
        Ok(metadata) => {
            let kind = if metadata.is_file() { "a file" } else { "a device, pipe or socket" };
            return Err(not_a("a folder", &place, kind, "use another path, or move what is there"));
        }
        Err(error) if error.code() == Code::FilesNotFound => {
            folder.create_folder(&place)?;
            true
        }
        Err(error) => return Err(error),
    };
    let text = format!("{} {}", if created { "created" } else { "there is already" }, place.quoted());
    Ok(Answer::new(text, json!({"path": place.shown(), "created": created})))
}

fn move_file(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let (source, destination) = (folder.place(arguments.text("source"))?, folder.place(arguments.text("destination"))?);
    if source.is_root() || destination.is_root() {
        return Err(is_root("moved or replaced"));
    }
    let (from, name) = folder.parent(&source)?;
    from.symlink_metadata(&name).map_err(|error| failure("move", &source, &error))?;
    let (to, new) = folder.parent(&destination)?;
    rename_new(&from, &name, &to, &new).map_err(|error| failure("move to", &destination, &error))?;
    let text = format!("moved {} to {}", source.quoted(), destination.quoted());
    Ok(Answer::new(text, json!({"source": source.shown(), "destination": destination.shown()})))
}

fn delete_file(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    if place.is_root() {
        return Err(is_root("deleted"));
    }
    let (parent, name) = folder.parent(&place)?;
    let metadata = parent.symlink_metadata(&name).map_err(|error| failure("delete", &place, &error))?;
    let kind = kind_of(metadata.file_type());
    let deleted = match kind {
        "directory" => parent.remove_dir(&name),
        "file" | "link" => parent.remove_file(&name),
        _ => return Err(not_a_file(&place, &metadata)),
    };
    deleted.map_err(|error| failure("delete", &place, &error))?;
    Ok(Answer::new(format!("deleted the {kind} {}", place.quoted()), json!({"path": place.shown(), "kind": kind})))
}

#[cfg(test)]
mod tests;
