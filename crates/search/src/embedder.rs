//! What turns text into vectors, and where vectors are kept.

use crate::vector::Vector;
use base::ports::Wait;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Turns texts into vectors, so that texts of like meaning have vectors of like direction.
pub trait Embedder: Send + Sync {
    /// Names all that the vector of a text depends on: the model, its weights, how it reads text. Vectors of embedders of
    /// different identities are never compared.
    fn identity(&self) -> &str;

    /// The vectors of `texts`, in their order, all of one number of dimensions. Dropped, it stops soon.
    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>>;
}

/// What a vector is kept under: the digest of the embedder's identity and the text.
pub type Key = [u8; 32];

/// The key of the vector that an embedder of `identity` makes of `text`.
pub(crate) fn key(identity: &str, text: &str) -> Key {
    // No identity has a zero byte, so that no two pairs are joined to the same.
    base::random::sha256(&[identity.as_bytes(), &[0], text.as_bytes()].concat())
}

/// Keeps vectors, so that each text is embedded once, whoever asks.
pub trait VectorCache: Send + Sync {
    /// The vectors under `keys`, in their order, as far as they are there.
    fn get(&self, keys: Vec<Key>) -> Wait<'_, Vec<Option<Vector>>>;

    /// Keeps vectors.
    fn put(&self, vectors: Vec<(Key, Vector)>) -> Wait<'_, ()>;

    /// Says which are still of use, so that others make room first.
    fn used(&self, keys: Vec<Key>) -> Wait<'_, ()> {
        drop(keys);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Keeps vectors in memory, up to a number of them.
pub struct MemoryCache {
    most: usize,
    vectors: Mutex<HashMap<Key, Vector>>,
}

impl MemoryCache {
    /// A cache of at most `most` vectors. When it is full it is emptied: what is still in use comes back soon.
    pub fn new(most: usize) -> Self {
        Self { most, vectors: Mutex::default() }
    }
}

impl VectorCache for MemoryCache {
    fn get(&self, keys: Vec<Key>) -> Wait<'_, Vec<Option<Vector>>> {
        let vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
        let found = keys.iter().map(|key| vectors.get(key).cloned()).collect();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn put(&self, new: Vec<(Key, Vector)>) -> Wait<'_, ()> {
        let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, vector) in new {
            if vectors.len() >= self.most {
                vectors.clear();
            }
            vectors.insert(key, vector);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests;
