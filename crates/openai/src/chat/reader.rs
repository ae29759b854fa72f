//! Reading streams: chunks, each with what was added to each answer.

use super::notes::{PLACE, REFUSAL};
use super::reasoning::{self, DETAILS, MEMBERS};
use super::{OWN, failure, finish, message, tool_call, usage};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Opaque, Reasoning, Text, ToolCall};
use conversation::json::{self, Raw};
use conversation::object::Object;
use conversation::stream::Event;

/// The most calls that can go on at once.
const MOST_CALLS: usize = 1024;

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader {
    begun: bool,
    finished: bool,
    /// Whether the model refused.
    refused: bool,
    /// Whether the end has been told, or an error, behind which nothing comes.
    ended: bool,
    /// What else the last chunk said.
    extra: Extra,
    /// How many items have begun.
    items: usize,
    /// The text or the thoughts that go on.
    open: Option<Open>,
    /// The calls that go on.
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Open {
    index: usize,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Text,
    Refusal,
    /// Thoughts from this member.
    Thoughts(&'static str),
    /// Thoughts from details of this type and number.
    Detail(String, String),
}

#[derive(Debug)]
struct Call {
    index: usize,
    /// Its number in the stream, where the provider gives one.
    number: Option<u64>,
    id: Option<String>,
}

impl Reader {
    /// Takes an event of the stream and gives what it says.
    ///
    /// # Errors
    /// The event is not what the dialect says.
    pub fn feed(&mut self, _name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        let (mut events, data) = (Vec::new(), data.trim());
        if data.is_empty() || self.ended {
            return Ok(events);
        }
        if data == "[DONE]" {
            self.end(&mut events);
            return Ok(events);
        }
        let mut chunk = Object::read_leniently(data)?;
        if chunk.peek("error").is_some_and(|error| !matches!(error, "\"\"" | "{}")) {
            self.ended = true;
            return Ok(vec![Event::Error(failure::read_in_stream(data))]);
        }
        let choices = chunk.array("choices")?.unwrap_or_default();
        let mut told = chunk.raw("usage").map(usage::read).transpose().within("usage")?;
        // Groq says it aside, and Moonshot in the choice.
        if told.is_none() {
            let aside = chunk.peek("x_groq").or_else(|| choices.first().copied());
            let aside = aside.and_then(|aside| Object::read(aside).ok()?.peek("usage"));
            told = aside.map(usage::read).transpose()?;
        }
        self.start(&mut chunk, &mut events)?;
        self.keep(chunk.rest(OWN), &mut events);
        for (number, choice) in choices.into_iter().enumerate() {
            self.choice(choice, &mut events).within_element("choices", number)?;
        }
        events.extend(told.map(Event::Usage));
        Ok(events)
    }

    /// Takes the end of the stream and gives what is still to be told.
    ///
    /// # Errors
    /// The stream is over before the answer was.
    pub fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        let mut events = Vec::new();
        if !self.ended && !self.finished {
            return Err(Fault::new("is over before the answer was"));
        }
        self.end(&mut events);
        Ok(events)
    }

    /// The first chunk that says anything begins the answer. Azure sends one before it that says what the filter found.
    fn start(&mut self, chunk: &mut Object<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let (id, model, created) = (chunk.text("id")?, chunk.text("model")?, chunk.number("created")?);
        chunk.raw("object");
        if !self.begun {
            self.begun = true;
            let said = |text: &String| !text.is_empty();
            events.push(Event::Start {
                id: id.filter(said),
                model: model.filter(said),
                created,
                extra: Extra::new(OWN),
            });
        }
        Ok(())
    }

    /// Tells what else a chunk says where the last did not say the same.
    fn keep(&mut self, extra: Extra, events: &mut Vec<Event>) {
        if !extra.is_empty() && extra != self.extra {
            self.extra = extra.clone();
            events.push(Event::Extra(extra));
        }
    }

    fn end(&mut self, events: &mut Vec<Event>) {
        if !self.ended {
            self.close(events);
            self.close_calls(events);
            self.ended = true;
            events.push(Event::End);
        }
    }

    fn choice(&mut self, raw: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        let mut choice = Object::read_leniently(raw)?;
        // Of several answers the first is told, the others are kept as they are.
        if choice.raw("index").is_some_and(|index| index != "0") {
            events.push(Event::Opaque(Opaque::new(OWN, "choices", Raw::of_valid(raw))));
            return Ok(());
        }
        if let Some(delta) = choice.object("delta")? {
            self.delta(delta, events).within("delta")?;
        }
        if let Some(word) = choice.text("finish_reason")?.filter(|word| !word.is_empty()) {
            self.close(events);
            self.close_calls(events);
            self.finished = true;
            events.push(Event::Finish(finish::read(word, self.refused)));
        }
        choice.raw("usage");
        Self::unknown("choice", &choice.rest(OWN), events);
        Ok(())
    }

    /// What nobody knows goes on as it is, if it says something.
    fn unknown(place: &str, extra: &Extra, events: &mut Vec<Event>) {
        let said = extra.unknown().filter(|(_, value)| !matches!(value.as_str(), "null" | "[]" | "{}" | "\"\""));
        events.extend(
            said.map(|(name, value)| Event::Opaque(Opaque::new(OWN, format!("{place}.{name}"), value.clone()))),
        );
    }

    fn delta(&mut self, mut delta: Object<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        delta.raw("role");
        self.thoughts(&mut delta, events)?;
        if let Some(content) = delta.raw("content") {
            self.content(content, events);
        }
        if let Some(text) = delta.text("refusal")? {
            self.refused |= !text.is_empty();
            self.piece(Kind::Refusal, Delta::Text(text), events);
        }
        let mut images = Vec::new();
        message::read_images(&mut delta, &mut images, &mut Vec::new());
        images.into_iter().for_each(|image| self.whole(image, events));
        for call in delta.array("tool_calls")?.unwrap_or_default() {
            self.call(delta.read_like(call)?, call, events)?;
        }
        if let Some(function) = delta.object("function_call")? {
            self.old_call(function, events)?;
        }
        Self::unknown("delta", &delta.rest(OWN), events);
        Ok(())
    }

    fn thoughts(&mut self, delta: &mut Object<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let details = delta.array(DETAILS)?.unwrap_or_default();
        for detail in &details {
            let number = delta.read_like(detail)?.peek("index").unwrap_or_default().to_owned();
            match reasoning::read_detail(delta.read_like(detail)?, detail)? {
                Item::Reasoning(detail) => self.detail(detail, number, events),
                Item::Opaque(opaque) => events.push(Event::Opaque(opaque)),
                _ => {}
            }
        }
        for member in MEMBERS {
            if delta.peek_text(member).is_none() {
                continue;
            }
            // What stands in details too is said once.
            if let Some(text) = delta.text(member)?.filter(|_| details.is_empty()) {
                self.piece(Kind::Thoughts(member), Delta::Reasoning(text), events);
            }
        }
        Ok(())
    }

    fn detail(&mut self, mut detail: Reasoning, number: String, events: &mut Vec<Event>) {
        let kind = if detail.encrypted.is_some() {
            "encrypted"
        } else if detail.summary.is_empty() {
            "text"
        } else {
            "summary"
        };
        let kind = Kind::Detail(kind.to_owned(), number);
        let pieces = [
            (!detail.text.is_empty()).then(|| Delta::Reasoning(std::mem::take(&mut detail.text))),
            detail.summary.pop().map(|text| Delta::Summary { part: 0, text }),
            detail.encrypted.take().map(Delta::Encrypted),
            detail.signature.take().map(Delta::Signature),
        ];
        // A signature alone belongs to the thoughts that it follows, whatever says them.
        let of_open = matches!(pieces, [None, None, None, Some(_)])
            && self.open.as_ref().is_some_and(|open| matches!(open.kind, Kind::Thoughts(_)));
        if !of_open && self.open.as_ref().is_none_or(|open| open.kind != kind) {
            self.begin(kind, Item::Reasoning(detail), events);
        }
        let Some(index) = self.open.as_ref().map(|open| open.index) else { return };
        events.extend(pieces.into_iter().flatten().map(|delta| Event::Delta { index, delta }));
    }

    /// `content` is text, or parts where Mistral's models think.
    fn content(&mut self, content: &str, events: &mut Vec<Event>) {
        if let Some(text) = json::text(content) {
            self.piece(Kind::Text, Delta::Text(text), events);
            return;
        }
        for part in json::elements(content).unwrap_or_default() {
            let mut items = Vec::new();
            if super::content::read_part(Object::read_leniently(part), part, &mut items).is_err() {
                items.push(Item::Opaque(Opaque::new(OWN, "content.unknown", Raw::of_valid(part))));
            }
            for item in items {
                match item {
                    Item::Text(text) => self.piece(Kind::Text, Delta::Text(text.text), events),
                    Item::Reasoning(thought) => {
                        self.piece(Kind::Thoughts("reasoning_content"), Delta::Reasoning(thought.text), events);
                    }
                    Item::Opaque(opaque) => events.push(Event::Opaque(opaque)),
                    item => self.whole(item, events),
                }
            }
        }
    }

    /// Adds to what is open, or opens it. Nothing is opened for nothing.
    fn piece(&mut self, kind: Kind, delta: Delta, events: &mut Vec<Event>) {
        if matches!(&delta, Delta::Text(text) | Delta::Reasoning(text) if text.is_empty()) {
            return;
        }
        if self.open.as_ref().is_none_or(|open| open.kind != kind) {
            let mut extra = Extra::new(OWN);
            let item = match &kind {
                Kind::Text => Item::text(""),
                Kind::Refusal => {
                    extra.note(PLACE, REFUSAL);
                    Item::Text(Text { refusal: true, extra, ..Text::default() })
                }
                Kind::Thoughts(member) => {
                    extra.note(PLACE, member);
                    Item::Reasoning(Reasoning { extra, ..Reasoning::default() })
                }
                Kind::Detail(..) => Item::Reasoning(Reasoning::default()),
            };
            self.begin(kind, item, events);
        }
        let index = self.open.as_ref().map(|open| open.index);
        events.extend(index.map(|index| Event::Delta { index, delta }));
    }

    fn begin(&mut self, kind: Kind, item: Item, events: &mut Vec<Event>) {
        self.close(events);
        if kind == Kind::Text {
            self.close_calls(events);
        }
        let index = self.next();
        events.push(Event::ItemStart { index, item });
        self.open = Some(Open { index, kind });
    }

    fn whole(&mut self, item: Item, events: &mut Vec<Event>) {
        self.close(events);
        let index = self.next();
        events.extend([Event::ItemStart { index, item }, Event::ItemEnd { index }]);
    }

    fn next(&mut self) -> usize {
        self.items += 1;
        self.items - 1
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        events.extend(self.open.take().map(|open| Event::ItemEnd { index: open.index }));
    }

    fn close_calls(&mut self, events: &mut Vec<Event>) {
        events.extend(self.calls.drain(..).map(|call| Event::ItemEnd { index: call.index }));
    }

    /// A piece of a call. It belongs to the call with its number; some providers give none, and then a new id begins
    /// a new call. Some give 0 for all, and older vLLM gives a new id with each piece, but a name only where a call
    /// begins: with a number that is known, a new call has both.
    fn call(&mut self, mut object: Object<'_>, raw: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        let number = object.whole("index")?;
        let id = object.text("id")?.filter(|id| !id.is_empty());
        let signature = tool_call::signature(&object);
        let content = object.raw("extra_content").map(str::to_owned);
        object.raw("type");
        let Some(mut function) = object.object("function")? else {
            events.push(Event::Opaque(Opaque::new(OWN, "tool_calls.custom", Raw::of_valid(raw))));
            return Ok(());
        };
        let name = function.text("name")?.filter(|name| !name.is_empty());
        let arguments = function.raw("arguments").map(|raw| json::text(raw).unwrap_or_else(|| raw.to_owned()));
        let mut known = match number {
            Some(_) => self.calls.iter().rposition(|call| call.number == number),
            None => self.calls.len().checked_sub(1),
        };
        let begins = id.is_some() && (number.is_none() || name.is_some());
        let is_new = known.and_then(|known| self.calls.get(known)).is_none_or(|call| begins && call.id != id);
        if is_new {
            if self.calls.len() >= MOST_CALLS {
                return Err(Fault::new(format!("has more than {MOST_CALLS} calls")));
            }
            let mut extra = object.rest(OWN);
            extra.keep_inner("function", function.rest(OWN));
            content.iter().for_each(|content| extra.note("extra_content", content));
            let call = ToolCall { id, name: name.unwrap_or_default(), signature, extra, ..ToolCall::default() };
            known = Some(self.begin_call(call, number, events));
        }
        let index = known.and_then(|known| self.calls.get(known)).map(|call| call.index);
        let arguments = arguments.filter(|arguments| !arguments.is_empty()).zip(index);
        events.extend(arguments.map(|(text, index)| Event::Delta { index, delta: Delta::Arguments(text) }));
        Ok(())
    }

    fn old_call(&mut self, mut function: Object<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        if let Some(name) = function.text("name")?.filter(|_| self.calls.is_empty()) {
            let mut extra = Extra::new(OWN);
            extra.note(PLACE, tool_call::OLD_PLACE);
            self.begin_call(ToolCall { name, extra, ..ToolCall::default() }, None, events);
        }
        let index = self.calls.last().map(|call| call.index);
        let arguments = function.text("arguments")?.filter(|text| !text.is_empty()).zip(index);
        events.extend(arguments.map(|(text, index)| Event::Delta { index, delta: Delta::Arguments(text) }));
        Ok(())
    }

    fn begin_call(&mut self, call: ToolCall, number: Option<u64>, events: &mut Vec<Event>) -> usize {
        self.close(events);
        let index = self.next();
        self.calls.push(Call { index, number, id: call.id.clone() });
        events.push(Event::ItemStart { index, item: Item::ToolCall(call) });
        self.calls.len() - 1
    }
}
