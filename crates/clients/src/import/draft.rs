//! One entry of a foreign file on its way to become an entry of ours.

use super::texts::Texts;
use base::config::{Entry, Node, Place, Problems, Value, duration_text};
use base::{Code, Error};
use std::time::Duration;

/// Our keys in the order in which they are written.
const ORDER: [&str; 11] =
    ["command", "args", "env", "inherit", "cwd", "url", "transport", "headers", "era", "enabled", "timeouts"];

/// A bare `timeout` up to this is in seconds (Cline, Roo, Tabnine), above it in milliseconds (Claude Code, Gemini,
/// Zed): no client takes more than an hour in seconds, and nobody waits less than four seconds.
const MOST_SECONDS: f64 = 3600.0;

/// The range that `tools::config` takes for a timeout.
const LEAST: Duration = Duration::from_millis(10);
const MOST: Duration = Duration::from_secs(86_400);

/// What the entries of one file share.
pub(super) struct Context<'c, 't> {
    pub(super) file: &'c str,
    /// Whether a person can look at the lines of it. Those of an answer of a registry nobody has before them.
    pub(super) placed: bool,
    pub(super) problems: &'c Problems,
    pub(super) texts: &'c mut Texts<'t>,
    pub(super) notices: &'c mut Vec<String>,
}

impl Context<'_, '_> {
    /// How messages name a place.
    pub(super) fn place(&self, place: Place) -> String {
        if self.placed { place.in_file(self.file).to_string() } else { self.file.to_owned() }
    }

    /// An entry cannot be taken over.
    pub(super) fn refuse(&self, error: Error, place: Place) {
        self.problems.push(if self.placed { error.at(place.in_file(self.file)) } else { error });
    }
}

/// An entry that is being converted.
pub(super) struct Draft<'d, 'c, 't> {
    context: &'d mut Context<'c, 't>,
    /// The server as the foreign file names it.
    name: &'d str,
    place: Place,
    ours: Vec<Entry>,
    timeouts: Vec<Entry>,
}

impl<'d, 'c, 't> Draft<'d, 'c, 't> {
    pub(super) fn new(context: &'d mut Context<'c, 't>, name: &'d str, place: Place) -> Self {
        Self { context, name, place, ours: Vec::new(), timeouts: Vec::new() }
    }

    /// Takes a value over under our name for it. Null says nothing in any of the formats.
    pub(super) fn keep(&mut self, key: &str, theirs: &Entry) {
        if matches!(theirs.node.value, Value::Null) {
            return;
        }
        let mut node = theirs.node.clone();
        self.convert(&mut node);
        self.put(key, theirs.key_place, node);
    }

    /// Sets one of our keys. The first that sets it wins: two spellings of the same thing say the same.
    pub(super) fn put(&mut self, key: &str, key_place: Place, node: Node) {
        if !self.has(key) {
            self.ours.push(Entry { key: key.to_owned(), key_place, node });
        }
    }

    /// Adds a text to a map of ours, which is made where it is missing.
    pub(super) fn put_within(&mut self, key: &str, name: &str, place: Place, text: String) {
        let added = Entry { key: name.to_owned(), key_place: place, node: Node::text(place, text) };
        match self.ours.iter_mut().find(|entry| entry.key == key) {
            Some(Entry { node: Node { value: Value::Map(entries), .. }, .. }) => entries.push(added),
            Some(_) => {}
            None => self.put(key, place, Node { place, value: Value::Map(vec![added]) }),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.ours.iter().any(|entry| entry.key == key)
    }

    /// The kind of transport that an entry names. What others call HTTP is asked which kind it speaks.
    pub(super) fn transport(&mut self, theirs: &Entry) {
        let text = theirs.node.scalar_text().unwrap_or_default();
        match text.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "stdio" | "local" | "http" | "streamablehttp" | "remote" | "" => {}
            "sse" => self.put("transport", theirs.key_place, Node::text(theirs.node.place, "sse")),
            "ws" | "websocket" => self.put("transport", theirs.key_place, Node::text(theirs.node.place, "websocket")),
            _ => {
                self.notice(
                    theirs.key_place,
                    &format!("the transport `{text}` is not known; it was taken by its keys"),
                );
            }
        }
    }

    /// `disabled: true` and its like.
    pub(super) fn disabled(&mut self, theirs: &Entry) {
        match theirs.node.value {
            Value::Bool(true) => {
                self.put("enabled", theirs.key_place, Node { place: theirs.node.place, value: Value::Bool(false) });
            }
            Value::Bool(false) | Value::Null => {}
            _ => self.notice(theirs.key_place, &format!("`{}` must be true or false and was left out", theirs.key)),
        }
    }

    /// A `timeout` whose unit depends on who wrote it.
    pub(super) fn timeout_of_unknown_unit(&mut self, ours: &'static str, theirs: &Entry) {
        let number = number(&theirs.node);
        let seconds = number.map(|number| if number > MOST_SECONDS { number / 1000.0 } else { number });
        if let Some(taken) = self.timeout(ours, theirs, seconds) {
            let written = theirs.node.scalar_text().unwrap_or_default();
            let text = format!("`{}: {written}` was taken as {taken}; clients differ in the unit", theirs.key);
            self.notice(theirs.key_place, &text);
        }
    }

    /// A timeout in seconds.
    pub(super) fn timeout_in_seconds(&mut self, ours: &'static str, theirs: &Entry) {
        self.timeout(ours, theirs, number(&theirs.node));
    }

    /// A timeout in milliseconds.
    pub(super) fn timeout_in_milliseconds(&mut self, ours: &'static str, theirs: &Entry) {
        self.timeout(ours, theirs, number(&theirs.node).map(|number| number / 1000.0));
    }

    fn timeout(&mut self, ours: &'static str, theirs: &Entry, seconds: Option<f64>) -> Option<String> {
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let Some(duration) = duration.filter(|duration| !duration.is_zero()) else {
            self.notice(theirs.key_place, &format!("`{}` is no duration and was left out", theirs.key));
            return None;
        };
        let text = duration_text(duration.clamp(LEAST, MOST));
        if !self.timeouts.iter().any(|entry| entry.key == ours) {
            let node = Node::text(theirs.node.place, text.clone());
            self.timeouts.push(Entry { key: ours.to_owned(), key_place: theirs.key_place, node });
        }
        Some(text)
    }

    /// Tools that are in or out.
    pub(super) fn selection(&mut self, theirs: &Entry) {
        let text = format!("`{}` was left out: a view of tutti.yaml selects tools", theirs.key);
        self.notice(theirs.key_place, &text);
    }

    /// A key that has no counterpart here.
    pub(super) fn unknown(&mut self, theirs: &Entry) {
        self.notice(theirs.key_place, &format!("the key `{}` has no counterpart here and was left out", theirs.key));
    }

    /// Something that a person should know of this server.
    pub(super) fn notice(&mut self, place: Place, text: &str) {
        let place = self.context.place(place);
        self.context.notices.push(format!("{place}: server `{}`: {text}", self.name));
    }

    /// The finished entry, or nothing where it names neither a command nor an address.
    pub(super) fn finish(mut self) -> Option<Node> {
        if !self.has("command") && !self.has("url") {
            let message = format!("the server `{}` has neither `command` nor `url`", self.name);
            let error = Error::new(Code::ConfigInvalidValue, message, "add one of them, or take the server out");
            self.context.refuse(error, self.place);
            return None;
        }
        if let Some(first) = self.timeouts.first() {
            let place = first.key_place;
            let value = Value::Map(std::mem::take(&mut self.timeouts));
            self.put("timeouts", place, Node { place, value });
        }
        self.ours.sort_by_key(|entry| ORDER.iter().position(|key| *key == entry.key).unwrap_or(ORDER.len()));
        Some(Node { place: self.place, value: Value::Map(self.ours) })
    }

    fn convert(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Text(text) => *text = self.context.texts.convert(text),
            Value::List(items) => items.iter_mut().for_each(|item| self.convert(item)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.convert(&mut entry.node)),
            _ => {}
        }
    }
}

fn number(node: &Node) -> Option<f64> {
    node.scalar_text()?.parse().ok()
}
