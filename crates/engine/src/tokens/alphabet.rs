//! The letters that stand for bytes in vocabularies of the kind `gpt2`: printable characters of Latin-1 for themselves, and those
//! from U+0100 on for all others, in order (`bytes_to_unicode` in <https://github.com/openai/gpt-2/blob/master/src/encoder.py>).

/// Whether a byte stands for itself.
const fn is_itself(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// The bytes that letters stand for; a text with another letter is none of the alphabet.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(byte).collect()
}

fn byte(letter: char) -> Option<u8> {
    let number = u32::from(letter);
    match u8::try_from(number) {
        Ok(byte) => is_itself(byte).then_some(byte),
        Err(_) => (0..=255_u8).filter(|byte| !is_itself(*byte)).nth(usize::try_from(number.checked_sub(256)?).ok()?),
    }
}
