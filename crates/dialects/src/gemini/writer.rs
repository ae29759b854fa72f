//! Writing streams.

use super::answer::{self, CANDIDATES, Head};
use super::part::PartWriter;
use super::{OWN, failure, usage};
use conversation::answer::{Finish, Reason, Reply, Usage};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::item::{Item, Opaque, Reasoning};
use conversation::loss::Losses;
use conversation::stream::{Event, WireEvent};

/// Writes a stream. Text and thoughts go out as they come but for their last character, calls and all else when they are whole and
/// something follows.
#[derive(Debug)]
pub struct Writer {
    reply: Reply,
    head: Head,
    /// What else was said of the answer: it stands in the last event.
    extra: Extra,
    parts: PartWriter,
    item: Option<Item>,
    /// The last character of what flows.
    tail: Option<char>,
    /// The parts that were said last. They wait for what follows: clients of this dialect look for a part in each event, the last
    /// included, and providers refuse one that says nothing when it is sent back.
    held: Vec<String>,
    /// Whether the pieces of `item` go out as they come.
    flows: bool,
    finish: Option<Finish>,
    usage: Option<Usage>,
    over: bool,
    losses: Losses,
}

impl Writer {
    pub(crate) fn new(reply: Reply) -> Self {
        Self {
            head: Head::new(None, None, false, &reply),
            reply,
            extra: Extra::default(),
            parts: PartWriter::of_answer(),
            item: None,
            tail: None,
            held: Vec::new(),
            flows: false,
            finish: None,
            usage: None,
            over: false,
            losses: Losses::new(),
        }
    }

    pub(crate) fn push(&mut self, event: &Event) -> Vec<WireEvent> {
        if self.over {
            return Vec::new();
        }
        match event {
            Event::Start { id, model, extra, .. } => {
                let head = Head::new(id.clone(), model.clone(), extra.is_from(OWN), &self.reply);
                self.head = Head { usage: self.head.usage.take(), ..head };
                self.extra = extra.clone();
                Vec::new()
            }
            Event::ItemStart { item, .. } => self.start(item),
            Event::Delta { delta, .. } => self.delta(delta),
            Event::ItemEnd { .. } => self.end_item(),
            Event::Usage(usage) => {
                let usage = {
                    let whole = self.usage.get_or_insert_default();
                    whole.update(usage.clone());
                    usage::write(whole, &mut self.losses)
                };
                self.head.usage = Some(usage);
                Vec::new()
            }
            Event::Finish(finish) => {
                self.finish = Some(finish.clone());
                Vec::new()
            }
            Event::Extra(extra) => {
                self.extra.merge(extra.clone());
                Vec::new()
            }
            Event::Opaque(opaque) => self.opaque(opaque),
            Event::Error(failure) => {
                self.over = true;
                // What it took so far is told also where nothing more is said.
                let mut events = self.end_text();
                events.extend(self.release());
                let usage = self.head.usage.is_some().then(|| self.event(None));
                events.into_iter().chain(usage).chain([WireEvent::new(&failure::write(failure))]).collect()
            }
            Event::End => self.end(),
        }
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    fn start(&mut self, item: &Item) -> Vec<WireEvent> {
        let (text, is_signed, extra) = match item {
            Item::Text(text) => (&text.text, text.signature.is_some(), &text.extra),
            Item::Reasoning(thought) => (&thought.text, thought.signature.is_some(), &thought.extra),
            _ => {
                (self.flows, self.item) = (false, Some(item.clone()));
                return Vec::new();
            }
        };
        // What must stay in one part with a signature or a member of its own waits until it is whole.
        self.flows = !is_signed && (extra.is_empty() || !extra.is_from(OWN));
        self.item = Some(item.clone());
        if !self.flows {
            return Vec::new();
        }
        match &mut self.item {
            Some(Item::Text(held)) => held.text.clear(),
            Some(Item::Reasoning(held)) => held.text.clear(),
            _ => {}
        }
        self.piece(text)
    }

    fn delta(&mut self, delta: &Delta) -> Vec<WireEvent> {
        if self.flows {
            match delta {
                Delta::Text(piece) | Delta::Reasoning(piece) => return self.piece(piece),
                _ => {}
            }
        }
        if let Some(item) = &mut self.item {
            item.apply(delta.clone());
        }
        Vec::new()
    }

    /// A piece of the text of the item, in an event, with what was left of the one before and without its own last character.
    fn piece(&mut self, piece: &str) -> Vec<WireEvent> {
        let mut text = self.tail.take().map(String::from).unwrap_or_default() + piece;
        self.tail = text.pop();
        if text.is_empty() {
            return Vec::new();
        }
        let item = self.of_text(text);
        let mut events = self.say(&item);
        events.extend(self.release());
        events
    }

    /// The last character of what flowed.
    fn end_text(&mut self) -> Vec<WireEvent> {
        let Some(last) = self.tail.take() else { return Vec::new() };
        let item = self.of_text(last.into());
        self.say(&item)
    }

    /// An item as the one that flows, with this text.
    fn of_text(&self, text: String) -> Item {
        match &self.item {
            Some(Item::Reasoning(_)) => Item::Reasoning(Reasoning { text, ..Reasoning::default() }),
            _ => Item::text(text),
        }
    }

    fn end_item(&mut self) -> Vec<WireEvent> {
        let mut events = self.end_text();
        let Some(item) = self.item.take() else { return events };
        let flows = std::mem::replace(&mut self.flows, false);
        let is_said = match &item {
            Item::Text(text) if flows => {
                text.extra.lose("text", &mut self.losses);
                text.signature.is_none()
            }
            Item::Reasoning(thought) if flows && thought.summary.is_empty() => {
                thought.extra.lose("reasoning", &mut self.losses);
                self.losses.add_if(thought.encrypted.is_some(), "reasoning.encrypted");
                thought.signature.is_none()
            }
            _ => false,
        };
        if !is_said {
            events.extend(self.say(&item));
        }
        events
    }

    fn opaque(&mut self, opaque: &Opaque) -> Vec<WireEvent> {
        if opaque.dialect == OWN && opaque.kind == answer::CANDIDATE {
            let candidates = [opaque.raw.as_str().to_owned()];
            let before = self.release();
            return before.into_iter().chain([self.event(Some(&candidates))]).collect();
        }
        self.say(&Item::Opaque(opaque.clone()))
    }

    fn say(&mut self, item: &Item) -> Vec<WireEvent> {
        let mut parts = Vec::new();
        self.parts.write(item, &mut parts, &mut self.losses);
        if parts.is_empty() {
            return Vec::new();
        }
        let before = self.release();
        self.held = parts;
        before.into_iter().collect()
    }

    /// The event of what was said last.
    fn release(&mut self) -> Option<WireEvent> {
        let parts = std::mem::take(&mut self.held);
        if parts.is_empty() {
            return None;
        }
        let candidates = [answer::write_candidate(&parts, None, None, &mut self.losses)];
        Some(self.event(Some(&candidates)))
    }

    /// An event with these candidates, and with the usage where that has changed.
    fn event(&mut self, candidates: Option<&[String]>) -> WireEvent {
        let data = self.head.write(candidates, None, &mut self.losses);
        self.head.usage = None;
        WireEvent::new(&data)
    }

    fn end(&mut self) -> Vec<WireEvent> {
        let mut events = self.end_text();
        self.over = true;
        let inner = self.extra.inner(OWN, "candidate").cloned();
        let is_blocked = self.extra.noted(OWN, CANDIDATES) == Some(answer::ABSENT);
        if is_blocked {
            events.extend(self.release());
        }
        self.head.usage = self.usage.as_ref().map(|usage| usage::write(usage, &mut self.losses));
        let mut candidates = Vec::new();
        if !is_blocked {
            let mut last = std::mem::take(&mut self.held);
            if last.is_empty() {
                last.push(r#"{"text":""}"#.to_owned());
            }
            let finish = self.finish.clone().unwrap_or(Finish::new(Reason::Stop));
            candidates.push(answer::write_candidate(&last, Some(&finish), inner.as_ref(), &mut self.losses));
        }
        let listed = (!is_blocked).then_some(candidates.as_slice());
        events.push(WireEvent::new(&self.head.write(listed, Some(&self.extra), &mut self.losses)));
        events
    }
}

#[cfg(test)]
mod tests;
