//! A document as the index keeps it: its words as numbers.

use crate::document::Document;
use crate::vector::Vector;
use crate::words::words;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// More words of one document are not looked at: its author may be a stranger.
const MOST_WORDS: usize = 4_000;

/// A word, or a topic, as a number. Two words share one so seldom that it does not matter for a ranking.
pub(crate) type Number = u64;

/// A map by numbers, which are hashes already.
pub(crate) type ByNumber<T> = std::collections::HashMap<Number, T, BuildHasherDefault<AsItIs>>;

/// Gives a number as its own hash.
#[derive(Debug, Default, Clone)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// A document, read.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) group_number: Number,
    pub(crate) meaning: String,
    pub(crate) parts: Box<[EntryPart]>,
    pub(crate) vector: Option<Vector>,
    words: Box<[Number]>,
}

/// A part of a document.
#[derive(Debug, Clone)]
pub(crate) struct EntryPart {
    pub(crate) field: u8,
    /// Its topic, another number in each group.
    pub(crate) topic: Option<Number>,
    start: u32,
    end: u32,
}

impl Entry {
    /// Reads a document.
    pub(crate) fn new(document: Document) -> Self {
        let mut numbers = Vec::new();
        let group_number = number(&document.group);
        let parts = document.parts.iter().map(|part| {
            let start = numbers.len();
            let room = MOST_WORDS - start;
            numbers.extend(words(&part.text).iter().take(room).map(|word| number(word)));
            let topic = part.topic.as_deref().map(|topic| group_number.rotate_left(1) ^ number(topic));
            EntryPart { field: part.field.0, topic, start: start as u32, end: numbers.len() as u32 }
        });
        let parts = parts.collect();
        let Document { id, group, meaning, .. } = document;
        Self { id, group, group_number, meaning, parts, vector: None, words: numbers.into() }
    }

    /// The same with `vector`.
    pub(crate) fn with_vector(&self, vector: Vector) -> Self {
        Self { vector: Some(vector), ..self.clone() }
    }

    /// The words of a part.
    pub(crate) fn words(&self, part: &EntryPart) -> &[Number] {
        &self.words[part.start as usize..part.end as usize]
    }
}

/// The number of `word`, the same each time within a process.
pub(crate) fn number(word: &str) -> Number {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}
