//! From a byte offset to a line and a column.

use super::tree::Place;

/// Bytes from one checkpoint to the next.
const STEP: usize = 256;

/// Where the lines of a text begin.
pub(super) struct Lines<'text> {
    bytes: &'text [u8],
    starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STEP`]: without it a file of one endless line would be
    /// counted from its start for every value in it.
    checkpoints: Vec<usize>,
}

impl<'text> Lines<'text> {
    pub(super) fn of(text: &'text str) -> Self {
        let bytes = text.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        let mut checkpoints = vec![0];
        let mut count = 0;
        for chunk in bytes.chunks(STEP) {
            count += characters(chunk);
            checkpoints.push(count);
        }
        Lines { bytes, starts, checkpoints }
    }

    /// The place of the byte at `offset`.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.bytes.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        Place { line, column: self.before(offset) - self.before(start) + 1 }
    }

    fn before(&self, offset: usize) -> usize {
        let whole = offset / STEP;
        self.checkpoints.get(whole).copied().unwrap_or(0) + characters(&self.bytes[whole * STEP..offset])
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests;
