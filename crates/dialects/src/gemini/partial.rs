//! Arguments of a call that come piece by piece: `partialArgs`, each a value with the JSON path where it stands.

use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::object::Object;
use std::collections::HashMap;

/// How deep arguments may lie in each other. What is deeper is left out.
const DEEPEST: usize = 32;

/// The arguments so far.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    root: Node,
}

#[derive(Debug, Default)]
enum Node {
    #[default]
    Null,
    /// A number or a truth value, as it was written.
    Plain(String),
    /// A string, whose pieces are put together.
    Text(String),
    Object {
        places: HashMap<String, usize>,
        members: Vec<(String, Node)>,
    },
    Array(Vec<Node>),
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Number(usize),
}

impl Arguments {
    /// Takes a piece. One that cannot be understood is passed over.
    pub(super) fn take(&mut self, piece: &str) {
        let Ok(piece) = Object::read_leniently(piece) else { return };
        let Some(steps) = piece.peek_text("jsonPath").and_then(|path| steps(&path)) else { return };
        let mut node = &mut self.root;
        for step in steps {
            let Some(next) = node.at(step) else { return };
            node = next;
        }
        if let Some(more) = piece.peek_text("stringValue") {
            match node {
                Node::Text(text) => text.push_str(&more),
                other => *other = Node::Text(more),
            }
        } else if let Some(plain) = piece.peek("numberValue").or_else(|| piece.peek("boolValue")) {
            *node = Node::Plain(plain.to_owned());
        }
    }

    /// The object that came together.
    pub(super) fn finish(&self) -> String {
        match &self.root {
            Node::Null => "{}".to_owned(),
            root => root.write(),
        }
    }
}

impl Node {
    /// What stands at `step`, which is made where it is not there yet. A number far ahead means the next place.
    fn at(&mut self, step: Step) -> Option<&mut Node> {
        match step {
            Step::Name(name) => {
                if !matches!(self, Node::Object { .. }) {
                    *self = Node::Object { places: HashMap::new(), members: Vec::new() };
                }
                let Node::Object { places, members } = self else { return None };
                let place = *places.entry(name.clone()).or_insert(members.len());
                if place == members.len() {
                    members.push((name, Node::Null));
                }
                members.get_mut(place).map(|(_, node)| node)
            }
            Step::Number(number) => {
                if !matches!(self, Node::Array(_)) {
                    *self = Node::Array(Vec::new());
                }
                let Node::Array(elements) = self else { return None };
                let place = number.min(elements.len());
                if place == elements.len() {
                    elements.push(Node::Null);
                }
                elements.get_mut(place)
            }
        }
    }

    fn write(&self) -> String {
        match self {
            Node::Null => "null".to_owned(),
            Node::Plain(plain) => plain.clone(),
            Node::Text(text) => quote(text),
            Node::Object { members, .. } => {
                let mut out = ObjectWriter::new();
                members.iter().for_each(|(name, node)| out.foreign(name, &node.write()));
                out.finish()
            }
            Node::Array(elements) => {
                let mut out = ArrayWriter::new();
                for element in elements {
                    out.raw(&element.write());
                }
                out.finish()
            }
        }
    }
}

/// The steps of a path such as `$.places[0].name` or `$['places'][0]`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() >= DEEPEST {
            return None;
        }
        if let Some(named) = rest.strip_prefix('.') {
            let end = named.find(['.', '[']).unwrap_or(named.len());
            let (name, after) = named.split_at(end);
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        } else {
            let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
            let name = ['\'', '"'].into_iter().find_map(|mark| inside.strip_prefix(mark)?.strip_suffix(mark));
            steps.push(match name {
                Some(name) => Step::Name(name.to_owned()),
                None => Step::Number(inside.parse().ok()?),
            });
            rest = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests;
