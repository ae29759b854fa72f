//! The items of a stream's output.

use crate::custom;
use crate::responses::finish::Said;
use crate::responses::{OWN, Object, item, namespace, part};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::{Item, Reasoning, Text, ToolCall};
use conversation::stream::Event;
use std::collections::{BTreeMap, HashMap};

/// The items of the output, by `output_index`.
///
/// What an item's end says in full is compared with how much of it came in pieces, and only the rest is told: some servers
/// send no pieces.
#[derive(Debug, Default)]
pub(super) struct Outputs {
    open: HashMap<u64, Output>,
    /// How many items of the model have begun.
    items: usize,
    said: Said,
}

/// An item that has begun.
#[derive(Debug)]
enum Output {
    Message {
        extra: Option<Extra>,
        parts: BTreeMap<u64, Part>,
    },
    Call {
        index: usize,
        sent: usize,
    },
    Reasoning {
        index: usize,
        sent: usize,
        summary: Vec<usize>,
    },
    /// What only this dialect knows: told at its end. The event that began it was passed on.
    Opaque,
}

/// A part of a message: an item of the model.
#[derive(Debug)]
struct Part {
    index: usize,
    /// Whether it is the first of its message.
    first: bool,
    /// How many bytes of the text were told.
    sent: usize,
    ended: bool,
}

impl Outputs {
    /// What of what was told the status does not say.
    pub(super) fn said(&self) -> Said {
        self.said
    }

    /// Takes an event. False if it is none of those that the model can say.
    pub(super) fn feed(&mut self, kind: &str, mut object: Object<'_>, events: &mut Vec<Event>) -> Result<bool, Fault> {
        let at = object.whole("output_index")?.unwrap_or(0);
        let content = object.whole("content_index")?.unwrap_or(0);
        match kind {
            "response.output_item.added" => return Ok(self.begin(at, object.raw("item"), events)),
            "response.output_item.done" => self.end_item(at, object.raw("item").unwrap_or("{}"), events),
            "response.content_part.added" => return self.begin_part(at, content, object, events),
            "response.content_part.done" => return Ok(self.end_part(at, content, object.raw("part"), events)),
            "response.output_text.delta" | "response.refusal.delta" => {
                let refusal = kind == "response.refusal.delta";
                let piece = object.text("delta")?.unwrap_or_default();
                self.add_text(at, content, refusal, piece, events);
            }
            "response.function_call_arguments.delta" => {
                let piece = object.text("delta")?.unwrap_or_default();
                if let Some(Output::Call { index, sent }) = self.open.get_mut(&at) {
                    *sent += piece.len();
                    events.push(Event::Delta { index: *index, delta: Delta::Arguments(piece) });
                }
            }
            "response.custom_tool_call_input.delta" => {
                let piece = custom::piece(&object.text("delta")?.unwrap_or_default());
                if let Some(Output::Call { index, sent }) = self.open.get_mut(&at) {
                    *sent += piece.len();
                    events.push(Event::Delta { index: *index, delta: Delta::Arguments(piece) });
                }
            }
            "response.reasoning_text.delta"
            | "response.reasoning_summary_part.added"
            | "response.reasoning_summary_text.delta" => {
                let part = object.whole("summary_index")?.unwrap_or(0);
                let piece = object.text("delta")?.unwrap_or_default();
                self.add_thought(at, (kind != "response.reasoning_text.delta").then_some(part), piece, events);
            }
            // What is done is said again at the end of the item.
            "response.output_text.done"
            | "response.output_text.annotation.added"
            | "response.refusal.done"
            | "response.function_call_arguments.done"
            | "response.custom_tool_call_input.done"
            | "response.reasoning_text.done"
            | "response.reasoning_summary_text.done"
            | "response.reasoning_summary_part.done" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn next(&mut self) -> usize {
        self.items += 1;
        self.items - 1
    }

    fn begin(&mut self, at: u64, whole: Option<&str>, events: &mut Vec<Event>) -> bool {
        let Some(Ok(mut object)) = whole.map(Object::read_leniently) else { return false };
        let kind = item::kind(&object);
        let output = match kind.as_str() {
            "message" => Output::Message { extra: Some(item::message_extra(object)), parts: BTreeMap::new() },
            "function_call" => {
                // Some servers leave out the arguments until the first piece.
                let arguments = object.peek_text("arguments").unwrap_or_default();
                object.raw("arguments");
                let [id, name] = ["call_id", "name"].map(|member| object.text(member).ok().flatten());
                let name = name.unwrap_or_default();
                let (index, sent) = (self.next(), arguments.len());
                let mut call = ToolCall { id, name, arguments, signature: None, extra: item::call_extra(object) };
                namespace::join(&mut call);
                self.said.calls = true;
                events.push(Event::ItemStart { index, item: Item::ToolCall(call) });
                Output::Call { index, sent }
            }
            "custom_tool_call" => {
                let input = object.peek_text("input").unwrap_or_default();
                object.raw("input");
                let arguments = format!("{}{}", custom::BEGINNING, custom::piece(&input));
                let [id, name] = ["call_id", "name"].map(|member| object.text(member).ok().flatten());
                let name = name.unwrap_or_default();
                let (index, sent) = (self.next(), arguments.len());
                let mut call = ToolCall { id, name, arguments, signature: None, extra: item::custom_extra(object) };
                namespace::join(&mut call);
                self.said.calls = true;
                events.push(Event::ItemStart { index, item: Item::ToolCall(call) });
                Output::Call { index, sent }
            }
            "reasoning" => {
                let id = object.text("id").ok().flatten();
                // The thoughts themselves, and what is encrypted of them, are whole at the end only.
                for member in ["summary", "content", "encrypted_content"] {
                    object.raw(member);
                }
                let index = self.next();
                let thoughts = Reasoning { id, extra: item::thoughts_extra(object), ..Reasoning::default() };
                events.push(Event::ItemStart { index, item: Item::Reasoning(thoughts) });
                Output::Reasoning { index, sent: 0, summary: Vec::new() }
            }
            _ => Output::Opaque,
        };
        let known = !matches!(output, Output::Opaque);
        self.open.insert(at, output);
        known
    }

    fn begin_part(
        &mut self,
        at: u64,
        content: u64,
        mut object: Object<'_>,
        events: &mut Vec<Event>,
    ) -> Result<bool, Fault> {
        let kind = object.object("part")?.and_then(|part| part.peek_text("type")).unwrap_or_default();
        match kind.as_str() {
            "output_text" | "refusal" => {
                self.part(at, content, kind == "refusal", events);
                Ok(true)
            }
            "reasoning_text" => Ok(true),
            _ => Ok(false),
        }
    }

    /// The part, which begins if it has not.
    fn part(&mut self, at: u64, content: u64, refusal: bool, events: &mut Vec<Event>) -> Option<&mut Part> {
        let index = self.items;
        let fresh = || Output::Message { extra: None, parts: BTreeMap::new() };
        let Output::Message { extra, parts } = self.open.entry(at).or_insert_with(fresh) else { return None };
        let first = parts.is_empty();
        Some(parts.entry(content).or_insert_with(|| {
            let mut text = Text { refusal, extra: Extra::new(OWN), ..Text::default() };
            extra.take().into_iter().for_each(|message| item::keep_message(&mut text.extra, message));
            self.items += 1;
            self.said.refused |= refusal;
            events.push(Event::ItemStart { index, item: Item::Text(text) });
            Part { index, first, sent: 0, ended: false }
        }))
    }

    fn add_text(&mut self, at: u64, content: u64, refusal: bool, piece: String, events: &mut Vec<Event>) {
        let Some(part) = self.part(at, content, refusal, events).filter(|part| !part.ended) else { return };
        part.sent += piece.len();
        events.push(Event::Delta { index: part.index, delta: Delta::Text(piece) });
    }

    fn add_thought(&mut self, at: u64, part: Option<u64>, piece: String, events: &mut Vec<Event>) {
        let Some(Output::Reasoning { index, sent, summary }) = self.open.get_mut(&at) else { return };
        let delta = match part.map(|part| usize::try_from(part).unwrap_or(usize::MAX)) {
            None => {
                *sent += piece.len();
                Delta::Reasoning(piece)
            }
            Some(part) => {
                let part = part.min(summary.len());
                if part == summary.len() {
                    summary.push(0);
                }
                summary.iter_mut().skip(part).take(1).for_each(|sent| *sent += piece.len());
                Delta::Summary { part, text: piece }
            }
        };
        events.push(Event::Delta { index: *index, delta });
    }

    /// The first part of a message ends with the message, whose end says more of it.
    fn end_part(&mut self, at: u64, content: u64, whole: Option<&str>, events: &mut Vec<Event>) -> bool {
        let said = whole.and_then(|whole| part::read(Object::read_leniently(whole).ok()?, whole).ok());
        let item = said.and_then(|items| items.into_iter().next());
        match self.open.get_mut(&at) {
            Some(Output::Message { parts, .. }) => {
                let later = parts.get_mut(&content).filter(|part| !part.first);
                if let (Some(part), Some(Item::Text(text))) = (later, &item) {
                    end_text(part, text, events);
                }
                !matches!(item, None | Some(Item::Opaque(_)))
            }
            known => known.is_some(),
        }
    }

    fn end_item(&mut self, at: u64, whole: &str, events: &mut Vec<Event>) {
        let items = item::read_output(whole);
        match (self.open.remove(&at), items.first()) {
            (Some(Output::Message { parts, .. }), _) if !parts.is_empty() => self.end_message(parts, items, events),
            (Some(Output::Call { index, sent }), Some(Item::ToolCall(call))) => {
                tell_rest(index, &call.arguments, sent, Delta::Arguments, events);
                events.push(Event::Delta { index, delta: Delta::Extra(call.extra.clone()) });
                events.push(Event::ItemEnd { index });
            }
            (Some(Output::Reasoning { index, sent, summary }), Some(Item::Reasoning(thoughts))) => {
                end_thoughts(index, sent, &summary, thoughts, events);
            }
            (Some(Output::Call { index, .. } | Output::Reasoning { index, .. }), _) => {
                events.push(Event::ItemEnd { index });
            }
            _ => self.tell_whole(items, events),
        }
    }

    fn end_message(&mut self, mut parts: BTreeMap<u64, Part>, items: Vec<Item>, events: &mut Vec<Event>) {
        for (content, item) in (0_u64..).zip(items) {
            let Item::Text(text) = &item else { continue };
            match parts.get_mut(&content) {
                Some(part) => end_text(part, text, events),
                None => self.tell_whole(vec![item], events),
            }
        }
        let open = parts.values().filter(|part| !part.ended);
        events.extend(open.map(|part| Event::ItemEnd { index: part.index }));
    }

    /// Items of which nothing has been told.
    fn tell_whole(&mut self, items: Vec<Item>, events: &mut Vec<Event>) {
        for item in items {
            self.said.add(&item);
            let index = self.next();
            events.extend([Event::ItemStart { index, item }, Event::ItemEnd { index }]);
        }
    }

    /// Takes the output as the end says it again: new are items only if there were none before. What is open ends.
    pub(super) fn end(&mut self, output: &[&str], events: &mut Vec<Event>) {
        if self.items == 0 {
            output.iter().for_each(|whole| self.tell_whole(item::read_output(whole), events));
        }
        let mut left: Vec<usize> = Vec::new();
        for output in std::mem::take(&mut self.open).into_values() {
            match output {
                Output::Message { parts, .. } => {
                    left.extend(parts.values().filter(|part| !part.ended).map(|part| part.index));
                }
                Output::Call { index, .. } | Output::Reasoning { index, .. } => left.push(index),
                Output::Opaque => {}
            }
        }
        left.sort_unstable();
        events.extend(left.into_iter().map(|index| Event::ItemEnd { index }));
    }
}

/// What of `whole` comes behind the bytes that were told.
fn tell_rest(index: usize, whole: &str, sent: usize, delta: fn(String) -> Delta, events: &mut Vec<Event>) {
    if let Some(rest) = whole.get(sent..).filter(|rest| !rest.is_empty()) {
        events.push(Event::Delta { index, delta: delta(rest.to_owned()) });
    }
}

fn end_text(part: &mut Part, text: &Text, events: &mut Vec<Event>) {
    if std::mem::replace(&mut part.ended, true) {
        return;
    }
    let index = part.index;
    tell_rest(index, &text.text, part.sent, Delta::Text, events);
    events.push(Event::Delta { index, delta: Delta::Extra(text.extra.clone()) });
    events.push(Event::ItemEnd { index });
}

fn end_thoughts(index: usize, sent: usize, summary: &[usize], thoughts: &Reasoning, events: &mut Vec<Event>) {
    for (part, text) in thoughts.summary.iter().enumerate() {
        let told = summary.get(part).copied();
        if let Some(rest) = text.get(told.unwrap_or(0)..).filter(|rest| told.is_none() || !rest.is_empty()) {
            let delta = Delta::Summary { part, text: rest.to_owned() };
            events.push(Event::Delta { index, delta });
        }
    }
    tell_rest(index, &thoughts.text, sent, Delta::Reasoning, events);
    events.extend(thoughts.encrypted.clone().map(|data| Event::Delta { index, delta: Delta::Encrypted(data) }));
    events.push(Event::Delta { index, delta: Delta::Extra(thoughts.extra.clone()) });
    events.push(Event::ItemEnd { index });
}
