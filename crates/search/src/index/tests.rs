use super::{Change, Index, Question};
use crate::document::{Document, FieldId, Part, Schema};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn schema() -> (Schema, FieldId) {
    let mut schema = Schema::default();
    let field = schema.field("text", 1.0, 0.75);
    (schema, field)
}

fn document(field: FieldId, id: &str, text: &str) -> Document {
    let group = id.split('.').next().unwrap_or_default().to_owned();
    Document { id: id.to_owned(), group, parts: vec![Part::new(field, text)], ..Document::default() }
}

fn put(documents: Vec<Document>) -> Change {
    Change { put: documents, ..Change::default() }
}

fn found(index: &Index, text: &str) -> Vec<String> {
    index.search(&Question::new(text, 10)).iter().map(|hit| hit.id.to_owned()).collect()
}

#[test]
fn documents_come_change_and_go_and_the_old_snapshot_stays() {
    let (schema, field) = schema();
    let first = Index::new(schema)
        .changed(put(vec![document(field, "a.1", "a cat sleeps"), document(field, "b.1", "two cats and a cat play")]));
    assert_eq!(found(&first, "cats"), ["b.1", "a.1"]);
    let second = first.changed(Change {
        remove: vec!["b.1".to_owned(), "nothing".to_owned()],
        put: vec![document(field, "a.1", "a dog"), document(field, "c.1", "cat"), document(field, "c.1", "cats")],
        ..Change::default()
    });
    assert_eq!(
        (second.len(), found(&second, "cat"), found(&second, "dog")),
        (2, vec!["c.1".into()], vec!["a.1".into()])
    );
    assert_eq!(found(&first, "cats"), ["b.1", "a.1"]);
}

#[test]
fn only_what_is_selected_is_found() {
    let (schema, field) = schema();
    let index = Index::new(schema).changed(put(vec![document(field, "a.1", "cat"), document(field, "b.1", "cat")]));
    let among = index.select(|id, group| group == "b" && id == "b.1");
    let question = Question { among: Some(&among), ..Question::new("cat", 10) };
    assert_eq!(index.search(&question).iter().map(|hit| hit.id).collect::<Vec<_>>(), ["b.1"]);
    let next = index.changed(Change::default());
    assert!(next.search(&question).is_empty(), "what was selected elsewhere says nothing here");
}

proptest! {
    #[test]
    fn changes_lead_to_the_same_as_building_at_once(
        steps in prop::collection::vec((0_u8..6, prop::collection::vec(0_u8..5, 0..6), any::<bool>()), 0..12),
        question in prop::collection::vec(0_u8..5, 1..4),
    ) {
        let text = |numbers: &[u8]| numbers.iter().map(|number| format!("word{number} ")).collect::<String>();
        let (schema, field) = schema();
        let mut index = Index::new(schema.clone());
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        for (id, words, stays) in steps {
            let id = format!("g.{id}");
            model.remove(&id);
            let remove = vec![id.clone()];
            let mut change = Change { remove, ..Change::default() };
            if stays {
                model.insert(id.clone(), text(&words));
                change.put.push(document(field, &id, &text(&words)));
            }
            index = index.changed(change);
        }
        let at_once = Index::new(schema).changed(put(model.iter().map(|(id, text)| document(field, id, text)).collect()));
        let sorted = |index: &Index| {
            let text = text(&question);
            let hits = index.search(&Question::new(&text, 3));
            hits.iter().map(|hit| (hit.score * 1e4) as i64).collect::<Vec<_>>()
        };
        prop_assert_eq!(index.len(), model.len());
        prop_assert_eq!(sorted(&index), sorted(&at_once));
    }
}
