//! Server-sent events (HTML living standard, section 9.2.6), read in pieces of any size.

use std::borrow::Cow;
use std::time::Duration;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// The `event:` field; empty means `message`.
    pub name: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
    /// The `id:` field, if the event has one.
    pub id: Option<String>,
}

/// Why a stream cannot be read on: an event is larger than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// Reads events from a stream that arrives in pieces.
pub struct Decoder {
    buffer: Vec<u8>,
    scanned: usize,
    event: Event,
    has_data: bool,
    begun: bool,
    limit: usize,
    last_id: Option<String>,
    retry: Option<Duration>,
}

/// The longest id of an event that is kept. It goes into a header, and no server's headers may be much longer.
const ID_LIMIT: usize = 1024;

impl Decoder {
    /// `limit` is the most bytes that one event may have.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            scanned: 0,
            event: Event::default(),
            has_data: false,
            begun: false,
            limit,
            last_id: None,
            retry: None,
        }
    }

    /// The id of the last event that had one: where the stream can be taken up again.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// How long the server wants its reader to wait before it takes up the stream again.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next complete event, or nothing until more is fed.
    pub fn next_event(&mut self) -> Result<Option<Event>, TooLarge> {
        let mut start = 0;
        let mut found = None;
        while let Some((end, next)) = self.line(start) {
            let line = String::from_utf8_lossy(&self.buffer[start..end]).into_owned();
            start = next;
            self.scanned = next;
            if self.take_line(&line) {
                found = Some(std::mem::take(&mut self.event));
                break;
            }
            if self.event.data.len() > self.limit {
                return Err(TooLarge);
            }
        }
        self.buffer.drain(..start);
        self.scanned -= start.min(self.scanned);
        if self.buffer.len() > self.limit + 1024 && found.is_none() {
            return Err(TooLarge);
        }
        Ok(found)
    }

    /// The end of the line that begins at `start` and the place behind its end. A carriage return at the very end of
    /// the buffer waits for the next piece: a line feed may follow that belongs to it.
    fn line(&mut self, start: usize) -> Option<(usize, usize)> {
        let from = self.scanned.max(start);
        let rest = self.buffer.get(from..)?;
        let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let end = from + found;
        if self.buffer[end] == b'\n' {
            return Some((end, end + 1));
        }
        match self.buffer.get(end + 1) {
            Some(b'\n') => Some((end, end + 2)),
            Some(_) => Some((end, end + 1)),
            None => {
                self.scanned = end;
                None
            }
        }
    }

    /// Takes one line; whether it ended an event.
    fn take_line(&mut self, line: &str) -> bool {
        let line = if self.begun { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            let complete = std::mem::take(&mut self.has_data);
            if let Some(id) = self.event.id.as_ref().filter(|id| id.len() <= ID_LIMIT) {
                self.last_id = Some(id.clone());
            }
            if !complete {
                // An event without data is no event, but its id counts for the ones that follow.
                self.event.name.clear();
            }
            return complete;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.name),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            _ => {}
        }
        false
    }
}

/// One message as an event. JSON text has no raw line feeds unless it was pretty-printed; those become more data lines.
pub fn encode(message: &str) -> String {
    let mut out = String::with_capacity(message.len() + 24);
    out.push_str("event: message\n");
    // A carriage return ends a line here too. In JSON it is white space.
    let message = if message.contains('\r') { Cow::Owned(message.replace('\r', " ")) } else { Cow::Borrowed(message) };
    for line in message.lines() {
        out.push_str("data: ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
    out
}

/// A comment, which keeps a quiet connection open through proxies.
pub const KEEP_ALIVE: &str = ": keep-alive\n\n";

#[cfg(test)]
mod tests;
