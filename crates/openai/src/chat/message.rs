//! Reading messages, those of requests and those of answers.

use super::notes::{CONTENT, IMAGES, PLACE, REFUSAL};
use super::{OWN, content, reasoning, tool_call};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::{Item, Text, ToolResult};
use conversation::json;
use conversation::object::Object;
use conversation::request::{Role, Turn};

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
        read_images(&mut object, &mut items, &mut notes);
        if let Some(text) = object.text("refusal")? {
            let mut extra = Extra::new(OWN);
            extra.note(PLACE, REFUSAL);
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

/// Takes the pictures that a model made, where all of them are such (OpenRouter).
pub(super) fn read_images(object: &mut Object<'_>, items: &mut Vec<Item>, notes: &mut Vec<(&'static str, String)>) {
    let Some(raw) = object.peek(IMAGES) else { return };
    let mut images = Vec::new();
    for part in json::elements(raw).unwrap_or_default() {
        let read = content::read_part(object.read_like(part), part, &mut images);
        if read.is_err() || !matches!(images.last(), Some(Item::Media(_))) {
            return;
        }
    }
    for image in &mut images {
        if let Item::Media(media) = image {
            media.extra.note(PLACE, IMAGES);
        }
    }
    if images.is_empty() {
        notes.push((IMAGES, raw.to_owned()));
    }
    object.raw(IMAGES);
    items.extend(images);
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
