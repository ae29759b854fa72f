//! A regular expression against the lines of one file.

use super::limits::{Deadline, OVERLAP_BYTES, PIECE_BYTES, SHOWN_CHARACTERS, Stop};
use regex::bytes::Regex;

/// What is searched for, and until when.
pub(super) struct Matching {
    regex: Regex,
    /// Whether a match may depend on what follows it, so that the end of a piece could be taken for that of the line.
    looks_ahead: bool,
    deadline: Deadline,
}

/// The first match on a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) text: String,
}

/// How the search of a file ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    pub(super) stopped: Option<Stop>,
    pub(super) long_lines: u64,
}

impl Matching {
    pub(super) fn new(regex: Regex, deadline: Deadline) -> Self {
        let looks_ahead = ["$", r"\z", r"\b", r"\B", r"\>"].iter().any(|end| regex.as_str().contains(end));
        Matching { regex, looks_ahead, deadline }
    }

    /// Gives every line that matches to `found`, which answers a reason to stop.
    ///
    /// Line by line, and long lines piece by piece, because nothing can stop the regular expression while it runs: its
    /// time is linear in the text, but with a factor that a pattern can drive up. So the clock is looked at between.
    pub(super) fn search(&self, bytes: &[u8], mut found: impl FnMut(Match) -> Option<Stop>) -> End {
        let mut end = End::default();
        if bytes.is_empty() {
            return end;
        }
        let mut since_clock = 0;
        // What follows the last line break is a line only when there is something.
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            since_clock += line.len() + 64;
            if since_clock > PIECE_BYTES {
                since_clock = 0;
                if self.deadline.passed() {
                    end.stopped = Some(Stop::Time);
                    break;
                }
            }
            end.long_lines += u64::from(line.len() > PIECE_BYTES);
            match self.find(line) {
                Ok(None) => {}
                Ok(Some(start)) => {
                    let column = characters(&line[..start]) + 1;
                    end.stopped = found(Match { line: index as u64 + 1, column, text: around(line, start) });
                }
                Err(stop) => end.stopped = Some(stop),
            }
            if end.stopped.is_some() {
                break;
            }
        }
        end
    }

    /// Where the first match on a line begins.
    fn find(&self, line: &[u8]) -> Result<Option<usize>, Stop> {
        let mut start = 0;
        loop {
            let end = line.len().min(start + PIECE_BYTES);
            // What is before `start` is still seen, so that `^` and `\b` hold only where they should.
            match self.regex.find_at(&line[..end], start) {
                Some(hit) if end == line.len() || hit.end() < end || !self.looks_ahead => return Ok(Some(hit.start())),
                _ if end == line.len() => return Ok(None),
                _ if self.deadline.passed() => return Err(Stop::Time),
                _ => start = end - OVERLAP_BYTES,
            }
        }
    }
}

fn characters(bytes: &[u8]) -> u64 {
    String::from_utf8_lossy(bytes).chars().count() as u64
}

/// The line, or when it is long the part around the byte `start`.
fn around(line: &[u8], start: usize) -> String {
    // A long line is cut in bytes first: it may have millions, and there may be many such.
    let most = 4 * SHOWN_CHARACTERS;
    let (from, to) = (start.saturating_sub(most), line.len().min(start + most));
    let text = String::from_utf8_lossy(&line[from..to]);
    let length = text.chars().count();
    let before = characters(&line[from..start]) as usize;
    if length <= SHOWN_CHARACTERS && to - from == line.len() {
        return text.into_owned();
    }
    let first = before.saturating_sub(SHOWN_CHARACTERS / 3).min(length.saturating_sub(SHOWN_CHARACTERS));
    let part: String = text.chars().skip(first).take(SHOWN_CHARACTERS).collect();
    let is_first = from == 0 && first == 0;
    let is_last = to == line.len() && first + SHOWN_CHARACTERS >= length;
    format!("{}{part}{}", if is_first { "" } else { "…" }, if is_last { "" } else { "…" })
}

#[cfg(test)]
mod tests;
