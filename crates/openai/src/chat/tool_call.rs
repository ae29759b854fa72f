//! Calls of tools in messages.

use super::OWN;
use super::notes::PLACE;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::ids;
use conversation::item::{Item, Opaque, ToolCall};
use conversation::json::write::ObjectWriter;
use conversation::json::{self, Raw};
use conversation::loss::Losses;
use conversation::object::Object;

/// The longest id that OpenAI takes.
pub(super) const LONGEST_ID: usize = 40;
/// What `type` says of calls and tools that are functions.
pub(super) const KIND: &str = "\"function\"";
/// The place of a call that stands in `function_call`, the older one.
pub(super) const OLD_PLACE: &str = "function_call";

/// Takes `tool_calls` and `function_call` of a message.
pub(super) fn read(message: &mut Object<'_>, items: &mut Vec<Item>) -> Result<(), Fault> {
    for (number, call) in message.array("tool_calls")?.unwrap_or_default().into_iter().enumerate() {
        items.push(read_call(message.read_like(call)?, call).within_element("tool_calls", number)?);
    }
    if let Some(function) = message.object(OLD_PLACE)? {
        let mut call = ToolCall::default();
        read_function(function, &mut call).within(OLD_PLACE)?;
        call.extra.note(PLACE, OLD_PLACE);
        items.push(Item::ToolCall(call));
    }
    Ok(())
}

fn read_call(mut object: Object<'_>, raw: &str) -> Result<Item, Fault> {
    if object.peek("function").is_none_or(|function| !function.starts_with('{')) {
        let kind = object.peek_text("type").unwrap_or_default();
        return Ok(Item::Opaque(Opaque::new(OWN, format!("tool_calls.{kind}"), Raw::of_valid(raw))));
    }
    let kind = object.fixed("type", KIND);
    let mut call = ToolCall { id: object.text("id")?, ..ToolCall::default() };
    call.signature = signature(&object);
    let extra_content = object.raw("extra_content").map(str::to_owned);
    if let Some(function) = object.object("function")? {
        read_function(function, &mut call).within("function")?;
    }
    let function = std::mem::replace(&mut call.extra, object.rest(OWN));
    call.extra.keep_inner("function", function);
    if let Some(content) = extra_content {
        call.extra.note("extra_content", &content);
    }
    call.extra.note_fixed("type", kind);
    Ok(Item::ToolCall(call))
}

/// Gemini's signature of a call, as its server of this dialect tells it.
pub(super) fn signature(call: &Object<'_>) -> Option<String> {
    let google = Object::read(call.peek("extra_content")?).ok()?.peek("google")?;
    Object::read(google).ok()?.peek_text("thought_signature")
}

/// Reads `function`. Some servers give the arguments as an object and not as its text.
fn read_function(mut function: Object<'_>, call: &mut ToolCall) -> Result<(), Fault> {
    call.name = function.needed_text("name")?;
    let mut form = None;
    if let Some(arguments) = function.raw("arguments") {
        call.arguments = json::text(arguments).unwrap_or_else(|| {
            form = Some("object");
            Raw::of_valid(arguments).to_string()
        });
    } else {
        form = Some("absent");
    }
    call.extra = function.rest(OWN);
    form.into_iter().for_each(|form| call.extra.note("arguments", form));
    Ok(())
}

/// Writes a call into `tool_calls`; `number` is its place in a stream.
pub(super) fn write(call: &ToolCall, id: &str, number: Option<usize>, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    if let Some(number) = number {
        out.whole("index", number as u64);
    }
    if !call.extra.is_from(OWN) {
        out.text("id", &ids::fit(id, LONGEST_ID));
    } else {
        out.text_if("id", call.id.as_deref());
    }
    call.extra.write_fixed(OWN, "type", KIND, &mut out);
    out.object("function", write_function(call, call.extra.inner(OWN, "function"), losses));
    write_signature(call, &mut out);
    call.extra.write(OWN, "tool_call", &mut out, losses);
    out
}

/// Writes the signature of a call where Gemini's own server has it.
pub(super) fn write_signature(call: &ToolCall, out: &mut ObjectWriter) {
    if let Some(raw) = call.extra.noted(OWN, "extra_content") {
        out.raw("extra_content", raw);
    } else if let Some(signature) = &call.signature {
        let (mut google, mut content) = (ObjectWriter::new(), ObjectWriter::new());
        google.text("thought_signature", signature);
        content.object("google", google);
        out.object("extra_content", content);
    }
}

/// Writes `function`, or `function_call`.
pub(super) fn write_function(call: &ToolCall, extra: Option<&Extra>, losses: &mut Losses) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.text("name", &call.name);
    match extra.and_then(|extra| extra.noted(OWN, "arguments")) {
        Some("object") => out.raw("arguments", &call.arguments),
        Some(_) if call.arguments.is_empty() => &mut out,
        // What another dialect says with nothing is an object without members here.
        _ if call.arguments.is_empty() && !call.extra.is_from(OWN) => out.text("arguments", "{}"),
        _ => out.text("arguments", &call.arguments),
    };
    if let Some(extra) = extra {
        extra.write(OWN, "tool_call", &mut out, losses);
    }
    out
}
