//! The events of a stream in its bytes, whatever the pieces in which these come.

use crate::fault::Fault;

/// How a stream is cut into events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events (HTML, section 9.2.6).
    Sse,
    /// A line for each.
    Lines,
}

/// An event as it was framed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The name of the event, where it has one.
    pub name: Option<String>,
    /// Its data.
    pub data: String,
}

/// Cuts a stream into events.
#[derive(Debug)]
pub struct Frames {
    framing: Framing,
    /// The longest event, in bytes.
    limit: usize,
    /// The line that has no end yet.
    line: Vec<u8>,
    /// Whether the last byte was a carriage return, so that a line feed now ends nothing.
    returned: bool,
    name: Option<String>,
    data: Option<String>,
    /// Whether a line has been read: the first may begin with a byte order mark.
    begun: bool,
    /// What is wrong behind the events that were given last.
    fault: Option<Fault>,
}

impl Frames {
    /// A stream that has not begun, whose events have at most `limit` bytes.
    pub fn new(framing: Framing, limit: usize) -> Self {
        Self { framing, limit, line: Vec::new(), returned: false, name: None, data: None, begun: false, fault: None }
    }

    /// Takes what came and gives the events that are whole.
    ///
    /// # Errors
    /// An event is longer than the limit, or is no UTF-8. The events before it are given first, and the fault by the next
    /// call.
    pub fn feed(&mut self, piece: &[u8]) -> Result<Vec<Frame>, Fault> {
        let mut frames = Vec::new();
        if self.fault.is_none() {
            self.fault = self.cut(piece, &mut frames).err();
        }
        match &self.fault {
            Some(fault) if frames.is_empty() => Err(fault.clone()),
            _ => Ok(frames),
        }
    }

    /// Takes the end of the body: the last event needs no end of its own.
    ///
    /// # Errors
    /// As [`Frames::feed`].
    pub fn finish(&mut self) -> Result<Option<Frame>, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let last = if self.line.is_empty() { None } else { self.end_line()? };
        Ok(last.or_else(|| self.end_event()))
    }

    fn cut(&mut self, piece: &[u8], frames: &mut Vec<Frame>) -> Result<(), Fault> {
        for part in piece.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (text, end) = match part.split_last() {
                Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
                _ => (part, None),
            };
            let follows_return = std::mem::take(&mut self.returned);
            if self.line.len() + self.data.as_ref().map_or(0, String::len) + text.len() > self.limit {
                return Err(Fault::new(format!("has an event longer than {} bytes", self.limit)));
            }
            self.line.extend_from_slice(text);
            let Some(end) = end else { continue };
            self.returned = end == b'\r';
            if follows_return && end == b'\n' && text.is_empty() {
                continue;
            }
            frames.extend(self.end_line()?);
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<Option<Frame>, Fault> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| Fault::new("is no UTF-8"))?;
        let line = if std::mem::replace(&mut self.begun, true) { line } else { line.trim_start_matches('\u{feff}') };
        if self.framing == Framing::Lines {
            let data = line.trim();
            return Ok((!data.is_empty()).then(|| Frame { name: None, data: data.to_owned() }));
        }
        if line.is_empty() {
            return Ok(self.end_event());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, &mut self.data) {
            ("data", Some(data)) => {
                data.push('\n');
                data.push_str(value);
            }
            ("data", none) => *none = Some(value.to_owned()),
            ("event", _) => self.name = Some(value.to_owned()),
            _ => {}
        }
        Ok(None)
    }

    /// An event without data is none.
    fn end_event(&mut self) -> Option<Frame> {
        let name = self.name.take().filter(|name| !name.is_empty());
        self.data.take().filter(|data| !data.is_empty()).map(|data| Frame { name, data })
    }
}

#[cfg(test)]
mod tests;
