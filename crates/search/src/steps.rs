//! A question taken apart into what it asks for one after the other.
//!
//! Who describes a whole task asks for several things at once, each of which another document answers. Looked up as a whole
//! the task is like none of them.

/// A sentence of fewer words asks for nothing: "Thank you very much!" and "Hello there." are such.
const FEWEST_WORDS: usize = 3;

/// More steps of one question are not looked at: each costs as much as a question.
pub(crate) const MOST_STEPS: usize = 8;

/// The first sentences of `question`, 8 at most, where there are several; nothing where it asks for one thing.
pub fn steps(question: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut start = 0;
    let mut characters = question.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if ends(character, next) {
            let end = at + character.len_utf8();
            steps.push(&question[start..end]);
            start = end;
        }
    }
    steps.push(&question[start..]);
    let whole = |step: &&str| step.split_whitespace().nth(FEWEST_WORDS - 1).is_some() || step.chars().any(is_dense);
    let steps: Vec<&str> = steps.into_iter().map(str::trim).filter(whole).take(MOST_STEPS).collect();
    if steps.len() > 1 { steps } else { Vec::new() }
}

/// Whether a sentence ends with `character` before `next`. A full stop within a number, an address or a name is none, and
/// the marks of scripts without blanks need none after them.
fn ends(character: char, next: Option<char>) -> bool {
    match character {
        '\n' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' | '\u{ff1b}' => true,
        '.' | '?' | '!' | ';' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

/// Characters of scripts that put no blanks between words.
fn is_dense(character: char) -> bool {
    matches!(u32::from(character), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff)
}

#[cfg(test)]
mod tests;
