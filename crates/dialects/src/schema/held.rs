//! Whether Claude can be held to a schema without a change of what it means.

use super::{DEEPEST, is_object};
use conversation::json::{elements, text};
use conversation::object::Object;
use std::collections::{HashMap, HashSet};

/// Where a schema stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It says the arguments of a tool, where an object of which nothing is said has no members.
    Tool,
    /// It says the form of an answer.
    Answer,
}

/// How many members may be left out of what Claude is held to by a schema. None where it cannot be held to it: objects with any
/// members could only be empty when they are closed, and definitions that lead back to themselves, `true` as a schema and parts of
/// `allOf` that would shut each other out are no schemas there.
pub(crate) fn held(schema: &str, place: Place) -> Option<usize> {
    let mut walk = Walk::default();
    let holds = walk.holds(schema, 0, place == Place::Tool) && !walk.is_circular();
    holds.then_some(walk.optional)
}

/// What is found on the way through a schema.
#[derive(Debug, Default)]
struct Walk {
    /// The definition that is looked at.
    within: Option<String>,
    /// Which definition names which.
    names: Vec<(String, String)>,
    /// How many members of objects may be left out.
    optional: usize,
}

impl Walk {
    fn holds(&mut self, schema: &str, depth: usize, may_be_empty: bool) -> bool {
        let Ok(object) = Object::read(schema) else { return false };
        depth < DEEPEST
            && (may_be_empty || !is_any_object(&object))
            && self.refers(&object)
            && joins(&object)
            && self.members(&object, depth)
            && ["$defs", "definitions"].into_iter().all(|name| self.definitions(&object, name, depth))
            && object.peek("items").is_none_or(|items| self.holds(items, depth + 1, false))
            && ["anyOf", "allOf", "oneOf"].into_iter().all(|name| self.listed(&object, name, depth))
    }

    fn members(&mut self, object: &Object<'_>, depth: usize) -> bool {
        let needed = object.peek("required").and_then(elements).unwrap_or_default();
        let needed: HashSet<String> = needed.into_iter().filter_map(text).collect();
        if let Some(Ok(members)) = object.peek("properties").map(Object::read) {
            self.optional += members.members().filter(|(name, _)| !needed.contains(*name)).count();
        }
        self.all(object, "properties", depth)
    }

    fn all(&mut self, object: &Object<'_>, name: &str, depth: usize) -> bool {
        let Some(Ok(members)) = object.peek(name).map(Object::read) else { return true };
        members.members().all(|(_, schema)| self.holds(schema, depth + 1, false))
    }

    fn listed(&mut self, object: &Object<'_>, name: &str, depth: usize) -> bool {
        let schemas = object.peek(name).and_then(elements).unwrap_or_default();
        schemas.into_iter().all(|schema| self.holds(schema, depth + 1, false))
    }

    /// As of members; those of the outermost schema have names by which others mean them.
    fn definitions(&mut self, object: &Object<'_>, name: &str, depth: usize) -> bool {
        if depth > 0 {
            return self.all(object, name, depth);
        }
        let Some(Ok(members)) = object.peek(name).map(Object::read) else { return true };
        members.members().all(|(definition, schema)| {
            self.within = Some(format!("{name}/{definition}"));
            let holds = self.holds(schema, depth + 1, false);
            self.within = None;
            holds
        })
    }

    /// Notes what a schema refers to. The outermost schema holds whatever refers to it, and what lies elsewhere is refused.
    fn refers(&mut self, object: &Object<'_>) -> bool {
        let Some(target) = object.peek_text("$ref") else { return true };
        let Some(path) = target.strip_prefix("#/") else { return false };
        let mut parts = path.splitn(3, '/');
        if let (Some(within), Some(place), Some(name)) = (&self.within, parts.next(), parts.next()) {
            let name = name.replace("~1", "/").replace("~0", "~");
            self.names.push((within.clone(), format!("{place}/{name}")));
        }
        true
    }

    /// Whether a definition leads back to itself: some are left when those that name none that is left are taken away, again and again.
    fn is_circular(&self) -> bool {
        let mut open: HashMap<&str, usize> = HashMap::new();
        let mut named_by: HashMap<&str, Vec<&str>> = HashMap::new();
        for (by, name) in &self.names {
            *open.entry(by).or_default() += 1;
            open.entry(name).or_default();
            named_by.entry(name).or_default().push(by);
        }
        let mut done: Vec<&str> = open.iter().filter(|(_, names)| **names == 0).map(|(name, _)| *name).collect();
        let mut left = open.len();
        while let Some(name) = done.pop() {
            left -= 1;
            for by in named_by.get(name).into_iter().flatten() {
                if let Some(names) = open.get_mut(by) {
                    *names -= 1;
                    if *names == 0 {
                        done.push(by);
                    }
                }
            }
        }
        left > 0
    }
}

/// Whether an object may have members of which nothing is known: closed it could have none at all.
fn is_any_object(object: &Object<'_>) -> bool {
    let members = object.peek("properties").and_then(|members| Object::read(members).ok());
    let named = members.as_ref().is_some_and(|members| members.members().next().is_some());
    let open = object.peek("additionalProperties").map_or(members.is_none(), |more| more != "false");
    is_object(object) && !named && open
}

/// Whether the parts of `allOf` hold together when each object is closed, and none is said elsewhere, which is refused.
fn joins(object: &Object<'_>) -> bool {
    let Some(parts) = object.peek("allOf").and_then(elements) else { return true };
    let read: Vec<Object<'_>> = parts.into_iter().filter_map(|part| Object::read(part).ok()).collect();
    let refers = read.iter().chain([object]).any(|part| part.peek("$ref").and_then(text).is_some());
    !refers && read.iter().chain([object]).filter(|part| is_object(part)).count() < 2
}

#[cfg(test)]
mod tests;
