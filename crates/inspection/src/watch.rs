//! What goes by in a stream: whole events go on as they came, and each is looked at for what it says. Pure.

mod pattern;

use crate::dialect::{Dialect, Endpoint};
use crate::eventstream::{self, Message};
use crate::meter::Meter;
use crate::sign::{self, Answers, Sign};
use bytes::{Bytes, BytesMut};
use mcp::raw::Object;
use memchr::{memchr, memchr2};
use pattern::Pattern;
use std::borrow::Cow;

/// The most bytes of an error that are told on.
const TOLD: usize = 2000;

/// The bytes that are made room for at once: several events.
const ROOM: usize = 8 << 10;

/// Why a stream cannot be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An event is above the limit.
    TooLong,
    /// An event is not what the dialect says.
    Invalid,
    /// An event is not as it was sent.
    Damaged,
    /// The end is said, but not of what the model was saying.
    Unfinished,
}

impl From<eventstream::Fault> for Fault {
    fn from(fault: eventstream::Fault) -> Self {
        match fault {
            eventstream::Fault::TooLong => Fault::TooLong,
            eventstream::Fault::Invalid => Fault::Invalid,
            eventstream::Fault::Damaged => Fault::Damaged,
        }
    }
}

/// How a stream stands, whatever the pieces in which it comes.
///
/// Only whole events go on, so that an error can be told behind them at any time: half an event and an error would be
/// one event that nobody can read.
#[derive(Debug)]
pub struct Watch {
    /// What came and was not taken.
    buffer: BytesMut,
    /// Where in it the last whole event ends.
    whole: usize,
    /// Where the line begins that has no end yet.
    line: usize,
    /// The longest event, in bytes.
    limit: usize,
    /// Whether the last event that went on lacks its end.
    open: bool,
    /// Whether there are no events, but bytes that say nothing here.
    bytes: bool,
    state: State,
}

#[derive(Debug)]
struct State {
    dialect: Dialect,
    /// Whether it is none of a conversation, but of an endpoint that is passed on.
    passed: bool,
    answers: Answers,
    begun: bool,
    /// Whether the model has said something since that was asked last.
    heard: bool,
    complete: bool,
    failure: Option<String>,
    meter: Meter,
    /// The last event that was read, if the next may be like it.
    pattern: Pattern,
}

impl Watch {
    /// A stream that has not begun, of so many answers side by side, whose events have at most `limit` bytes.
    pub fn new(dialect: Dialect, answers: u32, limit: usize) -> Self {
        let answers = Answers::wanted(answers);
        let (meter, pattern, failure) = (Meter::new(dialect), Pattern::default(), None);
        let (begun, heard, complete, passed) = (false, false, false, false);
        let state = State { dialect, passed, answers, begun, heard, complete, failure, meter, pattern };
        Self { buffer: BytesMut::with_capacity(ROOM), whole: 0, line: 0, limit, open: false, bytes: false, state }
    }

    /// A stream of this endpoint, which is one of those that are passed on to a provider.
    pub fn of_passed(endpoint: Endpoint, answers: u32, limit: usize) -> Self {
        let mut watch = Self::new(endpoint.dialect(), answers, limit);
        watch.state.passed = true;
        watch.state.meter = Meter::of(endpoint);
        watch
    }

    /// Bytes of this endpoint, such as sound: all go on as they come, and the answer is complete when it ends by itself.
    pub fn of_bytes(endpoint: Endpoint) -> Self {
        Self { bytes: true, ..Self::of_passed(endpoint, 1, usize::MAX) }
    }

    /// Whether an error can be told behind what went on.
    pub fn can_tell(&self) -> bool {
        !self.bytes
    }

    /// The dialect of the stream.
    pub fn dialect(&self) -> Dialect {
        self.state.dialect
    }

    /// Whether the model has said something, the answer is complete, or the provider has failed.
    pub fn has_begun(&self) -> bool {
        self.state.begun || self.state.complete || self.state.failure.is_some()
    }

    /// Whether the model has said something since this was asked last: comments and signs of life are nothing.
    pub fn heard(&mut self) -> bool {
        std::mem::take(&mut self.state.heard)
    }

    /// Whether the last of what the model says has come.
    pub fn is_complete(&self) -> bool {
        self.state.complete
    }

    /// What the provider said of its own failure, if it did.
    pub fn failure(&self) -> Option<&str> {
        self.state.failure.as_deref()
    }

    /// Takes what the headers of the answer say of what it takes.
    pub fn headers(&mut self, headers: &http::HeaderMap) {
        self.state.meter.headers(headers);
    }

    /// What the answer has taken so far.
    pub fn meter(&self) -> &Meter {
        &self.state.meter
    }

    /// How many bytes can be taken.
    pub fn ready(&self) -> usize {
        self.whole
    }

    /// Whether what was taken ends in the middle of an event.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Takes what came.
    ///
    /// # Errors
    /// Why nothing more can be made of the stream. What was whole before can still be taken.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), Fault> {
        let mut from = self.buffer.len();
        self.buffer.extend_from_slice(piece);
        if self.bytes {
            self.whole = self.buffer.len();
            self.line = self.whole;
            (self.state.begun, self.state.heard) = (true, true);
            return Ok(());
        }
        if self.state.dialect == Dialect::Bedrock {
            return self.cut_messages().inspect_err(|_| self.state.complete = false);
        }
        while from < self.buffer.len() {
            // Where an event begins of which nothing was looked at yet.
            if from == self.whole
                && let Some(length) = self.state.look_at_repetition(&self.buffer[from..])
            {
                if length > self.limit {
                    return Err(Fault::TooLong);
                }
                (self.whole, self.line, from) = (from + length, from + length, from + length);
                continue;
            }
            let Some(end) = memchr(b'\n', &self.buffer[from..]) else { break };
            let (line, next) = (self.line, from + end + 1);
            let blank = matches!(&self.buffer[line..next], b"\n" | b"\r\n");
            if self.state.dialect == Dialect::Ollama || blank {
                if next - self.whole > self.limit {
                    return Err(Fault::TooLong);
                }
                self.state.look(&self.buffer[self.whole..next])?;
                self.whole = next;
            }
            (self.line, from) = (next, next);
        }
        if self.buffer.len() - self.whole > self.limit { Err(Fault::TooLong) } else { Ok(()) }
    }

    /// Looks at the messages that are whole. One that is damaged says of none that it was the last.
    fn cut_messages(&mut self) -> Result<(), Fault> {
        while let Some(length) = eventstream::length(&self.buffer[self.whole..], self.limit)? {
            let Some(message) = self.buffer.get(self.whole..self.whole + length) else { break };
            self.state.look_at_message(message)?;
            self.whole += length;
            self.line = self.whole;
        }
        Ok(())
    }

    /// The body ended where its head said.
    pub fn ended(&mut self) {
        self.state.complete |= self.bytes && self.state.begun;
    }

    /// Takes the end of the body: the last event needs no end of its own. One that is cut off is left out.
    pub fn finish(&mut self) {
        let rest = &self.buffer[self.whole..];
        if self.state.dialect == Dialect::Bedrock {
            self.state.complete &= rest.is_empty();
            return;
        }
        if !rest.is_empty() && self.state.look(rest).is_ok() {
            self.open = true;
            self.whole = self.buffer.len();
            self.line = self.whole;
        }
    }

    /// The whole events that came and were not taken yet.
    pub fn take(&mut self) -> Bytes {
        self.line -= self.whole;
        self.buffer.split_to(std::mem::take(&mut self.whole)).freeze()
    }
}

impl State {
    /// How long the event is that `input` begins with, where it says what the last one did, but for its text.
    fn look_at_repetition(&mut self, input: &[u8]) -> Option<usize> {
        let fit = self.pattern.fit(input)?;
        self.meter.again(fit.data);
        (self.begun, self.heard) = (true, true);
        Some(fit.event)
    }

    /// Looks at an event, or at a line where each is one.
    fn look(&mut self, event: &[u8]) -> Result<(), Fault> {
        self.pattern.forget();
        let event = std::str::from_utf8(event).map_err(|_| Fault::Invalid)?;
        let data = if self.dialect == Dialect::Ollama { Cow::Borrowed(event) } else { data(event) };
        let data = data.trim();
        if data.is_empty() {
            return Ok(());
        }
        // Ends a stream of OpenAI's. Servers that are like it end streams of other dialects with it too. Many send it
        // whatever happened, so it makes no answer complete whose end the model has not come to.
        if data == "[DONE]" {
            let over = self.answers.are_over(true) || self.passed && self.complete;
            let cut_off = self.dialect == Dialect::OpenAiChat && self.failure.is_none() && !over;
            self.complete |= self.dialect == Dialect::OpenAiChat && !cut_off;
            return if cut_off { Err(Fault::Unfinished) } else { Ok(()) };
        }
        let read = Object::read(data).ok_or(Fault::Invalid)?;
        if self.note("", &read) == Sign::Token
            && self.pattern.is_worth()
            && let Some(text) = sign::text_of(self.dialect, &read)
        {
            self.pattern.learn(event, data.len(), text);
        }
        Ok(())
    }

    /// The same with a message of a stream that is cut into such.
    fn look_at_message(&mut self, message: &[u8]) -> Result<(), Fault> {
        let message = Message::read(message)?;
        if message.failed {
            self.fail(&message.data);
            return Ok(());
        }
        self.note(message.name, &Object::read(&message.data).ok_or(Fault::Invalid)?);
        Ok(())
    }

    /// Notes what the data of an event says.
    fn note(&mut self, name: &str, data: &Object<'_>) -> Sign {
        let sign = match self.passed {
            true => sign::of_passed(data, &mut self.answers),
            false => sign::of(self.dialect, name, data, &mut self.answers),
        };
        self.meter.event(data, matches!(sign, Sign::Token | Sign::End));
        match sign {
            Sign::Prelude => {}
            Sign::Token => (self.begun, self.heard) = (true, true),
            Sign::End => (self.complete, self.heard) = (true, true),
            Sign::Error => self.fail(data.text()),
        }
        sign
    }

    fn fail(&mut self, data: &str) {
        let end = data.floor_char_boundary(TOLD);
        self.failure.get_or_insert_with(|| data[..end].to_owned());
    }
}

/// The data of an event (HTML, section 9.2.6): the lines that say so, joined.
fn data(event: &str) -> Cow<'_, str> {
    // Nearly all events are one such line.
    if let Some(line) = event.strip_prefix("data:").map(str::trim_ascii_end)
        && memchr2(b'\n', b'\r', line.as_bytes()).is_none()
    {
        return Cow::Borrowed(line);
    }
    let mut lines = event.split('\n').filter_map(|line| {
        let value = line.strip_suffix('\r').unwrap_or(line).strip_prefix("data")?;
        if value.is_empty() { Some(value) } else { value.strip_prefix(':') }
    });
    let mut joined = Cow::Borrowed(lines.next().unwrap_or_default());
    for line in lines {
        let text = joined.to_mut();
        text.push('\n');
        text.push_str(line);
    }
    joined
}

#[cfg(test)]
mod tests;
