//! `file_info`: what is known of one file, folder or link.

use super::answer::Answer;
use super::folder::{Folder, kind_of, modified, written};
use super::limits::PATH_BYTES;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use super::words::one_line;
use base::Result;
use cap_std::fs::Metadata;
use serde_json::{Value, json};

pub(super) const TOOL: Tool = Tool {
    name: "file_info",
    title: "Look at a file",
    description: "Tells the kind, size, times and permissions of a file or folder, and where a symbolic link points to.",
    arguments: &[Argument {
        name: "path",
        description: "The file or folder, relative to the served folder.",
        kind: Kind::Text { most: PATH_BYTES + 1 },
    }],
    output,
    effect: Effect::Reads,
    run,
};

fn output() -> (Value, &'static [&'static str]) {
    let kinds = json!(["file", "directory", "link", "other"]);
    let properties = json!({
        "path": {"type": "string"},
        "kind": {"type": "string", "enum": kinds},
        "size": {"type": "integer", "description": "Bytes, of a file."},
        "modified": {"type": "string", "description": "RFC 3339."},
        "created": {"type": "string", "description": "RFC 3339, where the file system knows it."},
        "permissions": {"type": "string", "description": "As octal digits, where there are such."},
        "write_protected": {"type": "boolean"},
        "link": {"type": "object", "description": "Of a symbolic link.", "properties": {
            "target": {"type": "string", "description": "Where it points to, as it is written in the link."},
            "usable": {"type": "boolean", "description": "Whether it leads to something inside the served folder."},
            "kind": {"type": "string", "enum": kinds, "description": "What it leads to."},
            "size": {"type": "integer", "description": "Bytes of the file that it leads to."},
        }, "required": ["target", "usable"]},
    });
    (properties, &["path", "kind", "write_protected"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let metadata = folder.link_metadata(&place)?;
    let mut known = describe(&metadata);
    known["path"] = place.shown().into();
    if metadata.is_symlink() {
        let target = folder.link_target(&place)?;
        let mut link = json!({"target": target.to_string_lossy(), "usable": false});
        if let Ok(behind) = folder.metadata(&place) {
            link["usable"] = true.into();
            link["kind"] = kind_of(behind.file_type()).into();
            if behind.is_file() {
                link["size"] = behind.len().into();
            }
        }
        known["link"] = link;
    }
    let text: Vec<String> = ["path", "kind", "size", "modified", "created", "permissions", "write_protected", "link"]
        .iter()
        .filter_map(|key| known.get(key).map(|value| format!("{key}: {}", shown(value))))
        .collect();
    Ok(Answer::new(text.join("\n"), known))
}

fn describe(metadata: &Metadata) -> Value {
    let mut known = json!({
        "kind": kind_of(metadata.file_type()),
        "write_protected": metadata.permissions().readonly(),
    });
    if metadata.is_file() {
        known["size"] = metadata.len().into();
    }
    if let Some(time) = modified(metadata) {
        known["modified"] = time.into();
    }
    if let Ok(time) = metadata.created() {
        known["created"] = written(time.into_std()).into();
    }
    #[cfg(unix)]
    {
        use cap_std::fs::MetadataExt;
        known["permissions"] = format!("{:04o}", metadata.mode() & 0o7777).into();
    }
    known
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), one_line)
}

#[cfg(test)]
mod tests;
