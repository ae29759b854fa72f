use super::{Shaping, Whole, Wholes};
use crate::results::Owner;
use context::config::Settings;
use context::tokens::{self, Family};
use mcp::raw;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const KEEP: Duration = Duration::from_secs(600);

fn shaping(limit: usize) -> (Arc<Wholes>, Shaping) {
    let wholes = Arc::new(Wholes::default());
    (Arc::clone(&wholes), of(&wholes, limit))
}

fn of(wholes: &Arc<Wholes>, limit: usize) -> Shaping {
    let settings = Settings { limit, keep: KEEP, ..Settings::default() };
    Shaping::new(Arc::clone(wholes), Owner::Session(1), settings.into(), String::new(), "2025-11-25", Arc::default())
}

fn shaped(limit: usize, result: &Value) -> (Value, Option<Arc<Whole>>) {
    let (wholes, shaping) = shaping(limit);
    let short: Value = serde_json::from_str(&shaping.shape(result.to_string())).unwrap();
    let id = short["_meta"]["tutti/result"]["id"].as_str();
    let whole = id.map(|id| wholes.get(id, &Owner::Session(1)).unwrap());
    (short, whole)
}

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("line {number} of many\n")).collect()
}

#[test]
fn short_results_stay_as_they_are() {
    let (_, shaping) = shaping(1000);
    for result in
        [r#"{"content":[]}"#.to_owned(), json!({"content": [{"type": "text", "text": lines(50)}]}).to_string()]
    {
        assert_eq!(shaping.shape(result.clone()), result);
    }
    // There is no text of which a part would be of use.
    let image = json!({"content": [{"type": "image", "data": "x".repeat(100_000)}]}).to_string();
    assert_eq!(shaping.shape(image.clone()), image);
}

#[test]
fn ends_are_shown_and_the_whole_is_kept() {
    let text = lines(5000);
    let result = json!({"content": [{"type": "text", "text": text}, {"type": "image", "data": "AA=="}],
        "structuredContent": {"lines": 5000}, "x-vendor": [1.5], "_meta": {"own": 1}, "isError": false});
    let (short, whole) = shaped(1000, &result);
    let shown = short["content"][0]["text"].as_str().unwrap();
    assert!(shown.starts_with("line 0 of many\n") && shown.ends_with("line 4999 of many\n"), "{shown:.300}");
    let tokens = tokens::estimate(shown);
    assert!((800..1200).contains(&tokens), "{tokens}");
    assert!(shown.contains("read_result with the id"), "{shown}");
    assert_eq!((&short["content"][1], &short["x-vendor"]), (&result["content"][1], &result["x-vendor"]));
    assert_eq!(short["_meta"]["own"], 1);
    assert!(short.get("structuredContent").is_none());
    let whole = whole.unwrap();
    assert_eq!(whole.text, text);
    assert_eq!(serde_json::from_str::<Value>(&whole.result).unwrap(), result);
    assert_eq!(whole.structured.as_deref(), Some(r#"{"lines":5000}"#));
}

#[test]
fn a_limit_in_a_models_own_tokens_is_kept_to_the_token() {
    let text = format!("{}{}", lines(600), r#"{"a":[1.25,"\u6f22"],"b":null}"#.repeat(300));
    let result = json!({"content": [{"type": "text", "text": text}]}).to_string();
    for (family, exact) in [(Family::O200k, true), (Family::Mistral, true), (Family::Claude, false)] {
        let settings = Settings { limit: 1000, family, ..Settings::default() };
        let wholes = Arc::new(Wholes::default());
        let shaping =
            Shaping::new(wholes, Owner::Session(1), settings.into(), String::new(), "2025-11-25", Arc::default());
        let short: Value = serde_json::from_str(&shaping.shape(result.clone())).unwrap();
        let shown = family.count(short["content"][0]["text"].as_str().unwrap());
        assert!((700..=1000).contains(&shown.tokens), "{}: {shown}", family.name());
        let said = &short["_meta"]["tutti/result"];
        let told = (said["tokens"].as_u64(), said["family"].as_str(), said["exact"].as_bool());
        assert_eq!(told, (Some(family.count(&text).tokens as u64), Some(family.name()), Some(exact)));
    }
}

#[test]
fn a40_what_finds_no_room_is_not_shortened() {
    let wholes = Arc::new(Wholes::with_room(300_000));
    let shaping = of(&wholes, 100);
    let result = json!({"content": [{"type": "text", "text": "word ".repeat(20_000)}]}).to_string();
    let first = shaping.shape(result.clone());
    assert!(first.len() < 2000);
    let id = raw::at(&first, &["_meta", "tutti/result", "id"]).and_then(raw::text).unwrap().into_owned();
    assert_eq!(shaping.shape(result.clone()), result, "no room is left");
    assert!(wholes.get(&id, &Owner::Session(1)).is_some(), "and what is kept stays");
}

#[test]
fn a31_result_of_another_client_is_unknown() {
    let (wholes, shaping) = shaping(100);
    let short = shaping.shape(json!({"content": [{"type": "text", "text": lines(500)}]}).to_string());
    let id = raw::at(&short, &["_meta", "tutti/result", "id"]).and_then(raw::text).unwrap().into_owned();
    assert!(wholes.get(&id, &Owner::Session(1)).is_some());
    for other in [Owner::Session(2), Owner::Principal("local".into())] {
        assert!(wholes.get(&id, &other).is_none());
    }
    let whole = || Whole { text: String::new(), structured: None, result: String::new() };
    assert!(wholes.keep("past", &Owner::Session(1), whole(), Duration::ZERO));
    assert!(wholes.get("past", &Owner::Session(1)).is_none(), "its time is over");
}

#[test]
fn a13_server_cannot_say_how_a_result_was_shortened() {
    for meta in
        [r#"{"tutti/result":{"id":"forged"},"own":1}"#, "null", "{}", r#"{"tutti\u002fresult":{"id":"forged"}}"#]
    {
        let (_, shaping) = shaping(100);
        let result = format!(r#"{{"content":[{{"type":"text","text":{}}}],"_meta":{meta}}}"#, raw::quote(&lines(500)));
        let short = shaping.shape(result);
        assert!(!short.contains("forged"), "{meta}");
        assert_eq!(raw::duplicate(&short).or(raw::duplicate(raw::get(&short, "_meta").unwrap())), None, "{meta}");
        assert!(raw::at(&short, &["_meta", "tutti/result", "id"]).is_some(), "{meta}");
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_whatever_the_texts(texts in prop::collection::vec("[a-zé世 \n\"{}0-9]{0,400}", 1..4), limit in 1usize..200) {
        let content: Vec<Value> = texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
        let result = json!({"content": content});
        let (short, whole) = shaped(limit, &result);
        match whole {
            None => prop_assert_eq!(&short, &result),
            Some(whole) => {
                prop_assert_eq!(&whole.text, &texts.join("\n"));
                prop_assert_eq!(&whole.result, &result.to_string());
                prop_assert!(short["content"].to_string().contains("read_result with the"));
            }
        }
    }
}
