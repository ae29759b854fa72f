use super::Template;
use crate::reference::{Reference, Root};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::borrow::Cow;

fn filled(template: &Value) -> Result<Value, String> {
    let source = template.to_string();
    let template =
        Template::read(&source, "arguments", true).map_err(|fault| format!("{}: {}", fault.place, fault.why))?;
    let results = json!({"id": 7, "name": "An \"a\"", "tags": ["x", "y"]}).to_string();
    let value = |reference: &Reference| -> Result<Cow<'static, str>, String> {
        let root = match &reference.root {
            Root::Item => "\"the item\"",
            Root::Index => "3",
            Root::Step(_) => results.as_str(),
        };
        reference.find(root).map(|found| Cow::Owned(found.into_owned()))
    };
    let text = template.fill(10_000, value).map_err(|fault| format!("{}: {}", fault.place, fault.why))?;
    Ok(serde_json::from_str(&text).expect("what is filled in is JSON"))
}

#[test]
fn whole_texts_become_values_and_parts_of_texts_texts() {
    let template = json!({
        "id": "$.a.id", "list": ["$.a.tags", "$item", "$index"],
        "text": "Dear ${$.a.name}, no. ${$.a.id} of ${$.a.tags} for ${$item}",
    });
    let expected = json!({
        "id": 7, "list": [["x", "y"], "the item", 3],
        "text": "Dear An \"a\", no. 7 of [\"x\",\"y\"] for the item",
    });
    assert_eq!(filled(&template).unwrap(), expected);
}

#[test]
fn all_other_text_stays() {
    let plain = json!({"price": "$5", "shell": "${HOME}/$item.txt", "code": "`${name}`", "$.key": "a$.b", "end": "$"});
    assert_eq!(filled(&plain).unwrap(), plain);
}

#[test]
fn a_dollar_more_makes_text_of_a_reference() {
    let template = json!(["$$.a.id", "$$$.a", "$${$.a.id} and ${$.a.id}", "$$item"]);
    assert_eq!(filled(&template).unwrap(), json!(["$.a.id", "$$.a", "${$.a.id} and 7", "$item"]));
}

#[test]
fn faults_tell_their_place() {
    assert!(filled(&json!({"to": [{"x": "$.a["}]})).unwrap_err().starts_with("arguments.to[0].x: `$.a[`"));
    assert!(filled(&json!({"to": "x ${$.a.id"})).unwrap_err().contains("the `}` is missing"));
    let missing = filled(&json!({"to": {"id": "$.a.ids"}})).unwrap_err();
    assert_eq!(missing, "arguments.to.id: `$.a` has no `ids`; it has `id`, `name`, `tags`");
}

#[test]
fn a51_what_a_result_says_is_never_read_for_references() {
    let template = Template::read(r#"["$.a","x ${$.a}"]"#, "arguments", false).unwrap();
    let hostile = || Ok(Cow::Borrowed(r#""${$.secret} $.secret""#));
    assert_eq!(template.fill(1000, |_| hostile()).unwrap(), r#"["${$.secret} $.secret","x ${$.secret} $.secret"]"#);
}

#[test]
fn a99_what_is_filled_in_has_a_limit() {
    let template = Template::read(r#"["$.a","$.a"]"#, "arguments", false).unwrap();
    let large = format!("\"{}\"", "x".repeat(600));
    assert!(
        template.fill(1000, |_| Ok(Cow::Borrowed(large.as_str()))).unwrap_err().why.contains("more than 1000 bytes")
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^$]*".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-z$.]{0,6}", inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn without_references_every_byte_stays(value in any_json()) {
        let source = value.to_string();
        let template = Template::read(&source, "", true).unwrap();
        prop_assert_eq!(template.fill(usize::MAX, |_| Err(String::new())).unwrap(), source);
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"[${}.\[\]"a-c0-9 é\\]{0,30}"#) {
        let source = Value::from(text).to_string();
        if let Ok(template) = Template::read(&source, "", true) {
            let out = template.fill(1000, |_| Ok(Cow::Borrowed("1"))).unwrap();
            prop_assert!(serde_json::from_str::<Value>(&out).is_ok());
        }
    }
}
