//! The body of an answer: where it ends, and what of it is content (RFC 9112, section 7). Pure.

use super::head::Framing;
use memchr::memchr;

/// The most bytes of a line beside the content: the size of a chunk with its extensions, or a trailer.
const LINE: usize = 1024;
/// The most bytes of all trailers.
const TRAILERS: usize = 8 << 10;

/// A body that comes.
#[derive(Debug)]
pub struct Body(State);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are to come.
    Length(u64),
    UntilClose,
    /// The size of a chunk is to come.
    Size,
    /// So many bytes of a chunk are to come.
    Chunk(u64),
    /// The end of the line behind a chunk is to come.
    ChunkEnd,
    /// Trailers are to come, which may have so many bytes more.
    Trailers(usize),
    Over,
}

impl Body {
    /// One of which nothing has come.
    pub fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::Length(0) => State::Over,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size,
            Framing::UntilClose => State::UntilClose,
        })
    }

    /// Whether all has come.
    pub fn is_over(&self) -> bool {
        self.0 == State::Over
    }

    /// Whether the end of the connection is its end.
    pub fn may_end(&self) -> bool {
        matches!(self.0, State::Over | State::UntilClose)
    }

    /// How many bytes are to come, where that is known.
    pub fn length(&self) -> Option<u64> {
        match self.0 {
            State::Length(length) => Some(length),
            State::Over => Some(0),
            _ => None,
        }
    }

    /// Takes `input` apart: content goes to `take`. Gives how much of `input` was used; the rest is the beginning of a line,
    /// or does not belong to this body.
    ///
    /// # Errors
    /// It is not framed as it must be.
    pub fn feed(&mut self, input: &[u8], take: &mut impl FnMut(&[u8])) -> Result<usize, &'static str> {
        let mut rest = input;
        loop {
            self.0 = match self.0 {
                State::Over => break,
                State::Length(left) => match content(&mut rest, left, take) {
                    0 => State::Over,
                    left => State::Length(left),
                },
                State::UntilClose => {
                    content(&mut rest, u64::MAX, take);
                    State::UntilClose
                }
                State::Chunk(left) => match content(&mut rest, left, take) {
                    0 => State::ChunkEnd,
                    left => State::Chunk(left),
                },
                State::ChunkEnd => match rest {
                    [b'\r', b'\n', behind @ ..] => {
                        rest = behind;
                        State::Size
                    }
                    [] | [b'\r'] => break,
                    _ => return Err("a chunk is longer than it says"),
                },
                State::Size => {
                    let size = match plain_size(&mut rest) {
                        Some(size) => size,
                        None => match line(&mut rest)? {
                            Some(line) => size(line)?,
                            None => break,
                        },
                    };
                    match size {
                        0 => State::Trailers(TRAILERS),
                        size => State::Chunk(size),
                    }
                }
                State::Trailers(left) => {
                    let Some(line) = line(&mut rest)? else { break };
                    if line.is_empty() {
                        State::Over
                    } else {
                        State::Trailers(left.checked_sub(line.len() + 2).ok_or("the trailers are too long")?)
                    }
                }
            };
            if rest.is_empty() {
                break;
            }
        }
        Ok(input.len() - rest.len())
    }
}

/// Gives as much of `rest` to `take` as belongs to the next `left` bytes; how many of these are still to come.
fn content(rest: &mut &[u8], left: u64, take: &mut impl FnMut(&[u8])) -> u64 {
    let here = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
    let (piece, behind) = rest.split_at_checked(here).unwrap_or_default();
    if !piece.is_empty() {
        take(piece);
    }
    *rest = behind;
    left - here as u64
}

/// The line that `rest` begins with, if it is whole.
fn line<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, &'static str> {
    let near = rest.get(..LINE).unwrap_or(rest);
    let Some(end) = memchr(b'\n', near) else {
        return if rest.len() >= LINE { Err("a line between chunks is too long") } else { Ok(None) };
    };
    let (line, behind) = rest.split_at_checked(end + 1).unwrap_or_default();
    let line = line.strip_suffix(b"\r\n").ok_or("a line between chunks ends without a carriage return")?;
    let visible = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    if !line.iter().all(visible) {
        return Err("a line between chunks has control characters");
    }
    *rest = behind;
    Ok(Some(line))
}

/// The size in the line that `rest` begins with, where that is whole and has nothing else and nobody needs more digits.
fn plain_size(rest: &mut &[u8]) -> Option<u64> {
    let mut size = 0;
    for (place, byte) in rest.iter().take(9).enumerate() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => {
                *rest = rest.get(place..)?.strip_prefix(b"\r\n").filter(|_| place > 0)?;
                return Some(size);
            }
        };
        size = size << 4 | u64::from(digit);
    }
    None
}

/// The size of a chunk: hexadecimal digits, and perhaps extensions, which mean nothing here.
fn size(line: &[u8]) -> Result<u64, &'static str> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, behind) = line.split_at_checked(digits).unwrap_or_default();
    let behind = behind.trim_ascii_start();
    if digits.is_empty() || digits.len() > 15 || !(behind.is_empty() || behind.starts_with(b";")) {
        return Err("the size of a chunk is none");
    }
    let text = std::str::from_utf8(digits).map_err(|_| "the size of a chunk is none")?;
    u64::from_str_radix(text, 16).map_err(|_| "the size of a chunk is none")
}

#[cfg(test)]
mod tests;
