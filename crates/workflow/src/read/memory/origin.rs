//! Where a piece of context comes from: `tool_output(web_research)`, `memory(project/conventions)`, …

use super::super::context::Reader;
use crate::definition::{Name, Origin};
use crate::limits;
use crate::source::{Spot, hint, short};
use crate::template::Template;
use base::Code;
use base::config::Node;

/// The forms.
const FORMS: [&str; 8] = [
    "user_prompt",
    "parameters",
    "last_output",
    "tool_output(…)",
    "model_output(…)",
    "classification(…)",
    "memory(…)",
    "search(…)",
];

/// The most notes that one search brings.
const FOUND: u32 = 100;

/// What `text` means, and what templates call it.
pub(super) fn read(reader: &Reader<'_>, text: &str, node: &Node) -> Option<(Origin, String)> {
    let at: Spot = node.place.into();
    let text = text.trim();
    let Some((word, inner)) = text.split_once('(') else { return plain(reader, text, node, at) };
    let Some(inner) = inner.trim_end().strip_suffix(')').map(str::trim) else {
        reader.fault(node.place, format!("`{}` has no `)`", short(text)), "close the bracket");
        return None;
    };
    match word.trim() {
        "tool_output" | "model_output" if !limits::is_name(inner) => {
            let message = format!("`{}` names no step", short(text));
            reader.fault(node.place, message, "write the name of a step: `tool_output(search)`");
            None
        }
        "tool_output" => Some((Origin::ToolOutput(Name { name: inner.to_owned(), at }), format!("{inner}_output"))),
        "model_output" => Some((Origin::ModelOutput(Name { name: inner.to_owned(), at }), format!("{inner}_output"))),
        "classification" if is_word(inner) => Some((Origin::Classification(inner.to_owned()), called(inner))),
        "memory" => match inner.split_once('/').filter(|(scope, key)| is_word(scope) && is_key(key)) {
            Some((scope, key)) => {
                let name = called(key.rsplit('/').next().unwrap_or(key));
                Some((Origin::Memory { scope: scope.to_owned(), key: key.to_owned() }, name))
            }
            None => {
                let message = format!("`{}` is no place in the memory", short(text));
                reader.fault(node.place, message, "write a scope and a key: `memory(project/conventions)`");
                None
            }
        },
        "search" => search(reader, inner, node).map(|origin| (origin, "search".to_owned())),
        other => {
            unknown(reader, text, other, node);
            None
        }
    }
}

fn plain(reader: &Reader<'_>, text: &str, node: &Node, at: Spot) -> Option<(Origin, String)> {
    let origin = match text {
        "user_prompt" => Origin::UserPrompt,
        "parameters" => Origin::Parameters,
        "last_output" => Origin::LastOutput,
        name if limits::is_name(name) => Origin::Parameter(Name { name: name.to_owned(), at }),
        other => {
            unknown(reader, text, other, node);
            return None;
        }
    };
    Some((origin, text.to_owned()))
}

fn unknown(reader: &Reader<'_>, text: &str, word: &str, node: &Node) {
    let words = FORMS.iter().map(|form| form.trim_end_matches("(…)"));
    reader.fault(node.place, format!("`{}` is no context that a step can need", short(text)), hint(word, words, ""));
}

/// `memory(scope/key)` as a place to write to.
pub(super) fn note(text: &str) -> Option<(String, String)> {
    let inner = text.trim().strip_prefix("memory(")?.strip_suffix(')')?;
    let (scope, key) = inner.trim().split_once('/')?;
    (is_word(scope) && is_key(key)).then(|| (scope.to_owned(), key.to_owned()))
}

/// `search(memory, 'words', k=5)`, or with a scope: `search(memory/project, 'words')`.
fn search(reader: &Reader<'_>, inner: &str, node: &Node) -> Option<Origin> {
    let wrong = |why: &str| {
        let next = "write for example `search(memory, '{{ params.topic }}', k=5)`";
        reader.fault(node.place, format!("`search({})` {why}", short(inner)), next);
    };
    let Some((place, rest)) = inner.split_once(',') else {
        wrong("does not say what is looked for");
        return None;
    };
    let scope = match place.trim().split_once('/') {
        None if place.trim() == "memory" => None,
        Some(("memory", scope)) if is_word(scope) => Some(scope.to_owned()),
        _ => {
            wrong("does not look in `memory`");
            return None;
        }
    };
    let rest = rest.trim();
    let mark = rest.chars().next().filter(|mark| matches!(mark, '\'' | '"'));
    let Some((query, rest)) = mark.and_then(|mark| rest.get(1..)?.split_once(mark)) else {
        wrong("has its words not in quotes");
        return None;
    };
    let most = match rest.trim().trim_start_matches(',').trim() {
        "" => Some(5),
        count => count.strip_prefix("k=").and_then(|count| count.trim().parse().ok()),
    };
    let Some(most) = most.filter(|most| (1..=FOUND).contains(most)) else {
        wrong("has no `k` from 1 to 100");
        return None;
    };
    let at = node.place.into();
    match Template::of_text(query, at) {
        Ok(query) => Some(Origin::Search { scope, query, most }),
        Err(fault) => {
            let message = format!("the words of the search are no template: {}", fault.why);
            reader.wrong(Code::WorkflowTemplate, node.place, message, "values stand in `{{ … }}`");
            None
        }
    }
}

fn is_word(text: &str) -> bool {
    (1..=limits::NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

fn is_key(text: &str) -> bool {
    text.len() <= 256 && text.split('/').all(is_word)
}

/// What templates call a note.
fn called(key: &str) -> String {
    let name: String = key.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect();
    if name.starts_with(|one: char| one.is_ascii_digit()) { format!("_{name}") } else { name }
}
