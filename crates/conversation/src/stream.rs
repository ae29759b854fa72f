//! An answer piece by piece.

pub mod gather;
pub mod order;

use crate::answer::{Finish, Usage};
pub use crate::delta::Delta;
use crate::extra::Extra;
use crate::failure::Failure;
use crate::item::{Item, Opaque};
use crate::json::Number;
use crate::json::write::one_line;
pub use gather::{Gather, replay};

/// What one event of a stream says, in no dialect.
///
/// A stream is [`Event::Start`], then items, each from its start to its end, and [`Event::Finish`] and [`Event::Usage`]
/// in any order and at any time behind the start, then [`Event::End`]. After [`Event::Error`] nothing more comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The answer begins.
    Start {
        /// Its id, where the dialect has one.
        id: Option<String>,
        /// The model that answers.
        model: Option<String>,
        /// When, in seconds since 1970, where it is said.
        created: Option<Number>,
        /// What else was said.
        extra: Extra,
    },
    /// An item begins. Items may overlap, as parallel calls of OpenAI's do; [`order::Order`] puts one after the other.
    ItemStart {
        /// Its number, from 0, in the order in which items begin.
        index: usize,
        /// What is known of it by now; pieces are added to this.
        item: Item,
    },
    /// A piece of an item.
    Delta {
        /// The number of the item.
        index: usize,
        /// The piece.
        delta: Delta,
    },
    /// An item is whole.
    ItemEnd {
        /// Its number.
        index: usize,
    },
    /// What the answer took so far: the whole, not what was added. It may come several times.
    Usage(Usage),
    /// Why the answer ends. More usage may follow.
    Finish(Finish),
    /// More of what else was said of the answer.
    Extra(Extra),
    /// An event that only one dialect knows.
    Opaque(Opaque),
    /// The provider failed.
    Error(Failure),
    /// The stream is complete.
    End,
}

/// An event as a dialect writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireEvent {
    /// Its name, in dialects that name events.
    pub name: Option<&'static str>,
    /// Its data: JSON on one line, or a word such as `[DONE]`.
    pub data: String,
}

impl WireEvent {
    /// An event without a name.
    pub fn new(data: &str) -> Self {
        Self { name: None, data: one_line(data) }
    }

    /// An event with a name.
    pub fn named(name: &'static str, data: &str) -> Self {
        Self { name: Some(name), data: one_line(data) }
    }

    /// It as server-sent event (HTML, section 9.2.6).
    pub fn to_sse(&self) -> String {
        match self.name {
            Some(name) => format!("event: {name}\ndata: {}\n\n", self.data),
            None => format!("data: {}\n\n", self.data),
        }
    }

    /// It as a line of its own, as Ollama streams.
    pub fn to_line(&self) -> String {
        format!("{}\n", self.data)
    }
}
