//! What goes by in a stream: whole events go on as they came, and each is looked at for what it says. Pure.

use crate::dialect::Dialect;
use crate::sign::{self, Answers, Sign};
use bytes::{Bytes, BytesMut};
use memchr::{memchr_iter, memchr2};
use std::borrow::Cow;

/// The most bytes of an error that are told on.
const TOLD: usize = 2000;

/// Why a stream cannot be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An event is above the limit.
    TooLong,
    /// An event is not what the dialect says.
    Invalid,
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
    state: State,
}

#[derive(Debug)]
struct State {
    dialect: Dialect,
    answers: Answers,
    begun: bool,
    complete: bool,
    failure: Option<String>,
}

impl Watch {
    /// A stream that has not begun, of so many answers side by side, whose events have at most `limit` bytes.
    pub fn new(dialect: Dialect, answers: u32, limit: usize) -> Self {
        let answers = Answers::wanted(answers);
        let state = State { dialect, answers, begun: false, complete: false, failure: None };
        Self { buffer: BytesMut::new(), whole: 0, line: 0, limit, open: false, state }
    }

    /// The dialect of the stream.
    pub fn dialect(&self) -> Dialect {
        self.state.dialect
    }

    /// Whether the model has said something, the answer is complete, or the provider has failed.
    pub fn has_begun(&self) -> bool {
        self.state.begun || self.state.complete || self.state.failure.is_some()
    }

    /// Whether the last of what the model says has come.
    pub fn is_complete(&self) -> bool {
        self.state.complete
    }

    /// What the provider said of its own failure, if it did.
    pub fn failure(&self) -> Option<&str> {
        self.state.failure.as_deref()
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
        let from = self.buffer.len();
        self.buffer.extend_from_slice(piece);
        for end in memchr_iter(b'\n', piece) {
            let (line, next) = (self.line, from + end + 1);
            let blank = matches!(&self.buffer[line..next], b"\n" | b"\r\n");
            if self.state.dialect == Dialect::Ollama || blank {
                if next - self.whole > self.limit {
                    return Err(Fault::TooLong);
                }
                self.state.look(&self.buffer[self.whole..next])?;
                self.whole = next;
            }
            self.line = next;
        }
        if self.buffer.len() - self.whole > self.limit { Err(Fault::TooLong) } else { Ok(()) }
    }

    /// Takes the end of the body: the last event needs no end of its own. One that is cut off is left out.
    pub fn finish(&mut self) {
        let rest = &self.buffer[self.whole..];
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
    /// Looks at an event, or at a line where each is one.
    fn look(&mut self, event: &[u8]) -> Result<(), Fault> {
        let event = std::str::from_utf8(event).map_err(|_| Fault::Invalid)?;
        let data = if self.dialect == Dialect::Ollama { Cow::Borrowed(event) } else { data(event) };
        let data = data.trim();
        if data.is_empty() {
            return Ok(());
        }
        // Ends a stream of OpenAI's. Servers that are like it end streams of other dialects with it too.
        if data == "[DONE]" {
            self.complete |= self.dialect == Dialect::OpenAiChat;
            return Ok(());
        }
        serde_json::from_str::<&serde_json::value::RawValue>(data).map_err(|_| Fault::Invalid)?;
        match sign::of(self.dialect, data, &mut self.answers) {
            Sign::Prelude => {}
            Sign::Token => self.begun = true,
            Sign::End => self.complete = true,
            Sign::Error => {
                let end = data.floor_char_boundary(TOLD);
                self.failure.get_or_insert_with(|| data[..end].to_owned());
            }
        }
        Ok(())
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
