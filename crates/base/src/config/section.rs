//! A typed reader over one map of a configuration.

use super::nearest::nearest;
use super::problems::Problems;
use super::scalar;
use super::tree::{Entry, Node, Place, Value};
use super::units::{duration_from_text, duration_text, size_from_text, size_text};
use crate::{Code, Error};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How many characters of what a person wrote an error repeats.
const SHOWN: usize = 60;

/// Reads the keys of one map. Every reader answers nothing both for a key that is absent (or null) and for a value that
/// is wrong; a wrong value is also put into the [`Problems`]. Numbers and truth values are read from texts too, because
/// a value that came from a variable is a text.
#[must_use = "call `finish`, or unknown keys go unnoticed"]
pub struct Section<'a> {
    problems: &'a Problems,
    file: &'a str,
    path: String,
    place: Place,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// A reader over `node`, which stands under `path` in `file`. Null counts as a map without keys; anything else but
    /// a map is a problem.
    pub fn new(problems: &'a Problems, file: &'a str, path: &str, node: &'a Node) -> Option<Section<'a>> {
        let entries = map(problems, file, path, node)?;
        Some(Section { problems, file, path: path.to_owned(), place: node.place, entries, asked: Vec::new() })
    }

    /// A text; a number or a truth value is taken as its text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let entry = self.value(key)?;
        entry.node.scalar_text().or_else(|| self.wrong(entry, "a text", &format!("{key}: word")))
    }

    /// A text that must be there.
    pub fn required_text(&mut self, key: &'static str) -> Option<String> {
        if self.value(key).is_some() {
            return self.text(key);
        }
        let message = format!("{} needs `{key}`, which is missing", named(&self.path));
        self.push(Code::ConfigInvalidValue, self.place_of(key), message, format!("add `{key}:` with a text"));
        None
    }

    /// A list of texts; numbers and truth values are taken as their text.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let entry = self.value(key)?;
        let example = format!("{key}: [\"one\", \"two\"]");
        let Value::List(items) = &entry.node.value else {
            return self.wrong(entry, "a list of texts", &example);
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.scalar_text() {
                Some(text) => texts.push(text),
                None => self.wrong_within(&format!("{}[{index}]", self.path_of(key)), item, &example),
            }
        }
        (texts.len() == items.len()).then_some(texts)
    }

    /// A map with free keys whose values are texts; numbers and truth values are taken as their text.
    pub fn text_map(&mut self, key: &'static str) -> Option<Vec<(String, String)>> {
        let entry = self.value(key)?;
        let example = format!("{key}: {{ NAME: \"value\" }}");
        let Value::Map(pairs) = &entry.node.value else {
            return self.wrong(entry, "a map of texts", &example);
        };
        let mut texts = Vec::with_capacity(pairs.len());
        for pair in pairs {
            match pair.node.scalar_text() {
                Some(text) => texts.push((pair.key.clone(), text)),
                None => self.wrong_within(&join(&self.path_of(key), &pair.key), &pair.node, &example),
            }
        }
        (texts.len() == pairs.len()).then_some(texts)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let entry = self.value(key)?;
        scalar::boolean(&entry.node.value).or_else(|| self.wrong(entry, "true or false", &format!("{key}: true")))
    }

    /// A whole number within `range`.
    pub fn integer(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let entry = self.value(key)?;
        match scalar::integer(&entry.node.value) {
            Some(value) if range.contains(&value) => Some(value),
            Some(value) => self.out_of_range(entry, &value.to_string(), range.start(), range.end()),
            None => self.wrong(entry, "a whole number", &format!("{key}: {}", range.start())),
        }
    }

    /// A duration within `range`: `500ms`, `30s`, `5m`, `2h`, or a number of seconds.
    pub fn duration(&mut self, key: &'static str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let entry = self.value(key)?;
        let text = entry.node.scalar_text().unwrap_or_default();
        match duration_from_text(&text) {
            Some(value) if range.contains(&value) => Some(value),
            Some(_) => self.out_of_range(entry, &text, &duration_text(*range.start()), &duration_text(*range.end())),
            None => self.wrong(entry, "a duration", &format!("{key}: 30s` (or with ms, m or h), or `{key}: 30")),
        }
    }

    /// A size in bytes within `range`: `64KiB`, `16MiB`, `4MB`, or a number of bytes.
    pub fn size(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let entry = self.value(key)?;
        let text = entry.node.scalar_text().unwrap_or_default();
        match size_from_text(&text) {
            Some(value) if range.contains(&value) => Some(value),
            Some(_) => self.out_of_range(entry, &text, &size_text(*range.start()), &size_text(*range.end())),
            None => self.wrong(entry, "a size", &format!("{key}: 16MiB` (or with KiB, GiB, KB, MB), or `{key}: 65536")),
        }
    }

    /// One of a few words. The error for another word names the nearest of them.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let entry = self.value(key)?;
        let words = || choices.iter().map(|(word, _)| *word);
        let Some(text) = entry.node.scalar_text() else {
            return self.wrong(entry, "a word", &format!("{key}: {}", words().next().unwrap_or_default()));
        };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let message = format!("`{}` cannot be `{}`", self.path_of(key), shorten(&text));
        self.push(Code::ConfigInvalidValue, entry.node.place, message, suggestion(&text, words(), "the choices are"));
        None
    }

    /// The value of a key as it stands, also where it is null.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A reader over a map within this one; null counts as absent.
    pub fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        let entry = self.value(key)?;
        Section::new(self.problems, self.file, &self.path_of(key), &entry.node)
    }

    /// Where the value of a key stands, or the section itself where it has no such key.
    pub fn place_of(&self, key: &str) -> Place {
        self.entries.iter().find(|entry| entry.key == key).map_or(self.place, |entry| entry.node.place)
    }

    /// Where the section stands within the file, such as `servers.files`; empty for the whole file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file as it was named.
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// Whether the key stands here and is not null.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && !matches!(entry.node.value, Value::Null))
    }

    /// Says that the value of `key` will not do.
    pub fn problem(&self, key: &str, code: Code, message: String, next: String) {
        self.push(code, self.place_of(key), message, next);
    }

    /// Ends the reading: every key that was not asked for is a problem that names the nearest key that was.
    pub fn finish(self) {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let message =
                format!("{} has the key `{}`, which Tutti does not know", named(&self.path), shorten(&entry.key));
            let next = suggestion(&entry.key, self.asked.iter().copied(), "the keys here are");
            self.push(Code::ConfigUnknownKey, entry.key_place, message, next);
        }
    }

    fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.entry(key).filter(|entry| !matches!(entry.node.value, Value::Null))
    }

    fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    fn push(&self, code: Code, place: Place, message: String, next: String) {
        self.problems.push(Error::new(code, message, next).at(place.in_file(self.file)));
    }

    fn wrong<T>(&self, entry: &Entry, wanted: &str, example: &str) -> Option<T> {
        let message =
            format!("`{}` must be {wanted}, and {} stands there", self.path_of(&entry.key), shown(&entry.node));
        self.push(Code::ConfigInvalidValue, entry.node.place, message, format!("write for example `{example}`"));
        None
    }

    fn wrong_within(&self, path: &str, node: &Node, example: &str) {
        let empty = matches!(node.value, Value::Null);
        let next =
            if empty { "write \"\" for an empty text".to_owned() } else { format!("write for example `{example}`") };
        let message = format!("`{path}` must be a text, and {} stands there", node.value.kind());
        self.push(Code::ConfigInvalidValue, node.place, message, next);
    }

    fn out_of_range<T>(
        &self,
        entry: &Entry,
        value: &str,
        lowest: &dyn std::fmt::Display,
        highest: &dyn std::fmt::Display,
    ) -> Option<T> {
        let message = format!("`{}` is {}, which is out of range", self.path_of(&entry.key), shorten(value));
        let next = format!("write a value from {lowest} to {highest}");
        self.push(Code::ConfigInvalidValue, entry.node.place, message, next);
        None
    }
}

/// The entries of a map with free keys, such as `servers`. Null counts as a map without keys; anything else but a map
/// is a problem.
pub fn entries<'a>(problems: &Problems, file: &str, path: &str, node: &'a Node) -> Vec<&'a Entry> {
    map(problems, file, path, node).unwrap_or_default().iter().collect()
}

fn map<'a>(problems: &Problems, file: &str, path: &str, node: &'a Node) -> Option<&'a [Entry]> {
    match &node.value {
        Value::Map(entries) => Some(entries),
        Value::Null => Some(&[]),
        _ => {
            let message = format!("{} must be a map, and {} stands there", named(path), shown(node));
            let error = Error::new(Code::ConfigInvalidValue, message, "write it as `key: value` lines");
            problems.push(error.at(node.place.in_file(file)));
            None
        }
    }
}

/// The value in an error. Texts are shown by kind alone: they may hold a secret that a variable brought.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) => format!("`{}`", node.scalar_text().unwrap_or_default()),
        value => value.kind().to_owned(),
    }
}

fn suggestion<'word>(word: &str, known: impl Iterator<Item = &'word str> + Clone, list: &str) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let words: Vec<_> = known.map(|word| format!("`{word}`")).collect();
            if words.is_empty() { "take it out".to_owned() } else { format!("{list} {}", words.join(", ")) }
        }
    }
}

fn named(path: &str) -> String {
    if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
