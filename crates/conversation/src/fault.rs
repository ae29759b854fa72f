//! Why a text cannot be read as what it should be.

use std::fmt::{Display, Formatter, Result as Written};

/// The most bytes of a path that are told.
const LONGEST_PATH: usize = 200;

/// What is wrong with a request, an answer or an event, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands, such as `messages[3].content[0].image_url`. Empty for the whole.
    pub path: String,
    /// What is wrong there, as the end of a sentence whose subject is the path.
    pub cause: String,
}

impl Fault {
    /// A fault of the whole text. [`Within`] says more closely where.
    pub fn new(cause: impl Into<String>) -> Self {
        Self { path: String::new(), cause: cause.into() }
    }

    /// The fault as one of what holds the text: `segment` is a member's name, or `[3]` for an element.
    #[must_use]
    pub fn inside(mut self, segment: &str) -> Self {
        if self.path.len() + segment.len() > LONGEST_PATH {
            return self;
        }
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{segment}{dot}{}", self.path);
        self
    }
}

impl Display for Fault {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        if self.path.is_empty() { out.write_str(&self.cause) } else { write!(out, "`{}` {}", self.path, self.cause) }
    }
}

impl std::error::Error for Fault {}

/// Says where a fault is, from the inside out.
pub trait Within: Sized {
    /// It is in the member `name`.
    #[must_use]
    fn within(self, name: &str) -> Self;

    /// It is in the element `number`, counted from 0, of the array `name`.
    #[must_use]
    fn within_element(self, name: &str, number: usize) -> Self;
}

impl<T> Within for Result<T, Fault> {
    fn within(self, name: &str) -> Self {
        self.map_err(|fault| fault.inside(name))
    }

    fn within_element(self, name: &str, number: usize) -> Self {
        self.map_err(|fault| fault.inside(&format!("{name}[{number}]")))
    }
}
