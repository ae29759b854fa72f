//! How much of everything the `files` upstream takes and gives.

use std::time::{Duration, Instant};

/// The longest path that an argument may give, as Linux has it.
pub(super) const PATH_BYTES: usize = 4096;
/// The longest name of one file or folder, as most file systems have it.
pub(super) const NAME_BYTES: usize = 255;
/// How many names a path may have.
pub(super) const PATH_NAMES: usize = 128;
/// How many steps the following of links may take.
pub(super) const LINK_STEPS: usize = 2_000;
/// How deep a walk goes; deeper folders are named but not entered.
pub(super) const DEPTH: usize = 64;
/// The longest regular expression or glob.
pub(super) const PATTERN_BYTES: usize = 1024;
/// How large a compiled regular expression may be. Its size times the text is what a search costs at worst: with both
/// at their limit, one piece of a line takes about three seconds.
pub(super) const REGEX_BYTES: usize = 4 * 1024 * 1024;
/// How much of a line is searched at a time, between two looks at the clock.
pub(super) const PIECE_BYTES: usize = 8 * 1024;
/// How much of a piece is searched again with the next: a match in a long line may be as long as that.
pub(super) const OVERLAP_BYTES: usize = 4 * 1024;
/// How many characters of a matching line are shown.
pub(super) const SHOWN_CHARACTERS: usize = 300;
/// How much text one answer carries.
pub(super) const ANSWER_BYTES: usize = 256 * 1024;
/// How far `read_file` reads on to find a line.
pub(super) const SCAN_BYTES: u64 = 1024 * 1024 * 1024;
/// The largest file whose lines are counted to the end.
pub(super) const COUNT_BYTES: u64 = 16 * 1024 * 1024;
/// The largest image or other binary file that is given as base64.
pub(super) const BINARY_BYTES: u64 = 2 * 1024 * 1024;
/// The largest text that one call writes.
pub(super) const WRITE_BYTES: usize = 8 * 1024 * 1024;
/// The largest file that is edited.
pub(super) const EDIT_BYTES: u64 = 8 * 1024 * 1024;
/// The size up to which a file may grow by appending.
pub(super) const GROW_BYTES: u64 = 256 * 1024 * 1024;

/// The limits of walks and searches, which tests make small.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// How long a call may read.
    pub(super) time: Duration,
    /// How many files a search reads.
    pub(super) files: u64,
    /// The largest file that a search reads.
    pub(super) file_bytes: u64,
    /// How many names a walk looks at.
    pub(super) entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { time: Duration::from_secs(10), files: 20_000, file_bytes: 4 * 1024 * 1024, entries: 200_000 }
    }
}

/// The moment at which a call stops.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// A deadline `time` from now.
    pub(super) fn after(time: Duration) -> Self {
        Deadline(base::clock::now() + time)
    }

    /// Whether the time is over.
    pub(super) fn passed(self) -> bool {
        base::clock::now() >= self.0
    }
}

/// Why a walk or a search ended before it had seen everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// As many results as were asked for.
    Results,
    /// As much text as an answer carries.
    Answer,
    /// The time was over.
    Time,
    /// As many files as a search reads.
    Files,
    /// As many names as a walk looks at.
    Entries,
}

impl Stop {
    /// The word in `stopped`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Stop::Results => "limit",
            Stop::Answer => "answer_size",
            Stop::Time => "time",
            Stop::Files => "files",
            Stop::Entries => "entries",
        }
    }

    /// Every word that `stopped` can have.
    pub(super) const NAMES: [&'static str; 5] = ["limit", "answer_size", "time", "files", "entries"];
}
