//! The choice among tools of which some are not there.

use conversation::dialect::Dialect;
use conversation::loss::Losses;
use conversation::request::{Request, Tool, ToolChoice};

/// Leaves a choice out that wants tools which cannot be said in `dialect`, or which nobody named: it is refused.
pub(super) fn fit(dialect: Dialect, request: &mut Request, losses: &mut Losses) {
    let tools = &request.tools;
    let is_there =
        |name: &String| tools.iter().any(|tool| matches!(tool, Tool::Function(function) if function.name == *name));
    let any = || {
        tools.iter().any(|tool| match tool {
            Tool::Function(_) => true,
            Tool::Opaque(opaque) => opaque.dialect == dialect,
        })
    };
    let lacks = match &mut request.tool_choice {
        Some(ToolChoice::Function(name)) => !is_there(name),
        Some(ToolChoice::Required) => !any(),
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
