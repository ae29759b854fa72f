//! Tools of which the input is text and no JSON (`custom`). To all other dialects they are functions with one argument,
//! `input`, and what is said of them is kept for their own.

mod unfold;

use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::item::ToolCall;
use conversation::json::Raw;
use conversation::json::write::quote;
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Function, Request, Tool};
use std::collections::HashSet;
pub(crate) use unfold::Unfold;

/// The note on what is custom: on a tool it as a whole.
pub(crate) const NOTE: &str = "custom";
/// How the arguments of a call begin whose input is to follow, and how they end.
pub(crate) const BEGINNING: &str = "{\"input\":\"";
pub(crate) const ENDING: &str = "\"}";
/// The schema of the arguments.
const PARAMETERS: &str =
    r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"#;

/// The function that stands for a tool, of which `whole` is all and `rest` what has no name here. `grammar` is its syntax and
/// what it says, where the input must keep to one: nobody else sees to that.
pub(crate) fn function(
    (name, description): (String, Option<String>),
    grammar: Option<&(String, String)>,
    rest: Extra,
    whole: &str,
) -> Function {
    let wish = match grammar {
        Some((syntax, definition)) => {
            format!("`input` is plain text, and must keep to this grammar ({syntax}):\n{definition}")
        }
        None => "`input` is plain text.".to_owned(),
    };
    let description =
        description.filter(|said| !said.is_empty()).map_or(wish.clone(), |said| format!("{said}\n\n{wish}"));
    let mut extra = rest;
    if grammar.is_some() {
        extra.keep("format", Raw::text("grammar"));
    }
    extra.note(NOTE, &Raw::of_valid(whole).to_string());
    let parameters = Raw::parse(PARAMETERS).ok();
    Function { name, description: Some(description), parameters, strict: None, cache: None, extra }
}

/// The tool as it was written in this dialect.
pub(crate) fn written(function: &Function, dialect: Dialect) -> Option<&str> {
    function.extra.noted(dialect, NOTE)
}

/// The names of the tools that are custom.
pub(crate) fn names(tools: &[Tool], dialect: Dialect) -> HashSet<&str> {
    let custom = tools.iter().filter_map(|tool| match tool {
        Tool::Function(function) => written(function, dialect).map(|_| function.name.as_str()),
        Tool::Opaque(_) => None,
    });
    custom.collect()
}

/// Whether it is a custom tool that is called: so it was read, or so `request` has it.
pub(crate) fn is_called(call: &ToolCall, request: Option<&Request>, dialect: Dialect) -> bool {
    call.extra.noted(dialect, NOTE).is_some()
        || request.is_some_and(|request| {
            request.tools.iter().any(|tool| match tool {
                Tool::Function(function) => function.name == call.name && written(function, dialect).is_some(),
                Tool::Opaque(_) => false,
            })
        })
}

/// The arguments that say `input`.
pub(crate) fn arguments(input: &str) -> String {
    format!("{BEGINNING}{}{ENDING}", piece(input))
}

/// A piece of the input as it stands in the arguments.
pub(crate) fn piece(input: &str) -> String {
    let quoted = quote(input);
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// The input that arguments say. Those of another form are the input themselves: a model has written it as it is wanted at last.
pub(crate) fn input(arguments: &str, losses: &mut Losses) -> String {
    let Ok(mut object) = Object::read_leniently(arguments) else {
        return Unfold::broken_off(arguments).unwrap_or_else(|| arguments.to_owned());
    };
    match object.text("input") {
        Ok(Some(input)) => {
            losses.add_if(object.members().next().is_some(), "tool_call.arguments");
            input
        }
        _ if object.members().next().is_none() => String::new(),
        _ => arguments.to_owned(),
    }
}

#[cfg(test)]
mod tests;
