use serde_json::json;

use super::{Fake, Fate, Options, Record};
use crate::session::Era;

fn fake(faults: f64, record: Option<Record>) -> Fake {
    let options = Options {
        name: "u".to_owned(),
        port: None,
        era: Era::Modern,
        tools: 250,
        faults,
        seed: 5,
        latency: 3,
        record: None,
        pid: None,
        silent: false,
    };
    Fake { options, record }
}

#[test]
fn fates_depend_on_the_number_of_the_call_over_restarts_too() {
    let folder = tempfile::tempdir().unwrap();
    let call = json!({ "method": "tools/call", "params": { "arguments": { "message": "r-1" } } });
    let path = |name: &str| folder.path().join(name);
    let whole = fake(0.5, Some(Record::open(&path("whole")).unwrap()));
    let at_once: Vec<_> = (0..40).map(|_| whole.begin(&call)).collect();
    let mut in_parts = Vec::new();
    for _ in 0..4 {
        let part = fake(0.5, Some(Record::open(&path("parts")).unwrap()));
        in_parts.extend((0..10).map(|_| part.begin(&call)));
    }
    assert_eq!(at_once, in_parts);
    let failed = at_once.iter().filter(|(fate, _)| *fate != Fate::Answer).count();
    assert!((10..30).contains(&failed), "{failed} of 40 fail");
    assert_eq!(Record::read(&path("parts")).unwrap(), vec!["r-1"; 40]);
}

#[test]
fn only_calls_fail() {
    let fake = fake(1.0, None);
    assert_eq!(fake.begin(&json!({ "method": "tools/list" })).0, Fate::Answer);
    assert_ne!(fake.begin(&json!({ "method": "tools/call" })).0, Fate::Answer);
}

#[test]
fn the_list_comes_in_pages() {
    let fake = fake(0.0, None);
    let (mut cursor, mut seen) = (json!(null), 0);
    loop {
        let page = fake.list(&json!({ "cursor": cursor }));
        seen += page["tools"].as_array().unwrap().len();
        match page.get("nextCursor") {
            Some(next) => cursor = next.clone(),
            None => break,
        }
    }
    assert_eq!(seen, 250);
}
