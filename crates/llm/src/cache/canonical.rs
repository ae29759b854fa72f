//! What JSON says, as a digest: the order of members, white space and the way in which texts are escaped do not count, all
//! else does. Pure, and linear in the length of the text: what stands in an object becomes a digest as soon as it ends.

use base::random::sha256;
use mcp::raw;
use std::borrow::Cow;
use std::ops::Range;

/// A SHA-256.
pub(super) type Digest = [u8; 32];

/// The digest of `text`, which is a JSON object whose nesting was checked, without the members for whose name and value
/// `left_out` holds. A text that stands at `hole` counts as any other there.
///
/// Numbers count as they are written. Nothing where an object has a member twice, for readers disagree on what that says, or
/// where a text stands for no characters.
pub(super) fn digest(text: &str, hole: Option<&Range<usize>>, left_out: impl Fn(&str, &str) -> bool) -> Option<Digest> {
    let mut walk = Walk { text, at: 0, hole, unclear: false, out: Vec::with_capacity(text.len()) };
    walk.skip_space();
    walk.object(Some(&left_out))?;
    (!walk.unclear).then(|| sha256(&walk.out))
}

struct Walk<'a> {
    text: &'a str,
    at: usize,
    hole: Option<&'a Range<usize>>,
    /// Whether something was passed that readers disagree on, or that stands for no characters.
    unclear: bool,
    out: Vec<u8>,
}

/// Which members of an object are left out.
type LeftOut<'a> = Option<&'a dyn Fn(&str, &str) -> bool>;

impl<'a> Walk<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes `byte`, with the white space around it.
    fn pass(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        self.skip_space();
        is_there
    }

    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.object(None),
            b'[' => self.array(),
            b'"' => {
                let start = self.at;
                let text = self.string()?;
                if self.hole.is_some_and(|hole| *hole == (start..self.at)) {
                    self.out.push(b'?');
                } else {
                    self.put(b'"', text.as_bytes());
                }
                Some(())
            }
            _ => {
                let rest = self.text.as_bytes().get(self.at..)?;
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                let word = rest.get(..length).filter(|word| !word.is_empty())?;
                self.at += length;
                self.put(b'#', word);
                Some(())
            }
        }
    }

    /// Adds a part that no other parts can be taken for: each says how long it is.
    fn put(&mut self, kind: u8, bytes: &[u8]) {
        self.out.push(kind);
        self.out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }

    fn array(&mut self) -> Option<()> {
        self.pass(b'[');
        self.out.push(b'[');
        if !self.pass(b']') {
            loop {
                self.value()?;
                if !self.pass(b',') {
                    break;
                }
            }
            self.pass(b']').then_some(())?;
        }
        self.out.push(b']');
        Some(())
    }

    fn object(&mut self, left_out: LeftOut<'_>) -> Option<()> {
        let start = self.out.len();
        let mut members: Vec<(Cow<'a, str>, Range<usize>)> = Vec::new();
        self.pass(b'{').then_some(())?;
        if !self.pass(b'}') {
            loop {
                let name = self.string()?;
                self.pass(b':').then_some(())?;
                let (written, place, unclear) = (self.out.len(), self.at, self.unclear);
                self.value()?;
                let value = self.text.get(place..self.at)?;
                if left_out.is_some_and(|left_out| left_out(&name, value)) {
                    self.out.truncate(written);
                    self.unclear = unclear;
                } else {
                    members.push((name, written..self.out.len()));
                }
                if !self.pass(b',') {
                    break;
                }
            }
            self.pass(b'}').then_some(())?;
        }
        members.sort_by(|one, other| one.0.cmp(&other.0));
        self.unclear |= members.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0));
        let values = self.out.split_off(start);
        let mut sorted = Vec::with_capacity(values.len() + members.len() * 16);
        for (name, range) in &members {
            sorted.extend_from_slice(&(name.len() as u64).to_le_bytes());
            sorted.extend_from_slice(name.as_bytes());
            sorted.extend_from_slice(values.get(range.start - start..range.end - start)?);
        }
        self.out.push(b'{');
        self.out.extend_from_slice(&sha256(&sorted));
        Some(())
    }

    /// The text that begins here, without its escapes.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut end = start + 1;
        loop {
            end += memchr::memchr2(b'"', b'\\', bytes.get(end..)?)?;
            if bytes.get(end) == Some(&b'"') {
                break;
            }
            end += 2;
        }
        self.at = end + 1;
        let text = raw::text(self.text.get(start..self.at)?);
        self.unclear |= text.is_none();
        Some(text.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
