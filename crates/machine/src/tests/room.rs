//! Journals that are nearly full.

use super::tools::{Told, finish, start};
use crate::Free;
use crate::simulate::Simulation;
use journal::limits::{ENDING, ENTRIES};
use journal::{Decision, End, Entry, Kind};
use serde_json::{Value, json};

/// Adds entries that mean nothing until there are so many.
fn fill(run: &mut Simulation, until: u64) {
    let resumed = Kind::Resumed(Decision { actor: "somebody".to_owned(), reason: None });
    let entry = Entry::of_run(run.now(), resumed);
    let missing = until.saturating_sub(run.journal().len() as u64);
    for _ in 0..missing {
        run.append(vec![entry.clone()]).unwrap();
    }
}

#[test]
fn a_run_whose_journal_is_full_fails_and_undoes_what_it_did() {
    let text = "steps:\n\
        - { name: a, tool: mcp://s/a, compensate: { tool: mcp://s/undo } }\n\
        - { name: b, after: a, wait: { signal: go } }\n";
    let mut run = start(text, Value::Null);
    let mut told = Told::default();
    while run.journal().len() < 3 {
        assert!(run.one(&mut told, &Free).unwrap());
    }
    fill(&mut run, ENTRIES - 1);
    assert_eq!(run.advance(&Free).unwrap(), 0, "there is room for one more");
    fill(&mut run, ENTRIES);
    let (end, value) = finish(&mut run, &mut told);
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1206")));
    assert!(value["message"].as_str().unwrap().contains("250000 entries"), "{value}");
    assert_eq!(told.calls, ["a:1", "a~undo:1"]);
    assert!(value.get("not_undone").is_none(), "{value}");
}

#[test]
fn what_there_is_no_room_to_undo_is_told() {
    let undone = "compensate: { tool: mcp://s/undo }";
    let text = format!(
        "steps:\n- {{ name: a, for_each: [1, 2, 3], tool: mcp://s/a, {undone} }}\n\
         - {{ name: b, after: a, tool: mcp://s/b }}\n"
    );
    let mut told = Told::fails(&[("b", &["T-0304"])]);
    let mut run = start(&text, Value::Null);
    while !told.calls.iter().any(|call| call == "a~undo[2]:1") {
        assert!(run.one(&mut told, &Free).unwrap());
    }
    fill(&mut run, ENTRIES + ENDING - 100);
    let (end, value) = finish(&mut run, &mut told);
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-0304")));
    assert_eq!(value["not_undone"], json!(["a[0]", "a[1]"]));
    assert!(run.journal().len() as u64 <= ENTRIES + ENDING);
}

#[test]
fn what_was_sent_when_a_journal_is_full_ends_and_is_undone_too() {
    let text = "steps:\n\
        - { name: a, for_each: { items: params.p, max: 100, concurrency: 8 }, tool: mcp://s/a, compensate: { tool: mcp://s/undo } }\n";
    let mut run = start(text, json!((0..40).collect::<Vec<u32>>()));
    let mut told = Told::default();
    while run.journal().len() < 60 {
        assert!(run.one(&mut told, &Free).unwrap());
    }
    fill(&mut run, ENTRIES);
    let (end, value) = finish(&mut run, &mut told);
    assert_eq!((end, &value["code"]), (End::Failed, &json!("T-1206")));
    assert!(value.get("not_undone").is_none(), "{value}");
    let of = |undo: bool| told.calls.iter().filter(|call| call.contains("~undo") == undo).count();
    assert_eq!(of(true), of(false), "all that was sent is undone");
}
