//! Every key that a workflow file may have, in one place: the reader knows these and no others, and the JSON Schema for
//! editors is made of them.

mod shapes;

pub use shapes::{shape, shapes};

/// A kind of map in a file.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the JSON Schema.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// The keys that must be there.
    pub required: &'static [&'static str],
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What it is for.
    pub about: &'static str,
}

/// What a value may be.
#[derive(Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// A text with templates in it.
    Template,
    /// A condition: an expression, with braces around it or without; or `true` or `false`.
    Condition,
    /// `true` or `false`.
    Boolean,
    /// A whole number in a range.
    Integer(i64, i64),
    /// A number in a range.
    Number(f64, f64),
    /// A duration such as `30s`.
    Duration,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Anything, with templates in it.
    Any,
    /// A JSON Schema.
    Schema,
    /// A list.
    List(&'static Kind, usize),
    /// A map with free keys.
    Map(&'static Kind),
    /// A map of a kind.
    Shape(&'static str),
    /// One of several.
    Either(&'static [Kind]),
}
