//! Lines on a terminal that others take the place of.

use super::{Output, Style, terminal};
use std::fmt::Write as _;
use std::io::Write as _;

/// The narrowest terminal that is drawn on, and the lowest.
const LEAST: (usize, usize) = (20, 5);

/// Lines that were drawn on standard error, of which the cursor stands below the last.
pub struct Drawing {
    /// How many there are.
    drawn: usize,
    /// The columns and lines of the terminal when it was last asked.
    size: (usize, usize),
}

impl Output {
    /// A place to draw where a person looks at a terminal that can be written over, and wants messages.
    pub fn drawing(&self) -> Option<Drawing> {
        let seen = !self.json && !self.quiet && !self.dumb;
        let size = terminal::size_of_messages().filter(|size| seen && size.0 >= LEAST.0 && size.1 >= LEAST.1)?;
        Some(Drawing { drawn: 0, size })
    }
}

impl Drawing {
    /// How many columns a line may take, and how many lines there may be.
    pub fn room(&mut self) -> (usize, usize) {
        self.size = terminal::size_of_messages().unwrap_or(self.size);
        (self.size.0.saturating_sub(1), self.size.1.saturating_sub(1))
    }

    /// Draws these in place of those before. None may be wider, nor all of them higher, than the room there is.
    pub fn draw(&mut self, output: &Output, lines: &[(Style, String)]) {
        let mut out = String::new();
        // A window that was made lower has moved the first of them out of reach.
        let above = self.drawn.min(self.size.1.saturating_sub(1));
        if above > 0 {
            let _ = write!(out, "\u{1b}[{above}A");
        }
        if self.drawn > 0 || !lines.is_empty() {
            out.push_str("\r\u{1b}[J");
        }
        for (style, line) in lines {
            let _ = writeln!(out, "{}", output.paint_message(*style, line));
        }
        self.drawn = lines.len();
        let mut error = std::io::stderr().lock();
        let _ = error.write_all(out.as_bytes()).and_then(|()| error.flush());
    }
}
