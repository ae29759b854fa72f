//! JSON (RFC 8259) that is passed over in one walk, without a tree and without memory. Pure.
//!
//! What passes here is JSON. What does not may still be, as it may be nested deeper than is followed.

use std::ops::Range;

/// The deepest nesting that is followed.
const DEEPEST: usize = 128;

/// Passes over `text`, an object with nothing but white space around it. Gives each of its members to `found`: where its key
/// stands, with its quotes, whether that has escapes, and where its value stands. Whether all of it was passed.
pub(super) fn object(text: &str, mut found: impl FnMut(Range<usize>, bool, Range<usize>)) -> bool {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    let passed = scan.members(0, &mut found);
    scan.space();
    passed.is_some() && scan.at == scan.bytes.len()
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' => self.members(depth, &mut |_, _, _| {}),
            b'[' => self.elements(depth),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => None,
        }
    }

    fn members(&mut self, depth: usize, found: &mut impl FnMut(Range<usize>, bool, Range<usize>)) -> Option<()> {
        self.pass(b'{').filter(|()| depth < DEEPEST)?;
        self.space();
        if self.pass(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.at;
            let escapes = self.string()?;
            let key = key..self.at;
            self.space();
            self.pass(b':')?;
            self.space();
            let value = self.at;
            self.value(depth + 1)?;
            found(key, escapes, value..self.at);
            self.space();
            if self.pass(b',').is_none() {
                return self.pass(b'}');
            }
            self.space();
        }
    }

    fn elements(&mut self, depth: usize) -> Option<()> {
        self.pass(b'[').filter(|()| depth < DEEPEST)?;
        self.space();
        if self.pass(b']').is_some() {
            return Some(());
        }
        loop {
            self.value(depth + 1)?;
            self.space();
            if self.pass(b',').is_none() {
                return self.pass(b']');
            }
            self.space();
        }
    }

    /// Passes over a string; whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        self.pass(b'"')?;
        let mut escapes = false;
        loop {
            self.at = plain_end(self.bytes, self.at);
            match self.peek()? {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return None,
            }
            escapes = true;
        }
        self.at += 1;
        Some(escapes)
    }

    fn escape(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                self.at += 6;
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.pass(b'-');
        if self.pass(b'0').is_none() {
            self.digits()?;
        }
        if self.pass(b'.').is_some() {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }
}

/// The first place from `at` on with a quote, a backslash or a control character; the end where there is none.
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let marks = marks(u64::from_le_bytes(*eight));
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..b' ')).count()
}

/// Eight bytes at once: the lowest bit that is set is the highest of the first byte that is a quote, a backslash or a control
/// character. Bits of later bytes may be wrong, as a difference borrows of them.
fn marks(eight: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let below = |bytes: u64, least: u8| bytes.wrapping_sub(ONES * least as u64) & !bytes;
    let is = |byte: u8| below(eight ^ (ONES * byte as u64), 1);
    (below(eight, b' ') | is(b'"') | is(b'\\')) & HIGHEST
}

#[cfg(test)]
mod tests;
