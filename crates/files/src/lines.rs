//! Some lines out of a stream, without holding the rest of it.

use super::limits::{ANSWER_BYTES, Deadline, SCAN_BYTES};
use std::io::{self, BufRead};

/// Lines that were read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// The lines, with their line breaks as they are.
    pub(super) bytes: Vec<u8>,
    /// How many lines that is.
    pub(super) shown: u64,
    /// Whether the only line was too long and is cut.
    pub(super) cut_line: bool,
    /// Whether lines follow.
    pub(super) more: bool,
    /// How many lines were seen, and whether those are all there are.
    pub(super) total: u64,
    pub(super) total_known: bool,
    /// How many bytes were read.
    pub(super) read: u64,
    /// Whether the time was over before the end.
    pub(super) out_of_time: bool,
}

/// Reads `limit` lines from line `first` on. With `count_on` the lines after them are counted.
pub(super) fn read_lines(
    mut from: impl BufRead,
    first: u64,
    limit: u64,
    count_on: bool,
    deadline: Deadline,
) -> io::Result<Lines> {
    let mut lines = Lines::default();
    // Where the line that is being read begins in `bytes`, and whether anything of it was seen.
    let (mut begins, mut started, mut closed) = (0, false, false);
    loop {
        if deadline.passed() {
            lines.out_of_time = true;
            lines.more = true;
            break;
        }
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            lines.total += u64::from(started);
            // The stream ends at a limit too, and then the file goes on.
            lines.total_known = lines.read < SCAN_BYTES;
            lines.more |= !lines.total_known;
            lines.shown += u64::from(started && !closed && lines.total >= first);
            break;
        }
        let (piece, ends) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&buffer[..=end], true),
            None => (buffer, false),
        };
        let taken = piece.len();
        started = true;
        // The rest of a line that is cut is not something to go on with.
        if closed && !(lines.cut_line && lines.total < first) {
            lines.more = true;
            if !count_on {
                break;
            }
        } else if !closed && lines.total + 1 >= first {
            closed = take(&mut lines, piece, begins);
            lines.more |= closed && !lines.cut_line;
        }
        from.consume(taken);
        lines.read += taken as u64;
        if ends {
            lines.total += 1;
            started = false;
            if !closed && lines.total >= first {
                lines.shown += 1;
                begins = lines.bytes.len();
                closed = lines.shown == limit;
            }
        }
    }
    Ok(lines)
}

/// Adds a piece of a line. True when there is no room: then the line is not given, or cut when it is the first.
fn take(lines: &mut Lines, piece: &[u8], begins: usize) -> bool {
    let room = ANSWER_BYTES - lines.bytes.len();
    if piece.len() <= room {
        lines.bytes.extend_from_slice(piece);
        return false;
    }
    if begins > 0 {
        lines.bytes.truncate(begins);
        return true;
    }
    lines.bytes.extend_from_slice(&piece[..room]);
    // Not in the middle of a character: back to where the last one begins.
    while lines.bytes.last().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {
        lines.bytes.pop();
    }
    if lines.bytes.last().is_some_and(|byte| *byte >= 0b1100_0000) {
        lines.bytes.pop();
    }
    lines.cut_line = true;
    lines.shown = 1;
    true
}

#[cfg(test)]
mod tests;
