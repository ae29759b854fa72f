//! A stream as it is written.

use super::answer::{write_end, written_moment};
use super::message::{OWN, Saying, lose_of_reasoning};
use conversation::answer::{Finish, Reply, Usage};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::item::{Item, Reasoning, Text};
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::stream::{Event, WireEvent};

/// Writes a stream: a line for each piece.
#[derive(Debug)]
pub struct Writer {
    reply: Reply,
    model: Option<String>,
    moment: Option<String>,
    /// What else was said since the last line.
    beside: Extra,
    /// The item that goes on, as it is by now; of texts and thoughts only what cannot be said in pieces.
    open: Option<Item>,
    /// The part of a summary that was written last.
    part: Option<usize>,
    finish: Option<Finish>,
    usage: Option<Usage>,
    losses: Losses,
}

impl Writer {
    pub(crate) fn new(reply: Reply) -> Self {
        let moment = written_moment(None, &Extra::default(), &reply);
        Self {
            model: Some(reply.request.model.clone()),
            moment,
            reply,
            beside: Extra::default(),
            open: None,
            part: None,
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
            Event::Start { model, created, extra, .. } => {
                if model.is_some() || extra.is_from(OWN) {
                    self.model.clone_from(model);
                }
                self.moment = written_moment(created.as_ref(), extra, &self.reply);
                self.keep(extra);
            }
            Event::ItemStart { item, .. } => return self.start(item),
            Event::Delta { delta, .. } => return self.delta(delta),
            Event::ItemEnd { .. } => {
                if let Some(item @ Item::ToolCall(_)) = self.open.take() {
                    return self.line(&item);
                }
            }
            Event::Usage(usage) => self.usage.get_or_insert_default().update(usage.clone()),
            Event::Finish(finish) => self.finish = Some(finish.clone()),
            Event::Extra(extra) => self.keep(extra),
            Event::Opaque(opaque) => self.losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
            Event::Error(failure) => return vec![WireEvent::new(&super::write_failure(failure))],
            Event::End => return vec![self.end()],
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

    fn start(&mut self, item: &Item) -> Vec<WireEvent> {
        self.part = None;
        self.open = Some(item.clone());
        match item {
            Item::ToolCall(_) => Vec::new(),
            Item::Text(Text { text, .. }) if text.is_empty() => self.lose_open(),
            Item::Reasoning(Reasoning { text, summary, .. }) if text.is_empty() && summary.is_empty() => {
                self.lose_open()
            }
            _ => self.line(item),
        }
    }

    /// Takes note of what is lost of an item that begins without text.
    fn lose_open(&mut self) -> Vec<WireEvent> {
        match &self.open {
            Some(Item::Reasoning(reasoning)) => lose_of_reasoning(reasoning, &mut self.losses),
            Some(item) => Saying::default().add(item, &mut self.losses),
            None => {}
        }
        Vec::new()
    }

    fn delta(&mut self, delta: &Delta) -> Vec<WireEvent> {
        match (delta, &mut self.open) {
            (_, Some(call @ Item::ToolCall(_))) => call.apply(delta.clone()),
            (Delta::Text(text), _) => return self.line(&Item::text(text.as_str())),
            (Delta::Reasoning(text), _) => {
                let between = if self.part.take().is_some() { "\n\n" } else { "" };
                return self.thought(format!("{between}{text}"));
            }
            (Delta::Summary { part, text }, _) => {
                let last = self.part.replace(*part);
                let between = if last.is_some_and(|last| last != *part) { "\n\n" } else { "" };
                return self.thought(format!("{between}{text}"));
            }
            (Delta::Signature(_), Some(Item::Text(_))) => self.losses.add("text.signature"),
            (Delta::Signature(_), _) => self.losses.add("reasoning.signature"),
            (Delta::Encrypted(_), _) => self.losses.add("reasoning.encrypted"),
            (Delta::Extra(extra), Some(Item::Reasoning(_))) => extra.lose("reasoning", &mut self.losses),
            (Delta::Extra(extra), _) => extra.lose("text", &mut self.losses),
            (Delta::Arguments(_), _) => {}
        }
        Vec::new()
    }

    fn thought(&mut self, text: String) -> Vec<WireEvent> {
        self.line(&Item::Reasoning(Reasoning { text, ..Reasoning::default() }))
    }

    /// A line that says `item`; none if nothing can be said of it.
    fn line(&mut self, item: &Item) -> Vec<WireEvent> {
        let mut saying = Saying::default();
        saying.add(item, &mut self.losses);
        if saying.is_empty() {
            return Vec::new();
        }
        let mut out = self.begin(saying);
        out.flag("done", false);
        vec![self.write(out)]
    }

    fn end(&mut self) -> WireEvent {
        let mut out = self.begin(Saying::default());
        out.flag("done", true);
        write_end(self.finish.as_ref(), self.usage.as_ref(), &mut out, &mut self.losses);
        self.write(out)
    }

    fn begin(&mut self, saying: Saying) -> ObjectWriter {
        let (mut out, mut message, beside) = (ObjectWriter::new(), ObjectWriter::new(), &self.beside);
        out.text_if("model", self.model.as_deref()).text_if("created_at", self.moment.as_deref());
        message.text("role", "assistant");
        saying.write(&Extra::default(), &mut message);
        if let Some(inner) = beside.inner(OWN, "message") {
            inner.write(OWN, "answer.message", &mut message, &mut self.losses);
        }
        out.object("message", message);
        out
    }

    fn write(&mut self, mut out: ObjectWriter) -> WireEvent {
        std::mem::take(&mut self.beside).write(OWN, "answer", &mut out, &mut self.losses);
        WireEvent::new(&out.finish())
    }
}

#[cfg(test)]
mod tests;
