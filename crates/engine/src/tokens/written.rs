//! Tokens as text, as it comes: never half a character.

/// Bytes on their way to text.
#[derive(Default)]
pub(crate) struct Written {
    /// The beginning of a character.
    open: Vec<u8>,
}

impl Written {
    /// The characters that are whole with `bytes`. What can be none becomes U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.open.extend_from_slice(bytes);
        let mut text = String::new();
        let mut done = 0;
        for chunk in self.open.utf8_chunks() {
            text.push_str(chunk.valid());
            done += chunk.valid().len();
            let invalid = chunk.invalid();
            let is_begun = done + invalid.len() == self.open.len() && is_beginning(invalid);
            if !invalid.is_empty() && !is_begun {
                text.push(char::REPLACEMENT_CHARACTER);
                done += invalid.len();
            }
        }
        self.open.drain(..done);
        text
    }

    /// What is left when no more comes.
    pub(crate) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.open)).into_owned()
    }
}

/// Whether a character can begin so, which goes on.
fn is_beginning(bytes: &[u8]) -> bool {
    let needed = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return false,
    };
    bytes.len() < needed
}
