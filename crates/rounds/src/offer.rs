//! The tools of the hub beside the client's own: under which names a model sees them, and whose a call is. Pure.

use super::judge::WRAPPED;
use super::recall;
use base::ports::ModelTool;
use conversation::Raw;
use conversation::ids::fit;
use conversation::item::ToolCall;
use conversation::request::{Function, Request, Tool};
use dialects::offered;
use mcp::raw;
use std::collections::{HashMap, HashSet};

/// The longest name that every provider takes, in bytes.
const LONGEST: usize = 64;

/// The schema of a tool that has none.
const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{}}"#;

/// The tools that are offered to a model.
#[derive(Debug, Default)]
pub(super) struct Offer {
    functions: Vec<Function>,
    /// The names in the view, by those that the model sees.
    names: HashMap<String, String>,
    /// The names of the client's own tools.
    clients: HashSet<String>,
    /// The name of the tool that gives back what was left out, once it is offered.
    recall: Option<String>,
}

impl Offer {
    /// `tools` beside those of `request`, which keep their names.
    pub(super) fn new(tools: Vec<ModelTool>, request: &Request) -> Self {
        let mut offer = Self { clients: request.tools.iter().filter_map(name_of).collect(), ..Self::default() };
        for tool in tools {
            let name = offer.free(&tool.name);
            let text = |member: &str| raw::get(&tool.definition, member).and_then(raw::text);
            let schema = raw::get(&tool.definition, "inputSchema").filter(|schema| raw::is_object(schema));
            let schema = schema.unwrap_or(NO_ARGUMENTS);
            let fitted = offered(schema);
            offer.functions.push(Function {
                name: name.clone(),
                description: text("description").map(std::borrow::Cow::into_owned),
                parameters: Some(Raw::of_valid(fitted.as_deref().unwrap_or(schema))),
                ..Function::default()
            });
            offer.names.insert(name, tool.name);
        }
        offer
    }

    /// A name as every provider takes it, which is no other tool's: letters, digits, `_` and `-`, and no digit or `-` at its
    /// beginning.
    fn free(&self, name: &str) -> String {
        let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let mut wanted = if begins_well { name.to_owned() } else { format!("_{name}") };
        loop {
            let fitted = fit(&wanted, LONGEST);
            if !self.clients.contains(&*fitted) && !self.names.contains_key(&*fitted) {
                return fitted.into_owned();
            }
            // Each round is another name, and there are fewer names taken than there are rounds to come.
            wanted = format!("tutti_{wanted}");
        }
    }

    /// Puts the tools behind the client's own.
    pub(super) fn add_to(&self, request: &mut Request) {
        request.tools.extend(self.functions.iter().map(|function| Tool::Function(Box::new(function.clone()))));
    }

    /// What the tool is called that gives back what was left out: `recall`, or another name where a tool has that one.
    pub(super) fn recall(&self) -> String {
        self.free(recall::NAME)
    }

    /// Puts that tool behind the others, if it is not there yet. Gives it where it was not.
    pub(super) fn add_recall(&mut self, request: &mut Request) -> Option<Tool> {
        if self.recall.is_some() {
            return None;
        }
        let name = self.recall();
        let tool = Tool::Function(Box::new(recall::function(name.clone())));
        request.tools.push(tool.clone());
        self.recall = Some(name);
        Some(tool)
    }

    /// Whether a model that calls `name` wants something back that was left out.
    pub(super) fn is_recall(&self, name: &str) -> bool {
        self.recall.as_deref() == Some(name)
    }

    /// Whether the client runs the tool that a model calls by `name`. What nobody offered is for the hub to refuse, or to call
    /// where the model has found it by a search.
    pub(super) fn is_clients(&self, name: &str) -> bool {
        self.clients.contains(name)
    }

    /// Whether the tool that a model calls by `name` has an argument for a text under the name that arguments get which are no object.
    pub(super) fn takes_text(&self, name: &str) -> bool {
        let function = self.functions.iter().find(|function| function.name == name);
        let schema = function.and_then(|function| function.parameters.as_ref()).map_or("{}", Raw::as_str);
        raw::at(schema, &["properties", WRAPPED]).is_some_and(|property| {
            raw::get(property, "type")
                .is_none_or(|kind| !matches!(raw::text(kind).as_deref(), Some("object" | "array")))
        })
    }

    /// What a tool is called in the view that a model calls by `name`.
    pub(super) fn in_view<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }
}

/// The signature of a call that is not shown to the client, until another call needs one: of calls in parallel Gemini signs
/// the first, and refuses a turn without that.
#[derive(Debug, Default)]
pub(super) struct Spare(Option<String>);

impl Spare {
    /// Whether the client gets `call`.
    pub(super) fn keeps(&mut self, call: &mut ToolCall, offer: &Offer) -> bool {
        if !offer.is_clients(&call.name) {
            self.0 = self.0.take().or_else(|| call.signature.take());
            return false;
        }
        let spare = self.0.take();
        call.signature = call.signature.take().or(spare);
        true
    }
}

/// The name of a client's tool. Those that only a dialect knows have one too where the client runs them.
fn name_of(tool: &Tool) -> Option<String> {
    match tool {
        Tool::Function(function) => Some(function.name.clone()),
        Tool::Opaque(opaque) => {
            let object = opaque.raw.as_str();
            let name = raw::get(object, "name").or_else(|| raw::at(object, &["custom", "name"]))?;
            raw::text(name).map(std::borrow::Cow::into_owned)
        }
    }
}

#[cfg(test)]
mod tests;
