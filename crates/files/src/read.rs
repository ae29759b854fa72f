//! `read_file`: the text of a file, or a part of it; or an image.

use super::answer::Answer;
use super::failure::failure;
use super::folder::{Folder, modified};
use super::limits::{ANSWER_BYTES, COUNT_BYTES, PATH_BYTES, SCAN_BYTES};
use super::lines::{Lines, read_lines};
use super::media;
use super::place::Place;
use super::tool::{Argument, Arguments, Effect, Kind, Tool};
use super::words::wrong;
use base::{Code, Error, Result};
use cap_std::fs::{File, Metadata};
use serde_json::{Value, json};
use std::io::{BufReader, Read};

pub(super) const TOOL: Tool = Tool {
    name: "read_file",
    title: "Read a file",
    description: "Reads a text file, whole or `limit` lines from line `offset` on; says so when there is more. Images \
                  come as images and other binary files as base64, up to 2 MiB.",
    arguments: &[
        Argument {
            name: "path",
            description: "The file, relative to the served folder.",
            kind: Kind::Text { most: PATH_BYTES + 1 },
        },
        Argument {
            name: "offset",
            description: "The line to begin with, from 1.",
            kind: Kind::Number { least: 1, most: 1_000_000_000, default: 1 },
        },
        Argument {
            name: "limit",
            description: "How many lines to give.",
            kind: Kind::Number { least: 1, most: 20_000, default: 2_000 },
        },
    ],
    output,
    effect: Effect::Reads,
    run,
};

fn output() -> (Value, &'static [&'static str]) {
    let properties = json!({
        "path": {"type": "string"},
        "kind": {"type": "string", "enum": ["text", "image", "binary"]},
        "size": {"type": "integer", "description": "Bytes of the whole file."},
        "modified": {"type": "string", "description": "RFC 3339."},
        "text": {"type": "string", "description": "The lines as they are in the file."},
        "first_line": {"type": "integer", "description": "From 1."},
        "line_count": {"type": "integer", "description": "How many lines are given."},
        "total_lines": {"type": "integer", "description": "Lines of the whole file, when they were counted."},
        "next_offset": {"type": "integer", "description": "Given when there is more: the `offset` to go on with."},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "What differs from the file."},
        "mime_type": {"type": "string", "description": "Of an image or binary file."},
    });
    (properties, &["path", "kind", "size"])
}

fn run(folder: &Folder, arguments: &Arguments<'_>) -> Result<Answer> {
    let place = folder.place(arguments.text("path"))?;
    let (mut file, metadata) = folder.file(&place)?;
    let mut start = Vec::new();
    let read = file.by_ref().take(8 * 1024).read_to_end(&mut start);
    read.map_err(|error| failure("read", &place, &error))?;
    match media::sniff(&start) {
        Some(mime_type) => media::answer(&place, &metadata, start, file, mime_type),
        None => text(folder, &place, &metadata, (start, file), (arguments.number("offset"), arguments.number("limit"))),
    }
}

fn text(
    folder: &Folder,
    place: &Place,
    metadata: &Metadata,
    (start, file): (Vec<u8>, File),
    (first, limit): (u64, u64),
) -> Result<Answer> {
    let count_on = metadata.len() <= COUNT_BYTES;
    // A file may grow as fast as it is read, so that there is an end to it also when the size said so.
    let rest = BufReader::with_capacity(64 * 1024, file.take(SCAN_BYTES));
    let lines = read_lines(start.as_slice().chain(rest), first, limit, count_on, folder.deadline())
        .map_err(|error| failure("read", place, &error))?;
    if lines.shown == 0 && (lines.out_of_time || lines.read >= SCAN_BYTES) {
        let message = format!("line {first} of {} is too far in the file to be reached", place.quoted());
        return Err(Error::new(Code::FilesTooLarge, message, "look for what you need with search_files"));
    }
    if lines.shown == 0 && first > 1 {
        let message = format!("{} has only {} lines, so there is no line {first}", place.quoted(), lines.total);
        return Err(wrong(message, format!("use an `offset` from 1 to {}", lines.total.max(1))));
    }
    Ok(answer(place, metadata, first, lines))
}

fn answer(place: &Place, metadata: &Metadata, first: u64, lines: Lines) -> Answer {
    let mut notes = Vec::new();
    let text = String::from_utf8(lines.bytes).unwrap_or_else(|error| {
        notes.push("some bytes are not UTF-8 and are shown as U+FFFD".to_owned());
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    let mut structured = json!({
        "path": place.shown(), "kind": "text", "size": metadata.len(), "text": text,
        "first_line": first, "line_count": lines.shown,
    });
    if let Some(time) = modified(metadata) {
        structured["modified"] = time.into();
    }
    let total = lines.total_known.then_some(lines.total);
    if let Some(total) = total {
        structured["total_lines"] = total.into();
    }
    if lines.cut_line {
        notes.push(format!("line {first} is longer than {ANSWER_BYTES} bytes and is cut"));
    }
    if lines.more {
        let next = first + lines.shown;
        structured["next_offset"] = next.into();
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        notes.push(format!("lines {first} to {}{of} are given; go on with offset {next}", next - 1));
    }
    if metadata.len() == 0 && text.is_empty() {
        notes.push("the file is empty".to_owned());
    }
    let answer = if notes.is_empty() { None } else { Some(format!("[{}]", notes.join("; "))) };
    structured["notes"] = notes.into();
    match answer {
        Some(note) => Answer::new(text, structured).with_text(note),
        None => Answer::new(text, structured),
    }
}

#[cfg(test)]
mod tests;
