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
        let usual = usual_lengths(schema, entries, &topics);
        let mut terms: ByNumber<u32> = ByNumber::default();
        let mut occurrences = Vec::new();
        let mut gathered: Vec<f32> = Vec::new();
        for (document, entry) in entries.iter().enumerate() {
            let factors = factors(schema, entry, &topics, &usual);
            let mut touched = Vec::new();
            for part in &entry.parts {
                let weight = factors[usize::from(part.field)] * topics.left(entry, part);
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
            for term in touched {
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

/// The length of each field in the mean of the documents, boiler-plate counted by what is left of it.
fn usual_lengths(schema: &Schema, entries: &[Arc<Entry>], topics: &Topics) -> Vec<f32> {
    let mut sums = vec![0.0; schema.fields.len()];
    for entry in entries {
        for (sum, length) in sums.iter_mut().zip(lengths(schema, entry, topics)) {
            *sum += length;
        }
    }
    sums.iter().map(|sum| sum / entries.len().max(1) as f32).collect()
}

fn lengths(schema: &Schema, entry: &Entry, topics: &Topics) -> Vec<f32> {
    let mut lengths = vec![0.0; schema.fields.len()];
    for part in &entry.parts {
        lengths[usize::from(part.field)] += entry.words(part).len() as f32 * topics.left(entry, part);
    }
    lengths
}

/// What one word in each field of `entry` weighs.
fn factors(schema: &Schema, entry: &Entry, topics: &Topics, usual: &[f32]) -> Vec<f32> {
    let lengths = lengths(schema, entry, topics);
    let factor = |((field, length), usual): ((&crate::document::Field, f32), &f32)| {
        let relative = if *usual > 0.0 { length / usual } else { 1.0 };
        field.weight / (1.0 - field.balance + field.balance * relative).max(f32::EPSILON)
    };
    schema.fields.iter().zip(lengths).zip(usual).map(factor).collect()
}

#[cfg(test)]
mod tests;
