//! The items of which input and output are made, but for messages' parts.

use super::namespace::{self, Named};
use super::part::{self, Side};
use super::{ABSENT, OWN, Object, Quiet, elements, noted_text, opaque, rest, write_quiet};
use crate::custom;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Reasoning, ToolCall, ToolResult};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::request::Request;

/// Of a message in an answer, where the model has no turn to say the role.
const MESSAGE: &Quiet = &[("id", ""), ("status", ""), ("type", ""), ("role", "")];
/// Of a call and of its result.
const CALL: &Quiet = &[("id", ""), ("status", "")];
/// Of thoughts.
const THOUGHTS: &Quiet = &[("status", "")];
/// What the first part of an output message keeps of the message.
pub(super) const MESSAGE_PLACE: &str = "message";

/// What is written of an item where the item does not say it: only answers need it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Missing<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) status: Option<&'a str>,
}

impl Missing<'_> {
    fn write(self, extra: &Extra, out: &mut ObjectWriter) {
        if !extra.is_from(OWN) {
            out.text_if("id", self.id).text_if("status", self.status);
        }
    }
}

/// What kind of item it is. A message needs no type, nor does a reference to an item.
pub(super) fn kind(object: &Object<'_>) -> String {
    let untyped = || if object.peek("role").is_some() { "message" } else { "item_reference" };
    object.peek_text("type").unwrap_or_else(|| untyped().to_owned())
}

/// Reads an item that is no message.
///
/// # Errors
/// A known item is not as it should be.
pub(super) fn read(kind: &str, mut object: Object<'_>, whole: &str) -> Result<Item, Fault> {
    match kind {
        "function_call" => {
            object.raw("type");
            Ok(Item::ToolCall(ToolCall {
                id: Some(object.needed_text("call_id")?),
                name: object.needed_text("name")?,
                arguments: object.needed_text("arguments")?,
                signature: None,
                extra: call_extra(object),
            }))
        }
        "custom_tool_call" => {
            object.raw("type");
            let (id, name) = (object.needed_text("call_id")?, object.needed_text("name")?);
            let arguments = custom::arguments(&object.needed_text("input")?);
            let extra = custom_extra(object);
            Ok(Item::ToolCall(ToolCall { id: Some(id), name, arguments, signature: None, extra }))
        }
        "function_call_output" | "custom_tool_call_output" => {
            let mut result = read_result(object)?;
            if kind == "custom_tool_call_output" {
                result.extra.note(custom::NOTE, "");
            }
            Ok(Item::ToolResult(result))
        }
        "reasoning" => read_thoughts(object).map(Item::Reasoning),
        _ => Ok(opaque(kind, whole)),
    }
}

fn read_result(mut object: Object<'_>) -> Result<ToolResult, Fault> {
    object.raw("type");
    let (id, name) = (object.text("call_id")?, object.text("name")?);
    let mut content = Vec::new();
    let listed = object.peek("output").is_some_and(|output| output.starts_with('['));
    if listed {
        for (number, element) in object.array("output")?.unwrap_or_default().into_iter().enumerate() {
            let part = object.read_like(element).and_then(|part| part::read(part, element));
            content.extend(part.within_element("output", number)?);
        }
    } else {
        content.push(Item::text(object.needed_text("output")?));
    }
    let mut extra = rest(object, CALL);
    if listed {
        extra.note("output", "list");
    }
    Ok(ToolResult { id, name, content, is_error: None, extra })
}

fn read_thoughts(mut object: Object<'_>) -> Result<Reasoning, Fault> {
    object.raw("type");
    let id = object.text("id")?;
    let encrypted = object.text("encrypted_content")?;
    let (summary, content) = (object.value("summary"), object.value("content"));
    let mut extra = rest(object, THOUGHTS);
    let parts = summary.as_ref().and_then(|raw| texts_of(raw.as_str(), "summary_text"));
    match (&summary, &parts) {
        (Some(raw), None) => extra.note("summary", raw.as_str()),
        (None, _) => extra.note("summary", ABSENT),
        _ => {}
    }
    let said = content.as_ref().and_then(|raw| texts_of(raw.as_str(), "reasoning_text"));
    if let Some(raw) = content.filter(|_| said.as_ref().is_none_or(|said| said.len() != 1 || said.concat().is_empty()))
    {
        extra.note("content", raw.as_str());
    }
    let text = said.unwrap_or_default().concat();
    Ok(Reasoning { text, summary: parts.unwrap_or_default(), signature: None, encrypted, id, extra })
}

/// The texts of a list of parts of this kind, if there is nothing else in it.
fn texts_of(list: &str, kind: &str) -> Option<Vec<String>> {
    let text_of = |element: &str| {
        let mut object = Object::read_leniently(element).ok()?;
        let same = object.text("type").ok()?.as_deref() == Some(kind);
        let text = object.text("text").ok()?;
        text.filter(|_| same && object.rest(OWN).is_empty())
    };
    elements(list)?.into_iter().map(text_of).collect()
}

/// Reads an item of an answer: a text for each part of a message. What is not as it should be is opaque, as is a message
/// with other parts than texts.
pub(super) fn read_output(whole: &str) -> Vec<Item> {
    let Ok(object) = Object::read_leniently(whole) else { return vec![opaque("item", whole)] };
    let kind = kind(&object);
    if kind == "message" {
        return read_message(object).unwrap_or_else(|| vec![opaque(&kind, whole)]);
    }
    let mut item = read(&kind, object, whole).unwrap_or_else(|_| opaque(&kind, whole));
    if let Item::ToolCall(call) = &mut item {
        namespace::join(call);
    }
    vec![item]
}

fn read_message(mut object: Object<'_>) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    for element in object.array("content").ok()?? {
        items.extend(part::read(object.read_like(element).ok()?, element).ok()?);
    }
    let only_texts = items.iter().all(|item| matches!(item, Item::Text(_)));
    match items.first_mut() {
        Some(Item::Text(first)) if only_texts => first.extra.keep_inner(MESSAGE_PLACE, message_extra(object)),
        _ => return None,
    }
    Some(items)
}

/// What an output message says of itself.
pub(super) fn message_extra(mut object: Object<'_>) -> Extra {
    object.raw("content");
    rest(object, MESSAGE)
}

/// What a call says of itself besides what the model has.
pub(super) fn call_extra(mut object: Object<'_>) -> Extra {
    object.raw("type");
    namespace::noted(object, |object| rest(object, CALL))
}

/// As [`call_extra`], of a call of a custom tool.
pub(super) fn custom_extra(object: Object<'_>) -> Extra {
    let mut extra = call_extra(object);
    extra.note(custom::NOTE, "");
    extra
}

/// What thoughts that begin say of themselves.
pub(super) fn thoughts_extra(mut object: Object<'_>) -> Extra {
    object.raw("type");
    rest(object, THOUGHTS)
}

/// What begins an output message: the first of its parts with nothing said yet.
pub(super) fn keep_message(extra: &mut Extra, message: Extra) {
    extra.keep_inner(MESSAGE_PLACE, message);
}

/// What the item keeps of the message that it begins.
pub(super) fn message_of(item: &Item) -> Option<&Extra> {
    item.extra().and_then(|extra| extra.inner(OWN, MESSAGE_PLACE))
}

/// The id of a message, call or opaque item in an answer, as it was told.
pub(super) fn told_id(extra: &Extra) -> Option<String> {
    noted_text(extra, "id")
}

/// A message of an answer; `out` has its content.
pub(super) fn write_message(
    extra: Option<&Extra>,
    mut out: ObjectWriter,
    missing: Missing<'_>,
    losses: &mut Losses,
) -> String {
    match extra {
        Some(extra) => {
            write_quiet(extra, MESSAGE, &mut out);
            extra.write(OWN, "message", &mut out, losses);
        }
        None => {
            out.text_if("id", missing.id).text("type", "message").text_if("status", missing.status);
            out.text("role", "assistant");
        }
    }
    out.finish()
}

/// The arguments of a call. What another dialect says with nothing is an object without members here.
pub(super) fn arguments(call: &ToolCall) -> &str {
    if call.arguments.is_empty() && !call.extra.is_from(OWN) { "{}" } else { &call.arguments }
}

/// Which kind of tool is called, and what it is given: arguments, or plain text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given<'a> {
    Arguments(&'a str),
    Input(&'a str),
}

/// A call. A custom tool is one where it was read as such, or where `request` has it so.
pub(super) fn write_call(
    call: &ToolCall,
    id: &str,
    (missing, request): (Missing<'_>, Option<&Request>),
    losses: &mut Losses,
) -> ObjectWriter {
    let named = Named::of(call, request);
    if custom::is_called(call, request, OWN) {
        let input = custom::input(&call.arguments, losses);
        return write_call_with(call, Given::Input(&input), (id, &named), missing, losses);
    }
    write_call_with(call, Given::Arguments(arguments(call)), (id, &named), missing, losses)
}

/// A call that begins: what it is given comes in pieces.
pub(super) fn begin_call(call: &ToolCall, custom: bool, called: (&str, &Named), missing: Missing<'_>) -> ObjectWriter {
    let given = if custom { Given::Input("") } else { Given::Arguments("") };
    write_call_with(call, given, called, missing, &mut Losses::new())
}

/// A call of the tool that the client calls so, with this id.
pub(super) fn write_call_with(
    call: &ToolCall,
    given: Given<'_>,
    (id, named): (&str, &Named),
    missing: Missing<'_>,
    losses: &mut Losses,
) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    let (kind, member, said) = match given {
        Given::Arguments(said) => ("function_call", "arguments", said),
        Given::Input(said) => ("custom_tool_call", "input", said),
    };
    out.text("type", kind);
    write_quiet(&call.extra, CALL, &mut out);
    missing.write(&call.extra, &mut out);
    out.text("call_id", id);
    named.write(&mut out);
    out.text(member, said);
    losses.add_if(call.signature.is_some(), "tool_call.signature");
    call.extra.write(OWN, "tool_call", &mut out, losses);
    out
}

/// What came of a call.
pub(super) fn write_result(result: &ToolResult, id: &str, losses: &mut Losses) -> ObjectWriter {
    let own = result.extra.is_from(OWN);
    let mut out = ObjectWriter::new();
    let custom = result.extra.noted(OWN, custom::NOTE).is_some();
    out.text("type", if custom { "custom_tool_call_output" } else { "function_call_output" });
    write_quiet(&result.extra, CALL, &mut out);
    if !own || result.id.is_some() {
        out.text("call_id", id);
    }
    out.text_if("name", result.name.as_deref().filter(|_| own));
    match result.content.as_slice() {
        [] if result.extra.noted(OWN, "output").is_none() => out.text("output", ""),
        [Item::Text(text)] if result.extra.noted(OWN, "output").is_none() => {
            losses.add_if(text.signature.is_some(), "text.signature");
            text.extra.lose("text", losses);
            out.text("output", &text.text)
        }
        content => out.array("output", part::write_all(content, Side::Input, losses)),
    };
    losses.add_if(result.is_error == Some(true), "tool_result.is_error");
    result.extra.write(OWN, "tool_result", &mut out, losses);
    out
}

/// Thoughts.
pub(super) fn write_thoughts(thoughts: &Reasoning, missing: Missing<'_>, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("type", "reasoning").text_if("id", thoughts.id.as_deref());
    write_quiet(&thoughts.extra, THOUGHTS, &mut out);
    missing.write(&thoughts.extra, &mut out);
    match thoughts.extra.noted(OWN, "summary") {
        Some(ABSENT) if thoughts.summary.is_empty() => {}
        Some(raw) if raw != ABSENT && raw != "null" => {
            out.raw("summary", raw);
        }
        Some("null") if thoughts.summary.is_empty() => {}
        _ => {
            out.array("summary", texts("summary_text", thoughts.summary.iter().map(String::as_str)));
        }
    }
    match thoughts.extra.noted(OWN, "content") {
        Some(raw) if raw != "null" => {
            out.raw("content", raw);
        }
        _ if thoughts.text.is_empty() && thoughts.extra.noted(OWN, "content").is_some() => {}
        _ => {
            let said = Some(thoughts.text.as_str()).filter(|text| !text.is_empty());
            said.into_iter().for_each(|text| {
                out.array("content", texts("reasoning_text", [text].into_iter()));
            });
        }
    }
    out.text_if("encrypted_content", thoughts.encrypted.as_deref());
    losses.add_if(thoughts.signature.is_some(), "reasoning.signature");
    thoughts.extra.write(OWN, "reasoning", &mut out, losses);
    out
}

fn texts<'a>(kind: &str, said: impl Iterator<Item = &'a str>) -> ArrayWriter {
    let mut list = ArrayWriter::new();
    for text in said {
        let mut out = ObjectWriter::new();
        out.text("type", kind).text("text", text);
        list.object(out);
    }
    list
}
