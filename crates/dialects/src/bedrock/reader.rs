//! A stream as it is read.

use super::answer::{read_finish, read_role, read_usage};
use super::failure::{exception, kind, read_failure};
use super::own::OWN;
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::failure::FailureKind;
use conversation::fault::Fault;
use conversation::item::{Item, Opaque, Reasoning, Text, ToolCall};
use conversation::json::Raw;
use conversation::object::Object;
use conversation::stream::Event;
use std::collections::HashMap;

/// Reads a stream: the payloads of its frames, each under the name of its event.
#[derive(Debug, Default)]
pub struct Reader {
    begun: bool,
    /// Why the answer ends was said.
    finished: bool,
    /// What it took was said, which is the last.
    metered: bool,
    /// Nothing more counts: the end or an error was there.
    over: bool,
    /// How many items have begun.
    items: usize,
    /// The blocks that go on, by their number in the stream.
    open: HashMap<u64, Block>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    index: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Redacted,
    ToolCall,
}

impl Reader {
    pub(crate) fn feed(&mut self, name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        if self.over || matches!(data.trim(), "" | "[DONE]") {
            return Ok(Vec::new());
        }
        let name = name.unwrap_or_default();
        if kind(name).is_some() || name.ends_with("Exception") {
            return Ok(vec![self.fail(name, data)]);
        }
        let mut object = Object::read_leniently(data)?;
        // Padding that hides the length of what is said.
        object.raw("p");
        let mut events = Vec::new();
        if !std::mem::replace(&mut self.begun, true) && name != "messageStart" {
            events.push(Event::Start { id: None, model: None, created: None, extra: Extra::new(OWN) });
        }
        match name {
            "messageStart" => {
                read_role(&mut object, &mut Extra::new(OWN));
                events.push(Event::Start { id: None, model: None, created: None, extra: object.rest(OWN) });
            }
            "contentBlockStart" => self.start(object, data, &mut events)?,
            "contentBlockDelta" => self.delta(object, data, &mut events)?,
            "contentBlockStop" => {
                let number = object.whole("contentBlockIndex")?.unwrap_or_default();
                match self.open.remove(&number) {
                    Some(block) => events.push(Event::ItemEnd { index: block.index }),
                    None => events.push(opaque("contentBlockStop", data)),
                }
            }
            "messageStop" => {
                self.close(&mut events);
                self.finished = true;
                events.extend(read_finish(&mut object)?.map(Event::Finish));
                keep(object, &mut events);
            }
            "metadata" => {
                self.metered = true;
                if let Some(usage) = object.object("usage")? {
                    events.push(Event::Usage(read_usage(usage)?));
                }
                keep(object, &mut events);
            }
            // What is not known yet is kept under its name as something else that was said of the answer.
            name => {
                let mut extra = Extra::new(OWN);
                extra.keep(name, Raw::of_valid(data.trim()));
                events.push(Event::Extra(extra));
            }
        }
        if self.finished && self.metered {
            self.over = true;
            events.push(Event::End);
        }
        Ok(events)
    }

    fn fail(&mut self, name: &str, data: &str) -> Event {
        self.over = true;
        let mut failure = read_failure(500, data);
        failure.kind = kind(name).unwrap_or(FailureKind::Internal);
        failure.code = Some(name.to_owned());
        // One that is not known yet becomes the nearest that is.
        failure.code = Some(exception(&failure).to_owned());
        Event::Error(failure)
    }

    /// Only calls begin with what there is to know; blocks of other kinds are passed on as they are.
    fn start(&mut self, mut object: Object, data: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        let number = object.whole("contentBlockIndex")?.unwrap_or_default();
        let Some(mut start) = object.object("start")? else { return Ok(()) };
        if let Some(mut inner) = start.object("toolUse")? {
            let (id, name) = (inner.text("toolUseId")?, inner.text("name")?.unwrap_or_default());
            let call = ToolCall { id, name, extra: inner.rest(OWN), ..ToolCall::default() };
            self.begin(number, Kind::ToolCall, Item::ToolCall(call), events);
        } else if !start.rest(OWN).is_empty() {
            events.push(opaque("contentBlockStart", data));
        }
        Ok(())
    }

    fn begin(&mut self, number: u64, kind: Kind, item: Item, events: &mut Vec<Event>) -> usize {
        let index = self.items;
        self.items += 1;
        if let Some(before) = self.open.insert(number, Block { index, kind }) {
            events.push(Event::ItemEnd { index: before.index });
        }
        events.push(Event::ItemStart { index, item });
        index
    }

    /// The item of a block, which begins with its first piece.
    fn item(&mut self, number: u64, kind: Kind, events: &mut Vec<Event>) -> usize {
        match self.open.get(&number) {
            Some(block) if block.kind == kind => block.index,
            _ => {
                let mut extra = Extra::new(OWN);
                let item = match kind {
                    Kind::Text => Item::Text(Text { extra, ..Text::default() }),
                    Kind::Reasoning => {
                        extra.note("form", "reasoningText");
                        Item::Reasoning(Reasoning { extra, ..Reasoning::default() })
                    }
                    Kind::Redacted => Item::Reasoning(Reasoning { extra, ..Reasoning::default() }),
                    Kind::ToolCall => Item::ToolCall(ToolCall { extra, ..ToolCall::default() }),
                };
                self.begin(number, kind, item, events)
            }
        }
    }

    fn delta(&mut self, mut object: Object, data: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        let number = object.whole("contentBlockIndex")?.unwrap_or_default();
        let Some(mut delta) = object.object("delta")? else { return Ok(()) };
        let mut pieces = Vec::new();
        pieces.extend(delta.text("text")?.map(|text| (Kind::Text, Delta::Text(text))));
        if let Some(mut inner) = delta.object("reasoningContent")? {
            pieces.extend(inner.text("text")?.map(|text| (Kind::Reasoning, Delta::Reasoning(text))));
            pieces.extend(inner.text("signature")?.map(|piece| (Kind::Reasoning, Delta::Signature(piece))));
            pieces.extend(inner.text("redactedContent")?.map(|piece| (Kind::Redacted, Delta::Encrypted(piece))));
        }
        if let Some(mut inner) = delta.object("toolUse")? {
            pieces.extend(inner.text("input")?.map(|input| (Kind::ToolCall, Delta::Arguments(input))));
        }
        for (kind, delta) in pieces {
            let index = self.item(number, kind, events);
            events.push(Event::Delta { index, delta });
        }
        let rest = delta.rest(OWN);
        match self.open.get(&number) {
            _ if rest.is_empty() => {}
            Some(block) => events.push(Event::Delta { index: block.index, delta: Delta::Extra(rest) }),
            None => events.push(opaque("contentBlockDelta", data)),
        }
        Ok(())
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        let mut open: Vec<usize> = self.open.drain().map(|(_, block)| block.index).collect();
        open.sort_unstable();
        events.extend(open.into_iter().map(|index| Event::ItemEnd { index }));
    }

    pub(crate) fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        match (std::mem::replace(&mut self.over, true), self.finished) {
            (true, _) => Ok(Vec::new()),
            (false, true) => Ok(vec![Event::End]),
            (false, false) => Err(Fault::new("ends before `messageStop`")),
        }
    }
}

/// What else an event says of the answer.
fn keep(object: Object, events: &mut Vec<Event>) {
    let rest = object.rest(OWN);
    if !rest.is_empty() {
        events.push(Event::Extra(rest));
    }
}

fn opaque(name: &str, data: &str) -> Event {
    Event::Opaque(Opaque::new(OWN, name, Raw::of_valid(data.trim())))
}
