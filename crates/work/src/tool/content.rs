//! The result of a tool, for people. All of it comes from a server, so none of it reaches the terminal uncleaned.

use base::config::size_text;
use console::output::{clean, one_line};
use serde_json::Value;

/// A part of what a tool answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text, to be printed as it is.
    Text(String),
    /// A line about something that is no text.
    Note(String),
}

/// The parts of a result in their order.
pub(super) fn parts(result: &Value) -> Vec<Part> {
    result["content"].as_array().into_iter().flatten().map(part).collect()
}

/// All of a result as one text, for the detail of an error.
pub(super) fn text(result: &Value) -> String {
    let parts = parts(result).into_iter().map(|part| match part {
        Part::Text(text) | Part::Note(text) => text,
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn part(content: &Value) -> Part {
    let text = |key: &str| content[key].as_str();
    let kind = text("type").unwrap_or("?");
    match kind {
        "text" => {
            let text = clean(text("text").unwrap_or_default());
            // The line ends by itself.
            Part::Text(text.strip_suffix('\n').map_or(text.clone(), str::to_owned))
        }
        "image" | "audio" => {
            let size = text("data").map(|data| size_text(decoded(data)));
            Part::Note(note(kind, &[text("mimeType"), size.as_deref()]))
        }
        "resource_link" => Part::Note(note("link", &[text("uri"), text("name"), text("mimeType")])),
        "resource" => {
            let inner = &content["resource"];
            let said = |key: &str| inner[key].as_str();
            let size = said("text").map(|text| text.len() as u64).or(said("blob").map(decoded)).map(size_text);
            Part::Note(note(kind, &[said("uri"), said("mimeType"), size.as_deref()]))
        }
        other => Part::Note(note(other, &[])),
    }
}

/// How many bytes a base64 text stands for.
fn decoded(data: &str) -> u64 {
    let padding = data.bytes().rev().take(2).filter(|byte| *byte == b'=').count();
    (data.len() / 4 * 3 + data.len() % 4 * 3 / 4).saturating_sub(padding) as u64
}

fn note(what: &str, said: &[Option<&str>]) -> String {
    let words = std::iter::once(what).chain(said.iter().copied().flatten()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| one_line(word, 200)).collect();
    format!("[{}]", words.join(", "))
}

#[cfg(test)]
mod tests;
