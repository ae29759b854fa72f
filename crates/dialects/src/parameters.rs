//! Parameters of tools, as every provider takes them: outermost an object that names its members, and none of several forms. One
//! tool with others has the whole request refused, by OpenAI ("schema must have type 'object' and not have 'oneOf'/'anyOf'/…"
//! and "object schema missing properties") and by Anthropic ("input_schema does not support oneOf, allOf, or anyOf at the top
//! level"). The MCP specification allows such tools, and real servers have them.

mod complete;

pub(crate) use complete::complete;
use complete::completed;
use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::json::{elements, text};
use conversation::object::Object;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How deep forms may lie in each other. What is deeper names no members.
const DEEPEST: usize = 8;
/// What lists forms, all of which or some of which hold.
const FORMS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// What else is refused outermost.
const REFUSED: [&str; 3] = ["not", "enum", "const"];
/// The parameters of a tool that says nothing of them.
const NONE: &str = r#"{"type":"object","properties":{}}"#;

/// The parameters of a tool that is offered to whichever provider: as [`outermost`] gives them, and nothing missing inside.
/// Nothing where they are that already.
pub fn offered(schema: &str) -> Option<String> {
    let outer = outermost(schema).map(|(outer, _)| outer);
    match completed(outer.as_deref().unwrap_or(schema), 0) {
        Cow::Owned(whole) => Some(whole),
        Cow::Borrowed(_) => outer,
    }
}

/// The parameters as an object that names the members of all forms; nothing where they are that already. Values of the former
/// need not keep to the latter: whoever runs the tool checks them. The flag says whether anything is looser by that.
pub(crate) fn outermost(schema: &str) -> Option<(String, bool)> {
    let Ok(object) = Object::read_leniently(schema) else { return Some((NONE.to_owned(), true)) };
    let is_refused = |name: &str| name == "$ref" || FORMS.contains(&name) || REFUSED.contains(&name);
    let looser = object.members().any(|(name, _)| is_refused(name));
    let is_object = object.peek("type") == Some("\"object\"");
    if is_object && !looser && object.peek("properties").is_some_and(|members| members.starts_with('{')) {
        return None;
    }
    let mut members = Members::of(&object);
    members.add(&object, true, 0);
    let mut out = ObjectWriter::new();
    out.text("type", "object");
    for (name, value) in object.members() {
        if !is_refused(name) && !matches!(name, "type" | "properties" | "required") {
            out.foreign(name, value);
        }
    }
    let Members { list, mut needed, .. } = members;
    out.object("properties", list);
    if !needed.is_empty() {
        let mut names = HashSet::new();
        needed.retain(|name| names.insert(name.clone()));
        let mut list = ArrayWriter::new();
        needed.iter().for_each(|name| {
            list.raw(&quote(name));
        });
        out.array("required", list);
    }
    Some((out.finish(), looser))
}

/// The members of an object that is said in several forms.
#[derive(Default)]
struct Members<'a> {
    names: HashSet<String>,
    list: ObjectWriter,
    needed: Vec<String>,
    /// The definitions that were not looked up yet, by their addresses.
    definitions: HashMap<String, &'a str>,
}

impl<'a> Members<'a> {
    /// None, of a schema with these definitions.
    fn of(whole: &Object<'a>) -> Self {
        let mut definitions = HashMap::new();
        for place in ["$defs", "definitions"] {
            let all = whole.peek(place).and_then(|all| Object::read_leniently(all).ok());
            for (name, value) in all.iter().flat_map(Object::members) {
                definitions.insert(format!("#/{place}/{name}"), value);
            }
        }
        Self { definitions, ..Self::default() }
    }

    /// Adds those of a form; `holds` says whether it always does.
    fn add(&mut self, form: &Object<'a>, holds: bool, depth: usize) {
        if depth >= DEEPEST {
            return;
        }
        if let Some(members) = form.peek("properties").and_then(|members| Object::read_leniently(members).ok()) {
            for (name, value) in members.members() {
                if self.names.insert(name.to_owned()) {
                    self.list.foreign(name, value);
                }
            }
        }
        if holds {
            self.needed.extend(form.peek("required").and_then(elements).into_iter().flatten().filter_map(text));
        }
        let address = form.peek("$ref").and_then(text);
        let definition = address.and_then(|address| self.definitions.remove(&address));
        if let Some(definition) = definition.and_then(|definition| Object::read_leniently(definition).ok()) {
            self.add(&definition, holds, depth + 1);
        }
        for name in FORMS {
            for inner in form.peek(name).and_then(elements).unwrap_or_default() {
                if let Ok(inner) = Object::read_leniently(inner) {
                    self.add(&inner, holds && name == "allOf", depth + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
