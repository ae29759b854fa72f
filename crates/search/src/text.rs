//! The text index: BM25F.
//!
//! The weight of a word in a document is the sum over the fields of `weight · count / (1 - b + b · length / usual
//! length)`; a document's score is the sum over the words of the question of `idf · weight / (k1 + weight)`
//! (Robertson, Zaragoza: "The Probabilistic Relevance Framework: BM25 and Beyond", section 3.6).
//!
//! All of that but the question is known beforehand. So each word has the list of its documents with what it adds to
//! their scores, and a question adds up a few lists.

mod boilerplate;

use crate::document::Schema;
use crate::entry::{ByNumber, Entry, Number, number};
use crate::words::words;
use boilerplate::Topics;
use std::sync::Arc;

/// How soon more of the same word adds nothing.
const K1: f32 = 0.6;
/// Questions are cut here: nobody asks at this length, and what is pasted in shall not cost without bound.
const MOST_QUESTION_WORDS: usize = 512;

/// For each word the documents that have it.
#[derive(Debug, Default)]
pub(crate) struct TextIndex {
    terms: ByNumber<u32>,
    /// For each term where its postings begin; one more for the end.
    starts: Vec<u32>,
    postings: Vec<Posting>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Posting {
    document: u32,
    /// What the word adds to the document's score.
    score: f32,
}

/// A word in a document, before the words are sorted.
struct Occurrence {
    term: u32,
    document: u32,
    weight: f32,
}

impl TextIndex {
    /// The index over `entries`, whose places are the documents' numbers.
    pub(crate) fn build(schema: &Schema, entries: &[Arc<Entry>]) -> Self {
        let topics = Topics::count(schema.boilerplate, entries);
        let left: Vec<f32> = entries.iter().flat_map(|entry| &entry.parts).map(|part| topics.left(part)).collect();
        let factors = factors(schema, entries, &left);
        let mut terms: ByNumber<u32> = ByNumber::default();
        let mut occurrences = Vec::new();
        let (mut gathered, mut touched): (Vec<f32>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut left = left.iter();
        for ((document, entry), factors) in
            entries.iter().enumerate().zip(factors.chunks_exact(schema.fields.len().max(1)))
        {
            for (part, left) in entry.parts.iter().zip(left.by_ref()) {
                let weight = factors[usize::from(part.field)] * left;
                for word in entry.words(part) {
                    let next = terms.len() as u32;
                    let term = *terms.entry(*word).or_insert(next);
                    if term == next {
                        gathered.push(0.0);
                    }
                    // Parts of no weight still count for how rare a word is: nothing comes of nothing.
                    if gathered[term as usize] == 0.0 && weight > 0.0 {
                        touched.push(term);
                    }
                    gathered[term as usize] += weight;
                }
            }
            for term in touched.drain(..) {
                let weight = std::mem::take(&mut gathered[term as usize]);
                occurrences.push(Occurrence { term, document: document as u32, weight });
            }
        }
        Self::sorted(terms, &occurrences, entries.len())
    }

    /// Sorts the occurrences by their terms, by counting.
    fn sorted(terms: ByNumber<u32>, occurrences: &[Occurrence], documents: usize) -> Self {
        let mut starts = vec![0_u32; terms.len() + 1];
        for occurrence in occurrences {
            starts[occurrence.term as usize + 1] += 1;
        }
        let rarity: Vec<f32> = starts[1..].iter().map(|&count| rarity(documents, count)).collect();
        for term in 0..terms.len() {
            starts[term + 1] += starts[term];
        }
        let mut ends = starts.clone();
        let mut postings = vec![Posting::default(); occurrences.len()];
        for &Occurrence { term, document, weight } in occurrences {
            let term = term as usize;
            let score = rarity[term] * weight / (K1 + weight);
            postings[ends[term] as usize] = Posting { document, score };
            ends[term] += 1;
        }
        Self { terms, starts, postings }
    }

    /// The scores of `documents` documents for `question`, each of whose words counts once.
    pub(crate) fn scores(&self, question: &str, documents: usize) -> Scores {
        let mut scores = Scores { of: vec![0.0; documents], possible: 0.0 };
        let mut numbers: Vec<Number> = Vec::new();
        for word in words(question).iter().take(MOST_QUESTION_WORDS) {
            let number = number(word);
            // Who says a word twice does not want it twice as much.
            if numbers.contains(&number) {
                continue;
            }
            numbers.push(number);
            let Some(&term) = self.terms.get(&number) else {
                scores.possible += rarity(documents, 0);
                continue;
            };
            let (start, end) = (self.starts[term as usize], self.starts[term as usize + 1]);
            scores.possible += rarity(documents, end - start);
            for posting in &self.postings[start as usize..end as usize] {
                scores.of[posting.document as usize] += posting.score;
            }
        }
        scores
    }
}

/// What the documents have of the words of a question.
pub(crate) struct Scores {
    /// The score of each document; 0 for one that has none of the words.
    pub(crate) of: Vec<f32>,
    /// The score that no document reaches: that of one which has all words over and over.
    pub(crate) possible: f32,
}

/// How much a word tells that `count` of `documents` have.
fn rarity(documents: usize, count: u32) -> f32 {
    let (documents, count) = (documents as f32, count as f32);
    (1.0 + (documents - count + 0.5) / (count + 0.5)).ln()
}

/// What one word in each field of each entry weighs, of which `left` says how much is left of each part.
fn factors(schema: &Schema, entries: &[Arc<Entry>], left: &[f32]) -> Vec<f32> {
    let width = schema.fields.len();
    let mut factors = vec![0.0; entries.len() * width];
    let mut usual = vec![0.0; width];
    let mut left = left.iter();
    // First the lengths of the fields, boiler-plate counted by what is left of it.
    for (lengths, entry) in factors.chunks_exact_mut(width.max(1)).zip(entries) {
        for (part, left) in entry.parts.iter().zip(left.by_ref()) {
            lengths[usize::from(part.field)] += entry.words(part).len() as f32 * left;
        }
        for (sum, length) in usual.iter_mut().zip(lengths) {
            *sum += *length;
        }
    }
    usual.iter_mut().for_each(|sum| *sum /= entries.len().max(1) as f32);
    for lengths in factors.chunks_exact_mut(width.max(1)) {
        for ((length, field), usual) in lengths.iter_mut().zip(&schema.fields).zip(&usual) {
            let relative = if *usual > 0.0 { *length / usual } else { 1.0 };
            *length = field.weight / (1.0 - field.balance + field.balance * relative).max(f32::EPSILON);
        }
    }
    factors
}

#[cfg(test)]
mod tests;
