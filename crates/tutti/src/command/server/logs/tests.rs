use super::Reader;
use serde_json::{Value, json};

fn lines(numbers: std::ops::RangeInclusive<u64>) -> Vec<Value> {
    numbers.map(|number| json!({"number": number})).collect()
}

#[test]
fn every_line_is_shown_once() {
    let mut reader = Reader::default();
    assert_eq!((reader.after(), reader.begins_anew(&[])), (0, false));
    assert_eq!(reader.take(&lines(1..=3)).len(), 3);
    assert_eq!(reader.after(), 2);
    let more = lines(3..=5);
    assert!(!reader.begins_anew(&more));
    assert_eq!(reader.take(&more).len(), 2);
    assert_eq!(reader.take(&lines(5..=5)).len(), 0);
    assert_eq!(reader.after(), 4);
}

#[test]
fn a_server_that_was_replaced_is_read_from_its_first_line() {
    let mut reader = Reader::default();
    reader.take(&lines(1..=9));
    assert!(reader.begins_anew(&[]));
    assert_eq!(reader.take(&lines(1..=2)).len(), 2);
}
