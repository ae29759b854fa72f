//! Lines of a pipe: however the bytes are cut, the lines are the same, and the same as a plain split gives.

use super::input;
use mcp::line::{Line, Splitter};

/// How much is kept of each end of a line that is too long.
const KEPT: usize = 512;

pub(crate) fn feed(data: &[u8]) {
    let (seed, data) = input::choice(data);
    // Below what is kept of a long line there is no limit in use.
    for limit in [KEPT + seed, 4096] {
        let whole = split(limit, &[data]);
        assert_eq!(whole, split(limit, &input::pieces(data, seed)), "cut elsewhere");
        let mut plain: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
        // What has no line end yet is no line.
        plain.pop();
        assert_eq!(whole.len(), plain.len(), "number of lines");
        for (line, plain) in whole.iter().zip(plain) {
            match line {
                Line::Whole(line) => {
                    assert!(plain.len() <= limit, "a line beyond the limit");
                    assert_eq!(line, plain.strip_suffix(b"\r").unwrap_or(plain));
                }
                Line::TooLong { length, head, tail } => {
                    assert!(plain.len() > limit && *length == plain.len());
                    assert!(head.len() == KEPT && plain.starts_with(head));
                    assert!(tail.len() == KEPT && plain.ends_with(tail));
                }
            }
        }
    }
}

fn split(limit: usize, pieces: &[&[u8]]) -> Vec<Line> {
    let mut splitter = Splitter::new(limit);
    let mut lines = Vec::new();
    for piece in pieces {
        splitter.feed(piece);
        lines.extend(std::iter::from_fn(|| splitter.next_line()));
    }
    lines
}
