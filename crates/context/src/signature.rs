//! A tool in one line: what it is called by, what it takes, and the first sentence of what it does.

use base::visible::escaped;
use mcp::raw;
use std::collections::HashSet;

/// The most arguments that are named; tools have seldom more, and required ones come first.
const ARGUMENTS: usize = 12;

/// The most values of an argument that are listed.
const VALUES: usize = 5;

/// The most characters of the sentence.
const SENTENCE: usize = 160;

/// The most characters of a name or a value.
const NAME: usize = 64;

/// `name(argument:type, optional?:type): First sentence.` of the definition `json`. Characters that nobody sees are
/// written out.
pub fn line(name: &str, json: &str) -> String {
    let schema = raw::get(json, "inputSchema").unwrap_or("{}");
    let required: HashSet<_> =
        raw::elements(raw::get(schema, "required").unwrap_or("[]")).filter_map(raw::text).collect();
    let all: Vec<_> = raw::members(raw::get(schema, "properties").unwrap_or("{}")).collect();
    let is_required = |member: &&raw::Member<'_>| raw::text(member.key).is_some_and(|key| required.contains(&key));
    let first = all.iter().filter(is_required).map(|member| argument(member, ""));
    let rest = all.iter().filter(|member| !is_required(member)).map(|member| argument(member, "?"));
    let mut arguments: Vec<String> = first.chain(rest).take(ARGUMENTS).collect();
    if all.len() > ARGUMENTS {
        arguments.push(format!("{} more", all.len() - ARGUMENTS));
    }
    let mut line = format!("{}({})", short(name, 128), arguments.join(", "));
    let said = raw::get(json, "description").and_then(raw::text).filter(|text| !text.trim().is_empty());
    let title = || raw::at(json, &["annotations", "title"]).or(raw::get(json, "title")).and_then(raw::text);
    if let Some(text) = said.or_else(title) {
        line.push_str(": ");
        line.push_str(&sentence(&text));
    }
    line
}

fn argument(member: &raw::Member<'_>, mark: &str) -> String {
    let name = raw::text(member.key).unwrap_or_default();
    format!("{}{mark}:{}", short(&name, NAME), kind(member.value, 0))
}

/// The type that a schema describes, as short as it can be said.
fn kind(schema: &str, depth: usize) -> String {
    let values: Vec<&str> = raw::elements(raw::get(schema, "enum").unwrap_or("[]")).collect();
    if !values.is_empty() {
        let mut shown: Vec<String> = values.iter().take(VALUES).map(|value| short(value, NAME)).collect();
        if values.len() > VALUES {
            shown.push("…".to_owned());
        }
        return shown.join("|");
    }
    let several = ["anyOf", "oneOf"].iter().find_map(|key| raw::get(schema, key));
    let declared = raw::get(schema, "type").unwrap_or_default();
    let one = |schema: &str| kind(schema, depth + 1);
    let mut kinds: Vec<String> = match (raw::text(declared), several) {
        (Some(text), _) if text == "array" && depth < 3 => {
            vec![format!("{}[]", one(raw::get(schema, "items").unwrap_or("{}")))]
        }
        (Some(text), _) => vec![short(&text, NAME)],
        (None, _) if declared.starts_with('[') => {
            raw::elements(declared).filter_map(raw::text).map(|text| short(&text, NAME)).collect()
        }
        (None, Some(several)) if depth < 3 => raw::elements(several).map(one).collect(),
        (None, _) => Vec::new(),
    };
    if kinds.len() > 1 {
        kinds.retain(|kind| kind != "null");
    }
    kinds.dedup();
    kinds.truncate(VALUES);
    if kinds.is_empty() { "any".to_owned() } else { kinds.join("|") }
}

/// What stands before the first end of a sentence.
fn sentence(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim();
    let ends = line.char_indices().find(|&(place, character)| {
        let rest = &line[place + character.len_utf8()..];
        // Short words with a point, such as `e.g.` or `vs.`, end none.
        let word = line[..place].rsplit([' ', '(']).next().unwrap_or_default();
        let ends = matches!(character, '.' | '!' | '?') && (rest.is_empty() || rest.starts_with(' '));
        let letters = word.contains('.') && word.split('.').all(|part| part.chars().count() == 1);
        let abbreviated = letters || matches!(word, "vs" | "cf" | "etc" | "approx" | "incl" | "no" | "No");
        (ends && !(character == '.' && abbreviated)) || character == '。'
    });
    let end = ends.map_or(line.len(), |(place, character)| place + character.len_utf8());
    short(&line[..end], SENTENCE)
}

fn short(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    escaped(&shown)
}

#[cfg(test)]
mod tests;
