//! What is expected of a case.

use super::outside::time;
use super::{Reader, short};
use crate::suite::{ByStep, Calls, Ending, Expect, NOT_DONE, STATUSES};
use base::config::{Entry, Node, Section, Value as Written, nearest};
use workflow::template::Template;

impl<'a> Reader<'a> {
    pub(super) fn expectations(&self, section: &mut Section<'a>) -> Expect {
        let Some(mut inner) = section.section("expect") else {
            // To come to its end is expected at least.
            return Expect::default();
        };
        let mut expect = Expect {
            end: inner.choice("end", &Ending::WORDS).unwrap_or_default(),
            output: inner.node("output").map(Node::to_json),
            contains: inner.node("contains").map(Node::to_json),
            holds: self.holds(&mut inner),
            ..Expect::default()
        };
        if let Some(mut error) = inner.section("error") {
            (expect.code, expect.message) = (error.text("code"), error.text("message"));
            error.finish();
            if !inner.has("end") {
                expect.end = Ending::Failed;
            }
        }
        self.standing(&mut inner, &mut expect.steps);
        if let Some(node) = inner.node("calls") {
            let calls = self.entries("expect.calls", node).into_iter();
            expect.calls = calls.filter_map(|entry| self.calls(entry)).collect();
        }
        self.time(&mut inner, &mut expect);
        if let Some(node) = inner.node("tokens") {
            for Entry { key, key_place, node } in self.entries("expect.tokens", node) {
                match node.scalar_text().and_then(|text| text.parse().ok()) {
                    Some(most) => {
                        expect.tokens.insert(key.clone(), (*key_place, most));
                    }
                    None => self.wrong(
                        node.place,
                        "this is no number of tokens",
                        "write the most that the step gets, such as `800`",
                    ),
                }
            }
        }
        inner.finish();
        expect
    }

    fn holds(&self, section: &mut Section<'_>) -> Vec<Template> {
        let place = section.place_of("holds");
        let read = |text: String| match Template::condition(&text) {
            Ok(template) => Some(template),
            Err(why) => {
                let message = format!("`{}` is no condition: {why}", short(&text));
                self.wrong(place, message, "write for example `output.score > 7`");
                None
            }
        };
        let texts = if section.has("holds") { section.texts("holds") } else { None };
        section.node("holds");
        texts.unwrap_or_default().into_iter().filter_map(read).collect()
    }

    /// `steps: { review: skipped }`, and the lists `done` and `not_done`.
    fn standing(&self, section: &mut Section<'a>, steps: &mut ByStep<&'static str>) {
        if let Some(node) = section.node("steps") {
            for Entry { key, key_place, node } in self.entries("expect.steps", node) {
                let word = node.scalar_text().unwrap_or_default();
                match STATUSES.iter().find(|known| **known == word) {
                    Some(status) => {
                        steps.insert(key.clone(), (*key_place, *status));
                    }
                    None => {
                        let near = nearest(&word, STATUSES.iter().copied());
                        let next = near.map_or_else(
                            || format!("write one of {}", STATUSES.join(", ")),
                            |near| format!("did you mean `{near}`?"),
                        );
                        self.wrong(node.place, format!("a step cannot stand as `{}`", short(&word)), &next);
                    }
                }
            }
        }
        for (key, status) in [("done", "succeeded"), ("not_done", NOT_DONE)] {
            let Some(Node { value: Written::List(items), .. }) = section.node(key) else {
                if section.has(key) {
                    self.wrong(
                        section.place_of(key),
                        format!("`{key}` is no list"),
                        "write the names of steps as a list",
                    );
                }
                continue;
            };
            for item in items {
                let Some(name) = item.scalar_text() else {
                    self.wrong(item.place, "this is no name of a step", "write the name");
                    continue;
                };
                if steps.insert(name.clone(), (item.place, status)).is_some() {
                    let message = format!("`{}` is expected to stand in two ways", short(&name));
                    self.wrong(item.place, message, "say it once");
                }
            }
        }
    }

    /// `save: 1`, or `save: { times: 1, with: { path: a }, exactly: { … } }`.
    fn calls(&self, entry: &'a Entry) -> Option<(String, (base::config::Place, Calls))> {
        let Entry { key, key_place, node } = entry;
        let calls = match &node.value {
            Written::Map(_) => {
                let mut section = self.section(&format!("expect.calls.{key}"), node)?;
                let times =
                    section.integer("times", 0..=i64::from(u32::MAX)).and_then(|times| u32::try_from(times).ok());
                let with = section.node("with").map(Node::to_json);
                let exactly = section.node("exactly").map(Node::to_json);
                section.finish();
                Calls { times, with, exactly }
            }
            Written::Integer(times) if u32::try_from(*times).is_ok() => {
                Calls { times: u32::try_from(*times).ok(), with: None, exactly: None }
            }
            _ => {
                self.wrong(node.place, "this says nothing of calls", "write how many, or `{ times: 1, with: { … } }`");
                return None;
            }
        };
        Some((key.clone(), (*key_place, calls)))
    }

    /// `time: 2h`, or `time: { at_least: 1h, at_most: 3h }`.
    fn time(&self, section: &mut Section<'a>, expect: &mut Expect) {
        let Some(node) = section.node("time") else { return };
        if let Written::Map(_) = node.value {
            let Some(mut inner) = self.section("expect.time", node) else { return };
            (expect.at_least, expect.at_most) = (time(&mut inner, "at_least"), time(&mut inner, "at_most"));
            inner.finish();
        } else {
            let exactly = time(section, "time");
            (expect.at_least, expect.at_most) = (exactly, exactly);
        }
    }
}
