//! Reading files with tests: all that is wrong is told at once, each with its line.

mod expect;
mod exported;
mod outside;

use crate::limits;
use crate::suite::{Case, Note, Suite};
use base::config::{Entry, Node, Problems, Section, Value as Written, entries, yaml};
use base::{Code, Error};
use serde_json::{Map, Value};
use std::collections::HashSet;
use workflow::Source;

/// When runs start where nothing is said: the first moment of 2027, in milliseconds since 1970.
const NOW: u64 = 1_798_761_600_000;

impl Suite {
    /// Reads a file with tests. What stands in other files is asked of `load`, by the path that is written.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(file: &str, text: &str, load: &dyn Fn(&str) -> base::Result<String>) -> Result<Self, Vec<Error>> {
        let source = Source::new(file, text);
        let document = yaml(file, &source.text).map_err(|error| vec![source.shown(error)])?;
        let problems = Problems::new();
        let reader = Reader { problems: &problems, file, load };
        let suite = reader.suite(&document.root, source.clone());
        match (problems.into_result(), suite) {
            (Ok(()), Some(suite)) => Ok(suite),
            (Ok(()), None) => Err(vec![Error::internal("a file with tests without faults gives none")]),
            (Err(errors), _) => Err(errors.into_iter().map(|error| source.shown(error)).collect()),
        }
    }
}

/// Reads one file.
struct Reader<'a> {
    problems: &'a Problems,
    file: &'a str,
    load: &'a dyn Fn(&str) -> base::Result<String>,
}

impl<'a> Reader<'a> {
    fn suite(&self, root: &'a Node, source: Source) -> Option<Suite> {
        let mut section = self.section("", root)?;
        let workflow = section.text("workflow");
        let now = self.now(&mut section);
        let notes = self.notes(&mut section);
        let shared = self.outside(&mut section);
        let node = section.node("cases");
        section.finish();
        let cases = node.map(|node| self.cases(node, &notes)).unwrap_or_default();
        if cases.is_empty() && self.problems.is_empty() {
            let place = node.map_or(root.place, |node| node.place);
            self.wrong(place, "there are no cases", "write at least one, as `cases: [{ name: … }]`");
        }
        Some(Suite { source, workflow, now, shared, cases })
    }

    fn now(&self, section: &mut Section<'_>) -> u64 {
        let Some(node) = section.node("now").filter(|node| !matches!(node.value, Written::Null)) else { return NOW };
        machine::moment(&node.to_json()).unwrap_or_else(|fault| {
            self.wrong(node.place, fault.message, "write for example `now: 2027-01-04T05:30:00Z`");
            NOW
        })
    }

    fn cases(&self, node: &'a Node, notes: &[Note]) -> Vec<Case> {
        let Written::List(items) = &node.value else {
            self.wrong(node.place, "`cases` is no list", "write each case as `- name: …`");
            return Vec::new();
        };
        if let Some(excess) = items.get(limits::CASES) {
            self.wrong(excess.place, format!("there are more than {} cases", limits::CASES), "make two files of it");
        }
        let mut names = HashSet::new();
        let mut cases = Vec::new();
        for (index, item) in items.iter().take(limits::CASES).enumerate() {
            let Some(mut section) = self.section(&format!("cases[{index}]"), item) else { continue };
            let name = section.text("name").unwrap_or_else(|| format!("case {}", index + 1));
            if !names.insert(name.clone()) {
                let message = format!("two cases are called `{}`", short(&name));
                self.wrong(section.place_of("name"), message, "give one of them another name");
            }
            let params = self.params(&mut section);
            // Later notes of one key are newer versions: what a case says itself counts more.
            let mut all = notes.to_vec();
            all.extend(self.notes(&mut section));
            let outside = self.outside(&mut section);
            let expect = self.expectations(&mut section);
            section.finish();
            cases.push(Case { name, params, notes: all, outside, expect });
        }
        cases
    }

    fn params(&self, section: &mut Section<'_>) -> Map<String, Value> {
        match section.node("params").map(|node| (node.place, node.to_json())) {
            None | Some((_, Value::Null)) => Map::new(),
            Some((_, Value::Object(params))) => params,
            Some((place, _)) => {
                self.wrong(place, "`params` is no map", "write `params: { name: value }`");
                Map::new()
            }
        }
    }

    /// Notes that the memory holds before: `memory(scope/key): text`.
    fn notes(&self, section: &mut Section<'a>) -> Vec<Note> {
        let Some(node) = section.node("memory") else { return Vec::new() };
        let mut notes = Vec::new();
        for Entry { key, key_place, node } in self.entries("memory", node) {
            let inner = key.strip_prefix("memory(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(key);
            let Some((scope, name)) = inner.split_once('/') else {
                let message = format!("`{}` is no note", short(key));
                self.wrong(*key_place, message, "write for example `memory(project/conventions): the text`");
                continue;
            };
            let mut note = Note {
                place: *key_place,
                scope: scope.to_owned(),
                key: name.to_owned(),
                value: Value::Null,
                classification: None,
                trusted: true,
            };
            if let Written::Map(_) = node.value
                && let Some(mut section) = self.section(&format!("memory.{key}"), node)
            {
                note.classification = section.text("classification");
                note.trusted = section.boolean("trusted").unwrap_or(true);
                note.value = section.node("value").map(Node::to_json).unwrap_or_default();
                section.finish();
            } else {
                note.value = node.to_json();
            }
            notes.push(note);
        }
        notes
    }

    fn section(&self, path: &str, node: &'a Node) -> Option<Section<'a>> {
        Section::new(self.problems, self.file, path, node)
    }

    fn entries(&self, path: &str, node: &'a Node) -> Vec<&'a Entry> {
        entries(self.problems, self.file, path, node)
    }

    fn wrong(&self, place: base::config::Place, message: impl Into<String>, next: &str) {
        self.problems.push(Error::new(Code::WorkflowTestFile, message, next).at(place.in_file(self.file)));
    }
}

/// What of a file's text an error repeats: one line, and not much of it.
fn short(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests;
