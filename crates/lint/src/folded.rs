//! Texts as a model would read them in spite of disguises: letters that look alike are one, and what cannot be seen is left
//! out, but for the block of tags, which stands for ASCII.

use base::visible::is_deceptive;

/// Letters of other scripts that look like a Latin one, with that one. The common ones of Unicode's list of confusables.
const ALIKE: [(char, char); 53] = [
    ('а', 'a'),
    ('ɑ', 'a'),
    ('α', 'a'),
    ('е', 'e'),
    ('ё', 'e'),
    ('о', 'o'),
    ('ο', 'o'),
    ('р', 'p'),
    ('ρ', 'p'),
    ('с', 'c'),
    ('ϲ', 'c'),
    ('у', 'y'),
    ('γ', 'y'),
    ('х', 'x'),
    ('χ', 'x'),
    ('і', 'i'),
    ('ι', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('ԁ', 'd'),
    ('һ', 'h'),
    ('ո', 'n'),
    ('ν', 'v'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('ѡ', 'w'),
    ('к', 'k'),
    ('κ', 'k'),
    ('ɡ', 'g'),
    ('ⅼ', 'l'),
    ('ӏ', 'l'),
    ('А', 'A'),
    ('Α', 'A'),
    ('В', 'B'),
    ('Β', 'B'),
    ('С', 'C'),
    ('Е', 'E'),
    ('Ε', 'E'),
    ('Н', 'H'),
    ('Η', 'H'),
    ('І', 'I'),
    ('Ι', 'I'),
    ('К', 'K'),
    ('Κ', 'K'),
    ('М', 'M'),
    ('Μ', 'M'),
    ('О', 'O'),
    ('Ο', 'O'),
    ('Р', 'P'),
    ('Ρ', 'P'),
    ('Т', 'T'),
    ('Τ', 'T'),
    ('Х', 'X'),
];

/// The Latin letter that a character of another script looks like, or is in another width.
pub(super) fn alike(character: char) -> Option<char> {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0),
        _ if character.is_ascii() => None,
        _ => ALIKE.iter().find(|(other, _)| *other == character).map(|(_, latin)| *latin),
    }
}

/// The text in lower case, with one space for each white space, and without disguises.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let character = match character {
            '\u{e0020}'..='\u{e007e}' => char::from_u32(u32::from(character) - 0xe0000).unwrap_or(' '),
            _ if character.is_whitespace() => ' ',
            _ if is_deceptive(character) || matches!(character, '\u{fe00}'..='\u{fe0f}') => continue,
            _ => alike(character).unwrap_or(character),
        };
        if character != ' ' || !out.ends_with(' ') {
            out.push(character.to_ascii_lowercase());
        }
    }
    out
}
