//! What all readers share: where problems go, and how a map of a shape is opened.

use super::{Gaps, shape_of};
use crate::limits;
use crate::source::{Source, Spot, hint, short};
use base::config::{Node, Place, Problems, Section, Value as Written};
use base::{Code, Error};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

/// Reads one file.
pub(super) struct Reader<'a> {
    pub(super) problems: &'a Problems,
    pub(super) source: &'a Source,
    /// Steps of the workflow that is read.
    steps: Cell<usize>,
    /// Where each name of a step was seen first.
    names: RefCell<HashMap<String, Place>>,
    /// How many problems belong to steps that have a name.
    owned: Cell<usize>,
    /// What of the workflow could not be read so far.
    gaps: RefCell<Gaps>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(problems: &'a Problems, source: &'a Source) -> Self {
        Self {
            problems,
            source,
            steps: Cell::new(0),
            names: RefCell::default(),
            owned: Cell::new(0),
            gaps: RefCell::default(),
        }
    }

    /// Forgets the steps of the workflow before.
    pub(super) fn begin(&self) {
        self.steps.set(0);
        self.names.borrow_mut().clear();
        *self.gaps.borrow_mut() = Gaps::default();
    }

    /// What of the workflow could not be read, of which reading began at `before` problems.
    pub(super) fn gaps(&self, before: usize) -> Gaps {
        Gaps { any: self.problems.count() > before, ..self.gaps.take() }
    }

    /// Notes what of the workflow could not be read.
    pub(super) fn missing(&self, note: impl FnOnce(&mut Gaps)) {
        note(&mut self.gaps.borrow_mut());
    }

    /// Reads something, and tells whether a problem was found in it.
    pub(super) fn watched<T>(&self, read: impl FnOnce() -> T) -> (T, bool) {
        let before = self.problems.count();
        let found = read();
        (found, self.problems.count() > before)
    }

    /// Where the problems of a step begin: how many there are, and how many of them belong to steps.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.problems.count(), self.owned.get())
    }

    /// Ends the step `name` that began at `mark`: problems since then that belong to no step within it are its own.
    pub(super) fn owns(&self, name: &str, (before, owned): (usize, usize)) {
        let within = self.owned.get() - owned;
        let own = (self.problems.count() - before).saturating_sub(within);
        if own > 0 {
            self.owned.set(self.owned.get() + own);
            self.missing(|gaps| {
                gaps.steps.insert(name.to_owned());
            });
        }
    }

    /// Says that something is wrong.
    pub(super) fn wrong(&self, code: Code, place: Place, message: impl Into<String>, next: impl Into<String>) {
        self.problems.push(Error::new(code, message, next).at(place.in_file(&self.source.file)));
    }

    /// Says that a workflow cannot be so.
    pub(super) fn fault(&self, place: Place, message: impl Into<String>, next: impl Into<String>) {
        self.wrong(Code::WorkflowFile, place, message, next);
    }

    /// A reader over the map `node` of the shape `shape`: it has no other keys, and those that must be there are.
    pub(super) fn open(&self, path: &str, node: &'a Node, shape: &str) -> Option<Section<'a>> {
        let mut section = Section::new(self.problems, &self.source.file, path, node)?;
        let shape = shape_of(shape);
        for key in shape.keys {
            section.node(key.name);
        }
        for required in shape.required.iter().filter(|required| !section.has(required)) {
            let about = shape.keys.iter().find(|key| key.name == *required).map_or("", |key| key.about);
            let named = if path.is_empty() { "the workflow".to_owned() } else { format!("`{path}`") };
            let next = format!("add `{required}:`; it is {}", lower(about));
            section.problem(
                required,
                Code::WorkflowFile,
                format!("{named} needs `{required}`, which is missing"),
                next,
            );
        }
        Some(section)
    }

    /// Counts a step. Whether there may be one more.
    pub(super) fn count(&self, place: Place) -> bool {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() == limits::STEPS + 1 {
            let message = format!("the workflow has more than {} steps", limits::STEPS);
            self.wrong(Code::WorkflowTooLarge, place, message, "move some of them to a workflow of their own");
        }
        self.steps.get() <= limits::STEPS
    }

    /// Checks the name of a step: templates can use it, and no other step has it.
    pub(super) fn name(&self, name: &str, place: Place) {
        if !limits::is_name(name) {
            let next =
                "use letters, digits and `_`, at most 64, the first no digit: templates write `steps.<name>.output`";
            return self.fault(place, format!("`{}` is no name of a step", short(name)), next);
        }
        if let Some(first) = self.names.borrow_mut().insert(name.to_owned(), place) {
            let message = format!("two steps are called `{name}`: here and at {first}");
            self.fault(place, message, "give one of them another name: a name means one step of the whole workflow");
        }
    }
}

/// The text of a node that holds one; otherwise a problem.
impl Reader<'_> {
    pub(super) fn text(&self, what: &str, node: &Node) -> Option<String> {
        let text = node.scalar_text();
        if text.is_none() {
            let message = format!("{what} must be a text, and {} stands there", node.value.kind());
            self.wrong(Code::ConfigInvalidValue, node.place, message, "write a text");
        }
        text
    }
}

/// The nodes of a list; a problem where it is something else or too long.
pub(super) fn items<'a>(reader: &Reader<'_>, what: &str, node: &'a Node, most: usize) -> &'a [Node] {
    let Written::List(items) = &node.value else {
        if !matches!(node.value, Written::Null) {
            let message = format!("`{what}` must be a list, and {} stands there", node.value.kind());
            reader.wrong(
                Code::ConfigInvalidValue,
                node.place,
                message,
                "write each item on a line of its own behind `- `",
            );
        }
        return &[];
    };
    if let Some(excess) = items.get(most) {
        let message = format!("`{what}` has {} items, and {most} are the most", items.len());
        reader.wrong(Code::WorkflowTooLarge, excess.place, message, "take some out");
    }
    items.get(..most).unwrap_or(items)
}

/// A duration under `key`, in milliseconds.
pub(super) fn milliseconds(section: &mut Section<'_>, key: &'static str) -> Option<u64> {
    let found = section.duration(key, Duration::from_millis(1)..=limits::LONGEST)?;
    u64::try_from(found.as_millis()).ok()
}

/// A whole number under `key` that fits 32 bits.
pub(super) fn small(section: &mut Section<'_>, key: &'static str, most: u32) -> Option<u32> {
    section.integer(key, 1..=i64::from(most)).and_then(|value| u32::try_from(value).ok())
}

/// Where the value of `key` stands.
pub(super) fn spot(section: &Section<'_>, key: &str) -> Spot {
    section.place_of(key).into()
}

/// Whether a node says anything.
pub(super) fn says(node: &&Node) -> bool {
    !matches!(node.value, Written::Null)
}

fn lower(about: &str) -> String {
    let text = about.trim_end_matches('.');
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}", first.to_lowercase(), characters.as_str()),
        None => String::new(),
    }
}

/// For a word that stands for something else.
pub(super) fn unknown(reader: &Reader<'_>, node: &Node, what: &str, written: &str, known: &[&str]) {
    let message = format!("{what} cannot be `{}`", short(written));
    reader.fault(node.place, message, hint(written, known.iter().copied(), ""));
}
