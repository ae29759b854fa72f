//! What a terminal makes of text, and how wide it is.

use base::visible::is_deceptive;
use std::io::IsTerminal as _;
use std::iter::Peekable;
use std::str::Chars;

/// The most characters that one escape sequence is taken to have. What is longer is no sequence but text behind the
/// beginning of one, and text is shown.
const LONGEST: usize = 4096;

/// `text` without anything that a terminal obeys instead of showing it: escape sequences, control characters other than
/// line ends and tabs, and characters that turn the direction of writing. Text of servers could otherwise draw what is
/// not there, hide what is, or write into the clipboard.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\n' | '\t' => out.push(character),
            // Alone it would let the rest of the line write over its beginning.
            '\r' => {
                if rest.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\u{1b}' => escape(&mut rest),
            '\u{9b}' => control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => control_string(&mut rest),
            character if character.is_control() || turns(character) => {}
            character => out.push(character),
        }
    }
    out
}

/// `json` with what deceives, such as control characters, as escapes: what is read of it is the same, and a terminal obeys none of it.
/// Such characters stand in the strings of JSON alone, where it is written without white space.
pub(super) fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if is_deceptive(character) {
            out.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(character);
        }
    }
    out
}

/// [`clean`] text on one line, with at most `limit` characters.
pub fn one_line(text: &str, limit: usize) -> String {
    let line = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&line, limit)
}

/// At most `limit` characters of `text`, the last of them an ellipsis when something is missing.
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// As much of a line as takes at most `limit` columns, the last of it an ellipsis when something is missing. Characters of
/// East Asian writing and pictures take two; what is taken for one of these and is none only leaves a column free.
pub fn cut_to_columns(line: &str, limit: usize) -> String {
    let columns = |character: char| if character >= '\u{1100}' && !is_narrow(character) { 2 } else { 1 };
    if line.chars().map(columns).sum::<usize>() <= limit {
        return line.to_owned();
    }
    let mut taken = 1;
    let fitting = line.chars().take_while(|character| {
        taken += columns(*character);
        taken <= limit
    });
    let mut out: String = fitting.collect();
    out.truncate(out.trim_end().len());
    out.extend((limit > 0).then_some('…'));
    out
}

/// Punctuation, arrows, lines and signs, among them those that this program writes.
fn is_narrow(character: char) -> bool {
    matches!(character, '\u{2010}'..='\u{2319}' | '\u{2500}'..='\u{25fc}' | '\u{2700}'..='\u{2717}')
}

/// The width of a terminal that does not tell.
const USUAL: usize = 80;
/// The lines of one that does not tell.
const LINES: usize = 24;

/// How many columns the terminal at standard output has. Nothing when it is none.
pub fn width() -> Option<usize> {
    let out = std::io::stdout();
    out.is_terminal().then(|| columns(terminal_size::terminal_size_of(out)))
}

/// The same for standard error.
pub(super) fn width_of_messages() -> Option<usize> {
    let out = std::io::stderr();
    out.is_terminal().then(|| columns(terminal_size::terminal_size_of(out)))
}

/// How many columns and lines the terminal at standard error has. Nothing when it is none.
pub(super) fn size_of_messages() -> Option<(usize, usize)> {
    let error = std::io::stderr();
    let size = terminal_size::terminal_size_of(&error).filter(|(width, height)| width.0 > 0 && height.0 > 0);
    error.is_terminal().then(|| (columns(size), size.map_or(LINES, |(_, height)| usize::from(height.0))))
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    size.map_or(USUAL, |(width, _)| usize::from(width.0))
}

/// Characters that turn the direction of what follows (Unicode Bidirectional Algorithm, explicit formatting).
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Passes over what follows an escape character (ECMA-48, section 5).
fn escape(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            control_sequence(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            control_string(rest);
        }
        _ => {
            while rest.next_if(|next| matches!(next, '\u{20}'..='\u{2f}')).is_some() {}
            rest.next_if(|next| matches!(next, '\u{30}'..='\u{7e}'));
        }
    }
}

/// Parameters, intermediate bytes, and one final byte.
fn control_sequence(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|next| matches!(next, '\u{20}'..='\u{3f}')).is_some() {}
    rest.next_if(|next| matches!(next, '\u{40}'..='\u{7e}'));
}

/// Everything up to the terminator. Without one, only the beginning was taken.
fn control_string(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    for _ in 0..LONGEST {
        match ahead.next() {
            Some('\u{7}' | '\u{9c}') => {
                *rest = ahead;
                return;
            }
            Some('\u{1b}') => {
                if ahead.next_if_eq(&'\\').is_some() {
                    *rest = ahead;
                }
                return;
            }
            None => return,
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
