//! Documents in one place, and the answer to a question about them.

use crate::document::{Document, Schema};
use crate::entry::Entry;
use crate::fusion::{Candidate, fused, joined};
use crate::text::{Scores, TextIndex};
use crate::vector::Vector;
use crate::vectors::Vectors;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
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
    /// What the question asks for one after the other, as [`crate::steps`] takes it apart; empty where that is one thing.
    pub steps: &'a [Step<'a>],
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
        Self { text, vector: None, steps: &[], text_share: None, among: None, limit }
    }

    /// The question as a whole, and then its steps.
    fn readings(&self) -> impl Iterator<Item = Step<'a>> {
        let whole = Step { text: self.text, vector: self.vector };
        std::iter::once(whole).chain(self.steps.iter().take(crate::steps::MOST_STEPS).copied())
    }
}

/// One of the things that a question asks for.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// It in words.
    pub text: &'a str,
    /// Its vector.
    pub vector: Option<&'a Vector>,
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

    /// What an embedder reads of each document that has no vector but a meaning, by id.
    pub fn without_vector(&self) -> impl Iterator<Item = (&str, &str)> {
        let lacking = self.entries.iter().filter(|entry| entry.vector.is_none() && !entry.meaning.is_empty());
        lacking.map(|entry| (entry.id.as_str(), entry.meaning.as_str()))
    }

    /// What an embedder has read of the documents that have a vector.
    pub fn with_vector(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.vector.is_some()).map(|entry| entry.meaning.as_str())
    }

    /// Whether any document has a vector, so that those of questions are of use.
    pub fn has_vectors(&self) -> bool {
        self.vectors.any()
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
        let readings: Vec<(Step<'_>, Scores)> =
            question.readings().map(|step| (step, self.text.scores(step.text, self.entries.len()))).collect();
        let places = self.places(question, &readings);
        let looks: Vec<(Vec<Candidate>, Vec<f32>)> = readings
            .iter()
            .map(|(step, text)| {
                let candidates = self.candidates(&places, *step, text);
                let usual = self.vectors.usual_likeness(step.vector, candidates.iter().filter_map(|one| one.likeness));
                let scores = fused(&candidates, question.text_share, text.possible, usual);
                (candidates, scores)
            })
            .collect();
        let scores = joined(looks.iter().map(|(_, scores)| &scores[..]));
        let whole = looks.first().map_or(&[][..], |(candidates, _)| candidates);
        let hit = |(score, at): (f32, usize)| Hit {
            id: &self.entries[places[at] as usize].id,
            score,
            text_score: whole[at].text,
            likeness: whole[at].likeness,
        };
        best(&scores, question.limit).into_iter().map(hit).collect()
    }

    /// The places of what may be among the best, in order: what has a word of the question, and what is near to a vector of
    /// it. The words of the steps are among those of the whole question.
    fn places(&self, question: &Question<'_>, readings: &[(Step<'_>, Scores)]) -> Vec<u32> {
        let allowed = |place: usize| question.among.is_none_or(|among| among.chosen[place]);
        let mut chosen = vec![false; self.entries.len()];
        for vector in readings.iter().filter_map(|(step, _)| step.vector) {
            self.vectors.mark_near(vector, question.limit, allowed, &mut chosen);
        }
        for (chosen, text) in chosen.iter_mut().zip(readings.iter().take(1).flat_map(|(_, text)| &text.of)) {
            *chosen |= *text > 0.0;
        }
        let places = chosen.iter().enumerate().filter(|&(place, chosen)| *chosen && allowed(place));
        places.map(|(place, _)| place as u32).collect()
    }

    /// What stands at `places`, as a step sees it.
    fn candidates(&self, places: &[u32], step: Step<'_>, text: &Scores) -> Vec<Candidate> {
        let of_place = |place: u32| text.of[place as usize];
        match step.vector {
            None => places.iter().map(|&place| Candidate { text: of_place(place), likeness: None }).collect(),
            Some(vector) => {
                let likeness = self.vectors.likeness(vector, places);
                let both = places.iter().zip(likeness);
                both.map(|(&place, likeness)| Candidate { text: of_place(place), likeness }).collect()
            }
        }
    }
}

/// The best `limit` of `scores` and where they stand, best first; those of equal score in their order.
fn best(scores: &[f32], limit: usize) -> Vec<(f32, usize)> {
    let mut found = BinaryHeap::with_capacity(limit.min(scores.len()));
    for (at, score) in scores.iter().enumerate() {
        let one = Reverse((order(*score), Reverse(at)));
        if found.len() < limit {
            found.push(one);
        } else if let Some(mut worst) = found.peek_mut().filter(|worst| one < **worst) {
            *worst = one;
        }
    }
    found.into_sorted_vec().into_iter().map(|Reverse((_, Reverse(at)))| (scores[at], at)).collect()
}

/// A number that is greater for a greater score, as `f32::total_cmp` has it.
fn order(score: f32) -> i32 {
    let bits = score.to_bits().cast_signed();
    if bits < 0 { bits ^ i32::MAX } else { bits }
}

#[cfg(test)]
mod tests;
