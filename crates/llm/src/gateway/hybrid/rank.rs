//! Which passages of a text fit a question, by their words.

use search::{Change, Document, Index, Part, Question, Schema};

/// A score for each of the passages, 0 where it has no word of the question.
pub(super) fn by_words(question: &str, passages: &[String]) -> Vec<f32> {
    let mut schema = Schema::default();
    let field = schema.field("text", 1.0, 0.4);
    let document = |(number, text): (usize, &String)| Document {
        id: number.to_string(),
        parts: vec![Part::new(field, text.as_str())],
        ..Document::default()
    };
    let put = passages.iter().enumerate().map(document).collect();
    let index = Index::new(schema).changed(Change { put, ..Change::default() });
    let mut scores = vec![0.0; passages.len()];
    for hit in index.search(&Question::new(question, passages.len())) {
        let place = hit.id.parse::<usize>().ok().and_then(|number| scores.get_mut(number));
        place.into_iter().for_each(|score| *score = hit.text_score);
    }
    scores
}

#[cfg(test)]
mod tests;
