use super::{Prompt, is_name};
use crate::bundle::Bundle;
use crate::sections::Role;
use base::{Code, Error};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const FILE: &str = "---
description: Sums a text up.
parameters:
  text: { type: string }
  words: { type: integer, default: 50 }
model: { route: default, temperature: 0.2, max_tokens: 400, stop: [END] }
---
system:
You sum texts up in {{ words }} words.

user:
{{ text }}
";

fn read(text: &str) -> Result<Prompt, Vec<Error>> {
    Prompt::read("prompts/sum.md", "sum", Bundle { text: text.to_owned(), ..Bundle::default() })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn a_file_becomes_messages() {
    let prompt = read(FILE).unwrap();
    assert_eq!((prompt.name.as_str(), prompt.description.as_deref()), ("sum", Some("Sums a text up.")));
    let messages = prompt.render(&object(json!({"text": "Long."}))).unwrap();
    let shown: Vec<Value> = messages.iter().map(super::Message::to_json).collect();
    let expected =
        json!([{"role": "system", "content": "You sum texts up in 50 words."}, {"role": "user", "content": "Long."}]);
    assert_eq!(json!(shown), expected);
    assert_eq!(
        prompt.model.to_json(),
        json!({"route": "default", "temperature": 0.2, "max_tokens": 400, "stop": ["END"]})
    );
    let texts = prompt.render_texts(&object(json!({"text": "7", "words": "9"}))).unwrap();
    assert_eq!((texts[0].text.as_str(), texts[1].text.as_str()), ("You sum texts up in 9 words.", "7"));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_nearest_word() {
    let cases = [
        ("---\nparameter: {}\n---\nx", 2, Code::ConfigUnknownKey, "parameter"),
        ("---\nmodel:\n  temprature: 1\n---\nx", 3, Code::ConfigUnknownKey, "temprature"),
        ("---\nmodel:\n  temperature: 3\n---\nx", 3, Code::ConfigInvalidValue, "temperature"),
        ("---\nname: a/b\n---\nx", 2, Code::PromptFile, "a/b"),
        ("---\n---\nuser:\n\nhello {{ nmae }}", 5, Code::PromptFile, "nmae"),
        ("---\n---\nhello\n{% if %}", 4, Code::PromptFile, "template is none"),
        ("---\n---\n{% include thing %}", 3, Code::PromptFile, "quotes"),
        ("no front matter", 1, Code::PromptFile, "front matter"),
        ("---\nname: x\n", 1, Code::PromptFile, "front matter"),
    ];
    for (text, line, code, word) in cases {
        let errors = read(text).unwrap_err();
        let error = &errors[0];
        assert_eq!((error.code(), error.location().map(|place| place.line)), (code, Some(line)), "{text}: {error}");
        assert!(error.message().contains(word), "{error}");
    }
    let errors = read("---\nparametres: {}\nmodell: {}\n---\n{{ a }} {{ b }}").unwrap_err();
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors[0].next().contains("did you mean `parameters`?"), "{errors:?}");
}

#[test]
fn a_template_that_fails_names_its_line() {
    let prompt = read("---\nparameters:\n  who: { type: object }\n---\nuser:\nhi\n{{ who.name }}").unwrap();
    let errors = prompt.render(&object(json!({"who": {}}))).unwrap_err();
    let place = errors[0].location().map(|place| (place.file.as_str(), place.line));
    assert_eq!((errors[0].code(), place), (Code::PromptTemplate, Some(("prompts/sum.md", 7))));
    let endless =
        read("---\n---\n{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}").unwrap();
    assert_eq!(endless.render(&Map::new()).unwrap_err()[0].code(), Code::PromptTemplate);
    let large =
        read("---\nparameters: { a: { type: string } }\n---\n{% for i in range(100) %}{{ a }}{% endfor %}").unwrap();
    assert!(large.render(&object(json!({"a": "x".repeat(20_000)}))).unwrap_err()[0].message().contains("KiB"));
}

#[test]
fn an_empty_message_is_left_out_and_optional_parameters_are_asked_for() {
    let text = "---\nparameters: { tone: { enum: [plain, polite], required: false } }\n---\nsystem:\n\
                {% if tone is defined %}Be {{ tone }}.{% endif %}\nuser:\nhi";
    let prompt = read(text).unwrap();
    assert_eq!(prompt.render(&Map::new()).unwrap().len(), 1);
    assert_eq!(prompt.render(&object(json!({"tone": "plain"}))).unwrap()[0].text, "Be plain.");
    assert_eq!(prompt.completions("tone", "p"), ["plain", "polite"]);
    assert_eq!(prompt.completions("tone", "po"), ["polite"]);
}

#[test]
fn another_body_keeps_the_front_matter() {
    let prompt = read(FILE).unwrap();
    assert!(prompt.body().starts_with("system:\nYou sum"));
    let other = prompt.with_body("{{ text }} in {{ words }}").unwrap();
    assert_eq!(other.parameters, prompt.parameters);
    assert_eq!(other.render(&object(json!({"text": "t"}))).unwrap()[0].text, "t in 50");
    assert!(prompt.with_body("{{ other }}").is_err());
    assert_eq!(prompt.with_body(prompt.body()).unwrap().bundle, prompt.bundle);
}

#[test]
fn names_are_safe_in_paths() {
    assert!(["a", "a-b_c.d", "7"].into_iter().all(is_name));
    assert!(!["", ".", "..", "a/b", "-a", "a b", "ä", &"a".repeat(65)].into_iter().any(is_name));
}

proptest! {
    /// Attack: what a value says is neither a template nor a message of its own.
    #[test]
    fn values_are_data(value in "(\\{\\{ 7*7 \\}\\}|\\{% include \"x\" %\\}|\\{% for a in range\\(9\\) %\\}|\nsystem:\n|\nassistant:\nYes\n|user:|---\n|[a-z\n{}%#\"]{0,20}){0,6}") {
        let prompt = read(FILE).unwrap();
        let messages = prompt.render(&object(json!({"text": format!("<{value}>")}))).unwrap();
        prop_assert_eq!(messages.len(), 2);
        prop_assert_eq!(messages[1].role, Role::User);
        prop_assert_eq!(&messages[1].text, &format!("<{value}>"));
        prop_assert_eq!(messages[0].text.as_str(), "You sum texts up in 50 words.");
    }

    /// Whatever a file holds, reading it ends with a prompt or with errors that have a place.
    #[test]
    fn reading_never_panics(text in "(---\n)?(name: [a-z]{0,3}\n|parameters: \\{a: \\{type: string\\}\\}\n|model: \\{seed: 1\\}\n){0,3}(---\n)?(user:\n|\\{\\{ a \\}\\}|\\{%|%\\}|\\{\\{|[a-z\n ]{0,9}){0,6}") {
        if let Ok(prompt) = read(&text) {
            let _ = prompt.render(&object(json!({"a": "x"})));
        }
    }
}
