//! The input of a custom tool while its arguments come in pieces.

/// What stands before the text of the input, with white space between or not.
const HEAD: [&str; 4] = ["{", "\"input\"", ":", "\""];

/// Takes arguments piece by piece and gives the text of `input`, where that is their first member.
#[derive(Debug, Default)]
pub(crate) struct Unfold {
    state: State,
    /// What has come of the head, or of a character that is escaped.
    waiting: String,
    /// How many bytes of the input were given.
    pub(crate) given: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    Text,
    /// The input is over, or these are other arguments.
    Over,
}

impl Unfold {
    /// All that an `input` says that may be broken off. None for other arguments.
    pub(crate) fn broken_off(arguments: &str) -> Option<String> {
        let mut unfold = Self::default();
        let text = unfold.feed(arguments);
        (unfold.state == State::Text).then_some(text)
    }

    /// The piece of the input that a piece of the arguments says.
    pub(crate) fn feed(&mut self, piece: &str) -> String {
        let mut out = String::new();
        match self.state {
            State::Head => {
                self.waiting.push_str(piece);
                let head = std::mem::take(&mut self.waiting);
                match behind_head(&head) {
                    Some(Some(text)) => {
                        self.state = State::Text;
                        self.text(text, &mut out);
                    }
                    Some(None) => self.waiting = head,
                    None => self.state = State::Over,
                }
            }
            State::Text => self.text(piece, &mut out),
            State::Over => {}
        }
        self.given += out.len();
        out
    }

    fn text(&mut self, piece: &str, out: &mut String) {
        for character in piece.chars() {
            if !self.waiting.is_empty() {
                self.waiting.push(character);
                if is_whole(&self.waiting) {
                    let quoted = format!("\"{}\"", std::mem::take(&mut self.waiting));
                    out.push_str(&serde_json::from_str::<String>(&quoted).unwrap_or_default());
                }
                continue;
            }
            match character {
                '\\' => self.waiting.push(character),
                '"' => {
                    self.state = State::Over;
                    return;
                }
                plain => out.push(plain),
            }
        }
    }
}

/// What stands behind the head; nothing where the head is not whole yet. None where it is another.
fn behind_head(text: &str) -> Option<Option<&str>> {
    let mut rest = text;
    for token in HEAD {
        rest = rest.trim_ascii_start();
        match rest.strip_prefix(token) {
            Some(behind) => rest = behind,
            None => return token.starts_with(rest).then_some(None),
        }
    }
    Some(Some(rest))
}

/// Whether an escape is whole: a letter, or four digits, and four more where these are half of a character.
fn is_whole(escape: &str) -> bool {
    let half = |digits: &str| u16::from_str_radix(digits, 16).is_ok_and(|code| (0xd800..0xdc00).contains(&code));
    match escape.len() {
        0 | 1 => false,
        2 => !escape.ends_with('u'),
        3..6 => false,
        6..12 => !escape.get(2..6).is_some_and(half),
        _ => true,
    }
}
