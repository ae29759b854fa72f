//! The streams of several rounds as one, in the client's dialect. Pure.

use super::offer::{Offer, Spare};
use super::talk::BETWEEN;
use super::usage::sum;
use bytes::{Bytes, BytesMut};
use conversation::answer::{Answer, Finish, Reply, Usage};
use conversation::frame::{Frame, Frames, Framing};
use conversation::item::{Item, Reasoning};
use conversation::stream::{Delta, Gather};
use conversation::{Event, Extra, Failure, Fault, Number, Raw};
use dialects::{StreamReader, StreamWriter};
use llm::Dialect;
use std::collections::HashMap;

/// The one stream that a client reads.
#[derive(Debug)]
pub(super) struct Merge {
    dialect: Dialect,
    writer: StreamWriter,
    /// The longest event, in bytes.
    limit: usize,
    /// How many items the client has been shown.
    items: usize,
    has_text: bool,
    has_failed: bool,
    /// The id of the answer, and when it was made, as the client was told first.
    head: Option<(Option<String>, Option<Number>)>,
    /// The id of the round that is read.
    last: Option<String>,
    /// The first number that no detail of thoughts has yet.
    details: u64,
    round: Round,
}

/// The stream that is read now.
#[derive(Debug)]
struct Round {
    frames: Frames,
    reader: StreamReader,
    gather: Gather,
    /// How many bytes may still come.
    left: usize,
    /// The numbers of its items in the one stream, where they are shown.
    places: HashMap<usize, usize>,
    /// Whether it has begun a text.
    has_text: bool,
    spare: Spare,
    /// What is added to the numbers of its details, so that they are no others'.
    details: u64,
    /// What is told only of the last round.
    extra: Vec<Extra>,
}

impl Round {
    fn new(dialect: Dialect, limit: usize) -> Self {
        Self {
            frames: Frames::new(dialect.framing(), limit),
            reader: StreamReader::new(dialect),
            gather: Gather::new(),
            left: limit,
            places: HashMap::new(),
            has_text: false,
            spare: Spare::default(),
            details: 0,
            extra: Vec::new(),
        }
    }
}

impl Merge {
    /// A stream that has not begun. A round has at most `limit` bytes.
    pub(super) fn new(dialect: Dialect, reply: Reply, limit: usize) -> Self {
        Self {
            dialect,
            writer: StreamWriter::new(dialect, reply),
            limit,
            items: 0,
            has_text: false,
            has_failed: false,
            head: None,
            last: None,
            details: 0,
            round: Round::new(dialect, limit),
        }
    }

    /// What the client gets for a piece of a round. `spent` is what the rounds before took.
    ///
    /// # Errors
    /// The stream is not what its dialect says, or too large.
    pub(super) fn feed(&mut self, piece: &[u8], offer: &Offer, spent: Option<&Usage>) -> Result<Bytes, Fault> {
        let left = self.round.left.checked_sub(piece.len());
        self.round.left = left.ok_or_else(|| Fault::new("is larger than the limit"))?;
        let mut out = BytesMut::new();
        for frame in self.round.frames.feed(piece)? {
            self.frame(&frame, (offer, spent), &mut out)?;
        }
        Ok(out.freeze())
    }

    /// Takes the end of a round, and gives what the model answered in it; nothing where the client was told of a failure.
    ///
    /// # Errors
    /// The stream is over before the answer was.
    pub(super) fn end_round(&mut self, offer: &Offer, spent: Option<&Usage>) -> Result<(Bytes, Option<Answer>), Fault> {
        let mut out = BytesMut::new();
        if let Some(frame) = self.round.frames.finish()? {
            self.frame(&frame, (offer, spent), &mut out)?;
        }
        if !self.has_failed {
            for event in self.round.reader.finish()? {
                self.event(event, (offer, spent), &mut out);
            }
        }
        let mut round = std::mem::replace(&mut self.round, Round::new(self.dialect, self.limit));
        // What is told only of the last round, if this was it.
        std::mem::swap(&mut self.round.extra, &mut round.extra);
        let answer = (!self.has_failed).then(|| round.gather.into_answer());
        Ok((out.freeze(), answer))
    }

    /// Forgets what would have been told of the last round: another follows.
    pub(super) fn go_on(&mut self) {
        self.round.extra.clear();
        self.round.details = self.details;
    }

    /// The end of the stream.
    pub(super) fn end(&mut self, finish: Option<Finish>, usage: Option<Usage>) -> Bytes {
        let mut out = BytesMut::new();
        for extra in std::mem::take(&mut self.round.extra) {
            self.write(Event::Extra(extra), &mut out);
        }
        finish.into_iter().for_each(|finish| self.write(Event::Finish(finish), &mut out));
        usage.into_iter().for_each(|usage| self.write(Event::Usage(usage), &mut out));
        self.write(Event::End, &mut out);
        out.freeze()
    }

    /// The id of the answer as the client was told it first, and as the provider calls what holds all of it, where a client may say which
    /// answer it goes on from and that is not the same.
    pub(super) fn ids(&self) -> Option<(&str, &str)> {
        let told = self.head.as_ref()?.0.as_deref()?;
        let last = self.last.as_deref()?;
        (self.dialect == Dialect::OpenAiResponses && told != last).then_some((told, last))
    }

    /// The end of a stream that failed.
    pub(super) fn fail(&mut self, failure: Failure) -> Bytes {
        let mut out = BytesMut::new();
        self.write(Event::Error(failure), &mut out);
        out.freeze()
    }

    fn frame(&mut self, frame: &Frame, of: (&Offer, Option<&Usage>), out: &mut BytesMut) -> Result<(), Fault> {
        for event in self.round.reader.feed(frame.name.as_deref(), &frame.data)? {
            self.event(event, of, out);
        }
        Ok(())
    }

    fn event(&mut self, event: Event, (offer, spent): (&Offer, Option<&Usage>), out: &mut BytesMut) {
        self.round.gather.push(event.clone());
        match event {
            Event::Start { id, model, created, extra } => self.start(id, model, created, extra, out),
            Event::ItemStart { index, item } => self.begin(index, item, offer, out),
            Event::Delta { index, delta } => {
                if let Some(&index) = self.round.places.get(&index) {
                    self.write(Event::Delta { index, delta }, out);
                }
            }
            Event::ItemEnd { index } => {
                if let Some(&index) = self.round.places.get(&index) {
                    self.write(Event::ItemEnd { index }, out);
                }
            }
            // The numbers alone: the rest is of this round, and so is what the provider has summed up.
            Event::Usage(usage) => {
                let nothing = Usage::default();
                self.write(Event::Usage(sum(spent.unwrap_or(&nothing), &usage)), out);
            }
            Event::Extra(extra) => self.round.extra.push(extra),
            Event::Error(_) => {
                self.has_failed = true;
                self.write(event, out);
            }
            Event::Opaque(_) => self.write(event, out),
            Event::Finish(_) | Event::End => {}
        }
    }

    /// The client is told one answer. In Responses its end says all of the beginning again, but with the id of the last round: at the provider
    /// that holds all of it, and most clients go on from it.
    fn start(
        &mut self,
        id: Option<String>,
        model: Option<String>,
        created: Option<Number>,
        extra: Extra,
        out: &mut BytesMut,
    ) {
        let begins = self.head.is_none();
        self.last.clone_from(&id);
        let (first, created) = self.head.get_or_insert_with(|| (id.clone(), created)).clone();
        let id = id.or(first);
        if begins || self.dialect == Dialect::OpenAiResponses {
            self.write(Event::Start { id, model, created, extra }, out);
        }
    }

    /// Gives a detail of thoughts a number of its own in the one stream, by which clients put its pieces together.
    fn number(&mut self, thought: &mut Reasoning) {
        if self.dialect != Dialect::OpenAiChat
            || thought.extra.noted(self.dialect, "place") != Some("reasoning_details")
        {
            return;
        }
        let told = thought.extra.get("index").and_then(|index| index.as_str().parse::<u64>().ok());
        let number = told.map_or(self.details, |told| told.saturating_add(self.round.details));
        self.details = self.details.max(number.saturating_add(1));
        thought.extra.replace("index", Raw::of_valid(&number.to_string()));
    }

    fn begin(&mut self, index: usize, mut item: Item, offer: &Offer, out: &mut BytesMut) {
        if let Item::ToolCall(call) = &mut item
            && !self.round.spare.keeps(call, offer)
        {
            return;
        }
        if let Item::Reasoning(thought) = &mut item {
            self.number(thought);
        }
        let place = self.items;
        self.items += 1;
        self.round.places.insert(index, place);
        let is_text = matches!(&item, Item::Text(text) if !text.refusal);
        self.write(Event::ItemStart { index: place, item }, out);
        if is_text && !std::mem::replace(&mut self.round.has_text, true) && std::mem::replace(&mut self.has_text, true)
        {
            self.write(Event::Delta { index: place, delta: Delta::Text(BETWEEN.to_owned()) }, out);
        }
    }

    fn write(&mut self, event: Event, out: &mut BytesMut) {
        let lines = self.dialect.framing() == Framing::Lines;
        for event in self.writer.push(event) {
            let text = if lines { event.to_line() } else { event.to_sse() };
            out.extend_from_slice(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
