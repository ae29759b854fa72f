//! Documents in one place, and the answer to a question about them.

use crate::document::{Document, Schema};
use crate::entry::Entry;
use crate::fusion::{Candidate, fused};
use crate::text::TextIndex;
use crate::vector::Vector;
use crate::vectors::Vectors;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// A snapshot of documents that can be searched. Cheap to share, never changed.
#[derive(Debug, Default)]
pub struct Index {
    schema: Arc<Schema>,
    entries: Vec<Arc<Entry>>,
    text: TextIndex,
    vectors: Vectors,
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
    /// Vectors of documents by their ids: of those that come and of those that are there. Documents without one are found
    /// by their words alone.
    pub vectors: Vec<(String, Vector)>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The question in words; empty to look by its meaning alone.
    pub text: &'a str,
    /// The vector of the question, to look by its meaning too.
    pub vector: Option<&'a Vector>,
    /// From 0 to 1: how much words count beside meaning. Where nothing is said, the more, the more of the question's words
    /// the best document has.
    pub text_share: Option<f32>,
    /// The only documents that may be found, and that scores are measured against; all where there is no selection.
    pub among: Option<&'a Selection>,
    /// As many hits at most.
    pub limit: usize,
}

impl<'a> Question<'a> {
    /// The question for the best `limit` documents among all, by words alone.
    pub fn new(text: &'a str, limit: usize) -> Self {
        Self { text, vector: None, text_share: None, among: None, limit }
    }
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
    /// The score by words, 0 where the document has none of them.
    pub text_score: f32,
    /// How alike the vectors are, from -1 to 1, where both have one.
    pub likeness: Option<f32>,
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
        for (id, vector) in change.vectors {
            let entry = places.get(id.as_str()).and_then(|&place| entries[place].as_mut());
            if let Some(entry) = entry {
                *entry = Arc::new(entry.with_vector(vector));
            }
        }
        let entries: Vec<_> = entries.into_iter().flatten().collect();
        let text = TextIndex::build(&self.schema, &entries);
        let vectors = Vectors::new(entries.iter().map(|entry| entry.vector.as_ref()));
        Self { schema: Arc::clone(&self.schema), entries, text, vectors, identity: Arc::new(()) }
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
        let text = self.text.scores(question.text, self.entries.len());
        let candidates = self.candidates(question, &text.of);
        let usual = self.vectors.usual_likeness(question.vector, candidates.iter().filter_map(|one| one.likeness));
        let scores = fused(&candidates, question.text_share, text.possible, usual);
        let mut found: Vec<_> = scores.into_iter().zip(&candidates).collect();
        let better = |left: &(f32, &Candidate), right: &(f32, &Candidate)| -> Ordering {
            right.0.total_cmp(&left.0).then(left.1.place.cmp(&right.1.place))
        };
        if question.limit < found.len() {
            found.select_nth_unstable_by(question.limit, better);
            found.truncate(question.limit);
        }
        found.sort_unstable_by(better);
        let hit = |(score, candidate): (f32, &Candidate)| Hit {
            id: &self.entries[candidate.place as usize].id,
            score,
            text_score: candidate.text,
            likeness: candidate.likeness,
        };
        found.into_iter().map(hit).collect()
    }

    /// What may be among the best, with both scores.
    fn candidates(&self, question: &Question<'_>, text: &[f32]) -> Vec<Candidate> {
        let allowed = |place: usize| question.among.is_none_or(|among| among.chosen[place]);
        let Some(vector) = question.vector else {
            let found = (0..text.len()).filter(|&place| text[place] > 0.0 && allowed(place));
            return found.map(|place| Candidate { place: place as u32, text: text[place], likeness: None }).collect();
        };
        let near = self.vectors.candidates(vector, question.limit, allowed);
        let mut is_near = vec![false; text.len()];
        near.iter().for_each(|&place| is_near[place as usize] = true);
        let others = (0..text.len()).filter(|&place| text[place] > 0.0 && !is_near[place] && allowed(place));
        let (by_words_too, by_words): (Vec<usize>, Vec<usize>) = others.partition(|&place| self.vectors.has(place));
        let places: Vec<u32> = near.into_iter().chain(by_words_too.into_iter().map(|place| place as u32)).collect();
        let likeness = self.vectors.likeness(vector, &places);
        let both = places.into_iter().zip(likeness).map(|(place, likeness)| (place as usize, Some(likeness)));
        both.chain(by_words.into_iter().map(|place| (place, None)))
            .map(|(place, likeness)| Candidate { place: place as u32, text: text[place], likeness })
            .collect()
    }
}

#[cfg(test)]
mod tests;
