//! A guess at how many tokens a text is, whatever the model.

/// About how many tokens `text` has. Pieces of text are what most vocabularies are made of: short words and short numbers
/// are one token each, longer ones a few, and signs one or two together.
pub fn estimate(text: &str) -> usize {
    let mut halves = 0usize;
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let kind = Kind::of(*first);
        let length = rest.iter().take_while(|byte| Kind::of(**byte) == kind).count();
        halves += kind.halves(length);
        rest = &rest[length..];
    }
    halves.div_ceil(2)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Space,
    Signs,
    Other,
}

impl Kind {
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Letters,
            b'0'..=b'9' => Kind::Digits,
            b' ' | b'\n' | b'\r' | b'\t' => Kind::Space,
            0x80.. => Kind::Other,
            _ => Kind::Signs,
        }
    }

    /// Twice the tokens of a run of this length.
    fn halves(self, length: usize) -> usize {
        match self {
            Kind::Letters if length <= 9 => 2,
            Kind::Letters => 2 + (length - 9) / 3,
            Kind::Digits => 2 * length.div_ceil(3),
            // One space goes with the word behind it.
            Kind::Space => {
                if length == 1 {
                    0
                } else {
                    2
                }
            }
            Kind::Signs => 1 + length.min(2) + length.saturating_sub(2) / 2,
            // Three bytes are a Chinese character, two a Russian one.
            Kind::Other => length.div_ceil(2),
        }
    }
}
