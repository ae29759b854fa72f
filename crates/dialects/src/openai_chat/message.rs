//! Reading messages, those of requests and those of answers.

use super::{OWN, content, reasoning, tool_call};
use crate::extra::Extra;
use crate::fault::Fault;
use crate::item::{Item, Text, ToolResult};
use crate::object::Object;
use crate::request::{Role, Turn};

/// The note of how `content` was written.
pub(super) const CONTENT: &str = "content";
/// The note on a result whose message is of the older role `function`, and on a refusal that is a member of its message.
pub(super) const PLACE: &str = "place";

/// Reads a message of a request.
pub(super) fn read(mut object: Object<'_>) -> Result<Turn, Fault> {
    let word = object.needed_text("role")?;
    let role = match word.as_str() {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => Role::Other(word.clone()),
    };
    if role == Role::Tool {
        let result = read_result(object, word == "function")?;
        return Ok(Turn { role, items: vec![Item::ToolResult(result)], extra: Extra::new(OWN) });
    }
    let (items, extra) = read_body(object, role == Role::Assistant)?;
    Ok(Turn { role, items, extra })
}

/// Reads what a message holds behind its role. The order in which this dialect has no say is: thoughts, content, calls.
pub(super) fn read_body(mut object: Object<'_>, of_model: bool) -> Result<(Vec<Item>, Extra), Fault> {
    let mut notes = Vec::new();
    let mut items = if of_model { reasoning::read(&mut object, &mut notes)? } else { Vec::new() };
    let (said, how) = content::read(&mut object)?;
    items.extend(said);
    if of_model {
        if let Some(text) = object.text("refusal")? {
            let mut extra = Extra::new(OWN);
            extra.note(PLACE, "refusal");
            items.push(Item::Text(Text { text, refusal: true, extra, ..Text::default() }));
        }
        if object.peek("tool_calls") == Some("[]") {
            notes.push(("tool_calls", "[]".to_owned()));
        }
        tool_call::read(&mut object, &mut items)?;
    }
    let mut extra = object.rest(OWN);
    how.into_iter().for_each(|how| extra.note(CONTENT, how));
    notes.into_iter().for_each(|(name, raw)| extra.note(name, &raw));
    Ok((items, extra))
}

fn read_result(mut object: Object<'_>, old: bool) -> Result<ToolResult, Fault> {
    let (content, how) = content::read(&mut object)?;
    let mut result = ToolResult {
        id: object.text("tool_call_id")?,
        name: object.text("name")?,
        content,
        is_error: None,
        extra: object.rest(OWN),
    };
    how.into_iter().for_each(|how| result.extra.note(CONTENT, how));
    if old {
        result.extra.note(PLACE, "function");
    }
    Ok(result)
}
