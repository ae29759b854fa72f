//! What comes from outside: answers, decisions, signals.

use super::exported::is_export;
use super::{Reader, short};
use crate::suite::{Answer, By, ByStep, Decided, Outside, Resolved, Signal, What};
use base::config::{Entry, Node, Section, Value as Written, yaml};
use journal::Resolution;
use serde_json::Value;
use std::time::Duration;
use workflow::limits::LONGEST;

/// Who decides where nothing is said.
const SOMEBODY: &str = "somebody";

impl<'a> Reader<'a> {
    pub(super) fn outside(&self, section: &mut Section<'a>) -> Outside {
        let mut outside = Outside::default();
        if let Some(path) = section.text("recorded") {
            let place = section.place_of("recorded");
            let read = (self.load)(&path).and_then(|text| yaml(&path, &text));
            match read {
                Ok(document) if is_export(&document.root) => outside = self.exported(&document.root, place),
                // A recording is of another file: what is wrong in it is told with its own lines.
                Ok(document) => {
                    let reader = Reader { problems: self.problems, file: &path, load: self.load };
                    outside.answers = reader.answers(&document.root, "recorded");
                    // In the tests its names stand here.
                    outside.answers.values_mut().for_each(|(at, _)| *at = place);
                }
                Err(error) => self.wrong(place, error.message().to_owned(), "correct the path, or the file"),
            }
        }
        if let Some(node) = section.node("answers") {
            let answers = self.answers(node, "answers");
            // What a case says itself counts more than what is recorded.
            outside.summaries.retain(|summary| !answers.contains_key(&format!("{}~summary", summary.step)));
            outside.answers.extend(answers);
        }
        if let Some(node) = section.node("gates") {
            let gates = self.entries("gates", node).into_iter().filter_map(|entry| self.gate(entry));
            outside.gates.extend(gates);
        }
        if let Some(node) = section.node("doubts") {
            let doubts = self.entries("doubts", node).into_iter().filter_map(|entry| self.doubt(entry));
            outside.doubts.extend(doubts);
        }
        if let Some(node) = section.node("signals") {
            outside.signals = self.signals(node);
        }
        outside.cancel = time(section, "cancel").or(outside.cancel);
        outside
    }

    fn answers(&self, node: &Node, key: &str) -> ByStep<Vec<Answer>> {
        let mut answers = ByStep::new();
        for Entry { key: path, key_place, node } in base::config::entries(self.problems, self.file, key, node) {
            let own = format!("{key}.{path}");
            let read = |node: &Node| {
                let mut section = Section::new(self.problems, self.file, &own, node)?;
                let answer = self.answer(&mut section, node);
                section.finish();
                answer
            };
            let all: Vec<Answer> = match &node.value {
                Written::List(items) => items.iter().filter_map(read).collect(),
                _ => read(node).into_iter().collect(),
            };
            if all.is_empty() && self.problems.is_empty() {
                self.wrong(*key_place, format!("`{}` has no answers", short(path)), "write `{ value: … }`");
            }
            answers.insert(path.clone(), (*key_place, all));
        }
        answers
    }

    fn answer(&self, section: &mut Section<'_>, node: &Node) -> Option<Answer> {
        let mut found = Vec::new();
        if let Some(value) = section.node("value") {
            found.push(What::Value(value.to_json()));
        }
        if let Some(mut error) = section.section("error") {
            let code = error.required_text("code").unwrap_or_default();
            let message = error.text("message").unwrap_or_else(|| "it failed".to_owned());
            error.finish();
            found.push(What::Error { code, message });
        }
        if section.boolean("doubt").unwrap_or(false) {
            found.push(What::Doubt);
        }
        let takes = time(section, "takes").unwrap_or_default();
        if found.len() > 1 || (found.is_empty() && self.problems.is_empty()) {
            self.wrong(
                node.place,
                "this is not one answer",
                "write one of `value: …`, `error: { code, message }` and `doubt: true`",
            );
        }
        found.pop().map(|what| Answer { what, takes, at: 0 })
    }

    /// `review: approve`, or `review: { decide: approve, edit, by, reason, after }`.
    fn gate(&self, entry: &'a Entry) -> Option<(String, (base::config::Place, Decided))> {
        const WORDS: [(&str, bool); 2] = [("approve", true), ("reject", false)];
        let Entry { key, key_place, node } = entry;
        let (yes, edit, by) = match &node.value {
            Written::Map(_) => {
                let mut section = self.section(&format!("gates.{key}"), node)?;
                if !section.has("decide") {
                    self.wrong(
                        node.place,
                        "it is not said what is decided",
                        "write `decide: approve` or `decide: reject`",
                    );
                }
                let yes = section.choice("decide", &WORDS);
                let edit = section.node("edit").map(Node::to_json);
                let by = by(&mut section);
                section.finish();
                (yes?, edit, by)
            }
            _ => {
                let word = node.scalar_text().unwrap_or_default();
                let Some((_, yes)) = WORDS.iter().find(|(known, _)| *known == word) else {
                    let message = format!("`{}` is no decision", short(&word));
                    self.wrong(
                        node.place,
                        message,
                        "write `approve` or `reject`, or leave it out: then nobody decides",
                    );
                    return None;
                };
                (*yes, None, somebody())
            }
        };
        Some((key.clone(), (*key_place, Decided { yes, edit, by })))
    }

    /// `send: retry`, or `send: { decide: happened, value, by, reason, after }`.
    fn doubt(&self, entry: &'a Entry) -> Option<(String, (base::config::Place, Vec<Resolved>))> {
        const WORDS: [(&str, Resolution); 3] =
            [("happened", Resolution::Happened), ("retry", Resolution::Retry), ("fail", Resolution::Fail)];
        let Entry { key, key_place, node } = entry;
        let (resolution, value, by) = match &node.value {
            Written::Map(_) => {
                let mut section = self.section(&format!("doubts.{key}"), node)?;
                if !section.has("decide") {
                    self.wrong(
                        node.place,
                        "it is not said what is decided",
                        "write `decide:` with happened, retry or fail",
                    );
                }
                let resolution = section.choice("decide", &WORDS);
                let value = section.node("value").map(Node::to_json).unwrap_or_default();
                let by = by(&mut section);
                section.finish();
                (resolution?, value, by)
            }
            _ => {
                let word = node.scalar_text().unwrap_or_default();
                let Some((_, resolution)) = WORDS.iter().find(|(known, _)| *known == word) else {
                    let message = format!("`{}` says nothing of an effect in doubt", short(&word));
                    self.wrong(node.place, message, "write `happened`, `retry` or `fail`");
                    return None;
                };
                (*resolution, Value::Null, somebody())
            }
        };
        Some((key.clone(), (*key_place, vec![Resolved { resolution, value, by }])))
    }

    fn signals(&self, node: &'a Node) -> Vec<Signal> {
        let Written::List(items) = &node.value else {
            self.wrong(node.place, "`signals` is no list", "write each as `- { name: …, at: 5m }`");
            return Vec::new();
        };
        let read = |(index, item): (usize, &'a Node)| {
            let mut section = self.section(&format!("signals[{index}]"), item)?;
            let name = section.required_text("name");
            let at = time(&mut section, "at").unwrap_or_default();
            let value = section.node("value").map(Node::to_json).unwrap_or_default();
            section.finish();
            Some(Signal { name: name?, at, value })
        };
        items.iter().enumerate().filter_map(read).collect()
    }
}

fn somebody() -> By {
    By { actor: SOMEBODY.to_owned(), reason: None, after: 0 }
}

fn by(section: &mut Section<'_>) -> By {
    By {
        actor: section.text("by").unwrap_or_else(|| SOMEBODY.to_owned()),
        reason: section.text("reason"),
        after: time(section, "after").unwrap_or_default(),
    }
}

/// A duration under `key`, in milliseconds.
pub(super) fn time(section: &mut Section<'_>, key: &'static str) -> Option<u64> {
    let found = section.duration(key, Duration::ZERO..=LONGEST)?;
    u64::try_from(found.as_millis()).ok()
}
