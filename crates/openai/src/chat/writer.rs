//! Writing streams.

use super::notes::{IMAGES, PLACE};
use super::reasoning::{DETAILS, MEMBERS, format_of};
use super::{OWN, content, failure, finish, media, tool_call, usage};
use conversation::answer::{Finish, Reason, Reply, Usage};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::ids;
use conversation::item::{Item, MediaKind, Opaque};
use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::json::{Number, Raw};
use conversation::loss::Losses;
use conversation::stream::{Event, WireEvent};
use std::collections::HashMap;

/// Writes a stream.
#[derive(Debug)]
pub struct Writer {
    reply: Reply,
    losses: Losses,
    id: String,
    model: String,
    created: Number,
    extra: Extra,
    begun: bool,
    /// What each item is that is not whole, by its number.
    items: HashMap<usize, Kind>,
    calls: usize,
    /// How many thoughts have said something in details that they had no number for.
    details: u64,
    finish: Option<Finish>,
    usage: Option<Usage>,
}

#[derive(Debug, Clone)]
enum Kind {
    Text,
    Refusal,
    /// Thoughts, in this member, and whose they are. What only those can read is a detail, with this number once there is one.
    Thoughts(&'static str, Option<&'static str>, Option<u64>),
    /// Thoughts as details, with their id and what else each piece says.
    Details(Option<String>, Extra),
    /// The call of this number. It is bare while another dialect has said no arguments of it.
    Call {
        number: usize,
        bare: bool,
    },
    /// A call in the older place.
    OldCall,
    Unwritten,
}

impl Writer {
    /// A stream that has not begun.
    pub fn new(reply: Reply) -> Self {
        Self {
            id: format!("chatcmpl-{}", reply.id),
            model: reply.request.model.clone(),
            created: Number::from(reply.created),
            reply,
            losses: Losses::new(),
            extra: Extra::default(),
            begun: false,
            items: HashMap::new(),
            calls: 0,
            details: 0,
            finish: None,
            usage: None,
        }
    }

    /// What was left out so far.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Takes an event and gives what it is in the dialect.
    pub fn push(&mut self, event: &Event) -> Vec<WireEvent> {
        match event {
            Event::Start { id, model, created, extra } => {
                self.id = id.clone().unwrap_or_else(|| std::mem::take(&mut self.id));
                self.model = model.clone().unwrap_or_else(|| std::mem::take(&mut self.model));
                self.created = created.clone().unwrap_or_else(|| self.created.clone());
                self.keep(extra);
                self.begun = true;
                let mut delta = ObjectWriter::new();
                delta.text("role", "assistant").text("content", "");
                vec![self.said(delta)]
            }
            Event::ItemStart { index, item } => self.begin(*index, item),
            Event::Delta { index, delta } => self.piece(*index, delta).into_iter().collect(),
            Event::ItemEnd { index } => self.end_item(*index).into_iter().collect(),
            Event::Usage(usage) => {
                self.usage.get_or_insert_default().update(usage.clone());
                Vec::new()
            }
            Event::Finish(finish) => {
                self.finish = Some(finish.clone());
                Vec::new()
            }
            Event::Extra(extra) => {
                self.keep(extra);
                Vec::new()
            }
            Event::Opaque(opaque) => self.opaque(opaque).into_iter().collect(),
            Event::Error(error) => vec![WireEvent::new(&failure::write_failure(error))],
            Event::End => self.end(),
        }
    }

    fn keep(&mut self, extra: &Extra) {
        if extra.is_from(OWN) {
            self.extra.merge(extra.clone());
        } else {
            extra.lose("answer", &mut self.losses);
        }
    }

    fn begin(&mut self, index: usize, item: &Item) -> Vec<WireEvent> {
        let kind = self.kind(item);
        self.items.insert(index, kind.clone());
        match item {
            Item::ToolCall(call) => {
                let mut delta = ObjectWriter::new();
                if let Kind::Call { number, .. } = kind {
                    let id = call.id.clone().unwrap_or_else(|| ids::derived(&self.reply.id, number));
                    let mut calls = ArrayWriter::new();
                    // The first piece has empty arguments, where a whole call would have `{}`.
                    let mut begun = tool_call::write(call, &id, Some(number), &mut self.losses).finish();
                    if call.arguments.is_empty() {
                        begun = begun.replace("\"arguments\":\"{}\"", "\"arguments\":\"\"");
                    }
                    calls.raw(&begun);
                    delta.array("tool_calls", calls);
                } else {
                    delta.object("function_call", tool_call::write_function(call, Some(&call.extra), &mut self.losses));
                }
                vec![self.said(delta)]
            }
            Item::Text(text) if text.text.is_empty() && text.signature.is_none() => {
                if !text.extra.is_from(OWN) {
                    text.extra.lose("text", &mut self.losses);
                }
                Vec::new()
            }
            Item::Reasoning(thought) => {
                if !thought.extra.is_from(OWN) {
                    thought.extra.lose("reasoning", &mut self.losses);
                }
                let pieces = [
                    (!thought.text.is_empty()).then(|| Delta::Reasoning(thought.text.clone())),
                    thought.signature.clone().map(Delta::Signature),
                    thought.encrypted.clone().map(Delta::Encrypted),
                ];
                pieces.into_iter().flatten().filter_map(|piece| self.piece(index, &piece)).collect()
            }
            Item::Text(text) => {
                self.losses.add_if(text.signature.is_some(), "text.signature");
                self.piece(index, &Delta::Text(text.text.clone())).into_iter().collect()
            }
            Item::Opaque(opaque) => self.opaque(opaque).into_iter().collect(),
            Item::Media(image) if image.kind == MediaKind::Image => {
                let part = media::write(image, &mut self.losses).map(ObjectWriter::finish);
                part.map(|part| self.of_delta(IMAGES, &format!("[{part}]"))).into_iter().collect()
            }
            Item::Media(other) => {
                self.losses.add(&format!("media.{}", other.kind.name()));
                Vec::new()
            }
            item => {
                content::write_part(item, None, &mut self.losses);
                Vec::new()
            }
        }
    }

    fn kind(&mut self, item: &Item) -> Kind {
        match item {
            Item::Text(text) => {
                if text.refusal {
                    Kind::Refusal
                } else {
                    Kind::Text
                }
            }
            Item::Reasoning(thought) => match thought.extra.noted(OWN, PLACE) {
                Some(DETAILS) => Kind::Details(thought.id.clone(), thought.extra.clone()),
                place => Kind::Thoughts(
                    MEMBERS.into_iter().find(|member| place == Some(*member)).unwrap_or("reasoning_content"),
                    format_of(&thought.extra),
                    None,
                ),
            },
            Item::ToolCall(call) if call.extra.noted(OWN, PLACE) == Some(tool_call::OLD_PLACE) => Kind::OldCall,
            Item::ToolCall(call) => {
                self.calls += 1;
                let bare = call.arguments.is_empty() && !call.extra.is_from(OWN);
                Kind::Call { number: self.calls - 1, bare }
            }
            _ => Kind::Unwritten,
        }
    }

    fn piece(&mut self, index: usize, piece: &Delta) -> Option<WireEvent> {
        let kind = self.items.get(&index)?.clone();
        let secret = match piece {
            Delta::Signature(text) => Some(("reasoning.text", "signature", text)),
            Delta::Encrypted(data) => Some(("reasoning.encrypted", "data", data)),
            _ => None,
        };
        if let (&Kind::Thoughts(told, format, number), Some((kind, member, text))) = (&kind, secret) {
            let number = number.unwrap_or_else(|| self.next_detail());
            self.items.insert(index, Kind::Thoughts(told, format, Some(number)));
            return Some(self.detail(None, &marked(format, number), kind, member, text));
        }
        let delta = match (kind, piece) {
            (Kind::Text, Delta::Text(text)) => self.of_delta("content", &quote(text)),
            (Kind::Refusal, Delta::Text(text)) => self.of_delta("refusal", &quote(text)),
            (Kind::Thoughts(member, ..), Delta::Reasoning(text) | Delta::Summary { text, .. }) => {
                self.of_delta(member, &quote(text))
            }
            (Kind::Details(id, extra), Delta::Reasoning(text)) => {
                self.detail(id.as_deref(), &extra, "reasoning.text", "text", text)
            }
            (Kind::Details(id, extra), Delta::Summary { text, .. }) => {
                self.detail(id.as_deref(), &extra, "reasoning.summary", "summary", text)
            }
            (Kind::Details(id, extra), Delta::Signature(text)) => {
                self.detail(id.as_deref(), &extra, "reasoning.text", "signature", text)
            }
            (Kind::Details(id, extra), Delta::Encrypted(text)) => {
                self.detail(id.as_deref(), &extra, "reasoning.encrypted", "data", text)
            }
            (Kind::Call { number, bare }, Delta::Arguments(text)) => {
                self.items.insert(index, Kind::Call { number, bare: bare && text.is_empty() });
                self.arguments(number, text)
            }
            (Kind::OldCall, Delta::Arguments(text)) => {
                let mut function = ObjectWriter::new();
                function.text("arguments", text);
                self.of_delta("function_call", &function.finish())
            }
            (_, Delta::Extra(extra)) => {
                extra.lose("answer.item", &mut self.losses);
                return None;
            }
            (Kind::Call { .. }, Delta::Signature(_)) => {
                self.losses.add("tool_call.signature");
                return None;
            }
            (_, Delta::Signature(_)) => {
                self.losses.add("text.signature");
                return None;
            }
            _ => return None,
        };
        Some(delta)
    }

    /// What another dialect says with nothing is an object without members here, as in a whole call.
    fn end_item(&mut self, index: usize) -> Option<WireEvent> {
        match self.items.remove(&index) {
            Some(Kind::Call { number, bare: true }) => Some(self.arguments(number, "{}")),
            _ => None,
        }
    }

    fn arguments(&self, number: usize, text: &str) -> WireEvent {
        let (mut function, mut call) = (ObjectWriter::new(), ObjectWriter::new());
        function.text("arguments", text);
        call.whole("index", number as u64).object("function", function);
        self.of_delta("tool_calls", &format!("[{}]", call.finish()))
    }

    fn next_detail(&mut self) -> u64 {
        self.details += 1;
        self.details - 1
    }

    fn detail(&self, id: Option<&str>, extra: &Extra, kind: &str, member: &'static str, text: &str) -> WireEvent {
        let mut detail = ObjectWriter::new();
        detail.text("type", kind).text(member, text).text_if("id", id);
        extra.write(OWN, "reasoning", &mut detail, &mut Losses::new());
        self.of_delta(DETAILS, &format!("[{}]", detail.finish()))
    }

    /// What this dialect alone knows goes where it was.
    fn opaque(&mut self, opaque: &Opaque) -> Option<WireEvent> {
        if opaque.dialect != OWN {
            self.losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
            return None;
        }
        let raw = opaque.raw.as_str();
        let (place, name) = opaque.kind.split_once('.').unwrap_or((&opaque.kind, ""));
        Some(match place {
            "choices" => self.chunk(Some(raw), None),
            "choice" => {
                let member = format!("{{\"index\":0,\"delta\":{{}},{}:{raw},\"finish_reason\":null}}", quote(name));
                self.chunk(Some(&member), None)
            }
            "delta" => self.of_member(name, raw),
            DETAILS => self.of_member(DETAILS, &format!("[{raw}]")),
            place => self.of_member(place, &format!("[{raw}]")),
        })
    }

    fn of_delta(&self, member: &'static str, value: &str) -> WireEvent {
        let mut delta = ObjectWriter::new();
        delta.raw(member, value);
        self.said(delta)
    }

    /// As [`Writer::of_delta`], for a member that a provider named.
    fn of_member(&self, member: &str, value: &str) -> WireEvent {
        let mut delta = ObjectWriter::new();
        delta.foreign(member, value);
        self.said(delta)
    }

    fn said(&self, delta: ObjectWriter) -> WireEvent {
        let mut choice = ObjectWriter::new();
        choice.whole("index", 0).object("delta", delta).raw("finish_reason", "null");
        self.chunk(Some(&choice.finish()), None)
    }

    fn chunk(&self, choice: Option<&str>, usage: Option<&str>) -> WireEvent {
        let mut out = ObjectWriter::new();
        out.text("id", &self.id).text("object", "chat.completion.chunk").raw("created", self.created.as_str());
        out.text("model", &self.model).raw("choices", &format!("[{}]", choice.unwrap_or_default()));
        if let Some(usage) = usage {
            out.raw("usage", usage);
        }
        self.extra.write(OWN, "answer", &mut out, &mut Losses::new());
        WireEvent::new(&out.finish())
    }

    fn end(&mut self) -> Vec<WireEvent> {
        let mut events = Vec::new();
        if self.begun {
            let made = Finish::new(if self.calls > 0 { Reason::ToolCalls } else { Reason::Stop });
            let finish = self.finish.take().unwrap_or(made);
            self.losses.add_if(finish.sequence.is_some(), "finish.sequence");
            let mut choice = ObjectWriter::new();
            choice
                .whole("index", 0)
                .object("delta", ObjectWriter::new())
                .text("finish_reason", finish::write(&finish, &mut self.losses));
            events.push(self.chunk(Some(&choice.finish()), None));
        }
        if let Some(usage) = self.usage.take().filter(|_| self.reply.request.stream_usage) {
            let usage = usage::write(&usage, &mut self.losses);
            events.push(self.chunk(None, Some(&usage)));
        }
        events.push(WireEvent::new("[DONE]"));
        events
    }
}

/// What a detail says of whose it is, and which it is: clients put pieces together by that, and some fail where it is not said.
fn marked(format: Option<&str>, number: u64) -> Extra {
    let mut extra = Extra::new(OWN);
    format.into_iter().for_each(|format| extra.keep("format", Raw::text(format)));
    extra.keep("index", Raw::of_valid(&number.to_string()));
    extra
}

#[cfg(test)]
mod tests;
