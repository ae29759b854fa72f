use super::TextIndex;
use crate::document::{Boilerplate, Document, Part, Schema};
use crate::entry::Entry;
use std::sync::Arc;

fn entries(documents: Vec<Document>) -> Vec<Arc<Entry>> {
    documents.into_iter().map(|document| Arc::new(Entry::new(document))).collect()
}

#[test]
fn a_word_scores_as_the_formula_says() {
    let mut schema = Schema::default();
    let (title, body) = (schema.field("title", 2.0, 0.5), schema.field("body", 1.0, 0.75));
    let document = |first: &str, second: &str| Document {
        parts: vec![Part::new(title, first), Part::new(body, second)],
        ..Document::default()
    };
    let entries = entries(vec![document("red fox", "red red barn"), document("dog", "barn")]);
    let scores = TextIndex::build(&schema, &entries).scores("red Red", 2).of;
    // Usual lengths: 1.5 in titles and 2 in bodies; "red" is in one of two documents.
    let weight = 2.0 / (0.5 + 0.5 * 2.0 / 1.5) + 2.0 / (0.25 + 0.75 * 3.0 / 2.0);
    let expected = (1.0_f32 + 1.5 / 1.5).ln() * weight / (super::K1 + weight);
    assert!((scores[0] - expected).abs() < 1e-6, "{scores:?} {expected}");
    assert_eq!(scores[1], 0.0);
}

#[test]
fn what_a_group_has_in_common_counts_as_little_as_said() {
    let scores = |left: f32| {
        let mut schema = Schema::default();
        let (name, option) = (schema.field("name", 1.0, 0.0), schema.field("option", 1.0, 0.0));
        schema.damp(Boilerplate { share: 0.5, least: 3, left });
        let document = |group: &str, text: &str, options: &[&str]| {
            let options = options.iter().map(|text| Part::about(*text, option, *text));
            let parts = [Part::new(name, text)].into_iter().chain(options).collect();
            Document { group: group.to_owned(), parts, ..Document::default() }
        };
        let entries = entries(vec![
            document("large", "one", &["subscription", "size"]),
            document("large", "two", &["subscription"]),
            document("large", "three", &["subscription"]),
            document("small", "four", &["subscription"]),
        ]);
        TextIndex::build(&schema, &entries).scores("subscription size", 4).of
    };
    let [dropped, damped, whole] = [0.0, 0.5, 1.0].map(scores);
    assert_eq!(dropped[1], 0.0);
    assert!(dropped[0] > 0.0 && dropped[3] > 0.0, "a rare topic, and a topic of a small group, count: {dropped:?}");
    assert!(damped[1] > 0.0 && damped[1] < damped[3]);
    assert_eq!(whole[1], whole[3]);
}

#[test]
fn nothing_is_found_in_nothing() {
    let empty = TextIndex::build(&Schema::default(), &[]);
    assert_eq!(empty.scores("anything", 0).of, Vec::<f32>::new());
}
