//! The last lines that a child process wrote: what a person needs when it does not work.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Standard error.
    Error,
    /// A line on standard output that is no message.
    Noise,
    /// Tutti itself: a start, an end, a fault.
    Hub,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Counts up over the life of the tail, so that a reader can ask for what is new.
    pub number: u64,
    /// When it came, as time since 1970.
    pub at: std::time::Duration,
    /// Where it came from.
    pub source: Source,
    /// The text, without control characters.
    pub text: String,
}

/// Keeps the last lines; outlives the process, so that the words of the one before are there too.
#[derive(Default)]
pub struct Tail {
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    kept: VecDeque<Entry>,
    count: u64,
}

/// The most lines that are kept.
const LINES: usize = 1000;

/// The most characters of a line that are kept.
const WIDTH: usize = 2000;

impl Tail {
    /// Adds a line. Control characters are taken out: they would move the cursor of whoever looks at it.
    pub fn push(&self, source: Source, line: &[u8]) {
        let text: String =
            String::from_utf8_lossy(line).chars().filter(|character| is_plain(*character)).take(WIDTH).collect();
        let mut lines = self.lock();
        lines.count += 1;
        let entry = Entry { number: lines.count, at: base::clock::wall(), source, text };
        if lines.kept.len() == LINES {
            lines.kept.pop_front();
        }
        lines.kept.push_back(entry);
    }

    /// The lines behind number `after`, oldest first.
    pub fn since(&self, after: u64) -> Vec<Entry> {
        self.lock().kept.iter().filter(|entry| entry.number > after).cloned().collect()
    }

    /// The number of the last line.
    pub fn last_number(&self) -> u64 {
        self.lock().count
    }

    /// The last `count` lines behind number `after` that the process wrote, joined; nothing where there is none.
    pub fn words(&self, after: u64, count: usize) -> Option<String> {
        let lines = self.lock();
        let wanted = lines.kept.iter().rev().take_while(|entry| entry.number > after);
        let mut texts: Vec<&str> =
            wanted.filter(|entry| entry.source != Source::Hub).take(count).map(|entry| entry.text.as_str()).collect();
        texts.reverse();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No control characters, and none that turn the direction of writing.
fn is_plain(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (character == '\t' || !character.is_control()) && !turns
}

#[cfg(test)]
mod tests;
