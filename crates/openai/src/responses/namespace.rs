//! Namespaces: tools that a client groups under a name, as Codex does with those of each MCP server, and calls that say both
//! names apart. To all other dialects each tool is one of its own whose name is both, joined; notes tell what it was.

use super::{OWN, Object};
use conversation::extra::Extra;
use conversation::item::{Item, ToolCall};
use conversation::json::Raw;
use conversation::json::write::{ObjectWriter, quote};
use conversation::request::{Function, Request, Tool};
use std::collections::{HashMap, HashSet};

/// The note on which namespace a tool or a call is of, in quotes.
const NOTE: &str = "namespace";
/// The note on what it is called there, in quotes.
const NAME: &str = "name";
/// The note on the first tool of a namespace: that namespace as a whole.
const WHOLE: &str = "namespace.whole";

/// The tools of a namespace, of which `whole` is all and `read` reads one. None where it is not as it should be, or has
/// others in it than those that a client runs.
pub(super) fn read(whole: &str, read: impl Fn(&str) -> Option<Function>) -> Option<Vec<Function>> {
    let mut object = Object::read(whole).ok()?;
    object.raw("type");
    let namespace = object.text("name").ok()?.filter(|name| !name.is_empty())?;
    let description = object.text("description").ok()?.filter(|said| !said.is_empty());
    let tools = object.array("tools").ok()??;
    let mut functions = tools.into_iter().map(read).collect::<Option<Vec<Function>>>()?;
    for function in &mut functions {
        note(&mut function.extra, &namespace, &mut function.name);
    }
    let first = functions.first_mut()?;
    if let Some(description) = description {
        let of_all = format!("Of all tools whose names begin with `{}`: {description}", joined(&namespace, ""));
        let own = first.description.take().filter(|said| !said.is_empty());
        first.description = Some(own.map_or(of_all.clone(), |own| format!("{own}\n\n{of_all}")));
    }
    first.extra.keep_inner(NOTE, object.rest(OWN));
    first.extra.note(WHOLE, &Raw::of_valid(whole).to_string());
    Some(functions)
}

/// Both names as one.
fn joined(namespace: &str, name: &str) -> String {
    let between = if namespace.ends_with("__") { "" } else { "__" };
    format!("{namespace}{between}{name}")
}

/// Joins both names, and notes what they were.
fn note(extra: &mut Extra, namespace: &str, name: &mut String) {
    let whole = joined(namespace, name);
    extra.note(NOTE, &quote(namespace));
    extra.note(NAME, &quote(&std::mem::replace(name, whole)));
}

/// Gives those tools of namespaces other names whose joined name another tool has already.
pub(super) fn tell_apart(tools: &mut [Tool]) {
    let functions = tools.iter_mut().filter_map(|tool| match tool {
        Tool::Function(function) => Some(function),
        Tool::Opaque(_) => None,
    });
    let (inside, alone): (Vec<_>, Vec<_>) = functions.partition(|function| is_inside(function));
    let mut taken: HashSet<String> = alone.iter().map(|function| function.name.clone()).collect();
    // It only grows, so that all rounds together are no more than there are names.
    let mut number = 1;
    for function in inside {
        let wanted = function.name.clone();
        while !taken.insert(function.name.clone()) {
            number += 1;
            function.name = format!("{wanted}_{number}");
        }
    }
}

/// Whether a tool was read in a namespace.
pub(super) fn is_inside(function: &Function) -> bool {
    function.extra.noted(OWN, NOTE).is_some()
}

/// What is written in place of a tool that was read in a namespace: all of it in place of the first.
pub(super) fn written(function: &Function) -> Option<&str> {
    function.extra.noted(OWN, WHOLE)
}

/// What a call says of itself besides what the model has, with a note on the namespace that it names.
pub(super) fn noted(mut object: Object<'_>, rest: impl Fn(Object<'_>) -> Extra) -> Extra {
    let namespace = object.peek_text("namespace").filter(|namespace| !namespace.is_empty());
    if namespace.is_some() {
        object.raw("namespace");
    }
    let mut extra = rest(object);
    namespace.iter().for_each(|namespace| extra.note(NOTE, &quote(namespace)));
    extra
}

/// Joins the names of a call in an answer.
pub(super) fn join(call: &mut ToolCall) {
    if let Some(namespace) = call.extra.noted(OWN, NOTE).and_then(unquoted) {
        let whole = joined(&namespace, &call.name);
        rename(call, whole);
    }
}

fn rename(call: &mut ToolCall, name: String) {
    let own = std::mem::replace(&mut call.name, name);
    call.extra.note(NAME, &quote(&own));
}

/// Joins the names of the calls in a conversation, as those of the tools are.
pub(super) fn join_all(request: &mut Request) {
    let offered = Offered::of(&request.tools);
    for item in request.turns.iter_mut().flat_map(|turn| &mut turn.items) {
        let Item::ToolCall(call) = item else { continue };
        let Some(namespace) = call.extra.noted(OWN, NOTE) else { continue };
        match offered.inside.get(&(namespace, quote(&call.name).as_str())) {
            Some(name) => rename(call, (*name).to_owned()),
            // It is no more than where the provider has found the tool.
            None if offered.alone.contains(call.name.as_str()) => {}
            None => join(call),
        }
    }
}

/// The names of the tools of a request.
pub(super) struct Offered<'a> {
    /// The joined name, by that of the namespace and the own one, both in quotes.
    inside: HashMap<(&'a str, &'a str), &'a str>,
    /// Of the tools in no namespace.
    alone: HashSet<&'a str>,
    /// Each tool of a namespace, by its joined name.
    joined: HashMap<&'a str, &'a Function>,
}

impl<'a> Offered<'a> {
    pub(super) fn of(tools: &'a [Tool]) -> Self {
        let mut own = Self { inside: HashMap::new(), alone: HashSet::new(), joined: HashMap::new() };
        for tool in tools {
            let Tool::Function(function) = tool else { continue };
            let name = function.name.as_str();
            match (function.extra.noted(OWN, NOTE), function.extra.noted(OWN, NAME)) {
                (Some(namespace), Some(inside)) => {
                    own.inside.entry((namespace, inside)).or_insert(name);
                    own.joined.insert(name, function);
                }
                _ => {
                    own.alone.insert(name);
                }
            }
        }
        own
    }

    /// The name here of the tool that a choice calls `name`, in a namespace or in none. None where it is not offered there.
    pub(super) fn chosen(&self, namespace: Option<&str>, name: String) -> Option<String> {
        match namespace {
            Some(namespace) => {
                let (namespace, name) = (quote(namespace), quote(&name));
                self.inside.get(&(namespace.as_str(), name.as_str())).map(|joined| (*joined).to_owned())
            }
            None => Some(name).filter(|name| !self.joined.contains_key(name.as_str())),
        }
    }

    /// What the client calls a tool of this name.
    pub(super) fn named(&self, name: &str) -> Named {
        self.joined.get(name).and_then(|function| Named::noted(&function.extra)).unwrap_or_else(|| Named::plain(name))
    }
}

/// What a client calls a tool.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    /// In quotes.
    namespace: Option<String>,
}

impl Named {
    /// The tool that is called: as the call was read, or as `request` offers it.
    pub(super) fn of(call: &ToolCall, request: Option<&Request>) -> Self {
        if let Some(namespace) = call.extra.noted(OWN, NOTE) {
            let own = call.extra.noted(OWN, NAME).and_then(unquoted);
            let name = own.unwrap_or_else(|| call.name.clone());
            return Self { name, namespace: Some(namespace.to_owned()) };
        }
        let mut tools = request.into_iter().flat_map(|request| &request.tools);
        let offered = tools.find_map(|tool| match tool {
            Tool::Function(function) if function.name == call.name => Self::noted(&function.extra),
            _ => None,
        });
        offered.unwrap_or_else(|| Self::plain(&call.name))
    }

    fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), namespace: None }
    }

    fn noted(extra: &Extra) -> Option<Self> {
        let (namespace, name) = (extra.noted(OWN, NOTE)?, extra.noted(OWN, NAME)?);
        Some(Self { name: unquoted(name)?, namespace: Some(namespace.to_owned()) })
    }

    pub(super) fn write(&self, out: &mut ObjectWriter) {
        out.text("name", &self.name);
        if let Some(namespace) = &self.namespace {
            out.raw("namespace", namespace);
        }
    }
}

fn unquoted(text: &str) -> Option<String> {
    Raw::parse(text).ok()?.as_text()
}

#[cfg(test)]
mod tests;
