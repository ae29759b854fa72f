//! The items of a stream's output.

use super::thoughts::Thoughts;
use super::wire::{DONE, STARTED, Wire, add_quietly, end_given, place, tell_given, tell_item};
use crate::custom::{self, Unfold};
use crate::responses::answer::{made_id, told_id};
use crate::responses::finish::Said;
use crate::responses::item::{self, Given, Missing};
use crate::responses::namespace::Named;
use crate::responses::part::{self, Side};
use crate::responses::{OWN, Object, elements};
use conversation::answer::Reply;
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::ids::Told;
use conversation::item::{Item, Opaque, Reasoning, Text, ToolCall};
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use std::collections::{BTreeMap, HashMap};

/// The items that have begun and that are whole.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Each item of the output, by `output_index`, once it is whole.
    whole: Vec<Option<String>>,
    /// The items of the model that are open, by their number.
    open: BTreeMap<usize, Open>,
    /// The messages that are not whole, by `output_index`.
    messages: BTreeMap<usize, Message>,
    /// The message that the next text belongs to.
    current: Option<usize>,
    /// Where items stand whose start was passed on, by their id.
    passed: HashMap<String, usize>,
    told: Told,
    said: Said,
}

/// An item of the model that is open.
#[derive(Debug)]
enum Open {
    Text { message: usize, content: usize, text: Text },
    Call { output: usize, id: String, called: (String, Named), call: ToolCall, custom: Option<Unfold> },
    Thoughts(Thoughts),
}

/// A message that is not whole.
#[derive(Debug)]
struct Message {
    id: String,
    /// What it says of itself, where that was told.
    extra: Option<Extra>,
    parts: Vec<Option<String>>,
    open: usize,
    /// Whether something else has begun behind it, so that no part is added.
    closed: bool,
}

impl Output {
    /// What of what was told the status does not say.
    pub(super) fn said(&self) -> Said {
        self.said
    }

    fn next(&mut self) -> usize {
        self.whole.push(None);
        self.whole.len() - 1
    }

    fn keep(&mut self, output: usize, whole: &str) {
        if let Some(place) = self.whole.get_mut(output) {
            *place = Some(whole.to_owned());
        }
    }

    /// What is whole, as the list in a response.
    pub(super) fn whole(&self) -> String {
        let mut list = ArrayWriter::new();
        self.whole.iter().flatten().for_each(|item| {
            list.raw(item);
        });
        list.finish()
    }

    pub(super) fn start(&mut self, index: usize, item: Item, reply: &Reply, wire: &mut Wire, losses: &mut Losses) {
        self.said.add(&item);
        if item::message_of(&item).is_some() || !matches!(item, Item::Text(_)) {
            self.close_message(wire, losses);
        }
        match item {
            Item::Text(text) => self.start_text(index, text, reply, wire),
            Item::ToolCall(call) => self.start_call(index, call, reply, wire),
            Item::Reasoning(reasoning) => self.start_thoughts(index, reasoning, reply, wire),
            Item::Opaque(item) if item.dialect == OWN && !item.kind.starts_with("response.") => {
                self.write_opaque(&item, wire);
            }
            Item::Opaque(event) => self.pass(&event, wire, losses),
            item => part::lose(&item, losses),
        }
    }

    fn start_text(&mut self, index: usize, mut text: Text, reply: &Reply, wire: &mut Wire) {
        let output = self.current.unwrap_or_else(|| self.start_message(&text, reply, wire));
        let Some(message) = self.messages.get_mut(&output) else { return };
        let content = message.parts.len();
        message.parts.push(None);
        message.open += 1;
        let mut begun = ObjectWriter::new();
        if text.refusal {
            begun.text("type", "refusal").text("refusal", "");
        } else {
            begun.text("type", "output_text").text("text", "").raw("annotations", "[]").raw("logprobs", "[]");
        }
        wire.tell("response.content_part.added", |out| {
            place(out, &message.id, output).whole("content_index", content as u64).object("part", begun);
        });
        let said = std::mem::take(&mut text.text);
        self.open.insert(index, Open::Text { message: output, content, text });
        self.add(index, Delta::Text(said), wire);
    }

    fn start_message(&mut self, first: &Text, reply: &Reply, wire: &mut Wire) -> usize {
        let output = self.next();
        let extra = first.extra.inner(OWN, item::MESSAGE_PLACE).cloned();
        let id = extra.as_ref().and_then(item::told_id).unwrap_or_else(|| made_id("msg", reply, output));
        let mut begun = ObjectWriter::new();
        begun.raw("content", "[]");
        let missing = Missing { id: Some(&id), status: STARTED };
        let begun = item::write_message(extra.as_ref(), begun, missing, &mut Losses::new());
        tell_item(wire, "response.output_item.added", output, &begun);
        self.messages.insert(output, Message { id, extra, parts: Vec::new(), open: 0, closed: false });
        self.current = Some(output);
        output
    }

    fn start_call(&mut self, index: usize, mut call: ToolCall, reply: &Reply, wire: &mut Wire) {
        let output = self.next();
        let custom = custom::is_called(&call, Some(&reply.request), OWN);
        let prefix = if custom { "ctc" } else { "fc" };
        let id = item::told_id(&call.extra).unwrap_or_else(|| made_id(prefix, reply, output));
        let called = (told_id(&call, reply, &mut self.told), Named::of(&call, Some(&reply.request)));
        let arguments = std::mem::take(&mut call.arguments);
        let missing = Missing { id: Some(&id), status: STARTED };
        let begun = item::begin_call(&call, custom, (&called.0, &called.1), missing);
        tell_item(wire, "response.output_item.added", output, &begun.finish());
        self.open.insert(index, Open::Call { output, id, called, call, custom: custom.then(Unfold::default) });
        self.add(index, Delta::Arguments(arguments), wire);
    }

    fn start_thoughts(&mut self, index: usize, reasoning: Reasoning, reply: &Reply, wire: &mut Wire) {
        let output = self.next();
        let id = reasoning.id.clone().unwrap_or_else(|| made_id("rs", reply, output));
        self.open.insert(index, Open::Thoughts(Thoughts::start(output, id, reasoning, wire)));
    }

    /// An item that the provider's own tools made. If its start was passed on, only its end is missing.
    fn write_opaque(&mut self, item: &Opaque, wire: &mut Wire) {
        let id = Object::read_leniently(item.raw.as_str()).ok().and_then(|object| object.peek_text("id"));
        let passed = id.and_then(|id| self.passed.remove(&id));
        let output = passed.unwrap_or_else(|| {
            let output = self.next();
            tell_item(wire, "response.output_item.added", output, item.raw.as_str());
            output
        });
        tell_item(wire, "response.output_item.done", output, item.raw.as_str());
        self.keep(output, item.raw.as_str());
    }

    /// Passes on an event of this dialect that nobody else knows.
    pub(super) fn pass(&mut self, event: &Opaque, wire: &mut Wire, losses: &mut Losses) {
        if event.dialect != OWN {
            return part::lose(&Item::Opaque(event.clone()), losses);
        }
        if event.kind == "response.output_item.added" {
            self.close_message(wire, losses);
            let output = self.next();
            let item =
                Object::read_leniently(event.raw.as_str()).ok().and_then(|mut object| object.object("item").ok()?);
            let id = item.and_then(|item| item.peek_text("id"));
            if let Some(id) = id {
                self.passed.insert(id, output);
            }
        }
        wire.pass(&event.raw);
    }

    /// Takes a piece. One without anything in it is not written.
    pub(super) fn add(&mut self, index: usize, delta: Delta, wire: &mut Wire) {
        match (self.open.get_mut(&index), delta) {
            (Some(Open::Text { message, content, text }), Delta::Text(piece)) => {
                let Some(id) = self.messages.get(message).map(|message| message.id.as_str()) else { return };
                if !piece.is_empty() {
                    let name = if text.refusal { "response.refusal.delta" } else { "response.output_text.delta" };
                    wire.tell(name, |out| {
                        place(out, id, *message).whole("content_index", *content as u64).text("delta", &piece);
                        if !text.refusal {
                            out.raw("logprobs", "[]");
                        }
                    });
                }
                text.text.push_str(&piece);
            }
            (Some(Open::Call { output, id, call, custom, .. }), Delta::Arguments(piece)) => {
                match custom {
                    Some(unfold) => tell_given(wire, id, *output, Given::Input(&unfold.feed(&piece))),
                    None => tell_given(wire, id, *output, Given::Arguments(&piece)),
                }
                call.arguments.push_str(&piece);
            }
            (Some(Open::Thoughts(thoughts)), delta) => thoughts.add(delta, wire),
            (Some(Open::Text { text, .. }), delta) => add_quietly(&mut text.extra, &mut text.signature, delta),
            (Some(Open::Call { call, .. }), delta) => add_quietly(&mut call.extra, &mut call.signature, delta),
            (None, _) => {}
        }
    }

    pub(super) fn end(&mut self, index: usize, wire: &mut Wire, losses: &mut Losses) {
        match self.open.remove(&index) {
            Some(Open::Text { message, content, text }) => self.end_text(message, content, &text, wire, losses),
            Some(Open::Call { output, id, called, call, custom }) => {
                let input = custom.as_ref().map(|_| custom::input(&call.arguments, losses));
                let given = input.as_deref().map_or_else(|| Given::Arguments(item::arguments(&call)), Given::Input);
                // What was not said in pieces.
                match (given, custom) {
                    (Given::Input(input), Some(unfold)) => {
                        let rest = input.get(unfold.given..).unwrap_or_default();
                        tell_given(wire, &id, output, Given::Input(rest));
                    }
                    _ if call.arguments.is_empty() => tell_given(wire, &id, output, given),
                    _ => {}
                }
                let (called, named) = called;
                end_given(wire, &id, output, (&named.name, given));
                let missing = Missing { id: Some(&id), status: DONE };
                let whole = item::write_call_with(&call, given, (&called, &named), missing, losses).finish();
                tell_item(wire, "response.output_item.done", output, &whole);
                self.keep(output, &whole);
            }
            Some(Open::Thoughts(thoughts)) => {
                let (output, whole) = thoughts.end(wire, losses);
                self.keep(output, &whole);
            }
            None => {}
        }
    }

    fn end_text(&mut self, output: usize, content: usize, text: &Text, wire: &mut Wire, losses: &mut Losses) {
        let Some(message) = self.messages.get_mut(&output) else { return };
        let part = part::write_text(text, Side::Answer, losses).finish();
        let at = |out: &mut ObjectWriter| {
            place(out, &message.id, output).whole("content_index", content as u64);
        };
        if text.refusal {
            wire.tell("response.refusal.done", |out| {
                at(out);
                out.text("refusal", &text.text);
            });
        } else {
            let said = |name: &str| text.extra.get(name).and_then(|raw| elements(raw.as_str())).unwrap_or_default();
            for (number, annotation) in said("annotations").into_iter().enumerate() {
                wire.tell("response.output_text.annotation.added", |out| {
                    at(out);
                    out.whole("annotation_index", number as u64).raw("annotation", annotation);
                });
            }
            wire.tell("response.output_text.done", |out| {
                at(out);
                out.text("text", &text.text).raw("logprobs", text.extra.get("logprobs").map_or("[]", Raw::as_str));
            });
        }
        wire.tell("response.content_part.done", |out| {
            at(out);
            out.raw("part", &part);
        });
        if let Some(told) = text.extra.inner(OWN, item::MESSAGE_PLACE) {
            message.extra = Some(told.clone());
        }
        if let Some(place) = message.parts.get_mut(content) {
            *place = Some(part);
        }
        message.open = message.open.saturating_sub(1);
        if message.closed && message.open == 0 {
            self.end_message(output, wire, losses);
        }
    }

    /// No part is added to the message any more: it is whole as soon as its parts are.
    fn close_message(&mut self, wire: &mut Wire, losses: &mut Losses) {
        let Some(output) = self.current.take() else { return };
        let Some(message) = self.messages.get_mut(&output) else { return };
        message.closed = true;
        if message.open == 0 {
            self.end_message(output, wire, losses);
        }
    }

    fn end_message(&mut self, output: usize, wire: &mut Wire, losses: &mut Losses) {
        let Some(message) = self.messages.remove(&output) else { return };
        let mut parts = ArrayWriter::new();
        message.parts.iter().flatten().for_each(|part| {
            parts.raw(part);
        });
        let mut whole = ObjectWriter::new();
        whole.array("content", parts);
        let missing = Missing { id: Some(&message.id), status: DONE };
        let whole = item::write_message(message.extra.as_ref(), whole, missing, losses);
        tell_item(wire, "response.output_item.done", output, &whole);
        self.keep(output, &whole);
    }

    /// Ends what is open: the answer is over.
    pub(super) fn end_all(&mut self, wire: &mut Wire, losses: &mut Losses) {
        let open: Vec<usize> = self.open.keys().copied().collect();
        open.into_iter().for_each(|index| self.end(index, wire, losses));
        self.close_message(wire, losses);
    }
}
