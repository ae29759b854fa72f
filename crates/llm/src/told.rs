//! What headers say of deployments.

use http::HeaderValue;

/// The most bytes of a header: names of models are the client's to choose.
const LONGEST: usize = 2000;

/// What headers say of a deployment that answers where no other was asked, made once.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Its name.
    pub(crate) name: Option<HeaderValue>,
    /// What became of the request.
    pub(crate) answered: Option<HeaderValue>,
}

impl Told {
    /// What is told of the deployment of this name.
    pub(crate) fn of(name: &str) -> Self {
        Self { name: value(name), answered: value(&format!("{name} answered")) }
    }
}

/// `text` as a header, as far as one goes. What is no plain character is a question mark; nothing where there is nothing.
pub(crate) fn value(text: &str) -> Option<HeaderValue> {
    if text.is_empty() {
        return None;
    }
    let text = &text[..text.floor_char_boundary(LONGEST)];
    // Beside plain characters a header may have tabs, and bytes that clients read in one way or another.
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii() && !text.contains('\t'));
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let readable = || text.chars().map(|c| if is_plain(c) { c } else { '?' }).collect::<String>();
    value.or_else(|| HeaderValue::try_from(readable()).ok())
}
