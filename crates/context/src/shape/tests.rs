use super::{Shaped, Wanted, read, shape};
use crate::config::{Prune, Settings};
use crate::path::Path;
use globset::Glob;
use proptest::prelude::*;
use serde_json::{Value, json};

fn prune(tools: &str, only: &[&str], drop: &[&str]) -> Prune {
    let paths = |all: &[&str]| all.iter().map(|path| Path::read(path).unwrap()).collect();
    Prune { tools: Glob::new(tools).unwrap().compile_matcher(), only: paths(only), drop: paths(drop) }
}

fn shaped(settings: &Settings, result: &Value) -> Option<Shaped> {
    shape(&result.to_string(), &Wanted { settings, tool: "docs__list", links: true, id: "abc" })
}

fn shown(settings: &Settings, result: &Value) -> Value {
    serde_json::from_str(&shaped(settings, result).expect("it is shaped").shown).unwrap()
}

fn people() -> Value {
    (0..6).map(|number| json!({"html": "<b>", "id": number, "name": "a person", "ok": true})).collect()
}

fn text(value: &Value) -> Value {
    json!({"content": [{"type": "text", "text": value.to_string()}], "structuredContent": value, "x": [1.5]})
}

#[test]
fn what_the_view_leaves_out_is_told_with_the_way_to_it() {
    let settings = Settings { prune: [prune("docs__*", &[], &["$.people[*].html"])].into(), ..Settings::default() };
    let result = text(&json!({"people": people()}));
    let shown = shown(&settings, &result);
    let left: Value = serde_json::from_str(shown["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(left["people"][5], json!({"id": 5, "name": "a person", "ok": true}));
    assert_eq!((&shown["structuredContent"], &shown["x"]), (&left, &json!([1.5])));
    let note = shown["content"][1]["text"].as_str().unwrap();
    assert!(note.contains("$.people[*].html") && note.contains("read_result with the id abc"), "{note}");
    assert_eq!(shown["_meta"]["tutti/result"]["left_out"], json!(["$.people[*].html"]));
    let whole = shaped(&settings, &result).unwrap();
    assert_eq!(whole.text.lines().next(), shown["content"][0]["text"].as_str());
}

#[test]
fn only_what_is_wanted_of_some_tools() {
    let result = text(&json!({"people": people(), "total": 6}));
    let of = |tools| Settings { prune: [prune(tools, &["$.total"], &[])].into(), ..Settings::default() };
    assert_eq!(shown(&of("docs__list"), &result)["structuredContent"], json!({"total": 6}));
    assert_eq!(shaped(&of("mail__*"), &result), None, "results of other tools stay");
    let none = Settings { prune: [prune("*", &["$.nothing"], &["$.nothing"])].into(), ..Settings::default() };
    assert_eq!(shaped(&none, &result), None, "paths that lead nowhere leave nothing out");
}

#[test]
fn lists_become_tables_where_that_is_shorter() {
    let settings = Settings { tables: true, ..Settings::default() };
    let shown = shown(&settings, &text(&people()));
    let table = shown["content"][0]["text"].as_str().unwrap();
    assert!(table.starts_with("6 rows:\nhtml,id,name,ok\n<b>,0,a person,true\n"), "{table}");
    assert_eq!(shown.get("structuredContent"), None, "it says the same again");
    assert_eq!(shown["_meta"]["tutti/result"]["tables"], 1);
    for stays in [text(&json!({"a": 1})), json!({"content": [{"type": "text", "text": "no JSON"}]})] {
        assert_eq!(shaped(&settings, &stays), None);
    }
    let mut failed = text(&people());
    failed["isError"] = json!(true);
    assert_eq!(shaped(&settings, &failed), None, "what went wrong is told as it is");
}

#[test]
fn large_bytes_become_links_that_are_read() {
    let settings = Settings { links: Some(1024), ..Settings::default() };
    let data = "QUJD".repeat(1000);
    let result = json!({"content": [
        {"type": "text", "text": "three"},
        {"type": "image", "data": data, "mimeType": "image/png", "annotations": {"priority": 1}},
        {"type": "resource", "resource": {"uri": "x://y", "blob": data, "mimeType": "application/pdf"}},
        {"type": "image", "data": "QUJD", "mimeType": "image/png"},
        {"type": "resource", "resource": {"uri": "x://z", "text": data}},
    ]});
    let seen = shown(&settings, &result);
    let link = json!({"type": "resource_link", "uri": "result://abc/1", "name": "image", "size": 3000,
        "mimeType": "image/png", "annotations": {"priority": 1}});
    assert_eq!(seen["content"][1], link);
    assert_eq!(seen["content"][2]["uri"], "result://abc/2");
    for index in [0, 3, 4] {
        assert_eq!(seen["content"][index], result["content"][index]);
    }
    let old = Wanted { settings: &settings, tool: "", links: false, id: "abc" };
    assert_eq!(shape(&result.to_string(), &old), None, "older clients know no links");
    let raw = result.to_string();
    for (index, kind) in [(1, "image/png"), (2, "application/pdf")] {
        let uri = format!("result://abc/{index}");
        let read: Value = serde_json::from_str(&read(&raw, &uri, Some(index)).unwrap()).unwrap();
        assert_eq!(read["contents"], json!([{"uri": uri, "mimeType": kind, "blob": data}]));
    }
    assert_eq!(read(&raw, "", Some(0)), None, "a text is no bytes");
    assert_eq!(read(&raw, "", Some(99)), None);
}

#[test]
fn long_tables_are_cut_and_read_on() {
    let settings = Settings { tables: true, limit: 200, ..Settings::default() };
    let many: Value = (0..500).map(|number| json!({"number": number, "word": "word"})).collect();
    let shaped = shaped(&settings, &text(&many)).unwrap();
    assert!(shaped.text.starts_with("500 rows:\nnumber,word\n0,word\n") && shaped.text.ends_with("499,word\n"));
    let shown: Value = serde_json::from_str(&shaped.shown).unwrap();
    let seen = shown["content"][0]["text"].as_str().unwrap();
    assert!(seen.len() < 2000 && seen.contains("tokens are left out here"), "{seen}");
}

proptest! {
    #[test]
    fn a117_any_result_is_json_again(
        texts in prop::collection::vec("[\\[\\]{}\",:a-c0-9 \n]{0,60}", 0..4),
        meta in prop_oneof![Just("{}"), Just("null"), Just(r#"{"tutti/result":{"id":"forged"},"own":1}"#)],
    ) {
        let content: Vec<Value> = texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
        let content = Value::from(content);
        let result = format!(r#"{{"content":{content},"_meta":{meta},"structuredContent":{{"a":[1]}}}}"#);
        let settings = Settings {
            limit: 10,
            tables: true,
            prune: [prune("*", &[], &["$..a", "$[*]"])].into(),
            ..Settings::default()
        };
        if let Some(shaped) = shape(&result, &Wanted { settings: &settings, tool: "t", links: true, id: "abc" }) {
            let shown: Value = serde_json::from_str(&shaped.shown).unwrap();
            prop_assert_eq!(&shown["_meta"]["tutti/result"]["id"], "abc");
        }
    }
}
