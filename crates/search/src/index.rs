//! Documents in one place, and the answer to a question about them.

use crate::document::{Document, Schema};
use crate::entry::Entry;
use crate::text::TextIndex;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// A snapshot of documents that can be searched. Cheap to share, never changed.
#[derive(Debug, Default)]
pub struct Index {
    schema: Arc<Schema>,
    entries: Vec<Arc<Entry>>,
    text: TextIndex,
    /// Tells the selections of this snapshot from those of others.
    identity: Arc<()>,
}

/// What is different in the next snapshot.
#[derive(Debug, Default)]
pub struct Change {
    /// Ids of documents that go.
    pub remove: Vec<String>,
    /// Documents that come, or take the place of those with their ids.
    pub put: Vec<Document>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The question in words.
    pub text: &'a str,
    /// The only documents that may be found, and that scores are measured against; all where there is no selection.
    pub among: Option<&'a Selection>,
    /// As many hits at most.
    pub limit: usize,
}

/// Some of the documents of one snapshot.
#[derive(Debug, Clone)]
pub struct Selection {
    of: Arc<()>,
    chosen: Vec<bool>,
}

/// A document that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit<'a> {
    /// The document's id.
    pub id: &'a str,
    /// The score that hits are ordered by. It compares hits of one question only.
    pub score: f32,
}

impl Index {
    /// An index without documents.
    pub fn new(schema: Schema) -> Self {
        Self { schema: Arc::new(schema), ..Self::default() }
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no documents.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What an embedder reads of each document, by id.
    pub fn meanings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.id.as_str(), entry.meaning.as_str()))
    }

    /// The next snapshot. Takes time in proportion to all documents, about a microsecond for each, and more for those
    /// that come.
    #[must_use]
    pub fn changed(&self, change: Change) -> Self {
        let mut entries: Vec<_> = self.entries.iter().map(|entry| Some(Arc::clone(entry))).collect();
        let mut places: HashMap<&str, usize> =
            self.entries.iter().enumerate().map(|(place, entry)| (entry.id.as_str(), place)).collect();
        for id in &change.remove {
            if let Some(place) = places.remove(id.as_str()) {
                entries[place] = None;
            }
        }
        let put: Vec<_> = change.put.into_iter().map(|document| Arc::new(Entry::new(document))).collect();
        for entry in &put {
            match places.get(entry.id.as_str()) {
                Some(&place) => entries[place] = Some(Arc::clone(entry)),
                None => {
                    places.insert(&entry.id, entries.len());
                    entries.push(Some(Arc::clone(entry)));
                }
            }
        }
        let entries: Vec<_> = entries.into_iter().flatten().collect();
        let text = TextIndex::build(&self.schema, &entries);
        Self { schema: Arc::clone(&self.schema), entries, text, identity: Arc::new(()) }
    }

    /// The documents that `allow` says yes to, by id and group. Made once for many questions to this snapshot.
    pub fn select(&self, mut allow: impl FnMut(&str, &str) -> bool) -> Selection {
        let chosen = self.entries.iter().map(|entry| allow(&entry.id, &entry.group)).collect();
        Selection { of: Arc::clone(&self.identity), chosen }
    }

    /// The best documents for `question`, best first; those of equal score in the order in which they came.
    ///
    /// A selection of another snapshot chooses nothing: what it says of the documents here is not known.
    pub fn search(&self, question: &Question<'_>) -> Vec<Hit<'_>> {
        if question.among.is_some_and(|among| !Arc::ptr_eq(&among.of, &self.identity)) {
            return Vec::new();
        }
        let scores = self.text.scores(question.text, self.entries.len());
        let allowed = |place: usize| question.among.is_none_or(|among| among.chosen[place]);
        let mut found: Vec<_> = (0..scores.len())
            .filter(|&place| scores[place] > 0.0 && allowed(place))
            .map(|place| (place, scores[place]))
            .collect();
        let limit = question.limit.min(found.len());
        let better = |left: &(usize, f32), right: &(usize, f32)| -> Ordering {
            right.1.total_cmp(&left.1).then(left.0.cmp(&right.0))
        };
        if limit < found.len() {
            found.select_nth_unstable_by(limit, better);
            found.truncate(limit);
        }
        found.sort_unstable_by(better);
        found.into_iter().map(|(place, score)| Hit { id: &self.entries[place].id, score }).collect()
    }
}

#[cfg(test)]
mod tests;
