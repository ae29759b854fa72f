use super::{BESIDE, Shaped, Wanted, between, read, shape, tokens};
use crate::config::{Prune, Settings};
use crate::path::Path;
use crate::tokens::Family;
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

/// What is shown of a result at a limit, and that it is no more than that.
fn limited(limit: usize, family: Family, result: &Value) -> (Value, Shaped) {
    let settings = Settings { limit, family, ..Settings::default() };
    let shaped = shaped(&settings, result).expect("it is shaped");
    let shown: Value = serde_json::from_str(&shaped.shown).unwrap();
    let seen = tokens(&shaped.shown, family);
    let blocks = shown["content"].as_array().map_or(0, Vec::len);
    assert!(seen.tokens + between(blocks) <= limit + BESIDE, "{seen} of {limit}: {:.2000}", shaped.shown);
    assert_eq!((seen, shaped.all), (shaped.tokens, tokens(&result.to_string(), family)));
    let told = &shown["_meta"]["tutti/tokens"];
    let (all, saved) = (shaped.all.tokens, shaped.all.less(seen).tokens);
    assert_eq!(
        (&told["shown"], &told["all"], &told["saved"]),
        (&json!(seen.tokens), &json!(all), &json!(saved)),
        "{told}"
    );
    (shown, shaped)
}

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("line {number} of many\n")).collect()
}

#[test]
fn h31_result_without_texts_is_cut_too() {
    let rows: Value = (0..2000).map(|number| json!({"number": number})).collect();
    for result in
        [json!({"structuredContent": {"rows": rows}}), json!({"content": [], "structuredContent": {"rows": rows}})]
    {
        let (shown, shaped) = limited(500, Family::Any, &result);
        let text = shown["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("{\"rows\":[{\"number\":0}") && text.ends_with("1999}]}"), "{text}");
        assert!(text.contains("read_result with the id abc and the part structured"), "{text}");
        assert_eq!(shown.get("structuredContent"), None);
        assert_eq!(shaped.structured, Some(result["structuredContent"].to_string()));
    }
}

#[test]
fn structured_content_that_says_more_than_the_texts_is_not_left_out_in_silence() {
    let rows: Value = (0..2000).map(|number| json!({"number": number})).collect();
    let found = json!({"type": "text", "text": "2000 rows were found."});
    let (shown, _) = limited(500, Family::Any, &json!({"content": [found], "structuredContent": rows}));
    assert_eq!(shown["content"][0], found);
    assert!(shown["content"][1]["text"].as_str().unwrap().starts_with("[{\"number\":0}"), "{shown}");
    // As is what is short beside a long text.
    let long = json!({"type": "text", "text": lines(900)});
    let result = json!({"content": [long], "structuredContent": {"count": 900}});
    let (shown, _) = limited(500, Family::Any, &result);
    assert_eq!(shown.get("structuredContent"), None, "as a rule it says the same again: {shown}");
}

#[test]
fn h31_text_of_an_embedded_file_is_cut_and_read_on() {
    let file = json!({"type": "resource", "resource": {"uri": "file:///a.txt", "mimeType": "text/plain", "text": lines(3000)}});
    let heading = json!({"type": "text", "text": "The file:"});
    let (shown, shaped) = limited(400, Family::O200k, &json!({"content": [heading, file]}));
    assert_eq!(shown["content"][0], heading, "what is short stays");
    let inner = &shown["content"][1]["resource"];
    assert_eq!((&inner["uri"], &inner["mimeType"]), (&file["resource"]["uri"], &file["resource"]["mimeType"]));
    let text = inner["text"].as_str().unwrap();
    assert!(text.starts_with("line 0 of many") && text.ends_with("line 2999 of many\n"), "{text}");
    let place = text.split_once("bytes ").unwrap().1.split_once(" to ").unwrap().0;
    let (head, _) = text.split_once("\n[").unwrap();
    assert!(shaped.text[..place.parse().unwrap()].ends_with(head), "{place}: {text}");
    assert_eq!(shaped.text, format!("The file:\n{}", lines(3000)));
}

#[test]
fn very_many_short_texts_are_shown_by_their_ends() {
    for (text, count) in [("a short text of some words", 5000), ("", 100_000), ("1", 20_000)] {
        let content: Vec<Value> = (0..count).map(|_| json!({"type": "text", "text": text})).collect();
        for limit in [100, 1000] {
            let (shown, _) = limited(limit, Family::Any, &json!({"content": content}));
            let all = shown["content"].as_array().unwrap();
            assert_eq!((all[0]["text"].as_str(), all[all.len() - 1]["text"].as_str()), (Some(text), Some(text)));
            let notes = all.iter().filter(|block| block["text"].as_str().unwrap().contains("read_result with the id"));
            assert_eq!(notes.count(), 1, "{count} at {limit}");
        }
    }
}

#[test]
fn what_is_no_text_is_left_out_where_it_is_long() {
    let link = json!({"type": "resource_link", "uri": "x://y", "name": "n", "description": lines(3000)});
    let small = json!({"type": "resource_link", "uri": "x://z", "name": "n"});
    let image = json!({"type": "image", "data": "QUJD".repeat(10_000), "mimeType": "image/png"});
    let strange = json!({"type": "telex", "words": lines(3000)});
    let result = json!({"content": [link, small, image, strange]});
    let (shown, _) = limited(500, Family::Any, &result);
    assert_eq!((&shown["content"][1], &shown["content"][2]), (&small, &image));
    for place in [0, 3] {
        let text = shown["content"][place]["text"].as_str().unwrap();
        assert!(text.contains("the id abc and the part whole"), "{text}");
    }
}

#[test]
fn what_was_only_guessed_keeps_the_limit_too() {
    // Beyond what is looked at closely, in text that is guessed badly.
    let text = r#"{"a":[1.25,"\u6f22"],"b":null}"#.repeat(40);
    let content: Vec<Value> = (0..800).map(|_| json!({"type": "text", "text": text})).collect();
    for limit in [2000, 5000] {
        limited(limit, Family::O200k, &json!({"content": content}));
    }
}

/// Blocks of every kind, and of none.
fn any_block() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        "[a-zé世 \n\"{}0-9]{0,300}",
        (0usize..3000).prop_map(|count| "word ".repeat(count)),
        (0usize..1500).prop_map(|count| "{[\",".repeat(count)),
        Just(String::new()),
    ];
    (words, 0..9).prop_map(|(text, kind)| match kind {
        0..=2 => json!({"type": "text", "text": text}),
        3 => json!({"type": "resource", "resource": {"uri": "x://y", "text": text}}),
        4 => json!({"type": "resource", "resource": {"uri": text, "text": text}}),
        5 => json!({"type": "image", "data": text, "mimeType": "image/png"}),
        6 => json!({"type": "resource_link", "uri": "x://y", "name": text}),
        7 => json!({"type": "text", "text": [text]}),
        _ => json!([text, null]),
    })
}

proptest! {
    // Counting to the token takes a while without optimisation.
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn h31_any_result_keeps_the_limit_and_loses_nothing(
        content in prop::collection::vec(any_block(), 0..40),
        structured in prop::option::of(prop::collection::vec("[a-z ]{0,80}", 0..200)),
        limit in 100usize..1500,
        family in prop_oneof![Just(Family::Any), Just(Family::O200k), Just(Family::Claude)],
    ) {
        let mut result = json!({"content": content, "x-vendor": [1.5]});
        if let Some(structured) = &structured {
            result["structuredContent"] = json!({"all": structured});
        }
        let settings = Settings { limit, family, ..Settings::default() };
        let Some(shaped) = shaped(&settings, &result) else {
            prop_assert!(tokens(&result.to_string(), family).tokens + between(content.len()) <= limit);
            return Ok(());
        };
        let (shown, _) = limited(limit, family, &result);
        prop_assert_eq!(&shown["x-vendor"], &result["x-vendor"]);
        prop_assert_eq!(shaped.structured, result.get("structuredContent").map(Value::to_string));
        for block in &content {
            for text in [&block["text"], &block["resource"]["text"]].into_iter().filter_map(Value::as_str) {
                // A text under an address that is as long itself is read in the whole.
                prop_assert!(shaped.text.contains(text) || block["resource"]["uri"].as_str() == Some(text));
            }
        }
    }
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
