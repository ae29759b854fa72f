//! Finds documents by their words and by their meaning.
//!
//! A [`Document`] has an id, a group, parts of text in the named and weighted fields of a [`Schema`], and one text that
//! says what it means. What documents are (tools, pages, memories) is the caller's affair.
//!
//! An [`Index`] is a snapshot: [`Index::changed`] gives the next one, and whoever searches the old one is not disturbed.
//! [`Index::search`] ranks by BM25F over the fields, by the likeness of vectors, or by both, fused by score.

mod document;
mod embedder;
mod encoding;
mod entry;
mod fusion;
mod index;
mod minilm;
mod steps;
mod text;
mod vector;
mod vectors;
mod words;

pub use document::{Boilerplate, Document, FieldId, Part, Schema};
pub use embedder::{Embedder, Key, MemoryCache, VectorCache};
pub use encoding::{Encoding, Progress, Wanted};
pub use index::{Change, Hit, Index, Question, Selection, Step};
pub use minilm::{Clock, MiniLm};
pub use steps::steps;
pub use vector::Vector;
pub use vectors::EXACT_UP_TO;
pub use words::spell_out;
