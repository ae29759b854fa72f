//! YAML 1.2, from the events of `saphyr-parser`.
//!
//! The tree is built on a stack of our own and not by recursion, and aliases are paid for as if their content stood
//! there, so that neither a deep nor a multiplying document can do harm.

use super::budget::{self, Budget, Capacity, Cost};
use super::scalar;
use super::tree::{Document, Entry, Node, Place, Value};
use crate::{Code, Error, Result};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Reads one YAML document. Anchors, aliases and merge keys (`<<`) are resolved; a key that stands twice is an error.
pub fn yaml(file: &str, text: &str) -> Result<Document> {
    yaml_within(file, text, Capacity::default())
}

/// As [`yaml`], for a document that may hold more than a configuration.
pub fn yaml_within(file: &str, text: &str, capacity: Capacity) -> Result<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { file, budget: Budget::of(capacity), ..Builder::default() };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| failed(file, &error))?;
        builder.take(event, place(&span.start))?;
    }
    let root = builder.root.unwrap_or(Node { place: Place::START, value: Value::Null });
    Ok(Document { file: file.to_owned(), root })
}

#[derive(Default)]
struct Builder<'file> {
    file: &'file str,
    budget: Budget,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, Cost)>,
    documents: usize,
    root: Option<Node>,
}

/// A list or a map that has begun and not yet ended.
struct Open {
    place: Place,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: HashMap<String, Place>, key: Option<Key>, merged: Option<Node> },
}

struct Key {
    text: String,
    place: Place,
    merges: bool,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<()> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(syntax(self.file, place, "a second document begins here, and only one is read"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_ref(), place),
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::SequenceStart(anchor, tag) => {
                self.tag_is(tag.as_ref(), "seq", place)?;
                self.begin(place, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.tag_is(tag.as_ref(), "map", place)?;
                let content = Content::Map { entries: Vec::new(), seen: HashMap::new(), key: None, merged: None };
                self.begin(place, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Cow<'_, Tag>>,
        place: Place,
    ) -> Result<()> {
        self.budget.pay(1, text.len(), self.file, place)?;
        let value = self.resolve(text, style, tag, place)?;
        if self.wants_key() {
            if text.is_empty() && matches!(value, Value::Null) {
                return Err(syntax(self.file, place, "a value stands here without a key"));
            }
            let merges = text == "<<" && style == ScalarStyle::Plain && tag.is_none();
            self.remember(anchor, &Node::text(place, text))?;
            return self.key(Key { text: text.to_owned(), place, merges });
        }
        // An empty value has no characters of its own: the place a person looks at is its key.
        let place =
            if text.is_empty() && style == ScalarStyle::Plain { self.key_place().unwrap_or(place) } else { place };
        let node = Node { place, value };
        self.remember(anchor, &node)?;
        self.put(node)
    }

    fn resolve(&self, text: &str, style: ScalarStyle, tag: Option<&Cow<'_, Tag>>, place: Place) -> Result<Value> {
        let Some(tag) = tag else {
            let value = if style == ScalarStyle::Plain { scalar::plain(text) } else { Value::Text(text.to_owned()) };
            return Ok(value);
        };
        let text_value = Value::Text(text.to_owned());
        if tag.handle.is_empty() && tag.suffix == "!" {
            return Ok(text_value);
        }
        let value = match (tag.is_yaml_core_schema(), tag.suffix.as_str()) {
            (true, "str") => Some(text_value),
            (true, "null") => Some(Value::Null),
            (true, "bool") => scalar::boolean(&text_value).map(Value::Bool),
            (true, "int") => scalar::integer(&text_value).map(Value::Integer),
            (true, "float") => text.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float),
            _ => return Err(self.unknown_tag(tag, place)),
        };
        value.ok_or_else(|| {
            syntax(self.file, place, &format!("the value is not of the type that `!!{}` says", tag.suffix))
        })
    }

    fn tag_is(&self, tag: Option<&Cow<'_, Tag>>, wanted: &str, place: Place) -> Result<()> {
        match tag {
            Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == wanted) => Err(self.unknown_tag(tag, place)),
            _ => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, place: Place) -> Error {
        syntax(self.file, place, &format!("the tag `{tag}` means nothing here"))
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<()> {
        let Some((node, cost)) = self.anchors.get(&anchor) else {
            return Err(syntax(self.file, place, "the alias stands within the very value that it refers to"));
        };
        if self.open.len() + cost.height > budget::DEPTH {
            return Err(budget::too_deep(self.file, place));
        }
        self.budget.pay(cost.nodes, cost.text, self.file, place)?;
        if self.wants_key() {
            let text = node.scalar_text().ok_or_else(|| complex_key(self.file, place))?;
            return self.key(Key { text, place, merges: false });
        }
        let node = node.clone();
        self.put(node)
    }

    fn begin(&mut self, place: Place, anchor: usize, content: Content) -> Result<()> {
        if self.wants_key() {
            return Err(complex_key(self.file, place));
        }
        if self.open.len() >= budget::DEPTH {
            return Err(budget::too_deep(self.file, place));
        }
        self.budget.pay(1, 0, self.file, place)?;
        self.open.push(Open { place, anchor, content });
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let Some(Open { place, anchor, content }) = self.open.pop() else {
            return Err(Error::internal("the YAML reader met the end of a list that had not begun"));
        };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Map { mut entries, mut seen, merged, .. } => {
                if let Some(merged) = merged {
                    merge(self.file, merged, &mut entries, &mut seen)?;
                }
                Value::Map(entries)
            }
        };
        let node = Node { place, value };
        self.remember(anchor, &node)?;
        self.put(node)
    }

    /// Keeps a copy of an anchored value. The copy is paid for: anchors within anchors would multiply otherwise.
    fn remember(&mut self, anchor: usize, node: &Node) -> Result<()> {
        if anchor != 0 {
            let cost = Cost::of(node);
            self.budget.pay(cost.nodes, cost.text, self.file, node.place)?;
            self.anchors.insert(anchor, (node.clone(), cost));
        }
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    fn key_place(&self) -> Option<Place> {
        match self.open.last() {
            Some(Open { content: Content::Map { key: Some(key), .. }, .. }) => Some(key.place),
            _ => None,
        }
    }

    fn key(&mut self, found: Key) -> Result<()> {
        if let Some(Open { content: Content::Map { seen, key, .. }, .. }) = self.open.last_mut() {
            if let Some(first) = seen.insert(found.text.clone(), found.place) {
                return Err(twice(self.file, &found.text, found.place, first));
            }
            *key = Some(found);
        }
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<()> {
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key, merged, .. }) => match key.take() {
                Some(key) if key.merges => *merged = Some(node),
                Some(key) => entries.push(Entry { key: key.text, key_place: key.place, node }),
                None => return Err(complex_key(self.file, node.place)),
            },
        }
        Ok(())
    }
}

/// Adds the entries of `<<`: a map, or a list of maps of which the earlier ones win. What the map says itself wins over
/// them all.
fn merge(file: &str, merged: Node, entries: &mut Vec<Entry>, seen: &mut HashMap<String, Place>) -> Result<()> {
    let place = merged.place;
    let sources = match merged.value {
        Value::List(items) => items,
        value => vec![Node { place, value }],
    };
    for source in sources {
        let Value::Map(inherited) = source.value else {
            return Err(syntax(file, source.place, "`<<` takes a map or a list of maps"));
        };
        for entry in inherited {
            if !seen.contains_key(&entry.key) {
                seen.insert(entry.key.clone(), entry.key_place);
                entries.push(entry);
            }
        }
    }
    Ok(())
}

/// The error for a key that stands twice in one map.
pub(super) fn twice(file: &str, key: &str, place: Place, first: Place) -> Error {
    let message = format!("the key `{key}` stands twice in the same map: here and at {first}");
    Error::new(Code::ConfigSyntax, message, "keep one of the two").at(place.in_file(file))
}

fn failed(file: &str, error: &ScanError) -> Error {
    let place = place(error.marker());
    // The parser has a limit of its own, above ours, which it meets while it looks ahead.
    if error.info().contains("recursion limit") {
        budget::too_deep(file, place)
    } else {
        syntax(file, place, error.info())
    }
}

fn complex_key(file: &str, place: Place) -> Error {
    syntax(file, place, "a key must be a single word or text, not a list or a map")
}

fn syntax(file: &str, place: Place, what: &str) -> Error {
    let message = format!("the file is not YAML that can be read: {what}");
    Error::new(Code::ConfigSyntax, message, "mend the file at this place; indentation counts in YAML")
        .at(place.in_file(file))
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

#[cfg(test)]
mod tests;
