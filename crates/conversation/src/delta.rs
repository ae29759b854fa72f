//! Pieces of items, as streams bring them.

use crate::extra::Extra;

/// A piece of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// More thoughts.
    Reasoning(String),
    /// More of a part of the summary of thoughts.
    Summary {
        /// The number of the part, from 0.
        part: usize,
        /// The text.
        text: String,
    },
    /// More of the signature.
    Signature(String),
    /// More of the thoughts that only the provider can read.
    Encrypted(String),
    /// More of the arguments of a call, as text.
    Arguments(String),
    /// More of what else was said of the item.
    Extra(Extra),
}
