//! Reading streams: each event is a whole response that holds what is new.

use super::answer::{self, CANDIDATES, INDEX};
use super::partial::Arguments;
use super::spelling::Members;
use super::{OWN, failure, finish, part, usage};
use conversation::answer::Usage;
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::failure::{Failure, FailureKind};
use conversation::fault::Fault;
use conversation::item::{Item, Opaque, Reasoning, Text, ToolCall};
use conversation::json::{Number, Raw, elements};
use conversation::object::Object;
use conversation::stream::Event;

/// Reads a stream.
///
/// Parts with text go on with the item before them, unless they are signed: a signed part must come back as it is, and
/// only a signature without a text belongs to what was said before.
#[derive(Debug, Default)]
pub struct Reader {
    begun: bool,
    finished: bool,
    failed: bool,
    /// Whether a tool was called.
    called: bool,
    /// The number of the next item.
    next: usize,
    open: Option<Open>,
    usage: Option<Usage>,
}

/// The item that may go on.
#[derive(Debug)]
enum Open {
    Text(usize),
    Thought(usize),
    Call(usize, Arguments),
}

impl Reader {
    pub(crate) fn feed(&mut self, _name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        let data = data.trim();
        let mut events = Vec::new();
        if self.failed || data.is_empty() || data == "[DONE]" {
            return Ok(events);
        }
        match elements(data) {
            Some(elements) => {
                for element in elements {
                    self.take(element, &mut events)?;
                }
            }
            None => self.take(data, &mut events)?,
        }
        Ok(events)
    }

    pub(crate) fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        if self.failed {
            return Ok(Vec::new());
        }
        if !self.finished {
            return Err(Fault::new("ends before the answer does"));
        }
        let mut events = Vec::new();
        self.close(&mut events);
        events.push(Event::End);
        // Asked again, it has nothing more to tell.
        self.failed = true;
        Ok(events)
    }

    fn take(&mut self, text: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        let mut object = Object::read_leniently(text)?;
        if let Some(error) = object.object("error")? {
            return self.fail(failure::of_status(None, error), events);
        }
        if let Some(error) = object.peek("error") {
            let message = conversation::json::text(error).unwrap_or_else(|| error.to_owned());
            let code = Some("INTERNAL".to_owned());
            return self.fail(Failure { kind: FailureKind::Internal, message, code }, events);
        }
        let mut members = Members::of(object);
        let (id, model) = (members.text("responseId")?, members.text("modelVersion")?);
        let used = members.object("usageMetadata")?;
        let candidates = members.list("candidates")?.unwrap_or_default();
        let blocked = if candidates.is_empty() { answer::block_reason(&members) } else { None };
        let read: Vec<_> = candidates.into_iter().map(|text| (text, members.element(text).ok())).collect();
        let mut extra = members.rest();
        if blocked.is_some() {
            extra.note(CANDIDATES, answer::ABSENT);
        }
        if !std::mem::replace(&mut self.begun, true) {
            events.push(Event::Start { id, model, created: None, extra });
        } else if !extra.is_empty() {
            events.push(Event::Extra(extra));
        }
        if let Some(used) = used {
            let usage = usage::read(used, self.usage.as_ref());
            self.usage = Some(usage.clone());
            events.push(Event::Usage(usage));
        }
        for (place, (text, candidate)) in read.into_iter().enumerate() {
            let index = candidate.as_ref().and_then(|candidate| Number::parse(candidate.peek("index")?)?.as_u64());
            match candidate.filter(|_| index.map_or(place == 0, |index| index == 0)) {
                Some(candidate) => self.candidate(candidate, events)?,
                None => events.push(Event::Opaque(Opaque::new(OWN, answer::CANDIDATE, Raw::of_valid(text)))),
            }
        }
        if let Some(word) = blocked {
            self.finished = true;
            events.push(Event::Finish(finish::blocked(&word)));
        }
        Ok(())
    }

    fn fail(&mut self, failure: Failure, events: &mut Vec<Event>) -> Result<(), Fault> {
        self.failed = true;
        events.push(Event::Error(failure));
        Ok(())
    }

    fn candidate(&mut self, mut candidate: Members<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let finish = candidate.text("finishReason")?.filter(|word| !word.is_empty());
        let index = candidate.value("index");
        let mut inner = Extra::new(OWN);
        if let Some(mut content) = candidate.object("content").ok().flatten() {
            content.text("role")?;
            for text in content.list("parts")?.unwrap_or_default() {
                match content.element(text) {
                    Ok(members) => self.part(text, members, events)?,
                    Err(_) => self.whole(Item::Opaque(Opaque::new(OWN, "part", Raw::of_valid(text))), events),
                }
            }
            inner.keep_inner("content", content.rest());
        }
        inner.merge(candidate.rest());
        if let Some(index) = index.filter(|_| finish.is_some()) {
            inner.note(INDEX, index.as_str());
        }
        if !inner.is_empty() {
            let mut extra = Extra::new(OWN);
            extra.keep_inner("candidate", inner);
            events.push(Event::Extra(extra));
        }
        if let Some(word) = finish {
            self.close(events);
            self.finished = true;
            events.push(Event::Finish(finish::read(&word, self.called)));
        }
        Ok(())
    }

    fn part(&mut self, text: &str, mut part: Members<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let is_piece = part.has("functionCall") && (matches!(self.open, Some(Open::Call(..))) || is_piece(&part));
        if is_piece && let Some(call) = part.object("functionCall")? {
            return self.piece(part, call, events);
        }
        match part::read(text, part)? {
            Item::Text(text) => self.text(text, events),
            Item::Reasoning(thought) => self.thought(thought, events),
            Item::ToolCall(call) => self.call(call, events),
            item => self.whole(item, events),
        }
        Ok(())
    }

    fn text(&mut self, mut text: Text, events: &mut Vec<Event>) {
        let piece = std::mem::take(&mut text.text);
        if let (Some(Open::Text(index)), true) = (&self.open, text.extra.is_empty()) {
            let index = *index;
            if text.signature.is_none() || piece.is_empty() {
                push(events, index, piece, Delta::Text);
                return self.sign(index, text.signature, events);
            }
        }
        let goes_on = text.signature.is_none() && text.extra.is_empty();
        if piece.is_empty() && goes_on {
            return;
        }
        let index = self.start(Item::Text(text), events);
        push(events, index, piece, Delta::Text);
        self.leave(index, Open::Text(index), goes_on, events);
    }

    fn thought(&mut self, mut thought: Reasoning, events: &mut Vec<Event>) {
        let piece = std::mem::take(&mut thought.text);
        if let (Some(Open::Thought(index)), true) = (&self.open, thought.extra.is_empty()) {
            let index = *index;
            if thought.signature.is_none() || piece.is_empty() {
                push(events, index, piece, Delta::Reasoning);
                return self.sign(index, thought.signature, events);
            }
        }
        let goes_on = thought.signature.is_none() && thought.extra.is_empty();
        if piece.is_empty() && goes_on {
            return;
        }
        let index = self.start(Item::Reasoning(thought), events);
        push(events, index, piece, Delta::Reasoning);
        self.leave(index, Open::Thought(index), goes_on, events);
    }

    /// What is signed does not go on.
    fn sign(&mut self, index: usize, signature: Option<String>, events: &mut Vec<Event>) {
        if let Some(signature) = signature {
            events.push(Event::Delta { index, delta: Delta::Signature(signature) });
            self.close(events);
        }
    }

    fn call(&mut self, mut call: ToolCall, events: &mut Vec<Event>) {
        self.called = true;
        let arguments = std::mem::take(&mut call.arguments);
        let index = self.start(Item::ToolCall(call), events);
        push(events, index, arguments, Delta::Arguments);
        events.push(Event::ItemEnd { index });
    }

    /// A piece of a call: the first one has its name, the last one does not say that more follows.
    fn piece(&mut self, part: Members<'_>, mut call: Members<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let pieces = call.list("partialArgs")?.unwrap_or_default();
        let goes_on = call.flag("willContinue")? == Some(true);
        let is_new = call.has("name");
        if is_new || !matches!(self.open, Some(Open::Call(..))) {
            let begun = part::read_call(part, call, pieces.is_empty() && !goes_on)?;
            if pieces.is_empty() && !goes_on {
                self.call(begun, events);
                return Ok(());
            }
            self.called = true;
            let index = self.start(Item::ToolCall(begun), events);
            self.open = Some(Open::Call(index, Arguments::default()));
        }
        if let Some(Open::Call(_, arguments)) = &mut self.open {
            pieces.into_iter().for_each(|piece| arguments.take(piece));
        }
        if !goes_on {
            self.close(events);
        }
        Ok(())
    }

    fn whole(&mut self, item: Item, events: &mut Vec<Event>) {
        let index = self.start(item, events);
        events.push(Event::ItemEnd { index });
    }

    fn start(&mut self, item: Item, events: &mut Vec<Event>) -> usize {
        self.close(events);
        let index = self.next;
        self.next += 1;
        events.push(Event::ItemStart { index, item });
        index
    }

    fn leave(&mut self, index: usize, open: Open, goes_on: bool, events: &mut Vec<Event>) {
        if goes_on {
            self.open = Some(open);
        } else {
            events.push(Event::ItemEnd { index });
        }
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        let Some(open) = self.open.take() else { return };
        let index = match open {
            Open::Text(index) | Open::Thought(index) => index,
            Open::Call(index, arguments) => {
                push(events, index, arguments.finish(), Delta::Arguments);
                index
            }
        };
        events.push(Event::ItemEnd { index });
    }
}

fn is_piece(part: &Members<'_>) -> bool {
    let call = part.peek("functionCall").and_then(|call| Object::read(call).ok());
    call.is_some_and(|call| call.peek("partialArgs").is_some() || call.peek("willContinue") == Some("true"))
}

fn push(events: &mut Vec<Event>, index: usize, piece: String, delta: fn(String) -> Delta) {
    if !piece.is_empty() {
        events.push(Event::Delta { index, delta: delta(piece) });
    }
}

#[cfg(test)]
mod tests;
