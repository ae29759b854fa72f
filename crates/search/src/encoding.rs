//! Texts and questions as vectors, each made once.

use crate::embedder::{Embedder, Key, VectorCache, key};
use crate::vector::Vector;
use base::{Error, Result};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Texts that are embedded at once: after each batch what was made is kept and progress is told, and a search need not
/// wait longer than for one.
const BATCH: usize = 16;
/// Questions whose vectors are remembered.
const MOST_QUESTIONS: usize = 1_000;

/// Gives the vectors of texts: those that were made before from the cache, the others from the embedder.
pub struct Encoding {
    embedder: Arc<dyn Embedder>,
    cache: Arc<dyn VectorCache>,
    questions: Mutex<HashMap<Key, Vector>>,
    texts_counted: Tally,
    questions_counted: Tally,
}

/// How many vectors were wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Those that were made.
    pub computed: u64,
    /// Those that were there.
    pub cached: u64,
}

#[derive(Default)]
struct Tally {
    computed: AtomicU64,
    cached: AtomicU64,
}

impl Tally {
    fn of(&self) -> Wanted {
        Wanted { computed: self.computed.load(Ordering::Relaxed), cached: self.cached.load(Ordering::Relaxed) }
    }

    fn add(count: &AtomicU64, more: usize) {
        count.fetch_add(more as u64, Ordering::Relaxed);
    }
}

/// How far the work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Texts whose vectors are there.
    pub done: usize,
    /// All texts.
    pub all: usize,
}

impl Encoding {
    /// Vectors by `embedder`, kept in `cache`.
    pub fn new(embedder: Arc<dyn Embedder>, cache: Arc<dyn VectorCache>) -> Self {
        Self {
            embedder,
            cache,
            questions: Mutex::default(),
            texts_counted: Tally::default(),
            questions_counted: Tally::default(),
        }
    }

    /// How many vectors of texts were wanted until now; each text counts once in a call.
    pub fn texts_wanted(&self) -> Wanted {
        self.texts_counted.of()
    }

    /// The same of questions.
    pub fn questions_wanted(&self) -> Wanted {
        self.questions_counted.of()
    }

    /// The vectors of `texts`, in their order. Dropped, it stops soon, and what was made until then is kept.
    ///
    /// # Errors
    /// Those of the embedder and the cache.
    pub async fn of_texts(&self, texts: &[&str], mut progress: impl FnMut(Progress)) -> Result<Vec<Vector>> {
        let keys: Vec<_> = texts.iter().map(|text| key(self.embedder.identity(), text)).collect();
        let found = self.cache.get(keys.clone()).await?;
        let mut known: HashMap<Key, Vector> =
            keys.iter().zip(found).filter_map(|(key, vector)| Some((*key, vector?))).collect();
        let mut missing: Vec<(Key, &str)> = Vec::new();
        for (key, text) in keys.iter().zip(texts) {
            if !known.contains_key(key) && !missing.iter().any(|(other, _)| other == key) {
                missing.push((*key, text));
            }
        }
        Tally::add(&self.texts_counted.cached, known.len());
        let all = known.len() + missing.len();
        progress(Progress { done: known.len(), all });
        for batch in missing.chunks(BATCH) {
            let vectors = self.embed(batch.iter().map(|(_, text)| (*text).to_owned()).collect()).await?;
            let new: Vec<_> = batch.iter().map(|(key, _)| *key).zip(vectors).collect();
            Tally::add(&self.texts_counted.computed, new.len());
            known.extend(new.iter().cloned());
            self.cache.put(new).await?;
            progress(Progress { done: known.len(), all });
        }
        keys.iter().map(|key| known.get(key).cloned().ok_or_else(too_few)).collect()
    }

    /// Says that the vectors of these texts are still of use.
    ///
    /// # Errors
    /// Those of the cache.
    pub async fn used(&self, texts: &[&str]) -> Result<()> {
        let keys = texts.iter().map(|text| key(self.embedder.identity(), text)).collect();
        self.cache.used(keys).await
    }

    /// The vectors of questions, in their order. Those of the last questions are remembered, but not kept in the cache: what
    /// people ask is nobody else's affair.
    ///
    /// # Errors
    /// Those of the embedder.
    pub async fn of_questions(&self, texts: &[&str]) -> Result<Vec<Vector>> {
        let keys: Vec<_> = texts.iter().map(|text| key(self.embedder.identity(), text)).collect();
        let mut known: HashMap<Key, Vector> = {
            let questions = self.questions();
            keys.iter().filter_map(|key| Some((*key, questions.get(key)?.clone()))).collect()
        };
        let mut missing: Vec<(Key, &str)> = Vec::new();
        for (key, text) in keys.iter().zip(texts) {
            if !known.contains_key(key) && !missing.iter().any(|(other, _)| other == key) {
                missing.push((*key, text));
            }
        }
        Tally::add(&self.questions_counted.cached, known.len());
        if !missing.is_empty() {
            let vectors = self.embed(missing.iter().map(|(_, text)| (*text).to_owned()).collect()).await?;
            Tally::add(&self.questions_counted.computed, missing.len());
            let mut questions = self.questions();
            if questions.len() + missing.len() > MOST_QUESTIONS {
                questions.clear();
            }
            for ((key, _), vector) in missing.iter().zip(vectors) {
                questions.insert(*key, vector.clone());
                known.insert(*key, vector);
            }
        }
        keys.iter().map(|key| known.get(key).cloned().ok_or_else(too_few)).collect()
    }

    fn questions(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Vector>> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vector>> {
        let wanted = texts.len();
        let vectors = self.embedder.embed(texts).await?;
        if vectors.len() != wanted {
            return Err(too_few());
        }
        Ok(vectors.iter().map(|vector| Vector::new(vector)).collect())
    }
}

fn too_few() -> Error {
    Error::internal("the embedder gave another number of vectors than there were texts")
}

#[cfg(test)]
mod tests;
