//! Calls of tools.

use super::context::{Reader, says, spot};
use super::input;
use crate::definition::{Inputs, ToolCall};
use crate::source::{Spot, hint, short};
use base::config::{Node, Place};

/// What may stand behind `tool:` beside addresses.
const WORDS: [&str; 2] = ["model_call", "parallel_query"];

/// What is a key of its own, and no tool.
const KEYS: [&str; 7] = ["prompt", "plan", "workflow", "wait", "gate", "set", "switch"];

/// The server and the tool of an address.
pub(super) fn address(reader: &Reader<'_>, text: &str, place: Place) -> Option<(String, String)> {
    let fits = |part: &str| {
        !part.is_empty() && part.len() <= 128 && !part.chars().any(|one| one.is_whitespace() || one.is_control())
    };
    let parts = text.strip_prefix("mcp://").and_then(|rest| rest.split_once('/'));
    if let Some((server, tool)) = parts.filter(|(server, tool)| fits(server) && fits(tool)) {
        return Some((server.to_owned(), tool.to_owned()));
    }
    let next = if KEYS.contains(&text) {
        format!("write it as a key of its own: `{text}: …` instead of `tool: {text}`")
    } else if let Some((server, tool)) = text.split_once("__") {
        format!("did you mean `mcp://{}/{}`?", short(server), short(tool))
    } else if text.starts_with("mcp:") {
        "an address has a server and a tool: `mcp://server/tool`".to_owned()
    } else {
        format!("{}; a tool of a server is `mcp://server/tool`", hint(text, WORDS.into_iter(), ""))
    };
    reader.fault(place, format!("`{}` is no tool", short(text)), next);
    None
}

/// A call that stands in a map of its own.
pub(super) fn nested<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<ToolCall> {
    let mut section = reader.open(path, node, "call")?;
    let (text, at) = (section.text("tool"), section.place_of("tool"));
    let inputs = section.node("inputs").filter(says);
    let inputs = inputs.map(|node| input::inputs(reader, &format!("{path}.inputs"), node)).unwrap_or_default();
    section.finish();
    let (server, tool) = address(reader, &text?, at)?;
    Some(ToolCall { server, tool, inputs, at: Spot::from(at) })
}

/// The call of a step whose `tool` is an address.
pub(super) fn of_step(
    reader: &Reader<'_>,
    section: &base::config::Section<'_>,
    text: &str,
    inputs: Inputs,
) -> Option<ToolCall> {
    let (server, tool) = address(reader, text, section.place_of("tool"))?;
    Some(ToolCall { server, tool, inputs, at: spot(section, "tool") })
}
