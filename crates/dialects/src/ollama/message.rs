//! Messages: one text, thoughts beside it, pictures and calls.

use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Media, MediaKind, Reasoning, Source, ToolCall};
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::object::Object;

pub(super) const OWN: Dialect = Dialect::Ollama;
/// A note of a member that usually stands there and did not.
pub(super) const ABSENT: &str = "absent";
/// What the first bytes of a picture are in base64. Ollama does not say what a picture is, and others want to know.
const PICTURES: [(&str, &str); 4] =
    [("iVBORw0KGgo", "image/png"), ("/9j/", "image/jpeg"), ("R0lGOD", "image/gif"), ("UklGR", "image/webp")];

/// Takes what is said in a message, in the order in which a model says it. What is there and says nothing is noted in
/// `notes`.
pub(super) fn read_items(message: &mut Object, notes: &mut Extra) -> Result<Vec<Item>, Fault> {
    let mut items = Vec::new();
    match message.text("thinking")? {
        Some(text) if text.is_empty() => notes.note("thinking", "\"\""),
        Some(text) => items.push(Item::Reasoning(Reasoning { text, ..Reasoning::default() })),
        None => {}
    }
    items.extend(read_content(message, notes)?);
    if let Some(calls) = message.array("tool_calls")? {
        if calls.is_empty() {
            notes.note("tool_calls", "[]");
        }
        for (number, call) in calls.into_iter().enumerate() {
            let call = message.read_like(call).and_then(read_call).within_element("tool_calls", number)?;
            items.push(Item::ToolCall(call));
        }
    }
    Ok(items)
}

/// Takes the text and the pictures.
pub(super) fn read_content(message: &mut Object, notes: &mut Extra) -> Result<Vec<Item>, Fault> {
    let mut items = Vec::new();
    match message.text("content")? {
        Some(text) => items.extend((!text.is_empty()).then(|| Item::text(text))),
        None => notes.note("content", ABSENT),
    }
    if let Some(images) = message.array("images")? {
        if images.is_empty() {
            notes.note("images", "[]");
        }
        for (number, image) in images.into_iter().enumerate() {
            let wrong = || Fault::new("is no string");
            let data = conversation::json::text(image).ok_or_else(wrong).within_element("images", number)?;
            items.push(read_image(data));
        }
    }
    Ok(items)
}

fn read_image(data: String) -> Item {
    let known = PICTURES.iter().find(|(start, _)| data.starts_with(start));
    Item::Media(Media {
        kind: MediaKind::Image,
        media_type: known.map(|(_, media_type)| (*media_type).to_owned()),
        source: Source::Base64(data),
        name: None,
        extra: Extra::default(),
    })
}

fn read_call(mut object: Object) -> Result<ToolCall, Fault> {
    let mut call = ToolCall { id: object.text("id")?, ..ToolCall::default() };
    let mut notes = Extra::new(OWN);
    if let Some(mut function) = object.object("function")? {
        match function.text("name")? {
            Some(name) => call.name = name,
            None => notes.note("name", ABSENT),
        }
        match function.value("arguments") {
            Some(raw) => {
                // The server wants an object; some clients send text, as OpenAI does.
                if !raw.is_object() {
                    notes.note("arguments", raw.as_str());
                }
                call.arguments = raw.as_text().unwrap_or_else(|| raw.to_string());
            }
            None => notes.note("arguments", ABSENT),
        }
        // The order of the calls says the same.
        if let Some(index) = function.value("index") {
            notes.note("index", index.as_str());
        }
        notes.keep_inner("function", function.rest(OWN));
    } else {
        notes.note("function", ABSENT);
    }
    if object.peek_text("type").as_deref() == Some("function") {
        object.raw("type");
        notes.note("type", "\"function\"");
    }
    notes.merge(object.rest(OWN));
    call.extra = notes;
    Ok(call)
}

/// A call as it is written.
pub(super) fn write_call(call: &ToolCall, losses: &mut Losses) -> ObjectWriter {
    let mut function = ObjectWriter::new();
    if call.extra.noted(OWN, "name").is_none() {
        function.text("name", &call.name);
    }
    match call.extra.noted(OWN, "arguments") {
        Some(how) if how == ABSENT || how == "null" => {}
        Some(raw) => {
            function.raw("arguments", raw);
        }
        None => {
            function.raw("arguments", &arguments(&call.arguments, losses));
        }
    }
    if let Some(index) = call.extra.noted(OWN, "index") {
        function.raw("index", index);
    }
    if let Some(inner) = call.extra.inner(OWN, "function") {
        inner.write(OWN, "tool_call.function", &mut function, losses);
    }
    losses.add_if(call.signature.is_some(), "tool_call.signature");
    let mut out = ObjectWriter::new();
    out.text_if("id", call.id.as_deref());
    if let Some(kind) = call.extra.noted(OWN, "type") {
        out.raw("type", kind);
    }
    if call.extra.noted(OWN, "function").is_none() {
        out.object("function", function);
    }
    call.extra.write(OWN, "tool_call", &mut out, losses);
    out
}

/// Arguments as an object, which is what the server takes.
fn arguments(text: &str, losses: &mut Losses) -> String {
    match Raw::parse(text) {
        _ if text.trim().is_empty() => "{}".to_owned(),
        Ok(raw) if raw.is_object() => raw.to_string(),
        _ => {
            losses.add("tool_call.arguments");
            let mut object = ObjectWriter::new();
            object.text("arguments", text);
            object.finish()
        }
    }
}

/// What a message is going to say.
#[derive(Debug, Default)]
pub(super) struct Saying {
    /// What is put between texts: nothing between those of a model, which cuts one text where it cites something.
    between: &'static str,
    /// Whether nothing of the turn is in the text yet.
    begins: bool,
    content: String,
    thinking: String,
    images: ArrayWriter,
    calls: ArrayWriter,
}

impl Saying {
    /// What somebody else than a model says: texts of their own, each on its line.
    pub(super) fn in_lines() -> Self {
        Self { between: "\n", ..Self::default() }
    }

    /// Whether nothing is said yet.
    pub(super) fn is_empty(&self) -> bool {
        self.content.is_empty() && self.thinking.is_empty() && self.images.is_empty() && self.calls.is_empty()
    }

    /// What follows is another turn: its text is one of its own, also where those of one turn are not.
    pub(super) fn begin_turn(&mut self) {
        self.begins = true;
    }

    fn say(&mut self, text: &str) {
        join(&mut self.content, text, if self.begins { "\n" } else { self.between });
        self.begins &= text.is_empty();
    }

    /// Adds an item; results of tools are messages of their own and not for here.
    pub(super) fn add(&mut self, item: &Item, losses: &mut Losses) {
        match item {
            Item::Text(text) => {
                losses.add_if(text.signature.is_some(), "text.signature");
                text.extra.lose("text", losses);
                self.say(&text.text);
            }
            Item::Reasoning(reasoning) => {
                let parts = reasoning.summary.iter().chain([&reasoning.text]);
                parts.for_each(|part| join(&mut self.thinking, part, "\n\n"));
                lose_of_reasoning(reasoning, losses);
            }
            Item::ToolCall(call) => {
                self.calls.object(write_call(call, losses));
            }
            Item::Media(media) => self.add_media(media, losses),
            Item::CacheBreakpoint(_) => losses.add("cache_breakpoint"),
            Item::ToolResult(_) => losses.add("tool_result"),
            Item::Opaque(opaque) => losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
        }
    }

    fn add_media(&mut self, media: &Media, losses: &mut Losses) {
        let place = media.kind.name();
        losses.add_if(media.name.is_some(), &format!("{place}.name"));
        media.extra.lose(place, losses);
        match (&media.source, media.kind) {
            (Source::Base64(data), MediaKind::Image) => {
                self.images.text(data);
            }
            // A document that is text anyway can be said as text.
            _ => match media.words() {
                Some(words) => self.say(&words),
                None => losses.add(&media.loss()),
            },
        }
    }

    /// Writes it; `notes` says what stood there and said nothing.
    pub(super) fn write(self, notes: &Extra, out: &mut ObjectWriter) {
        let unsaid = matches!(notes.noted(OWN, "content"), Some(ABSENT | "null"));
        if !(unsaid && self.content.is_empty()) {
            out.text("content", &self.content);
        }
        if !self.thinking.is_empty() {
            out.text("thinking", &self.thinking);
        }
        for (name, list) in [("images", self.images), ("tool_calls", self.calls)] {
            if !list.is_empty() {
                out.array(name, list);
            }
        }
        for name in ["thinking", "images", "tool_calls"] {
            if let Some(raw) = notes.noted(OWN, name).filter(|raw| *raw != "null") {
                out.raw(name, raw);
            }
        }
    }
}

/// What is lost of thoughts whatever their text.
pub(super) fn lose_of_reasoning(reasoning: &Reasoning, losses: &mut Losses) {
    losses.add_if(reasoning.signature.is_some(), "reasoning.signature");
    losses.add_if(reasoning.encrypted.is_some(), "reasoning.encrypted");
    reasoning.extra.lose("reasoning", losses);
}

fn join(whole: &mut String, part: &str, between: &str) {
    if !whole.is_empty() && !part.is_empty() {
        whole.push_str(between);
    }
    whole.push_str(part);
}
