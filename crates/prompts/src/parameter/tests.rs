use super::{Parameter, check, of_texts, read};
use base::config::{Problems, yaml};
use schema::unchecked;
use serde_json::{Map, Value, json};

const FILE: &str = "text: { type: string, minLength: 2, description: what is read }
words: { type: integer, minimum: 1, default: 50 }
tone: { enum: [plain, formal], required: false }
tags: { type: array, items: { type: string }, required: false }
";

fn parameters(text: &str) -> Result<Vec<Parameter>, Vec<base::Error>> {
    let problems = Problems::new();
    let document = yaml("p.md", text).unwrap();
    let read = read(&problems, "p.md", &document.root);
    problems.into_result().map(|()| read)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn arguments_are_checked_all_at_once_and_defaults_filled_in() {
    let known = parameters(FILE).unwrap();
    assert_eq!(check(&known, &object(json!({"text": "abc"}))).unwrap(), object(json!({"text": "abc", "words": 50})));
    let errors =
        check(&known, &object(json!({"txet": "a", "words": 0, "tone": "rude", "tags": ["a", 1]}))).unwrap_err();
    let told: Vec<String> = errors.iter().map(|error| format!("{}; {}", error.message(), error.next())).collect();
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(told[0].contains("no parameter `txet`; did you mean `text`?"), "{told:#?}");
    assert!(
        told.iter().any(|one| one.contains("`text` is missing; give the argument `text`: what is read")),
        "{told:#?}"
    );
    assert!(told.iter().any(|one| one.contains("tags[1]")), "{told:#?}");
}

#[test]
fn texts_of_clients_are_read_as_json_where_the_schema_takes_no_text() {
    let known = parameters(FILE).unwrap();
    let given = object(json!({"text": "12", "words": "7", "tags": "[\"x\"]", "tone": "plain", "other": "{"}));
    let expected = object(json!({"text": "12", "words": 7, "tags": ["x"], "tone": "plain", "other": "{"}));
    assert_eq!(of_texts(&known, &given), expected);
}

#[test]
fn what_is_not_checked_may_not_be_written() {
    assert!(
        parameters("a: { type: string, minLenght: 3 }").unwrap_err()[0].message().contains("did you mean `minLength`?")
    );
    for wrong in ["a: 3", "a: { pattern: '(' }", "1a: {}", "a: { type: integer, default: x }", "a: { items: [1] }"] {
        assert!(parameters(wrong).is_err(), "{wrong}");
    }
    assert_eq!(unchecked(&json!({"allOf": [{"uniqueItems": true}]})).len(), 1);
    assert!(unchecked(&json!({"properties": {"unknown": {"type": "string"}}})).is_empty());
}
