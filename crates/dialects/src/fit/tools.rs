//! The choice among tools of which some, or all, are not there.

use crate::parameters::outermost;
use conversation::dialect::Dialect;
use conversation::json::Raw;
use conversation::loss::Losses;
use conversation::request::{Request, Tool, ToolChoice};
use std::collections::HashSet;

/// Has each tool take an object, as all but Ollama want it.
pub(super) fn fit_parameters(request: &mut Request, losses: &mut Losses) {
    for (number, tool) in request.tools.iter_mut().enumerate() {
        if let Tool::Function(function) = tool
            && let Some((fitted, looser)) = function.parameters.as_ref().and_then(|schema| outermost(schema.as_str()))
        {
            losses.add_if(looser, &format!("tools[{number}].parameters"));
            function.parameters = Some(Raw::of_valid(&fitted));
        }
    }
}

/// Leaves a choice out that wants tools which cannot be said in `dialect`, or which nobody named: it is refused.
pub(super) fn fit(dialect: Dialect, request: &mut Request, losses: &mut Losses) {
    let any = request.tools.iter().any(|tool| match tool {
        Tool::Function(_) => true,
        Tool::Opaque(opaque) => opaque.dialect == dialect,
    });
    if !any {
        // Nothing is lost with what says how to choose among none, and most refuse to be told.
        request.tool_choice.take_if(|choice| matches!(choice, ToolChoice::Auto | ToolChoice::None));
        request.parallel_tool_calls = None;
    }
    let names = request.tools.iter().filter_map(|tool| match tool {
        Tool::Function(function) => Some(function.name.as_str()),
        Tool::Opaque(_) => None,
    });
    let there: HashSet<&str> = if request.tool_choice.is_some() { names.collect() } else { HashSet::new() };
    let is_there = |name: &String| there.contains(name.as_str());
    let lacks = match &mut request.tool_choice {
        Some(ToolChoice::Function(name)) => !is_there(name),
        Some(ToolChoice::Required) => !any,
        Some(ToolChoice::Allowed { names, .. }) => {
            let before = names.len();
            names.retain(is_there);
            losses.add_if(names.len() < before, "tool_choice");
            names.is_empty()
        }
        _ => false,
    };
    if lacks {
        losses.add("tool_choice");
        request.tool_choice = None;
    }
}
