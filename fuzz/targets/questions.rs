//! Texts that are looked up: words, sentences of a question, pieces that the embedder knows. What a document says, it is
//! found by.

use super::input;
use search::{Boilerplate, Change, Document, Index, MiniLm, Part, Question, Schema, Step};
use std::collections::HashSet;
use std::sync::LazyLock;

static EMBEDDER: LazyLock<MiniLm> = LazyLock::new(MiniLm::default);

/// What the embedder begins and ends each text with.
const ENDS: (u32, u32) = (101, 102);

/// As many tokens of a text the model takes.
const LONGEST: usize = 256;

pub(crate) fn feed(data: &[u8]) {
    let Some([question, name, page]) = input::texts(data) else { return };
    stepped(question);
    taken_apart(question);
    let spelled = search::spell_out(name);
    assert!(spelled.trim() == spelled && !spelled.contains("  "), "{name:?} is spelt out as {spelled:?}");
    looked_up(question, name, page);
}

/// The sentences of a question stand in it one behind the other.
fn stepped(question: &str) {
    let steps = search::steps(question);
    assert!(steps.len() != 1 && steps.len() <= 8, "{} steps", steps.len());
    let mut rest = question;
    for step in steps {
        assert!(!step.is_empty() && step.trim() == step, "{step:?}");
        let Some((_, behind)) = rest.split_once(step) else { panic!("{step:?} is not behind the one before") };
        rest = behind;
    }
}

/// A text has the tokens of its beginning, and no more than the model takes.
fn taken_apart(text: &str) {
    let tokens = |text: &str| EMBEDDER.tokens(text).unwrap_or_else(|error| panic!("{error}"));
    let (all, longer) = (tokens(text), tokens(&format!("{text} end")));
    assert_eq!((all.first(), all.last()), (Some(&ENDS.0), Some(&ENDS.1)));
    assert!(all.len() <= LONGEST, "{} tokens of {text:?}", all.len());
    assert!(longer.len() > all.len() || all.len() == LONGEST, "a word more gives no token more");
    let whole = all.len() - 1;
    assert_eq!(all[..whole], longer[..whole], "with a word more, {text:?} begins in another way");
}

fn looked_up(question: &str, name: &str, page: &str) {
    let mut schema = Schema::default();
    let (title, body) = (schema.field("title", 3.0, 0.4), schema.field("body", 1.0, 0.4));
    schema.damp(Boilerplate { share: 0.5, least: 2, left: 0.2 });
    let document = |id: &str, title_text: &str, body_text: &str| Document {
        id: id.to_owned(),
        group: "group".to_owned(),
        parts: vec![Part::new(title, title_text), Part::about("page", body, body_text)],
        meaning: String::new(),
    };
    let put = vec![document("asked", question, ""), document("named", name, page), document("other", "", page)];
    let first = Index::new(schema).changed(Change { put, ..Change::default() });
    let ask = |index: &Index, text: &str| -> Vec<(String, f32)> {
        let steps: Vec<Step<'_>> = search::steps(text).into_iter().map(|text| Step { text, vector: None }).collect();
        let hits = index.search(&Question { steps: &steps, ..Question::new(text, 8) });
        let ids: HashSet<&str> = hits.iter().map(|hit| hit.id).collect();
        assert_eq!(ids.len(), hits.len(), "a document twice");
        assert!(hits.iter().all(|hit| hit.score.is_finite() && hit.text_score >= 0.0));
        assert!(hits.is_sorted_by(|one, next| one.score >= next.score), "not by their scores");
        hits.iter().map(|hit| (hit.id.to_owned(), hit.score)).collect()
    };
    let found = ask(&first, question);
    let any = found.iter().any(|(id, _)| id == "asked");
    assert!(any || found.is_empty(), "{question:?} is not found by itself, but others are");
    // What went and came again is where it was.
    let gone = first.changed(Change { remove: vec!["named".to_owned()], ..Change::default() });
    assert!(ask(&gone, question).iter().all(|(id, _)| id != "named"));
    let again = gone.changed(Change { put: vec![document("named", name, page)], ..Change::default() });
    let by_id = |mut found: Vec<(String, f32)>| {
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    };
    assert_eq!(by_id(ask(&again, question)), by_id(found), "the order in which documents came changed their scores");
}
