//! A stream as it is written.

use super::answer::{call_id, word, write_usage};
use super::failure::exception;
use super::own::{LONGEST, OWN};
use conversation::answer::{Finish, Reason, Reply, Usage};
use conversation::delta::Delta;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::ids::fit;
use conversation::item::{Item, Opaque};
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::stream::{Event, WireEvent};

/// The events that may be passed on as they came.
const EVENTS: [&str; 6] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];

/// Writes a stream: the payloads of its frames, each under the name of its event.
#[derive(Debug)]
pub struct Writer {
    reply: Reply,
    /// The number of the next block.
    blocks: u64,
    /// How many calls there were.
    calls: usize,
    /// The item that goes on, without what came in pieces.
    open: Option<Item>,
    /// Whether something of the item was written: blocks of nothing are none.
    written: bool,
    /// The part of a summary that was written last.
    part: Option<usize>,
    /// What else was said of the answer.
    beside: Extra,
    finish: Option<Finish>,
    usage: Option<Usage>,
    losses: Losses,
}

impl Writer {
    pub(crate) fn new(reply: Reply) -> Self {
        Self {
            reply,
            blocks: 0,
            calls: 0,
            open: None,
            written: false,
            part: None,
            beside: Extra::default(),
            finish: None,
            usage: None,
            losses: Losses::new(),
        }
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    pub(crate) fn push(&mut self, event: &Event) -> Vec<WireEvent> {
        match event {
            Event::Start { extra, .. } => {
                self.keep(extra);
                let mut out = ObjectWriter::new();
                out.text("role", "assistant");
                return vec![WireEvent::named("messageStart", &out.finish())];
            }
            Event::ItemStart { item, .. } => return self.start(item),
            Event::Delta { delta, .. } => return self.delta(delta),
            Event::ItemEnd { .. } => return self.end_item(),
            Event::Usage(usage) => self.usage.get_or_insert_default().update(usage.clone()),
            Event::Finish(finish) => self.finish = Some(finish.clone()),
            Event::Extra(extra) => self.keep(extra),
            Event::Opaque(opaque) => return self.pass(opaque),
            Event::Error(failure) => {
                let mut out = ObjectWriter::new();
                out.text("message", &failure.message);
                return vec![WireEvent::named(exception(failure), &out.finish())];
            }
            Event::End => return self.end(),
        }
        Vec::new()
    }

    fn keep(&mut self, extra: &Extra) {
        if extra.is_from(OWN) {
            self.beside.merge(extra.clone());
        } else {
            extra.lose("answer", &mut self.losses);
        }
    }

    fn pass(&mut self, opaque: &Opaque) -> Vec<WireEvent> {
        match EVENTS.into_iter().find(|name| *name == opaque.kind) {
            Some(name) if opaque.dialect == OWN => {
                self.blocks += u64::from(name == "contentBlockStop");
                vec![WireEvent::named(name, opaque.raw.as_str())]
            }
            _ => {
                self.losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
                Vec::new()
            }
        }
    }

    fn start(&mut self, item: &Item) -> Vec<WireEvent> {
        (self.open, self.written, self.part) = (Some(item.clone()), false, None);
        let mut pieces = Vec::new();
        match item {
            Item::Text(text) => {
                lose(&text.extra, "text", &mut self.losses);
                pieces.extend(nonempty(&text.text).map(Delta::Text));
                pieces.extend(text.signature.clone().map(Delta::Signature));
            }
            Item::Reasoning(reasoning) => {
                lose(&reasoning.extra, "reasoning", &mut self.losses);
                let summary = reasoning.summary.iter().cloned().enumerate();
                pieces.extend(summary.map(|(part, text)| Delta::Summary { part, text }));
                pieces.extend(nonempty(&reasoning.text).map(Delta::Reasoning));
                pieces.extend(reasoning.signature.clone().map(Delta::Signature));
                pieces.extend(reasoning.encrypted.clone().map(Delta::Encrypted));
            }
            Item::ToolCall(call) => {
                let (mut inner, own) = (ObjectWriter::new(), call.extra.is_from(OWN));
                if call.id.is_some() || !own {
                    inner.text("toolUseId", &call_id(call.id.as_deref(), own, &self.reply, self.calls));
                }
                self.calls += 1;
                inner.text("name", &if own { call.name.as_str().into() } else { fit(&call.name, LONGEST) });
                self.losses.add_if(call.signature.is_some(), "tool_call.signature");
                call.extra.write(OWN, "tool_call", &mut inner, &mut self.losses);
                let (mut start, mut out) = (ObjectWriter::new(), ObjectWriter::new());
                start.object("toolUse", inner);
                out.object("start", start).whole("contentBlockIndex", self.blocks);
                self.written = true;
                let mut events = vec![WireEvent::named("contentBlockStart", &out.finish())];
                events.extend(
                    nonempty(&call.arguments)
                        .map(Delta::Arguments)
                        .map(|piece| self.piece(&piece))
                        .into_iter()
                        .flatten(),
                );
                return events;
            }
            Item::Media(media) => self.losses.add(&media.loss()),
            Item::ToolResult(_) => self.losses.add("tool_result"),
            Item::CacheBreakpoint(_) => self.losses.add("cache_breakpoint"),
            Item::Opaque(opaque) => self.losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
        }
        pieces.iter().flat_map(|piece| self.delta(piece)).collect()
    }

    /// Thoughts that only the provider reads are told by Anthropic and this service alone; those of others are lost.
    fn delta(&mut self, delta: &Delta) -> Vec<WireEvent> {
        let hidden = match &self.open {
            Some(Item::Reasoning(reasoning)) => {
                matches!(reasoning.extra.dialect(), Some(Dialect::Anthropic | Dialect::Bedrock))
            }
            _ => false,
        };
        match (delta, &self.open) {
            (Delta::Signature(_), Some(Item::Text(_))) => self.losses.add("text.signature"),
            (Delta::Signature(_), Some(Item::ToolCall(_))) => self.losses.add("tool_call.signature"),
            (Delta::Encrypted(_), _) if !hidden => self.losses.add("reasoning.encrypted"),
            (Delta::Extra(extra), open) if !extra.is_from(OWN) => {
                let place = match open {
                    Some(Item::Reasoning(_)) => "reasoning",
                    Some(Item::ToolCall(_)) => "tool_call",
                    _ => "text",
                };
                extra.lose(place, &mut self.losses);
            }
            (_, None) => {}
            _ => return self.piece(delta).into_iter().collect(),
        }
        Vec::new()
    }

    fn piece(&mut self, delta: &Delta) -> Option<WireEvent> {
        let (mut piece, mut inner) = (ObjectWriter::new(), ObjectWriter::new());
        match delta {
            Delta::Text(text) => {
                piece.text("text", text);
            }
            Delta::Arguments(text) => {
                inner.text("input", text);
                piece.object("toolUse", inner);
            }
            Delta::Reasoning(text) => {
                let between = if self.part.take().is_some() { "\n\n" } else { "" };
                inner.text("text", &format!("{between}{text}"));
                piece.object("reasoningContent", inner);
            }
            Delta::Summary { part, text } => {
                let last = self.part.replace(*part);
                let between = if last.is_some_and(|last| last != *part) { "\n\n" } else { "" };
                inner.text("text", &format!("{between}{text}"));
                piece.object("reasoningContent", inner);
            }
            Delta::Signature(text) => {
                inner.text("signature", text);
                piece.object("reasoningContent", inner);
            }
            Delta::Encrypted(text) => {
                inner.text("redactedContent", text);
                piece.object("reasoningContent", inner);
            }
            Delta::Extra(extra) => {
                extra.write(OWN, "text", &mut piece, &mut self.losses);
                if piece.is_empty() {
                    return None;
                }
            }
        }
        self.written = true;
        let mut out = ObjectWriter::new();
        out.object("delta", piece).whole("contentBlockIndex", self.blocks);
        Some(WireEvent::named("contentBlockDelta", &out.finish()))
    }

    fn end_item(&mut self) -> Vec<WireEvent> {
        self.open = None;
        if !std::mem::take(&mut self.written) {
            return Vec::new();
        }
        let mut out = ObjectWriter::new();
        out.whole("contentBlockIndex", self.blocks);
        self.blocks += 1;
        vec![WireEvent::named("contentBlockStop", &out.finish())]
    }

    /// The stop of the message carries what a model said in fields of its own, the metadata all the rest.
    fn end(&mut self) -> Vec<WireEvent> {
        let (mut stop, mut metadata) = (ObjectWriter::new(), ObjectWriter::new());
        let finish = self.finish.take().unwrap_or(Finish::new(Reason::Stop));
        stop.text("stopReason", &word(&finish, &mut self.losses));
        if let Some(usage) = &self.usage {
            metadata.object("usage", write_usage(usage, &mut self.losses));
        }
        for (name, value) in self.beside.unknown() {
            let out = if name == "additionalModelResponseFields" { &mut stop } else { &mut metadata };
            out.foreign(name, value.as_str());
        }
        let mut events = vec![WireEvent::named("messageStop", &stop.finish())];
        if !metadata.is_empty() {
            events.push(WireEvent::named("metadata", &metadata.finish()));
        }
        events
    }
}

/// Takes note of what only another dialect says of an item.
fn lose(extra: &Extra, place: &str, losses: &mut Losses) {
    if !extra.is_from(OWN) {
        extra.lose(place, losses);
    }
}

fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
