//! What tools answered: `functionResponse`.

use super::compact::compact;
use super::spelling::{Members, Spelled};
use super::{OWN, media};
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Opaque, ToolResult};
use conversation::json::Raw;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;

/// Under which name the response is noted as it was written.
const AS_WRITTEN: &str = "response-as-written";
const NO_PARTS: &str = "parts-empty";

/// Reads a part that holds `response`.
pub(super) fn read(part: Members<'_>, mut response: Members<'_>) -> Result<ToolResult, Fault> {
    let mut result = ToolResult { id: response.text("id")?, name: response.text("name")?, ..ToolResult::default() };
    let answer = response.value("response");
    if let Some(answer) = &answer {
        let (text, failed) = said(answer);
        result.is_error = failed.then_some(true);
        result.content.push(Item::text(text));
    }
    let parts = response.list("parts")?;
    let is_empty = parts.as_ref().is_some_and(Vec::is_empty);
    for (number, text) in parts.unwrap_or_default().into_iter().enumerate() {
        let mut inner = response.element(text).within_element("parts", number)?;
        let item = match media::read(&mut inner).within_element("parts", number)? {
            Some(media) => media::with_rest(media, inner),
            None => Item::Opaque(Opaque::new(OWN, "functionResponse.part", Raw::of_valid(text))),
        };
        result.content.push(item);
    }
    let mut inner = response.rest();
    if let Some(answer) = &answer {
        inner.note(AS_WRITTEN, answer.as_str());
    }
    if is_empty {
        inner.note(NO_PARTS, "");
    }
    result.extra = part.rest();
    result.extra.keep_inner("functionResponse", inner);
    Ok(result)
}

/// What a response says, and whether that is an error: `output` and `error` are the names that the API knows, `result` one
/// that its documentation uses too. An object with other members says itself.
fn said(response: &Raw) -> (String, bool) {
    let whole = || compact(response.as_str());
    let Ok(object) = Object::read(response.as_str()) else { return (whole(), false) };
    let failed = object.peek("error").is_some() && object.peek("output").is_none();
    let mut members = object.members();
    let text = match (members.next(), members.next()) {
        (Some(("output" | "result" | "error", value)), None) => {
            conversation::json::text(value).unwrap_or_else(|| compact(value))
        }
        _ => whole(),
    };
    (text, failed)
}

/// Writes a result as parts: the response, and behind it media that cannot stand in it. `name` is the tool's, where the
/// result does not say it; `takes_media` whether a response may hold media, which Gemini 3 began with.
pub(super) fn write(
    result: &ToolResult,
    name: Option<&str>,
    takes_media: bool,
    out: &mut Vec<String>,
    losses: &mut Losses,
) {
    let own = result.extra.is_from(OWN);
    let inner = result.extra.inner(OWN, "functionResponse");
    let written = inner.and_then(|inner| inner.noted(OWN, AS_WRITTEN));
    let mut texts = Vec::new();
    let (mut parts, mut beside) = (Vec::new(), Vec::new());
    // The first item of an own result is what its response says.
    for item in result.content.iter().skip(usize::from(written.is_some())) {
        match item {
            Item::Text(text) => texts.push(text.text.as_str()),
            Item::Media(media) => {
                let inline = matches!(media.source, conversation::item::Source::Base64(_));
                let list = if own || (inline && takes_media && name.is_some()) { &mut parts } else { &mut beside };
                list.extend(media::write(media, losses));
            }
            Item::Opaque(opaque) if opaque.dialect == OWN => parts.push(opaque.raw.as_str().to_owned()),
            Item::Opaque(opaque) => losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
            Item::CacheBreakpoint(_) => losses.add("cache_breakpoint"),
            Item::Reasoning(_) | Item::ToolCall(_) | Item::ToolResult(_) => losses.add("tool_result.content"),
        }
    }
    if name.is_none() && !own {
        // A response without a call before it is refused: what it says is said as text.
        losses.add("tool_result.id");
        let (mut part, text) = (ObjectWriter::new(), texts.join("\n"));
        part.text("text", &text);
        out.extend((!text.is_empty()).then(|| part.finish()));
        out.append(&mut beside);
        return;
    }
    let mut response = Spelled::new(inner);
    response.text_if("id", result.id.as_deref());
    response.text_if("name", if own { result.name.as_deref() } else { name });
    match written {
        Some(written) => {
            response.raw("response", written);
        }
        None if own => {}
        None => {
            response.raw("response", &made(&texts.join("\n"), result.is_error == Some(true)));
        }
    }
    if !parts.is_empty() || inner.is_some_and(|inner| inner.noted(OWN, NO_PARTS).is_some()) {
        response.list("parts", &parts);
    }
    let response = response.finish("tool_result", losses);
    let mut part = Spelled::new(Some(&result.extra));
    part.raw("functionResponse", &response);
    out.push(part.finish("tool_result", losses));
    out.append(&mut beside);
}

/// The object that says `text`. An object of the tool's own stays, unless its members would be taken for those of the API.
fn made(text: &str, failed: bool) -> String {
    let mut out = ObjectWriter::new();
    if failed {
        out.text("error", text);
        return out.finish();
    }
    let is_plain =
        |object: Object<'_>| !object.members().any(|(name, _)| matches!(name, "output" | "result" | "error"));
    if let Ok(raw) = Raw::parse(text)
        && Object::read(raw.as_str()).is_ok_and(is_plain)
    {
        return raw.as_str().to_owned();
    }
    out.text("output", text);
    out.finish()
}

#[cfg(test)]
mod tests;
