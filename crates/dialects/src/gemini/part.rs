//! Parts of contents, each an item.

use super::compact::compact;
use super::spelling::{Members, OF_ANOTHER_MODEL, Spelled};
use super::{OWN, media, result};
use conversation::fault::Fault;
use conversation::ids::Calls;
use conversation::item::{Item, Opaque, Reasoning, Text, ToolCall};
use conversation::json::Raw;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;

/// What a note on `args` and `thought` says.
const ABSENT: &str = "absent";
const SAID_FALSE: &str = "false";
/// The note on a call that a word stood in place of its signature.
const MARKED: &str = "marked";

/// Reads a part; `text` is its text.
pub(super) fn read(text: &str, mut part: Members<'_>) -> Result<Item, Fault> {
    if is_call(&part)
        && let Some(call) = part.object("functionCall")?
    {
        return read_call(part, call, true).map(Item::ToolCall);
    }
    if let Some(response) = part.object("functionResponse")? {
        return result::read(part, response).map(Item::ToolResult);
    }
    if let Some(media) = media::read(&mut part)? {
        return Ok(media::with_rest(media, part));
    }
    if let Some(said) = part.text("text")? {
        return read_text(part, said);
    }
    Ok(opaque(text, part))
}

/// Whether the part is a call that can be understood: it has a name, and arguments that are an object.
fn is_call(part: &Members<'_>) -> bool {
    let call = part.peek("functionCall").and_then(|call| Object::read(call).ok());
    call.is_some_and(|call| {
        let arguments = call.peek("args");
        call.peek_text("name").is_some() && arguments.is_none_or(|arguments| arguments.starts_with('{'))
    })
}

fn read_text(mut part: Members<'_>, text: String) -> Result<Item, Fault> {
    let thought = part.flag("thought")?;
    let signature = part.base64("thoughtSignature")?;
    let mut extra = part.rest();
    if thought == Some(true) {
        return Ok(Item::Reasoning(Reasoning { text, signature, extra, ..Reasoning::default() }));
    }
    if thought == Some(false) {
        extra.note("thought-as-written", SAID_FALSE);
    }
    Ok(Item::Text(Text { text, signature, extra, ..Text::default() }))
}

/// Reads a part that holds `call`. Of one that is not `whole` the arguments follow.
pub(super) fn read_call(mut part: Members<'_>, mut call: Members<'_>, whole: bool) -> Result<ToolCall, Fault> {
    let (id, name) = (call.text("id")?, call.text("name")?.unwrap_or_default());
    let arguments = call.value("args").map(|arguments| compact(arguments.as_str()));
    let signature = part.base64("thoughtSignature")?;
    let is_marked = signature.as_deref() == Some(OF_ANOTHER_MODEL);
    let signature = signature.filter(|_| !is_marked);
    let mut extra = part.rest();
    if is_marked {
        extra.note(MARKED, "");
    }
    let mut inner = call.rest();
    if whole && arguments.is_none() {
        inner.note("args-as-written", ABSENT);
    }
    extra.keep_inner("functionCall", inner);
    let arguments = arguments.unwrap_or_else(|| if whole { "{}".to_owned() } else { String::new() });
    Ok(ToolCall { id, name, arguments, signature, extra })
}

/// A part of a kind that only Gemini knows, such as `executableCode`.
fn opaque(text: &str, part: Members<'_>) -> Item {
    let about = ["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"];
    let extra = part.rest();
    let kind = extra.unknown().map(|(name, _)| name).find(|name| !about.contains(name)).unwrap_or("part");
    Item::Opaque(Opaque::new(OWN, kind, Raw::of_valid(text)))
}

/// Writes items as parts.
#[derive(Debug, Default)]
pub(super) struct PartWriter {
    calls: Calls,
    /// Whether the parts are of an answer, and go to a client.
    answers: bool,
    /// Whether the model is of a generation before Gemini 3.
    pub(super) is_old: bool,
}

impl PartWriter {
    /// For a request to a model.
    pub(super) fn of_request(is_old: bool) -> Self {
        Self { is_old, ..Self::default() }
    }

    /// For an answer to a client.
    pub(super) fn of_answer() -> Self {
        Self { answers: true, ..Self::default() }
    }

    /// Adds the parts that say `item`.
    pub(super) fn write(&mut self, item: &Item, out: &mut Vec<String>, losses: &mut Losses) {
        match item {
            // A part that says nothing is refused.
            Item::Text(text) if !self.answers && is_empty(text) => {}
            Item::Text(text) => out.push(write_text(text, losses)),
            Item::Reasoning(reasoning) => out.extend(self.write_reasoning(reasoning, losses)),
            Item::ToolCall(call) => out.push(self.write_call(call, None, losses)),
            Item::ToolResult(answer) => {
                let (_, name) = self.calls.result(answer);
                result::write(answer, name.as_deref(), !self.is_old, out, losses);
            }
            Item::Media(medium) => out.extend(media::write(medium, losses)),
            Item::CacheBreakpoint(_) => losses.add("cache_breakpoint"),
            Item::Opaque(opaque) if opaque.dialect == OWN => out.push(opaque.raw.as_str().to_owned()),
            Item::Opaque(opaque) => losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
        }
    }

    /// The part that is a call; `signature` is written where the call has none.
    pub(super) fn write_call(&mut self, call: &ToolCall, signature: Option<&str>, losses: &mut Losses) -> String {
        self.calls.call(call);
        let inner = call.extra.inner(OWN, "functionCall");
        let mut function = Spelled::new(inner);
        function.text_if("id", call.id.as_deref()).text_if("name", Some(&call.name));
        if inner.and_then(|inner| inner.noted(OWN, "args-as-written")) != Some(ABSENT) {
            function.raw("args", &arguments(&call.arguments, losses));
        }
        let function = function.finish("tool_call", losses);
        let mut part = Spelled::new(Some(&call.extra));
        part.raw("functionCall", &function);
        let marked = call.extra.noted(OWN, MARKED).map(|_| OF_ANOTHER_MODEL);
        part.base64_if("thoughtSignature", call.signature.as_deref().or(marked).or(signature));
        part.finish("tool_call", losses)
    }

    /// A signature of another provider's is nothing to Gemini. A client of Gemini's keeps it and sends it back.
    fn write_reasoning(&self, reasoning: &Reasoning, losses: &mut Losses) -> Option<String> {
        let keeps = self.answers || reasoning.extra.is_from(OWN);
        losses.add_if(reasoning.encrypted.is_some(), "reasoning.encrypted");
        losses.add_if(reasoning.signature.is_some() && !keeps, "reasoning.signature");
        let text = if reasoning.text.is_empty() { reasoning.summary.join("\n\n") } else { reasoning.text.clone() };
        let signature = reasoning.signature.as_deref().filter(|_| keeps);
        if text.is_empty() && signature.is_none() && !reasoning.extra.is_from(OWN) {
            reasoning.extra.lose("reasoning", losses);
            return None;
        }
        let mut part = Spelled::new(Some(&reasoning.extra));
        part.text_if("text", Some(&text)).flag_if("thought", Some(true)).base64_if("thoughtSignature", signature);
        Some(part.finish("reasoning", losses))
    }
}

/// Whether there is nothing in a text that was read elsewhere.
fn is_empty(text: &Text) -> bool {
    text.text.is_empty() && text.signature.is_none() && !text.extra.is_from(OWN)
}

fn write_text(text: &Text, losses: &mut Losses) -> String {
    let mut part = Spelled::new(Some(&text.extra));
    part.text_if("text", Some(&text.text));
    part.flag_if("thought", text.extra.noted(OWN, "thought-as-written").map(|_| false));
    part.base64_if("thoughtSignature", text.signature.as_deref());
    part.finish("text", losses)
}

/// Arguments as the object that `args` must be.
fn arguments(arguments: &str, losses: &mut Losses) -> String {
    if arguments.trim().is_empty() {
        return "{}".to_owned();
    }
    match Raw::parse(arguments) {
        Ok(object) if object.is_object() => object.as_str().to_owned(),
        _ => {
            losses.add("tool_call.arguments");
            let mut out = ObjectWriter::new();
            out.text("arguments", arguments);
            out.finish()
        }
    }
}
