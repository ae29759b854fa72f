//! Lines from a pipe, with a limit: the framing of the stdio transport.

use std::collections::VecDeque;

/// One line, or what is left of one that was too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// A line above the limit: its length in bytes, its beginning and its end, which may tell whose answer it was.
    TooLong {
        /// Bytes without the line end.
        length: usize,
        /// The first bytes.
        head: Vec<u8>,
        /// The last bytes.
        tail: Vec<u8>,
    },
}

/// How much of a line that is too long is kept at each end, in bytes.
const KEPT: usize = 512;

/// Cuts pieces of any size into lines.
pub struct Splitter {
    limit: usize,
    current: Vec<u8>,
    overflow: Option<Overflow>,
    ready: VecDeque<Line>,
}

struct Overflow {
    length: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
}

impl Splitter {
    /// `limit` is the most bytes that a line may have.
    pub fn new(limit: usize) -> Self {
        Self { limit, current: Vec::new(), overflow: None, ready: VecDeque::new() }
    }

    /// Takes the next piece.
    pub fn feed(&mut self, mut piece: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            self.extend(&piece[..end]);
            self.finish();
            piece = &piece[end + 1..];
        }
        self.extend(piece);
    }

    /// The next complete line.
    pub fn next_line(&mut self) -> Option<Line> {
        self.ready.pop_front()
    }

    fn extend(&mut self, bytes: &[u8]) {
        if let Some(overflow) = &mut self.overflow {
            overflow.extend(bytes);
        } else if self.current.len() + bytes.len() > self.limit {
            self.current.extend_from_slice(bytes);
            let whole = std::mem::take(&mut self.current);
            let head = whole.iter().copied().take(KEPT).collect();
            let mut overflow = Overflow { length: 0, head, tail: VecDeque::new() };
            overflow.extend(&whole);
            self.overflow = Some(overflow);
        } else {
            self.current.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self) {
        let line = match self.overflow.take() {
            Some(Overflow { length, head, tail }) => Line::TooLong { length, head, tail: tail.into() },
            None => {
                let mut line = std::mem::take(&mut self.current);
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                Line::Whole(line)
            }
        };
        self.ready.push_back(line);
    }
}

impl Overflow {
    fn extend(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        let last = &bytes[bytes.len().saturating_sub(KEPT)..];
        self.tail.extend(last);
        let surplus = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..surplus);
    }
}

#[cfg(test)]
mod tests;
