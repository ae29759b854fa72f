//! The text of a workflow file: where things stand in it, and what an error shows of it.

use base::config::Place;
use base::{Code, Error};

/// The longest piece of a line that an error shows, in characters.
const SHOWN: usize = 120;

/// A place in the file that something was read from. All places are equal: two definitions that say the same are the
/// same, wherever they stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot {
    /// Line, from 1; 0 where it was not read from a file.
    pub line: usize,
    /// Column in characters, from 1; 0 where it was not read from a file.
    pub column: usize,
}

impl PartialEq for Spot {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Spot {}

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        Self { line: place.line, column: place.column }
    }
}

/// A file and its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The file as it was named.
    pub file: String,
    /// What stands in it.
    pub text: String,
}

impl Source {
    /// The text of `file`.
    pub fn new(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned() }
    }

    /// An error about what stands at `spot`.
    pub(crate) fn error(&self, code: Code, spot: Spot, message: impl Into<String>, next: impl Into<String>) -> Error {
        let place = Place { line: spot.line.max(1), column: spot.column.max(1) };
        self.shown(Error::new(code, message, next).at(place.in_file(&self.file)))
    }

    /// The error with the line that it is about, and a mark below the place.
    pub fn shown(&self, error: Error) -> Error {
        let Some(place) = error.location().filter(|place| error.detail().is_none() && place.file == self.file) else {
            return error;
        };
        let Some(line) = self.text.lines().nth(place.line.saturating_sub(1)) else { return error };
        let number = place.line.to_string();
        // A place far to the right is shown with what stands before it.
        let skipped = place.column.saturating_sub(SHOWN * 2 / 3);
        let shown: String =
            line.chars().skip(skipped).take(SHOWN).map(|one| if one == '\t' { ' ' } else { one }).collect();
        let margin = " ".repeat(number.len());
        let mark = " ".repeat(place.column.saturating_sub(1 + skipped));
        let snippet = format!("{number} | {}\n{margin} | {mark}^", shown.trim_end());
        error.with_detail(snippet)
    }

    /// Where `words` stand first behind `spot`, no further than `most` bytes; `spot` where they do not.
    pub(crate) fn find(&self, spot: Spot, words: &str, most: usize) -> Spot {
        let Some(start) = self.offset(spot) else { return spot };
        let rest = self.text.get(start..).unwrap_or_default();
        let mut end = most.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let Some(at) = standing_alone(rest.get(..end).unwrap_or_default(), words) else { return spot };
        let before = rest.get(..at).unwrap_or_default();
        match before.rsplit_once('\n') {
            Some((lines, last)) => {
                Spot { line: spot.line + 1 + lines.matches('\n').count(), column: last.chars().count() + 1 }
            }
            None => Spot { line: spot.line, column: spot.column + before.chars().count() },
        }
    }

    fn offset(&self, spot: Spot) -> Option<usize> {
        let lines = self.text.split_inclusive('\n').take(spot.line.checked_sub(1)?);
        let start: usize = lines.map(str::len).sum();
        let line = self.text.get(start..)?;
        line.char_indices().nth(spot.column.checked_sub(1)?).map(|(at, _)| start + at)
    }
}

/// Where `words` stand and do not go on as a longer name.
fn standing_alone(text: &str, words: &str) -> Option<usize> {
    let of_name = |one: char| one.is_alphanumeric() || one == '_';
    text.match_indices(words).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).unwrap_or_default().chars().next_back();
        let after = text.get(at + words.len()..).unwrap_or_default().chars().next();
        !before.is_some_and(of_name) && !after.is_some_and(of_name)
    })
}

/// What of a stranger's text an error repeats: one line, and not much of it.
pub(crate) fn short(text: &str) -> String {
    let mut shown: String = text.chars().filter(|one| !one.is_control()).take(61).collect();
    if shown.chars().count() > 60 {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// The hint for a word that is not known.
pub(crate) fn hint<'word>(word: &str, known: impl Iterator<Item = &'word str> + Clone, none: &str) -> String {
    match base::config::nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let words: Vec<String> = known.take(12).map(|word| format!("`{word}`")).collect();
            if words.is_empty() { none.to_owned() } else { format!("there is {}", words.join(", ")) }
        }
    }
}
